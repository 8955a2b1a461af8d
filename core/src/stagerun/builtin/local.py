"""The executor `local`: a worker as a child process, in a session and process group of its own."""

from __future__ import annotations

import os
import platform
import signal
import subprocess
import time
from collections.abc import Mapping
from contextlib import suppress
from pathlib import Path
from typing import Any

from attrs import define, frozen

PATIENCE = 10.0  # seconds for a killed process to be gone; only a hung disk or driver takes longer


@define
class LocalProcess:
    """Implements `contracts.executor.Running`."""

    process: subprocess.Popen[bytes]
    identity: Mapping[str, Any]

    @property
    def reader(self) -> int:
        assert self.process.stdout is not None
        return self.process.stdout.fileno()

    def write(self, line: bytes) -> None:
        assert self.process.stdin is not None
        with suppress(OSError, ValueError):  # it is gone: poll() tells how
            self.process.stdin.write(line)

    def poll(self) -> int | None:
        return self.process.poll()

    def end(self, *, force: bool) -> None:
        with suppress(ProcessLookupError, PermissionError):
            os.killpg(self.process.pid, signal.SIGKILL if force else signal.SIGTERM)

    def close(self) -> None:
        self.end(force=True)
        with suppress(subprocess.TimeoutExpired):
            self.process.wait(PATIENCE)
        for stream in (self.process.stdin, self.process.stdout):
            if stream is not None:
                with suppress(OSError):
                    stream.close()


@frozen
class Local:
    """Runs stages as child processes on this machine; implements `contracts.executor.Executor`."""

    name: str = "local"

    def start(self, argv: tuple[str, ...], environ: Mapping[str, str], cwd: Path, log: Path) -> LocalProcess:
        with log.open("ab") as stream:
            process = subprocess.Popen(
                argv,
                env=dict(environ),
                cwd=cwd,
                stdin=subprocess.PIPE,
                stdout=subprocess.PIPE,
                stderr=stream,
                bufsize=0,
                start_new_session=True,
            )
        assert process.stdout is not None
        os.set_blocking(process.stdout.fileno(), False)
        return LocalProcess(process, {"host": platform.node(), "pid": process.pid, "started": start_time(process.pid)})

    def still_there(self, identity: Mapping[str, Any]) -> bool:
        if identity.get("host") != platform.node():
            return False
        started = start_time(int(identity["pid"]))
        return started is not None and started == identity.get("started")

    def end(self, identity: Mapping[str, Any]) -> None:
        deadline = time.monotonic() + PATIENCE
        while self.still_there(identity) and time.monotonic() < deadline:
            with suppress(ProcessLookupError, PermissionError):
                os.killpg(int(identity["pid"]), signal.SIGKILL)
            time.sleep(0.02)


def start_time(pid: int) -> str | None:
    """When a process started, so that another one with the same number is not taken for it; None when there is none."""
    stat = Path(f"/proc/{pid}/stat")
    if stat.parent.parent.joinpath("self").exists():
        try:
            fields = stat.read_text().rpartition(")")[2].split()
        except OSError:
            return None
        return None if fields[0] == "Z" else f"{_boot()}:{fields[19]}"  # field 22 of proc(5), counted from field 3
    found = subprocess.run(["ps", "-o", "lstart=", "-p", str(pid)], capture_output=True, text=True, check=False)
    return found.stdout.strip() or None


def _boot() -> str:
    with suppress(OSError):
        return Path("/proc/sys/kernel/random/boot_id").read_text().strip()
    return ""
