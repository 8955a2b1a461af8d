"""The judge on this machine: a few keepers, one thread driving each, candidates in any order, a retry for what was no fault
of theirs. Implements `contracts.Judge`; caches nothing.
"""

from __future__ import annotations

import os
import weakref
from collections.abc import Callable, Iterator, Sequence
from concurrent.futures import ThreadPoolExecutor, as_completed
from pathlib import PurePosixPath
from queue import SimpleQueue

from attrs import frozen

from stagerun.contracts import Candidate, Check, Command, Evaluator, Judgement, SuiteResult
from stagerun_evaluators.judge.isolation import notice
from stagerun_evaluators.judge.slot import InfraError, Slot
from stagerun_evaluators.judge.verdict import judgement, refused

TRIES = 2


@frozen
class _Work:
    """Everything about one candidate that can be known before it runs."""

    candidate: Candidate
    language: Evaluator
    files: dict[str, str]
    checks: tuple[Check, ...]
    commands: tuple[Command, ...]  # checks may share a command: it is run once


class Local:
    """`evaluators` gives the language of a name; `workers` candidates run side by side (default: the cores we may use)."""

    def __init__(self, evaluators: Callable[[str], Evaluator], workers: int | None = None) -> None:
        self.notice = notice()
        self._evaluators = evaluators
        self._workers = workers or _cores()
        self._free: SimpleQueue[Slot] = SimpleQueue()
        slots = [Slot() for _ in range(self._workers)]
        for slot in slots:
            self._free.put(slot)
        self.close = weakref.finalize(self, _close, slots)

    def judge(self, candidates: Sequence[Candidate]) -> Sequence[Judgement]:
        """One judgement for each candidate, in order; raises what `stream` raises."""
        found = dict(self.stream(candidates))
        return [found[position] for position in range(len(candidates))]

    def stream(self, candidates: Sequence[Candidate]) -> Iterator[tuple[int, Judgement]]:
        """Judgements as they come. Raises before any candidate runs: StageError for a task that cannot be judged, and what
        the resolver raises for a language that is not installed."""
        works = [self._prepare(candidate) for candidate in candidates]
        with ThreadPoolExecutor(self._workers, thread_name_prefix="judge") as pool:
            futures = {pool.submit(self._settle, work): position for position, work in enumerate(works)}
            try:
                for future in as_completed(futures):
                    yield futures[future], future.result()
            finally:
                pool.shutdown(wait=False, cancel_futures=True)

    def _prepare(self, candidate: Candidate) -> _Work:
        language = self._evaluators(candidate.task.language)
        checks = tuple(language.checks(candidate))
        commands: list[Command] = []
        for check in checks:
            if check.command not in commands:
                commands.append(check.command)
        return _Work(candidate, language, dict(language.layout(candidate)), checks, tuple(commands))

    def _settle(self, work: _Work) -> Judgement:
        astray = [name for name in work.files if not _stays_inside(name)]
        if astray:
            return refused("tampered", 0.0, f"a file outside the candidate's folder: {astray[0]!r}")
        for attempt in range(1, TRIES + 1):
            try:
                return self._run(work)
            except InfraError as error:
                if attempt == TRIES:
                    return refused("infra_error", None, str(error))
        raise AssertionError("unreachable")

    def _run(self, work: _Work) -> Judgement:
        slot = self._free.get()
        try:
            outcome = slot.run(work.files, work.commands)
        finally:
            self._free.put(slot)
        results = []
        for check in work.checks:
            at = work.commands.index(check.command)
            was_run = at < len(outcome.done)  # what follows a timeout is not
            results.append(
                work.language.parse(check, outcome.done[at], work.candidate) if was_run else SuiteResult(built=False)
            )
        return judgement(work.checks, outcome.done, results, outcome.changed)


def _stays_inside(name: str) -> bool:
    path = PurePosixPath(name)
    return bool(path.parts) and not path.is_absolute() and ".." not in path.parts and "\0" not in name


def _cores() -> int:
    return len(os.sched_getaffinity(0)) if hasattr(os, "sched_getaffinity") else os.cpu_count() or 1


def _close(slots: Sequence[Slot]) -> None:
    for slot in slots:
        slot.close()
