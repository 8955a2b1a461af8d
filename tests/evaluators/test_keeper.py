"""The keeper, for programs of any kind: output, limits, surroundings, and what is left when the judge goes away."""

from __future__ import annotations

import os
import subprocess
import sys
import time
from collections.abc import Callable, Iterator
from pathlib import Path

import pytest

from stagerun import Command, Completed
from stagerun_evaluators.judge.slot import Slot
from stagerun_evaluators.keeper.serve import clear_old
from stagerun_evaluators.keeper.watch import KEPT, Output

from .conftest import running


@pytest.fixture(scope="module")
def slot() -> Iterator[Slot]:
    slot = Slot()
    yield slot
    slot.close()


def run(slot: Slot, script: str, **options: float) -> Completed:
    """Run a shell script."""
    return slot.run({}, [Command(("sh", "-c", script), **options)]).done[0]  # type: ignore[arg-type]


def test_output_keeps_its_head_and_tail_and_says_what_is_missing() -> None:
    output = Output(4)
    for piece in (b"abcd", b"ef", b"ghij" * 10, b"wxyz"):
        output.feed(piece)
    assert output.text() == "abcd\n[... 42 bytes left out ...]\nwxyz"
    assert output.total == 50


def test_output_within_the_limit_is_whole() -> None:
    output = Output(4)
    output.feed(b"abcdefgh")
    assert output.text() == "abcdefgh"


def test_bytes_that_are_not_text_are_shown_as_such() -> None:
    output = Output(10)
    output.feed(b"\xff\xfe")
    assert output.text() == "\ufffd\ufffd"


def test_a_program_s_streams_and_exit_code_are_told(slot: Slot) -> None:
    done = run(slot, "echo out; echo err >&2; echo report >&3; exit 7")
    assert (done.returncode, done.stdout, done.stderr, done.report) == (7, "out\n", "err\n", "report\n")


def test_megabytes_of_output_are_read_to_the_end(slot: Slot) -> None:
    done = run(slot, "head -c 5000000 /dev/zero | tr '\\0' x; echo end")
    assert done.stdout.endswith("xend\n")
    assert "bytes left out" in done.stdout
    assert len(done.stdout) < 3 * KEPT


def test_a_program_that_is_not_there_says_so(slot: Slot) -> None:
    done = slot.run({}, [Command(("no-such-compiler",))]).done[0]
    assert done.returncode == 127
    assert "cannot start no-such-compiler" in done.stderr


def test_stdin_holds_what_the_command_says(slot: Slot) -> None:
    assert slot.run({}, [Command(("cat",), stdin="given")]).done[0].stdout == "given"


def test_commands_run_in_order_in_one_folder(slot: Slot) -> None:
    commands = [Command(("sh", "-c", "echo built > made")), Command(("cat", "made", "laid"))]
    assert slot.run({"laid": "text"}, commands).done[1].stdout == "built\ntext"


def test_every_job_has_a_fresh_folder(slot: Slot) -> None:
    run(slot, "echo left > behind")
    assert run(slot, "ls").stdout == ""


def test_the_folder_is_gone_afterwards(slot: Slot) -> None:
    assert not Path(run(slot, "pwd").stdout.strip()).exists()


def test_folders_of_keepers_that_were_killed_go_after_a_day(tmp_path: Path) -> None:
    old, recent, other = (tmp_path / name for name in ("stagerun-judge-old", "stagerun-judge-new", "other"))
    for folder in (old, recent, other):
        folder.mkdir()
    for folder in (old, other):
        os.utime(folder, (1, 1))
    clear_old(tmp_path)
    assert {path.name for path in tmp_path.iterdir()} == {"stagerun-judge-new", "other"}


def test_what_follows_a_timeout_is_not_run(slot: Slot) -> None:
    commands = [Command(("sleep", "100"), timeout=0.1), Command(("echo", "never"))]
    assert len(slot.run({}, commands).done) == 1


def test_a_timeout_has_no_exit_code_and_keeps_the_output_so_far(slot: Slot) -> None:
    done = run(slot, "echo so far; sleep 100", timeout=0.1)
    assert (done.timed_out, done.returncode, done.stdout) == (True, None, "so far\n")


def test_a_busy_program_is_ended_by_its_cpu_time(slot: Slot) -> None:
    assert run(slot, "while :; do :; done", timeout=1.0).timed_out


def test_no_core_file_no_leftover_descriptor_and_a_bare_environment(slot: Slot) -> None:
    assert run(slot, "ulimit -c").stdout == "0\n"
    assert run(slot, "ls /proc/self/fd | wc -l").stdout.strip() == "5"  # 0 to 3, and the one ls reads the folder with
    names = {line.partition("=")[0] for line in run(slot, "env").stdout.splitlines()}
    assert names <= {"PATH", "LC_ALL", "HOME", "TMPDIR", "PWD", "SHLVL", "_"}


def test_when_the_judge_dies_the_keeper_and_its_candidate_go_too() -> None:
    seconds = f"98{time.time_ns() % 100_000}.5"
    script = f"""
import threading
from stagerun import Command
from stagerun_evaluators.judge.slot import Slot
threading.Thread(target=Slot().run, args=({{}}, [Command(("sleep", "{seconds}"), timeout=900)])).start()
"""
    judge = subprocess.Popen([sys.executable, "-c", script])
    _until(lambda: running(f"sleep {seconds}") == 1)
    judge.kill()
    judge.wait()
    _until(lambda: running(f"sleep {seconds}") == 0)


def _until(true: Callable[[], bool]) -> None:
    for _ in range(1200):
        if true():
            return
        time.sleep(0.05)
    raise AssertionError("it did not come true within a minute")
