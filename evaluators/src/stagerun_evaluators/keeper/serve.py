"""The keeper's loop: read a job, lay out its files, run its commands one after the other, answer, clean up."""

from __future__ import annotations

import json
import os
import shutil
import signal
import tempfile
import time
from collections.abc import Iterator
from contextlib import contextmanager, suppress
from pathlib import Path

from stagerun_evaluators.keeper.child import CANNOT_START, become_command, compiled, runs_here, warm_up
from stagerun_evaluators.keeper.limits import adopt_orphans
from stagerun_evaluators.keeper.user import User, spare_user
from stagerun_evaluators.keeper.watch import JUDGE, JudgeGone, Watch
from stagerun_evaluators.keeper.wire import PYTHON, Answer, CommandRow, CompletedRow, Job

ANSWERS = 1  # the keeper's own stdout
PREFIX = "stagerun-judge-"
OLD = 86_400.0  # seconds; no candidate takes that long


class Keeper:
    """One candidate at a time; whatever is below this process belongs to it."""

    def __init__(self) -> None:
        adopt_orphans()
        warm_up()
        clear_old(Path(tempfile.gettempdir()))
        self.user = spare_user()
        self.wake, wake_end = os.pipe()
        os.set_blocking(wake_end, False)
        signal.signal(signal.SIGCHLD, lambda *_: None)
        signal.set_wakeup_fd(wake_end, warn_on_full_buffer=False)
        signal.signal(signal.SIGINT, signal.SIG_IGN)  # Ctrl-C is the judge's to handle

    def serve(self) -> None:
        """Answer jobs until the judge is gone."""
        while job := _next_job():
            try:
                _write(json.dumps(self.run(job)).encode() + b"\n")
            except JudgeGone:
                return

    def run(self, job: Job) -> Answer:
        """Run the commands in order in one fresh folder; those after a timeout are not run."""
        with _folder(self.user) as root:
            for name, text in job["files"].items():
                _lay(root / name, text)
            done: list[CompletedRow] = []
            for row in job["commands"]:
                done.append(self.run_command(row, root))
                if done[-1]["timed_out"]:
                    break
            return Answer(done=done, changed=_changed(root, job["files"]))

    def run_command(self, row: CommandRow, root: Path) -> CompletedRow:
        """Start one command and see it to its end."""
        if runs_here(row):
            compiled(row["argv"][len(PYTHON)])
        ends = {name: os.pipe() for name in ("stdout", "stderr", "report")}
        with tempfile.TemporaryFile() as given:
            given.write(row["stdin"].encode())
            given.seek(0)
            row["stdin"] = ""  # it may hold a nonce, and the child inherits this dict
            pid = os.fork()
            if pid == 0:
                written = (ends["stdout"][1], ends["stderr"][1], ends["report"][1])
                _start(row, root, (given.fileno(), *written), self.user)
        for _, write_end in ends.values():
            os.close(write_end)
        try:
            return Watch(pid, row, self.wake, self.user).follow({name: end[0] for name, end in ends.items()})
        finally:
            for read_end, _ in ends.values():
                os.close(read_end)


def _start(row: CommandRow, root: Path, streams: tuple[int, int, int, int], user: User | None) -> None:
    """The child's side: never returns; a command that cannot be started says why on its stderr, as a shell does."""
    try:
        become_command(row, str(root), streams, user)
    except Exception as error:
        os.write(2, f"cannot start {row['argv'][0]}: {error}\n".encode())
        os._exit(CANNOT_START)


@contextmanager
def _folder(user: User | None) -> Iterator[Path]:
    """A fresh folder that belongs to the candidate's user and goes when the candidate is done."""
    root = Path(tempfile.mkdtemp(prefix=PREFIX))
    try:
        if user is not None:
            os.chown(root, user.id, user.id)
        yield root
    finally:
        shutil.rmtree(root, ignore_errors=True)


def clear_old(folder: Path) -> None:
    """Remove what keepers left that were killed themselves; by age, as their process ids mean nothing in another container."""
    for left in folder.glob(f"{PREFIX}*"):
        with suppress(OSError):
            if time.time() - left.lstat().st_mtime > OLD and not left.is_symlink():
                shutil.rmtree(left, ignore_errors=True)


def _lay(path: Path, text: str) -> None:
    path.parent.mkdir(parents=True, exist_ok=True)
    path.write_text(text, encoding="utf-8")
    path.chmod(0o444)


def _changed(root: Path, files: dict[str, str]) -> list[str]:
    """The laid-out files that are not what they were; a candidate may add files, not change the ones it is judged by."""
    return [name for name, text in files.items() if not _same(root / name, text)]


def _same(path: Path, text: str) -> bool:
    try:
        return not path.is_symlink() and path.read_bytes() == text.encode()
    except OSError:
        return False


def _next_job() -> Job | None:
    """The judge's next line, None when it is gone; read without a file object, whose buffer a child would inherit."""
    line = bytearray()
    while not line.endswith(b"\n"):
        data = os.read(JUDGE, 1 << 16)
        if not data:
            return None
        line += data
    job: Job = json.loads(line)
    return job


def _write(data: bytes) -> None:
    while data:
        data = data[os.write(ANSWERS, data) :]


def start_argv() -> list[str]:
    """The command line that starts a keeper; its imports are done before the package's folder leaves sys.path again."""
    home = str(Path(__file__).parents[2])
    code = (
        "import sys; sys.path.insert(0, sys.argv[1]); from stagerun_evaluators.keeper.serve import Keeper; "
        "del sys.path[0]; Keeper().serve()"
    )
    return [*PYTHON, "-c", code, home]
