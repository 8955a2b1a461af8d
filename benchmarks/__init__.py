"""Measurements of stagerun beside its peers, run by hand: `make bench` and `make bench-kill`. Not part of any distribution."""
