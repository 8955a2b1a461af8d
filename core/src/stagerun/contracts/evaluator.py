"""The contract of a language evaluator and of the judge that runs it.

A language *describes*: it lays out a candidate, returns commands and parses their output. It never starts a process, so it
is tested without its toolchain and cannot escape the sandbox. The judge *acts*: it runs the commands and makes the verdict.
"""

from __future__ import annotations

from collections.abc import Iterator, Mapping, Sequence
from typing import Any, Protocol

from attrs import field, frozen


@frozen
class Command:
    """A command for the judge to run in the candidate's folder. `timeout` in CPU seconds, memory in MiB of data."""

    argv: tuple[str, ...]
    timeout: float = 10.0
    memory_mb: int = 1024
    environ: Mapping[str, str] = field(factory=dict)
    stdin: str = ""


@frozen
class Completed:
    """How a command ended. Output is hostile text, cut to head and tail.

    `report` is what came through the private channel, descriptor 3 of the command, that the candidate's output never reaches.
    """

    returncode: int | None  # None: it was killed
    stdout: str = ""
    stderr: str = ""
    report: str = ""
    timed_out: bool = False
    out_of_memory: bool = False
    seconds: float = 0.0


@frozen
class Diagnostic:
    """One complaint of a tool, in one schema for every language."""

    file: str
    line: int
    message: str
    severity: str = "error"
    code: str = ""
    tool: str = ""


@frozen
class SuiteResult:
    """What a check found: the named tests that passed and failed, and diagnostics. `built` is False when nothing could run.

    `out_of_memory` is for what only the language can tell: a test that ended in a MemoryError.
    """

    passed: frozenset[str] = frozenset()
    failed: frozenset[str] = frozenset()
    built: bool = True
    tampered: bool = False
    out_of_memory: bool = False
    diagnostics: tuple[Diagnostic, ...] = ()


@frozen
class Check:
    """A check and its share of the score: compile, test or lint."""

    name: str
    weight: float
    command: Command


@frozen
class Task:
    """What a candidate is judged by. `files` are the task's own (tests among them), laid after the candidate's."""

    id: str
    language: str
    statement: str = ""
    tests: str = ""
    expected: tuple[str, ...] = ()  # identifiers of every test that must appear
    entry: str = ""  # file the candidate's code goes to; empty: the language's default
    files: Mapping[str, str] = field(factory=dict)
    meta: Mapping[str, Any] = field(factory=dict)


@frozen
class Candidate:
    """A solution to judge: its files by relative path, or one text for the task's entry file."""

    task: Task
    code: str = ""
    files: Mapping[str, str] = field(factory=dict)


@frozen
class Judgement:
    """A verdict: passed, failed, timeout, oom, tampered or infra_error, and a score in [0, 1].

    An infra_error has no score: it is masked, never counted as zero. `isolation` is the tier that was in force.
    """

    verdict: str
    score: float | None
    passed: frozenset[str] = frozenset()
    failed: frozenset[str] = frozenset()
    diagnostics: tuple[Diagnostic, ...] = ()
    isolation: str = "none"
    seconds: float = 0.0
    detail: str = ""


class Evaluator(Protocol):
    """A language: how to check, test, score. Returns commands, parses text, starts nothing."""

    @property
    def name(self) -> str:
        """The name it is found by."""
        ...

    @property
    def suffixes(self) -> tuple[str, ...]:
        """File name endings of this language, with the dot."""
        ...

    def probe(self) -> Command:
        """A command that prints the toolchain's version."""
        ...

    def layout(self, candidate: Candidate) -> Mapping[str, str]:
        """Every file to write, by relative path; the task's files win over the candidate's."""
        ...

    def checks(self, candidate: Candidate) -> Sequence[Check]:
        """The checks in order; weights add up to 1."""
        ...

    def parse(self, check: Check, done: Completed, candidate: Candidate) -> SuiteResult:
        """Read a check's outcome; treats every byte as hostile."""
        ...


class Judge(Protocol):
    """Schedules candidates of any language and makes verdicts.

    A judge may add `notice: str`: what candidates can still do in the isolation in force; a stage's user is told it once.
    """

    def judge(self, candidates: Sequence[Candidate]) -> Sequence[Judgement]:
        """One judgement for each candidate, in order."""
        ...

    def stream(self, candidates: Sequence[Candidate]) -> Iterator[tuple[int, Judgement]]:
        """Judgements as they come, each with its candidate's position."""
        ...
