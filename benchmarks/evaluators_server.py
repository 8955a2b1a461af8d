"""Runs commands through a peer's library, for evaluators_launch.py: `server.py KIND READS MEMORY_MB PROCESSES`.

Lives in the peer's environment and imports nothing of ours. Reads [argv, files] as a line of JSON, answers with the seconds
taken, the exit code and the output.
"""

from __future__ import annotations

import asyncio
import json
import os
import shutil
import sys
import tempfile
import time
from collections.abc import Callable
from pathlib import Path

Run = Callable[[list[str], str, dict[str, str]], tuple[int, str]]


def sandlock(reads: list[str], memory_mb: int, processes: int) -> Run:
    """A sandbox for each command, as its documentation does it: Landlock, no network, limits."""
    from sandlock import Sandbox  # type: ignore[import-not-found]

    def run(argv: list[str], folder: str, environ: dict[str, str]) -> tuple[int, str]:
        box = Sandbox(
            fs_readable=reads,
            fs_writable=[folder, "/dev/null"],
            max_memory=f"{memory_mb}M",
            max_processes=processes,
            clean_env=True,
            env=environ,
            cwd=folder,
        )
        done = box.run(argv, timeout=60)
        return done.exit_code, (done.stdout + done.stderr).decode(errors="replace")

    return run


def inspect() -> Run:
    """inspect_ai's local sandbox: the way it starts processes, no isolation."""
    from inspect_ai.util._sandbox.local import LocalSandboxEnvironment  # type: ignore[import-not-found]

    loop, sandbox = asyncio.new_event_loop(), LocalSandboxEnvironment()

    def run(argv: list[str], folder: str, environ: dict[str, str]) -> tuple[int, str]:
        done = loop.run_until_complete(sandbox.exec(argv, cwd=folder, env=environ))
        return done.returncode, done.stdout + done.stderr

    return run


def main() -> None:
    """Answer until the input ends."""
    kind, reads, memory_mb, processes = sys.argv[1], json.loads(sys.argv[2]), int(sys.argv[3]), int(sys.argv[4])
    run = inspect() if kind == "inspect-ai" else sandlock(reads, memory_mb, processes)
    for line in sys.stdin:
        argv, files = json.loads(line)
        started = time.perf_counter()
        folder = tempfile.mkdtemp()
        for name, text in files.items():
            (Path(folder) / name).write_text(text, encoding="utf-8")
        home = {"PATH": os.environ.get("PATH", os.defpath), "LC_ALL": "C.UTF-8", "HOME": folder, "TMPDIR": folder}
        code, output = run(argv, folder, home)
        shutil.rmtree(folder, ignore_errors=True)
        print(json.dumps({"seconds": time.perf_counter() - started, "code": code, "output": output}), flush=True)


if __name__ == "__main__":
    main()
