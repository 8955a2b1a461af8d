"""The keeper, for programs of any kind: output, limits, surroundings, and what is left when the judge goes away."""

from __future__ import annotations

import subprocess
import sys
import time
from collections.abc import Callable, Iterator, Mapping, Sequence
from pathlib import Path

import pytest

from stagerun import Command, Completed
from stagerun_evaluators.judge.slot import Slot
from stagerun_evaluators.judge.work import command_row
from stagerun_evaluators.keeper.watch import KEPT, Output
from stagerun_evaluators.keeper.wire import Answer, Job, Purpose
from stagerun_evaluators.sandbox.places import clear_old, locked_folder

from .conftest import running

PURPOSE = Purpose(sandbox="", paths=[], site=[], zygote="", reads=[])


@pytest.fixture(scope="module")
def slot() -> Iterator[Slot]:
    slot = Slot(PURPOSE)
    yield slot
    slot.close()


def ask(slot: Slot, commands: Sequence[Command], files: Mapping[str, str] | None = None) -> Answer:
    """Run commands one after the other, whatever the code each exits with."""
    rows = [command_row(command, {}) for command in commands]
    chains = [[at] for at in range(len(rows))]
    answer: Answer = slot.request(Job(files=dict(files or {}), commands=rows, chains=chains, given={}, root=""))
    return answer


def one(slot: Slot, command: Command) -> Completed:
    """How one command ended."""
    row = ask(slot, [command])["done"][0]
    assert row is not None
    return Completed(**row)


def run(slot: Slot, script: str, **options: float) -> Completed:
    """Run a shell script."""
    return one(slot, Command(("sh", "-c", script), **options))  # type: ignore[arg-type]


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
    done = one(slot, Command(("no-such-compiler",)))
    assert done.returncode == 127
    assert "cannot start no-such-compiler" in done.stderr


def test_stdin_holds_what_the_command_says(slot: Slot) -> None:
    assert one(slot, Command(("cat",), stdin="given")).stdout == "given"


def test_commands_run_in_order_in_one_folder(slot: Slot) -> None:
    commands = [Command(("sh", "-c", "echo built > made")), Command(("cat", "made", "laid"))]
    last = ask(slot, commands, {"laid": "text"})["done"][1]
    assert last is not None
    assert last["stdout"] == "built\ntext"


def test_every_job_has_a_fresh_folder(slot: Slot) -> None:
    run(slot, "echo left > behind")
    assert run(slot, "ls").stdout == ""


def test_the_folder_is_gone_afterwards(slot: Slot) -> None:
    assert not Path(run(slot, "pwd").stdout.strip()).exists()


def test_folders_of_keepers_that_were_killed_go_with_the_next_start(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr("tempfile.tempdir", str(tmp_path))
    for name in ("stagerun-judge-left", "other"):
        (tmp_path / name).mkdir()
    used = locked_folder()
    clear_old(tmp_path)
    assert {path.name for path in tmp_path.iterdir()} == {used.name, "other"}


def test_what_follows_a_timeout_is_not_run(slot: Slot) -> None:
    commands = [Command(("sleep", "100"), timeout=0.1), Command(("echo", "never"))]
    assert ask(slot, commands)["done"][1] is None


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
from stagerun_evaluators.judge.slot import Slot
row = dict(argv=["sleep", "{seconds}"], timeout=900, memory_mb=99, environ={{}}, stdin="", files={{}}, reads=[])
job = dict(files={{}}, commands=[row], chains=[[0]], given={{}}, root="")
threading.Thread(target=Slot({PURPOSE!r}).request, args=(job,)).start()
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


def test_what_computes_while_others_have_the_processor_is_not_late(slot: Slot) -> None:
    little = "import time; end = time.time() + 4\nwhile time.time() < end: sum(range(1_000_000)); time.sleep(0.1)"
    done = one(slot, Command((sys.executable, "-c", little), timeout=1.0))
    assert (done.timed_out, done.returncode) == (False, 0)


def test_what_sleeps_is_late(slot: Slot) -> None:
    assert run(slot, "sleep 4", timeout=1.0).timed_out
