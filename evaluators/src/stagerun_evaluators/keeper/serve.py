"""The keeper's loop: read a request, do it, answer, clean up. A job lays out files and runs commands; an ask goes to a server."""

from __future__ import annotations

import gc
import importlib
import json
import os
import signal
import sys
import tempfile
from collections.abc import Iterator
from contextlib import contextmanager, suppress
from pathlib import Path
from types import ModuleType
from typing import cast

from stagerun_evaluators.keeper.child import CANNOT_START, become_command, environment, load_zygote
from stagerun_evaluators.keeper.files import Laid
from stagerun_evaluators.keeper.service import Running, Server
from stagerun_evaluators.keeper.watch import JUDGE, JudgeGone, Watch, not_run
from stagerun_evaluators.keeper.wire import PYTHON, Answer, Ask, CommandRow, CompletedRow, Job, Purpose, Reply
from stagerun_evaluators.sandbox.base import Limits
from stagerun_evaluators.sandbox.foreign import Foreign
from stagerun_evaluators.sandbox.places import importable, python_places

ANSWERS = 1  # the keeper's own stdout
REFUSED = 3  # exit code of a keeper whose tier the system refuses; the reason is on stderr


class Keeper:
    """One request at a time; whatever is below this process belongs to it."""

    def __init__(self, purpose: Purpose) -> None:
        self.box = _box(purpose)
        script = [purpose["zygote"]] if purpose["zygote"] else []
        self.box.settle([*python_places(), *importable(purpose["site"]), *purpose["reads"], *script])
        self.cold = bool(script) and not self.box.forks
        self.zygote = _zygote(purpose, self.box)
        self.server = Server(self._start_server)
        self.wake, wake_end = os.pipe()
        os.set_blocking(wake_end, False)
        signal.signal(signal.SIGCHLD, lambda *_: None)
        signal.set_wakeup_fd(wake_end, warn_on_full_buffer=False)
        signal.signal(signal.SIGINT, signal.SIG_IGN)  # Ctrl-C is the judge's to handle
        signal.signal(signal.SIGTERM, _gone)  # also sent when the keeper's parent is killed

    def serve(self) -> None:
        """Answer requests until the judge is gone."""
        try:
            while request := _next_request():
                _write(json.dumps(self.answer(request)).encode() + b"\n")
        except JudgeGone:
            pass
        finally:
            self.server.close()
            self.box.leave()

    def answer(self, request: Job | Ask) -> Answer | list[Reply]:
        """Do what a request says."""
        if "texts" in request:
            return self.server.ask(cast("Ask", request))
        return self.run(request)

    def run(self, job: Job) -> Answer:
        """Run the chains of commands in one folder; after a timeout nothing more is run."""
        done: list[CompletedRow | None] = [None] * len(job["commands"])
        with _folder(self.box, job["root"]) as root:
            laid = Laid(root, shared=self.box.user is not None)
            laid.lay(job["files"])
            for chain in job["chains"]:
                for at in chain:
                    row = done[at] = done[at] or self._step(job, at, laid)
                    if row["returncode"] != 0:
                        break
                if any(row and row["timed_out"] for row in done):
                    break
            return Answer(done=done, changed=laid.changed())

    def _step(self, job: Job, at: int, laid: Laid) -> CompletedRow:
        row, given = job["commands"][at], job["given"].get(str(at))
        try:
            laid.lay(row["files"])
            if given is not None:
                laid.lay(given["files"])
                return given["done"]
        except OSError as error:
            if not self.box.overflows():
                raise  # it is the keeper that has no room: no verdict can be made of that
            return not_run(f"the folder is full: {error}")
        return self.run_command(row)

    def run_command(self, row: CommandRow) -> CompletedRow:
        """Start one command and see it to its end."""
        ends = {name: os.pipe() for name in ("stdout", "stderr", "report")}
        with tempfile.TemporaryFile() as given:
            given.write(row["stdin"].encode("utf-8", "surrogatepass"))
            given.seek(0)
            row["stdin"], row["files"] = "", {}  # it may hold a nonce, and the child inherits this dict
            written = (ends["stdout"][1], ends["stderr"][1], ends["report"][1])
            pid = self._fork(row, (given.fileno(), *written), self.zygote)
        for _, write_end in ends.values():
            os.close(write_end)
        try:
            return Watch(pid, row, self.wake, self.box).follow({name: end[0] for name, end in ends.items()})
        finally:
            for read_end, _ in ends.values():
                os.close(read_end)

    def _fork(self, row: CommandRow, streams: tuple[int, int, int, int], zygote: ModuleType | None) -> int:
        """The child never returns; a command that cannot be started says why on its stderr, as a shell does."""
        self.box.before(row["reads"], row["memory_mb"])
        environ = environment(row, self.box.root, cold=self.cold)
        pid = self.box.fork()
        if pid == 0:
            try:
                become_command(row, environ, streams, self.box, zygote, cold=self.cold)
            except Exception as error:
                os.write(2, f"cannot start {row['argv'][0]}: {error}\n".encode())
                os._exit(CANNOT_START)
        return pid

    def _start_server(self, ask: Ask) -> Running:
        """Start the server; its errors go nowhere, and its time is its caller's to count."""
        row = ask["command"] | {"timeout": 1e6}
        self.box.open("")
        (stdin, given), (answers, stdout), null = os.pipe(), os.pipe(), os.open(os.devnull, os.O_WRONLY)
        pid = self._fork(row, (stdin, stdout, null, null), None)
        for stream in (stdin, stdout, null):
            os.close(stream)

        def end() -> bool:
            with suppress(ProcessLookupError):
                os.kill(pid, signal.SIGKILL)
            status = os.waitpid(pid, 0)[1]
            self.box.kill()
            oom = self.box.out_of_memory()
            self.box.close()
            aborted = os.WIFSIGNALED(status) and os.WTERMSIG(status) == signal.SIGABRT
            return oom or aborted  # node's way to run out of memory

        return Running(pid, given, answers, end)


def _gone(*_: object) -> None:
    raise JudgeGone


def _box(purpose: Purpose) -> Limits:
    """The tier; one of somebody else's goes into an adapter."""
    module, _, name = purpose["sandbox"].partition(":")
    if not module:
        return Limits()
    sys.path[:0] = purpose["paths"]
    made = getattr(importlib.import_module(module), name)()
    del sys.path[: len(purpose["paths"])]
    return made if isinstance(made, Limits) else Foreign(made)


def _zygote(purpose: Purpose, box: Limits) -> ModuleType | None:
    """The warm script of a keeper for one; collected and frozen, so that forks share its memory."""
    os.environ["STAGERUN_SITE"] = os.pathsep.join(purpose["site"])
    if not purpose["zygote"] or not box.forks:
        return None
    module = load_zygote(purpose["zygote"])
    gc.collect()
    gc.freeze()
    return module


@contextmanager
def _folder(box: Limits, given: str) -> Iterator[Path]:
    """A fresh folder that goes when the candidate is done; a given one stays."""
    try:
        yield box.open(given)
    finally:
        box.close()


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


def main(purpose: Purpose) -> None:
    """Be a keeper; a tier that is not to be had here ends it with its reason."""
    try:
        keeper = Keeper(purpose)
    except OSError as error:
        os.write(2, f"{error.strerror or error}\n".encode())
        os._exit(REFUSED)
    keeper.serve()


def start_argv(purpose: Purpose) -> list[str]:
    """The command line that starts a keeper; its imports are done before the package's folder leaves sys.path again."""
    home = str(Path(__file__).parents[2])
    code = (
        "import json, sys; sys.path.insert(0, sys.argv[1]); from stagerun_evaluators.keeper.serve import main; "
        "purpose = json.loads(sys.argv[2]); purpose['paths'].insert(0, sys.path.pop(0)); main(purpose)"
    )
    return [*PYTHON, "-c", code, home, json.dumps(purpose)]
