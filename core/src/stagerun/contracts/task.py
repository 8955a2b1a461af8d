"""What is judged, by what, and what came of it: tasks, candidates, judgements. Data only."""

from __future__ import annotations

from collections.abc import Mapping
from typing import Any

from attrs import field, frozen


@frozen
class Task:
    """What a candidate is judged by.

    `tests` is the text of one test file, which goes where the language keeps tests. `files` are the task's own and win over
    the candidate's: data, helpers, more test files. `repo` is what a candidate starts from and may change.
    """

    id: str
    language: str
    statement: str = ""
    tests: str = ""
    expected: tuple[str, ...] = ()  # identifiers of every test that must appear; empty: all that the tests define
    entry: str = ""  # file the candidate's code goes to; empty: the language's default
    files: Mapping[str, str] = field(factory=dict)
    repo: Mapping[str, str] = field(factory=dict)
    meta: Mapping[str, Any] = field(factory=dict)  # for the language; `timeout` in CPU seconds, `memory_mb`


@frozen
class Candidate:
    """A solution: one text for the task's entry file, files by relative path, or a patch (unified diff) to `task.repo`."""

    task: Task
    code: str = ""
    files: Mapping[str, str] = field(factory=dict)
    patch: str = ""


@frozen
class Diagnostic:
    """One complaint of a tool, in one schema for every language. `severity` is error, warning or note; `line` 0: unknown."""

    file: str
    line: int
    message: str
    severity: str = "error"
    code: str = ""
    tool: str = ""


@frozen
class Judgement:
    """A verdict: passed, failed, timeout, oom, tampered or infra_error, and a score in [0, 1].

    An infra_error has no score: it is masked, never counted as zero. `isolation` is the tier that was in force.
    """

    verdict: str
    score: float | None
    passed: frozenset[str] = frozenset()  # named tests
    failed: frozenset[str] = frozenset()
    shares: Mapping[str, float] = field(
        factory=dict
    )  # check -> how much of it was earned, in [0, 1]; only checks that were run
    diagnostics: tuple[Diagnostic, ...] = ()
    isolation: str = "none"
    scoring: str = ""  # the version of the language's weights; scores of two versions are not comparable
    seconds: float = 0.0  # by the clock
    cpu: float = 0.0  # seconds of processor time of the candidate's own processes
    detail: str = ""
    cached: bool = False
