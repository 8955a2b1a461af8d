"""What is left when a keeper ends, is killed, or loses its judge: no process, no mount, no cgroup, no folder."""

from __future__ import annotations

import os
import signal
import tempfile
import threading
import time
from collections.abc import Callable, Iterator
from contextlib import suppress
from pathlib import Path

import pytest

from stagerun_evaluators.sandbox.cgroup import parents
from stagerun_evaluators.sandbox.places import clear_old

from .boxes import Box
from .conftest import KINDS, named

kinds = pytest.mark.parametrize(("tier", "user"), KINDS, ids=[named(kind) for kind in KINDS])


def processes(mark: str) -> list[int]:
    """Processes with the mark on their command line."""
    found = []
    for entry in Path("/proc").glob("[0-9]*"):
        with suppress(OSError):
            if mark in (entry / "cmdline").read_text(errors="replace"):
                found.append(int(entry.name))
    return found


def until(true: Callable[[], bool]) -> None:
    for _ in range(600):
        if true():
            return
        time.sleep(0.05)
    raise AssertionError("it did not come true within half a minute")


@pytest.fixture
def tmp() -> Iterator[Path]:
    """A /tmp of its own, as other keepers come and go in the real one."""
    with tempfile.TemporaryDirectory() as folder:
        Path(folder).chmod(0o1777)
        yield Path(folder)


def groups(box: Box) -> list[Path]:
    return [group for parent in parents() for group in parent.glob(f"stagerun-{box.process.pid}-*")]


def mounts() -> list[str]:
    return sorted(line.split(" ", 2)[2] for line in Path("/proc/self/mountinfo").read_text().splitlines())


def started(tier: str, user: bool, tmp: Path) -> Box:
    box = Box(tier, user=user, tmp=str(tmp))
    if box.process.poll() is not None:
        pytest.skip(box.reason())
    return box


@kinds
def test_an_end_leaves_nothing(tier: str, user: bool, tmp: Path) -> None:
    before = mounts()
    box = started(tier, user, tmp)
    box.sh("echo x > file; mkdir -m 000 closed; sleep 99 & setsid sleep 99 &")
    box.close()
    assert not list(tmp.iterdir())
    assert not groups(box)
    assert mounts() == before


def running(tier: str, user: bool, tmp: Path) -> tuple[Box, threading.Thread, str]:
    """A keeper with a command and a daemon of it; the thread that waits for it, a mark on both."""
    box = started(tier, user, tmp)
    mark = f"77{time.monotonic_ns() % 10**9}"
    thread = threading.Thread(target=_quiet, args=(box, f"setsid sleep {mark} & sleep {mark}"))
    thread.start()
    until(lambda: len(processes(mark)) >= 3)
    return box, thread, mark


@kinds
def test_a_keeper_that_is_killed_takes_its_commands_with_it_and_the_next_clears_up(
    tier: str, user: bool, tmp: Path
) -> None:
    box, thread, mark = running(tier, user, tmp)
    os.kill(box.process.pid, signal.SIGKILL)
    until(lambda: not processes(mark))
    thread.join()
    box.close()
    until(lambda: not (clear_old(tmp) or list(tmp.iterdir())))


@kinds
def test_a_keeper_whose_child_is_killed_clears_up(tier: str, user: bool, tmp: Path) -> None:
    box, thread, mark = running(tier, user, tmp)
    child = Path(f"/proc/{box.process.pid}/task/{box.process.pid}/children").read_text().split()[0]
    os.kill(int(child), signal.SIGKILL)
    until(lambda: not processes(mark))
    thread.join()
    box.close()
    assert not list(tmp.iterdir())
    assert not groups(box)


@kinds
def test_a_judge_that_is_gone_ends_what_runs(tier: str, user: bool, tmp: Path) -> None:
    box, thread, mark = running(tier, user, tmp)
    assert box.process.stdin is not None
    box.process.stdin.close()
    until(lambda: not processes(mark))
    thread.join()
    box.close()
    assert not list(tmp.iterdir())
    assert not groups(box)


def _quiet(box: Box, script: str) -> None:
    with suppress(AssertionError, ValueError, OSError):
        box.sh(script, timeout=600.0)
