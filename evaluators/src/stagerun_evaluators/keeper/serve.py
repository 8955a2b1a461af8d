"""The keeper's loop: read a request, do it, answer, clean up. A job lays out files and runs commands; an ask goes to a server."""

from __future__ import annotations

import gc
import json
import os
import shutil
import signal
import tempfile
import time
from collections.abc import Iterator
from contextlib import contextmanager, suppress
from pathlib import Path
from types import ModuleType
from typing import cast

from stagerun_evaluators.keeper.child import CANNOT_START, become_command, load_zygote
from stagerun_evaluators.keeper.limits import adopt_orphans
from stagerun_evaluators.keeper.service import Running, Server
from stagerun_evaluators.keeper.user import User, spare_user
from stagerun_evaluators.keeper.watch import JUDGE, JudgeGone, Watch, kill_user
from stagerun_evaluators.keeper.wire import PYTHON, Answer, Ask, CommandRow, CompletedRow, Job, Purpose, Reply

ANSWERS = 1  # the keeper's own stdout
PREFIX = "stagerun-judge-"
OLD = 86_400.0  # seconds; no candidate takes that long


class Keeper:
    """One request at a time; whatever is below this process belongs to it."""

    def __init__(self, purpose: Purpose) -> None:
        adopt_orphans()
        clear_old(Path(tempfile.gettempdir()))
        self.user = spare_user()
        self.zygote = _zygote(purpose)
        self.server = Server(self._start_server)
        self.wake, wake_end = os.pipe()
        os.set_blocking(wake_end, False)
        signal.signal(signal.SIGCHLD, lambda *_: None)
        signal.set_wakeup_fd(wake_end, warn_on_full_buffer=False)
        signal.signal(signal.SIGINT, signal.SIG_IGN)  # Ctrl-C is the judge's to handle

    def serve(self) -> None:
        """Answer requests until the judge is gone."""
        while request := _next_request():
            try:
                _write(json.dumps(self.answer(request)).encode() + b"\n")
            except JudgeGone:
                self.server.close()
                return

    def answer(self, request: Job | Ask) -> Answer | list[Reply]:
        """Do what a request says."""
        if "texts" in request:
            return self.server.ask(cast("Ask", request))
        return self.run(request)

    def run(self, job: Job) -> Answer:
        """Run the chains of commands in one folder; after a timeout nothing more is run."""
        done: list[CompletedRow | None] = [None] * len(job["commands"])
        laid: dict[str, str] = {}
        with _folder(self.user, job["root"]) as root:
            _lay_all(root, job["files"], laid)
            for chain in job["chains"]:
                for at in chain:
                    row = done[at] = done[at] or self._step(job, at, root, laid)
                    if row["returncode"] != 0:
                        break
                if any(row and row["timed_out"] for row in done):
                    break
            return Answer(done=done, changed=_changed(root, laid))

    def _step(self, job: Job, at: int, root: Path, laid: dict[str, str]) -> CompletedRow:
        row, given = job["commands"][at], job["given"].get(str(at))
        _lay_all(root, row["files"], laid)
        if given is None:
            return self.run_command(row, root)
        _lay_all(root, given["files"], laid)
        return given["done"]

    def run_command(self, row: CommandRow, root: Path) -> CompletedRow:
        """Start one command and see it to its end."""
        ends = {name: os.pipe() for name in ("stdout", "stderr", "report")}
        with tempfile.TemporaryFile() as given:
            given.write(row["stdin"].encode())
            given.seek(0)
            row["stdin"], row["files"] = "", {}  # it may hold a nonce, and the child inherits this dict
            pid = os.fork()
            if pid == 0:
                written = (ends["stdout"][1], ends["stderr"][1], ends["report"][1])
                _start(row, root, (given.fileno(), *written), self.user, self.zygote)
        for _, write_end in ends.values():
            os.close(write_end)
        try:
            return Watch(pid, row, self.wake, self.user).follow({name: end[0] for name, end in ends.items()})
        finally:
            for read_end, _ in ends.values():
                os.close(read_end)

    def _start_server(self, ask: Ask) -> Running:
        """Start the server; its errors go nowhere, and its time is its caller's to count."""
        row = ask["command"] | {"timeout": 1e6}
        root = Path(tempfile.mkdtemp(prefix=PREFIX))
        if self.user is not None:
            os.chown(root, self.user.id, self.user.id)
        (stdin, given), (answers, stdout), null = os.pipe(), os.pipe(), os.open(os.devnull, os.O_WRONLY)
        pid = os.fork()
        if pid == 0:
            _start(row, root, (stdin, stdout, null, null), self.user, None)
        for stream in (stdin, stdout, null):
            os.close(stream)

        def end() -> bool:
            with suppress(ProcessLookupError):
                os.kill(pid, signal.SIGKILL)
            if self.user is not None:
                kill_user(self.user)
            status = os.waitpid(pid, 0)[1]
            shutil.rmtree(root, ignore_errors=True)
            return os.WIFSIGNALED(status) and os.WTERMSIG(status) == signal.SIGABRT  # node's way to run out of memory

        return Running(pid, given, answers, end)


def _zygote(purpose: Purpose) -> ModuleType | None:
    """The warm script of a keeper for one; collected and frozen, so that forks share its memory."""
    if not purpose["zygote"]:
        return None
    os.environ["STAGERUN_SITE"] = os.pathsep.join(purpose["site"])
    module = load_zygote(purpose["zygote"])
    gc.collect()
    gc.freeze()
    return module


def _start(
    row: CommandRow, root: Path, streams: tuple[int, int, int, int], user: User | None, zygote: ModuleType | None
) -> None:
    """The child's side: never returns; a command that cannot be started says why on its stderr, as a shell does."""
    try:
        become_command(row, str(root), streams, user, zygote)
    except Exception as error:
        os.write(2, f"cannot start {row['argv'][0]}: {error}\n".encode())
        os._exit(CANNOT_START)


@contextmanager
def _folder(user: User | None, given: str) -> Iterator[Path]:
    """A fresh folder that belongs to the candidate's user and goes when the candidate is done; a given one stays, as ours."""
    root = Path(given or tempfile.mkdtemp(prefix=PREFIX))
    try:
        if user is not None:
            os.chown(root, user.id, user.id)
        yield root
    finally:
        if not given:
            shutil.rmtree(root, ignore_errors=True)


def clear_old(folder: Path) -> None:
    """Remove what keepers left that were killed themselves; by age, as their process ids mean nothing in another container."""
    for left in folder.glob(f"{PREFIX}*"):
        with suppress(OSError):
            if time.time() - left.lstat().st_mtime > OLD and not left.is_symlink():
                shutil.rmtree(left, ignore_errors=True)


def _lay_all(root: Path, files: dict[str, str], laid: dict[str, str]) -> None:
    """Write files, over whatever stands there; `laid` remembers what must still be so at the end."""
    for name, text in files.items():
        _lay(root, name, text)
        laid[name] = text


def _lay(root: Path, name: str, text: str) -> None:
    """Write one file. What a command left in the way (a link, a folder) is removed, never followed."""
    path = root
    for part in Path(name).parts[:-1]:
        path /= part
        if path.is_symlink() or (path.exists() and not path.is_dir()):
            path.unlink()
        path.mkdir(exist_ok=True)
    path = root / name
    if path.is_dir() and not path.is_symlink():
        shutil.rmtree(path)
    path.unlink(missing_ok=True)
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


def _next_request() -> Job | Ask | None:
    """The judge's next line, None when it is gone; read without a file object, whose buffer a child would inherit."""
    line = bytearray()
    while not line.endswith(b"\n"):
        data = os.read(JUDGE, 1 << 16)
        if not data:
            return None
        line += data
    request: Job | Ask = json.loads(line)
    return request


def _write(data: bytes) -> None:
    while data:
        data = data[os.write(ANSWERS, data) :]


def start_argv(purpose: Purpose) -> list[str]:
    """The command line that starts a keeper; its imports are done before the package's folder leaves sys.path again."""
    home = str(Path(__file__).parents[2])
    code = (
        "import json, sys; sys.path.insert(0, sys.argv[1]); from stagerun_evaluators.keeper.serve import Keeper; "
        "del sys.path[0]; Keeper(json.loads(sys.argv[2])).serve()"
    )
    return [*PYTHON, "-c", code, home, json.dumps(purpose)]
