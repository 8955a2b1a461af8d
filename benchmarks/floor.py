# ruff: noqa: PTH116, PTH123
"""The floor of an up-to-date run: bare Python that reads the pipeline file and stats every file, and decides nothing."""

import os
import sys
import tomllib

with open(sys.argv[1], "rb") as stream:
    stages = tomllib.load(stream)["demo"]["stages"]
for name, stage in stages.items():
    for path in stage.get("with", {}).get("paths", ()):
        os.stat(path)
    os.stat(f"runs/demo/{name}/final/concat.jsonl")
