"""The tier `limits`, and what every stronger tier has in common: a folder for each job, a user of its own, limits, an end.

It is used by one keeper, which is single-threaded and does one thing at a time: `settle` once, then `open`, any number of
commands (`fork`, in the child `confine`; afterwards `kill`), `close`.
"""

from __future__ import annotations

import os
import resource
import shutil
import signal
import time
from collections.abc import Sequence
from contextlib import suppress
from pathlib import Path

from stagerun_evaluators.keeper.limits import adopt_orphans, die_with_parent, set_limits
from stagerun_evaluators.keeper.linux import SET_NO_NEW_PRIVS, prctl
from stagerun_evaluators.keeper.user import User, become, spare_user
from stagerun_evaluators.sandbox.cgroup import Group, join, new_name, parents, remove
from stagerun_evaluators.sandbox.guard import guarded
from stagerun_evaluators.sandbox.places import closed, locked_folder, size_of
from stagerun_evaluators.sandbox.tree import children_of, memory_of, rough_memory_of

TMP_MB = 256  # what a candidate may leave in its folder
TMP_FILES = 20_000
LOOK = 0.1  # seconds between looks at what the kernel does not cap by itself


class Limits:
    """Limits on each process, a user of its own when the keeper is root, and an end of all below the keeper."""

    tier = "limits"
    forks = True
    capped = False  # the kernel keeps the job's folder from growing
    proc = Path("/proc")  # where `processes` are found by their numbers

    def __init__(self) -> None:
        self.user: User | None = None
        self.group: Group | None = None
        self.reads: tuple[str, ...] = ()
        self._folder = self._job = Path()
        self._given = False
        self._kills = self._keeper = self._resting = 0
        self._name, self._parents = "", list[Path]()

    # once

    def settle(self, reads: Sequence[str]) -> None:
        """Get ready; `reads` is what every command may read. Raises OSError, its text the reason, when the system refuses.

        It may fork: the parent then waits for the keeper's end and never returns.
        """
        self.reads = tuple(reads)
        self._folder = locked_folder()
        self._begin()
        self.user = spare_user()
        self.group = join(self._name, self._parents)

    def _begin(self) -> None:
        self._name, self._parents = new_name(), list(parents())
        guarded(self._clear)
        self._keeper = os.getpid()
        adopt_orphans()

    def _clear(self) -> None:
        """In the parent, when the keeper has ended."""
        remove(self._name, self._parents)
        shutil.rmtree(self._folder, ignore_errors=True)

    def leave(self) -> None:
        """The keeper ends."""
        if self.group is not None:
            self.group.leave()
        shutil.rmtree(self._folder, ignore_errors=True)

    # for each job

    def open(self, given: str) -> Path:
        """The job's folder, for the keeper to lay files in: a fresh one, or the `given` one, which stays."""
        base = self._folder / "job"
        base.mkdir(mode=0o710)
        self._given, self._job = bool(given), Path(given) if given else base / "root"
        if not given:
            self._job.mkdir()
        if self.user is not None:
            os.chown(base, 0, self.user.id)
            os.chown(self._job, self.user.id if given else 0, self.user.id)
        if self.user is not None and not given:
            self._job.chmod(0o1777)  # ours, and sticky: it may add files and not take away what we laid
        return self._job

    def close(self) -> None:
        """Remove the job's folder."""
        shutil.rmtree(self._folder / "job", onerror=_force)

    @property
    def root(self) -> str:
        """The job's folder as commands see it."""
        return str(self._job)

    # for each command

    def fork(self) -> int:
        """Fork a child that will become the command."""
        return os.fork()

    def before(self, reads: Sequence[str], memory_mb: int) -> None:  # noqa: ARG002
        """A command is about to start that may read these."""
        if self.group is not None:
            self._resting = self._resting or rough_memory_of([os.getpid()])  # the keeper is in the group too
            self.group.limit(tree_bytes(memory_mb) + self._resting)
            self._kills = self.group.kills()

    def wrap(self, argv: Sequence[str], **_room: object) -> Sequence[str]:
        """What to exec."""
        return argv

    def confine(self, *, root: str, reads: Sequence[str], memory_mb: int, seconds: int) -> None:  # noqa: ARG002
        """In the child: give up what the command must not have."""
        self.limit(memory_mb, seconds)
        self.drop(reads)

    def limit(self, memory_mb: int, seconds: int) -> None:
        """Resource limits of the child."""
        with suppress(OSError):
            Path("/proc/self/oom_score_adj").write_text("1000", encoding="ascii")  # before the keeper
        set_limits(seconds, memory_mb, self.user)

    def drop(self, needed: Sequence[str]) -> None:
        """Become nobody in particular, for good."""
        if self.user is not None:
            given = [str(self._job)] if self._given else []
            reads_all = self.user.reads_all or any(map(closed, [*needed, *given]))
            become(self.user._replace(reads_all=reads_all))
        prctl(SET_NO_NEW_PRIVS, 1)
        die_with_parent(self._keeper)  # a change of user takes the wish back, so this comes after it

    def heavy(self, memory_mb: int) -> bool:
        """Whether the commands use too much memory together, where the kernel does not see to it."""
        if self.group is not None:
            return False
        pids, most = self.processes(), tree_bytes(memory_mb)
        return rough_memory_of(pids, self.proc) > most and memory_of(pids, self.proc) > most

    def processes(self) -> Sequence[int]:
        """Every process below the keeper."""
        return children_of(os.getpid())

    def overflows(self) -> bool:
        """Whether the job's folder has grown beyond what it may."""
        return size_of(self._job, TMP_FILES) > TMP_MB << 20

    def out_of_memory(self) -> bool:
        """Whether the kernel ended a process of the command for its memory."""
        return self.group is not None and self.group.kills() > self._kills

    def kill(self) -> None:
        """End all below the keeper; on return there is no child left (orphans count as children: adopt_orphans)."""
        while not _all_reaped():
            if self.user is not None:
                kill_user(self.user)
            else:
                for pid in children_of(os.getpid(), deep=False):
                    with suppress(ProcessLookupError):
                        os.kill(pid, signal.SIGKILL)
            time.sleep(0.001)


class Nothing(Limits):
    """The tier `none`: the same folder and the same end, and nothing that keeps a command from anything."""

    tier = "none"

    def settle(self, reads: Sequence[str]) -> None:
        """Get ready."""
        self.reads = tuple(reads)
        self._folder = locked_folder()
        self._begin()

    def confine(self, *, root: str, reads: Sequence[str], memory_mb: int, seconds: int) -> None:  # noqa: ARG002
        """Only what a timeout needs, and to go with the keeper."""
        die_with_parent(self._keeper)
        hard = resource.getrlimit(resource.RLIMIT_CPU)[1]
        resource.setrlimit(resource.RLIMIT_CPU, (seconds, hard))

    def heavy(self, memory_mb: int) -> bool:  # noqa: ARG002
        """Not looked at."""
        return False

    def overflows(self) -> bool:
        """Not looked at."""
        return False


def tree_bytes(memory_mb: int) -> int:
    """What a command's processes may use together, and the files of a folder in memory, in bytes."""
    return ((memory_mb * 5) // 4 + 32) << 20


def kill_user(user: User) -> None:
    """Kill every process of that user in one stroke, which no fork can outrun (kill(2) with pid -1)."""
    child = os.fork()
    if child == 0:
        try:
            become(user)
            os.kill(-1, signal.SIGKILL)
        finally:
            os._exit(0)
    os.waitpid(child, 0)


def _all_reaped() -> bool:
    """Collect dead children; True when there is no child at all."""
    try:
        while os.waitpid(-1, os.WNOHANG)[0]:
            pass
    except ChildProcessError:
        return True
    return False


def _force(_function: object, path: str, _info: object) -> None:
    """A candidate closed a folder to us, who are the same user: open it and try once more."""
    with suppress(OSError):
        Path(path).parent.chmod(0o700)
        if Path(path).is_dir() and not Path(path).is_symlink():
            Path(path).chmod(0o700)
            shutil.rmtree(path, ignore_errors=True)
        else:
            Path(path).unlink()
