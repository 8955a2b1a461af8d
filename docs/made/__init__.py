"""The tables of docs/reference, made from the code. `docs/generate.py` puts them into the pages."""
