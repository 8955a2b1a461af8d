"""The contract of a language evaluator and of the judge that runs it.

A language *describes*: it lays out a candidate, returns commands and parses their output. It never starts a process, so it
is tested without its toolchain and cannot escape the sandbox. The judge *acts*: it runs the commands and makes the verdict.
"""

from __future__ import annotations

from collections.abc import Iterable, Iterator, Mapping, Sequence
from typing import Protocol

from attrs import field, frozen

from stagerun.contracts.task import Candidate, Diagnostic, Judgement


@frozen
class Command:
    """A command for the judge to run in the candidate's folder. `timeout` in CPU seconds, memory in MiB of data.

    In `argv` and the values of `environ`, `{root}` stands for the candidate's folder and `{seed:NAME}` for a seed's.

    `files` are laid right before the command, read-only, and must be unchanged after it: tests that a compiler must not see.
    `reads` are places outside that the command may read: a toolchain. Seeds it names can be read as well.

    `zygote`: the command is a Python script for the judge's interpreter (`argv` is the script and its arguments) that is forked
    from a process in which the script's `prepare()` has run already; its `main()` runs in the fork. One fork, one candidate.

    `service`: `argv` starts a server that answers many candidates, one line each way: it reads a JSON list of texts (the
    `stdin` of one or more commands) and writes a JSON list of as many objects, each with `stdout`, and `files` to lay for
    what follows. An empty list comes first, to see that it is up. A server only reads code, never runs it. It is replaced when
    it dies or is late; then every text is asked again alone, so that no candidate answers for another.
    """

    argv: tuple[str, ...]
    timeout: float = 10.0
    memory_mb: int = 1024
    environ: Mapping[str, str] = field(factory=dict)
    stdin: str = ""
    files: Mapping[str, str] = field(factory=dict)
    reads: tuple[str, ...] = ()
    zygote: bool = False
    service: bool = False


@frozen
class Completed:
    """How a command ended. Output is hostile text, cut to head and tail.

    `report` is what came through the private channel, descriptor 3 of the command, that the candidate's output never reaches.
    `step` counts within the check: below `len(check.before)` when one of the commands before failed and the last was not run.
    """

    returncode: int | None  # None: it was killed
    stdout: str = ""
    stderr: str = ""
    report: str = ""
    timed_out: bool = False
    out_of_memory: bool = False
    seconds: float = 0.0
    cpu: float = 0.0
    step: int = 0


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
    """One question to the toolchain, and its share of the score.

    The commands in `before` run first, each once for all checks that name it; one that exits with another code than 0 ends the
    check there. `metric` names the share of candidates that earned it whole: `clippy_clean_rate`.
    Of a `required` check everything must be earned for the verdict `passed`. The check called `test` earns the fraction of its
    named tests, any other all or nothing; one that is not required (types, lint) is multiplied by what `test` earned: tidy code
    that does nothing is worth nothing.
    """

    name: str
    weight: float
    command: Command
    before: tuple[Command, ...] = ()
    required: bool = True
    metric: str = ""


@frozen
class Tool:
    """A program that a language needs. `install` is the line that installs it; lacking an `optional` one costs a check, or what
    `lack` says.
    """

    name: str
    probe: Command  # prints its version; must exit with 0
    install: str = ""
    optional: bool = False
    lack: str = ""


@frozen
class Seed:
    """A folder that is built once, in the sandbox, and then read by commands as `{seed:NAME}`: compiled dependencies, a cache.

    Kept by content: of `files`, `command` and the versions of the language's tools. What the command leaves in its folder is it.
    """

    name: str
    command: Command
    files: Mapping[str, str] = field(factory=dict)


class Evaluator(Protocol):
    """A language: how to check, test, score. Returns commands, parses text, starts nothing.

    It may add five methods. `ready(found: Mapping[str, Completed]) -> Evaluator` is called once with what each tool's probe said
    (a tool that is missing has another exit code than 0) and gives the evaluator to use: one that knows versions and paths.
    `seeds() -> Sequence[Seed]` is asked after that; `seeds_of(task: Task) -> Sequence[Seed]` with a task, for seeds that only
    some tasks need: it must be quick, and two of one name must be the same. `adopt(task: Task) -> Task` makes a task out of one
    that was read from another format (`task.meta["format"]`: `humaneval` or `exercism`).
    `install(say: Callable[[str], None]) -> None` puts what a package registry has for it into the user's cache, once;
    `stagerun toolchains install` calls it, and nothing else.
    """

    @property
    def name(self) -> str:
        """The name it is found by."""
        ...

    @property
    def suffixes(self) -> tuple[str, ...]:
        """File name endings of this language, with the dot."""
        ...

    @property
    def scoring(self) -> str:
        """The version of its weights: raise it when they, or what earns them, change."""
        ...

    def tools(self) -> Sequence[Tool]:
        """What must be installed."""
        ...

    def layout(self, candidate: Candidate) -> Mapping[str, str]:
        """Every file to write, by relative path; the language's configuration and the task's files win over the candidate's."""
        ...

    def checks(self, candidate: Candidate) -> Sequence[Check]:
        """The checks in order; weights add up to 1. Raises StageError for a task that cannot be judged."""
        ...

    def parse(self, check: Check, done: Completed, candidate: Candidate) -> SuiteResult:
        """Read a check's outcome; treats every byte as hostile."""
        ...


class Judge(Protocol):
    """Schedules candidates of any language and makes verdicts.

    A judge may add `notice: str`: what candidates can still do in the isolation in force; a stage's user is told it once. It may
    have `say`, a function that it calls with a line before what takes long; a stage sets it to its own `note`. It may add what
    `stagerun doctor` and `code.eval` ask: `isolation` (an Isolation), `toolchains(language)` (name, found, version, install and
    optional of each tool), `missing(language)` (names of optional tools that are not there and cost a check),
    `metrics(language)` (the metric of each check) and `refusals(tasks)` (why tasks cannot be judged, by id).
    """

    def judge(self, candidates: Sequence[Candidate]) -> Sequence[Judgement]:
        """One judgement for each candidate, in order."""
        ...

    def stream(self, candidates: Iterable[Candidate]) -> Iterator[tuple[int, Judgement]]:
        """Judgements as they come, each with its candidate's position. Candidates are taken as there is room for them."""
        ...

    def rank(self, candidates: Sequence[Candidate]) -> Sequence[tuple[int, Judgement]]:
        """Positions and judgements of several solutions to one task, best first; what could not be judged comes last."""
        ...
