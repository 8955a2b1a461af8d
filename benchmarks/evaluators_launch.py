"""Ways to start one command, to be measured beside each other: a plain subprocess, each tier of ours, and the peers.

Ours is one request to a keeper that runs, as the judge makes it: a fresh folder, the command in it, nothing left afterwards.
A peer with a library runs in an environment of its own (evaluators_server.py) and is asked over a pipe; the time is taken there.
"""

from __future__ import annotations

import json
import os
import subprocess
import sys
import tempfile
import time
from collections.abc import Mapping, Sequence
from pathlib import Path
from typing import Protocol

from benchmarks import evaluators_peers as peers
from stagerun_evaluators.judge.settle import Settler
from stagerun_evaluators.judge.slot import Slot
from stagerun_evaluators.keeper.wire import CommandRow, Job

SERVER = Path(__file__).with_name("evaluators_server.py")
MEMORY_MB, PROCESSES = 1024, 64


class Launcher(Protocol):
    """`run` starts the command with the given files beside it, waits for its end, and gives the seconds that took."""

    name: str

    def run(self, argv: Sequence[str], files: Mapping[str, str]) -> float:
        """Raises RuntimeError when the command fails."""
        ...

    def close(self) -> None:
        """End whatever is kept running."""
        ...


class Plain:
    """subprocess.run in a folder, output taken; `before` is a launcher's command line that goes in front, with {cwd}."""

    def __init__(self, name: str = "plain subprocess", before: Sequence[str] = ()) -> None:
        self.name, self._before = name, before

    def run(self, argv: Sequence[str], files: Mapping[str, str]) -> float:
        """The time of laying the files, of the command and of removing the folder."""
        started = time.perf_counter()
        with tempfile.TemporaryDirectory() as folder:
            lay(Path(folder), files)
            before = [word.replace("{cwd}", folder) for word in self._before]
            done = subprocess.run([*before, *argv], cwd=folder, capture_output=True, check=False, env=bare(folder))
        ended(self.name, done.returncode, done.stdout + done.stderr)
        return time.perf_counter() - started

    def close(self) -> None:
        """Nothing runs."""


class Ours:
    """A tier of the judge's isolation; a keeper that is up."""

    def __init__(self, tier: str, entry: str, reads: Sequence[str]) -> None:
        self.name, self._reads = f"stagerun, {tier}", list(reads)
        self._slot = Slot(Settler(entry, tier).purpose())

    def run(self, argv: Sequence[str], files: Mapping[str, str]) -> float:
        """The time from the request to the answer."""
        row = CommandRow(
            argv=list(argv),
            timeout=60.0,
            memory_mb=MEMORY_MB,
            environ={},
            stdin="",
            files={},
            reads=self._reads,
        )
        job = Job(files=dict(files), commands=[row], chains=[[0]], given={}, root="")
        started = time.perf_counter()
        done = self._slot.request(job)["done"][0]
        taken = time.perf_counter() - started
        ended(self.name, done["returncode"], (done["stdout"] + done["stderr"]).encode())
        return taken

    def close(self) -> None:
        """End the keeper."""
        self._slot.close()


class Peer:
    """A library in its own interpreter."""

    def __init__(self, kind: str, python: str, reads: Sequence[str]) -> None:
        self.name = {"inspect-ai": "inspect_ai, local sandbox"}.get(kind, kind)
        argv = [python, str(SERVER), kind, json.dumps(list(reads)), str(MEMORY_MB), str(PROCESSES)]
        self._process = subprocess.Popen(argv, stdin=subprocess.PIPE, stdout=subprocess.PIPE, text=True)

    def run(self, argv: Sequence[str], files: Mapping[str, str]) -> float:
        """The time of the library's own call, laying the files and removing the folder included."""
        assert self._process.stdin is not None
        assert self._process.stdout is not None
        self._process.stdin.write(json.dumps([list(argv), dict(files)]) + "\n")
        self._process.stdin.flush()
        said = json.loads(self._process.stdout.readline())
        ended(self.name, said["code"], said["output"].encode())
        return float(said["seconds"])

    def close(self) -> None:
        """End the interpreter."""
        assert self._process.stdin is not None
        self._process.stdin.close()
        self._process.wait(timeout=20)


def launchers(tiers: Mapping[str, str], python: str) -> list[Launcher]:
    """Everything that is measured. `tiers` are ours with their classes, `python` the interpreter to be read by commands."""
    needed = [str(Path(python).parents[1]), sys.base_prefix]
    system = [path for path in ("/usr", "/bin", "/lib", "/lib64", "/etc", "/dev") if Path(path).exists()]
    return [
        Plain(),
        *(Ours(tier, entry, needed) for tier, entry in tiers.items()),
        Plain("bwrap --unshare-all", bwrap_words(needed)),
        Peer("sandlock", peers.python_of("sandlock"), [*system, "/proc", *needed]),
        Peer("inspect-ai", peers.python_of("inspect-ai"), []),
    ]


def bwrap_words(reads: Sequence[str]) -> list[str]:
    """A command line for bubblewrap: the system and the given folders read-only, own /proc, /dev and /tmp, no network."""
    shown = [path for path in ("/usr", "/bin", "/lib", "/lib64", "/etc", *reads) if Path(path).exists()]
    binds = [word for path in shown for word in ("--ro-bind", path, path)]
    own = ["--proc", "/proc", "--dev", "/dev", "--tmpfs", "/tmp"]  # before the binds: what is read may lie below /tmp
    here = ["--bind", "{cwd}", "{cwd}", "--chdir", "{cwd}"]
    return [peers.bwrap(), "--unshare-all", "--die-with-parent", "--new-session", *own, *binds, *here]


def lay(folder: Path, files: Mapping[str, str]) -> None:
    """Write files below a folder."""
    for name, text in files.items():
        (folder / name).parent.mkdir(parents=True, exist_ok=True)
        (folder / name).write_text(text, encoding="utf-8")


def bare(home: str) -> dict[str, str]:
    """The environment that a command gets everywhere here."""
    return {"PATH": os.environ.get("PATH", os.defpath), "LC_ALL": "C.UTF-8", "HOME": home, "TMPDIR": home}


def ended(name: str, code: int | None, output: bytes) -> None:
    """Raises RuntimeError for a command that failed: its time would mean nothing."""
    if code != 0:
        raise RuntimeError(f"{name}: the command ended with {code}: {output[-1000:].decode(errors='replace')}")
