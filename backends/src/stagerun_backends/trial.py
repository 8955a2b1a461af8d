"""A small computation on a device, in a process of its own: the only proof that a library and a device suit each other.

A probe looks at the machine alone. Whether the installed torch was built for this device, and whether its driver is new
enough for it, shows when something is computed. The process keeps a crash of the driver away from whoever asked.
"""

from __future__ import annotations

import json
import sys
from pathlib import Path
from typing import Any

HERE = Path(__file__).parent
SECONDS = 120  # the first import of torch from a slow disk may take a minute


def torch_trial(device: str, dtype: str, python: str = sys.executable) -> str:
    """What torch computes on `device` in `dtype`, in words; raises RuntimeError with why it does not."""
    found = tried("trying_torch.py", device, dtype, python=python)
    fell = f"; on the CPU instead: {', '.join(found['fell_back'])}" if found["fell_back"] else ""
    memory = f", {found['memory_gb']:.1f} GiB to use" if found["memory_gb"] else ""
    return f"torch {found['version']} on {found['device']}{memory}: {dtype}, {found['milliseconds']:.2f} ms{fell}"


def mlx_trial(python: str = sys.executable) -> str:
    """What MLX computes on its default device, in words; raises RuntimeError with why it does not."""
    found = tried("trying_mlx.py", python=python)
    return f"MLX {found['version']} on {found['device']}: {found['milliseconds']:.2f} ms"


def tried(script: str, *words: str, python: str = sys.executable) -> dict[str, Any]:
    """Run one of our scripts, which ends with a line of JSON; raises RuntimeError with its last words when it fails."""
    import subprocess  # a probe, which imports this file, has no use for it

    argv = [python, "-P", str(HERE / script), *words]  # -P: our own mlx.py must not be taken for MLX
    try:
        done = subprocess.run(argv, capture_output=True, text=True, check=False, timeout=SECONDS)
    except (OSError, subprocess.TimeoutExpired) as error:
        raise RuntimeError(str(error)) from error
    if done.returncode:
        last = done.stderr.strip().splitlines()[-1:] or [f"the trial ended with {done.returncode}"]
        raise RuntimeError(last[0])
    found: dict[str, Any] = json.loads(done.stdout.splitlines()[-1])
    return found
