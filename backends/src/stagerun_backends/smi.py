"""Asks NVIDIA's driver through `nvidia-smi`, for machines where its library cannot be loaded but the command is there.

Slower than the library by the start of two processes, and blind to instances of a divided GPU.
"""

from __future__ import annotations

import os
import re
from collections.abc import Sequence

from stagerun_backends.nvidia import NOT_LOADED, Gpu, Nvidia, Unreadable, Version, visible

COMMAND = "nvidia-smi"
COLUMNS = ("uuid", "name", "memory.total", "memory.reserved", "compute_cap", "driver_version")
MIB = 2**20
SECONDS = 10  # a driver that hangs must not hang the plan for longer


def read(said: str | None, command: str = COMMAND) -> Nvidia | None:
    """What the command tells of the GPUs that `said`, the value of CUDA_VISIBLE_DEVICES, leaves.

    None without the command. Raises Unreadable when it fails or says something else than expected.
    """
    if not _is_there(command):
        return None
    rows = _rows(_output(command, f"--query-gpu={','.join(COLUMNS)}", "--format=csv,noheader,nounits"))
    try:
        known = [(row[0], _gpu(row)) for row in rows]
    except (ValueError, IndexError) as error:
        raise Unreadable(f"{command} says what cannot be understood ({error})") from error
    drivers = [row[-1] for row in rows]
    return Nvidia(drivers[0] if drivers else "", _cuda(_output(command)), visible(said, known), len(known))


def _is_there(command: str) -> bool:
    """As `shutil.which`, whose import would be most of the look where there is no driver."""
    folders = [""] if os.sep in command else os.get_exec_path()
    return any(os.access(os.path.join(folder, command), os.X_OK) for folder in folders)  # noqa: PTH118 - start-up path


def _output(*words: str) -> str:
    import subprocess

    try:
        done = subprocess.run(words, capture_output=True, text=True, check=False, timeout=SECONDS)
    except (OSError, subprocess.TimeoutExpired) as error:
        raise Unreadable(f"{words[0]} does not answer ({error})") from error
    if done.returncode:
        last = (done.stdout + done.stderr).strip().splitlines()[-1:] or [f"exit code {done.returncode}"]
        raise Unreadable(f"{words[0]} fails ({last[0].strip()})", unloaded=done.returncode == NOT_LOADED)
    return done.stdout


def _rows(text: str) -> list[list[str]]:
    return [[part.strip() for part in line.split(",")] for line in text.splitlines() if line.strip()]


def _gpu(row: Sequence[str]) -> Gpu:
    _, name, total, reserved, capability, _ = row
    whole, kept = (int(text) if text.isdecimal() else 0 for text in (total, reserved))  # '[N/A]' where it does not say
    major, minor = capability.split(".")
    return Gpu(name, (whole - kept) * MIB, (int(major), int(minor)))


def _cuda(text: str) -> Version | None:
    """The newest CUDA that the driver speaks, which only the table for people says."""
    found = re.search(r"CUDA Version: *(\d+)\.(\d+)", text)
    return (int(found[1]), int(found[2])) if found else None
