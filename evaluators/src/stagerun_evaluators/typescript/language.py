"""TypeScript: one server compiles, type-checks and lints candidates; one process for each runs the task's tests over it.

A task's tests are `*.test.ts` files in jest's style beside the candidate's files, or one such text in `tests`. A test's name is
jest's full name: the titles of its describes and its own, joined by spaces; the second of two equal ones gets ` (2)`. `expected`
names the tests that count; empty means all that run.

The server only reads code. The test process is judged by what came over the private channel alone (`report.py`); what holds it
together against the candidate stands in `node/harness`. `plain=True` runs the real tsc, jest and eslint instead, one cold process
each: slower, with the same verdicts on honest code; tests that need what the quick way lacks always take the real jest.
"""

from __future__ import annotations

import json
import re
import secrets
import shutil
from collections.abc import Callable, Mapping, Sequence
from functools import cached_property
from pathlib import Path

import attrs
from attrs import define

from stagerun.contracts import Candidate, Check, Command, Completed, Diagnostic, Seed, SuiteResult, Task, Tool
from stagerun_evaluators.typescript import plain, toolchain
from stagerun_evaluators.typescript.adopting import adopted
from stagerun_evaluators.typescript.files import Files
from stagerun_evaluators.typescript.report import SHOWN, Report

NODE = Path(__file__).with_name("node")
WEIGHTS = {"compile": 0.05, "check": 0.15, "test": 0.7, "lint": 0.1}
METRICS = {"check": "tsc_check_pass_rate", "test": "jest_pass_rate", "lint": "eslint_clean_rate"}
SCORING = (
    "typescript-1"  # raise when WEIGHTS or the meaning of a share change: scores of two versions are not comparable
)
SECRET = 32  # characters before the job on stdin
RUN = "stagerun-run"  # the server's file for the test run; there is none for a candidate that does not parse
TOLD = {"compile": "syntax", "check": "types", "lint": "lint"}  # check -> its part of the server's answer
NEW_PERMISSION = 24  # the version of Node whose flag lost its `experimental`
SERVER_MEMORY = 3072
SERVER_TIME = 10.0
# One thread that collects garbage, and seldom: several would take the processors that the tests of other candidates run on.
COLLECTING = (
    "--single-threaded-gc",
    "--min-semi-space-size=32",
    "--max-semi-space-size=32",
    "--max-old-space-size=2048",
)
HEAP = "--max-old-space-size=768"  # MiB of JavaScript's own objects; a snapshot only fits the flags it was built with
REAL_JEST = re.compile(
    r"\.only\b|\bfit\s*\(|\bfdescribe\s*\(|\.concurrent\b|\bto(?:Match|Throw)\w*Snapshot|\bSnapshot\b|@jest-environment|addSnapshotSerializer|"
    r"\bjest\s*\.\s*(?!fn\b|spyOn\b|replaceProperty\b|mocked\b|isMockFunction\b|(?:clear|reset|restore)AllMocks\b|use(?:Fake|Real)Timers\b|"
    r"advanceTimers\w+\b|clearAllTimers\b|getTimerCount\b|runAll\w+\b|runOnlyPending\w+\b|getRealSystemTime\b|now\b|setSystemTime\b|setTimeout\b|"
    r"Mock\w*\b|Spy\w*\b)\w"
)


@define(frozen=True, slots=False)
class TypeScript:
    """`timeout` in CPU seconds and `memory_mb` in MiB for each candidate's tests; a task's `meta` may set either for itself.

    `plain`: the real command line tools for every check, one process each.
    """

    name: str = "typescript"
    suffixes: tuple[str, ...] = (".ts", ".tsx", ".mts", ".cts")
    timeout: float = 10.0
    memory_mb: int = 1024
    plain: bool = False
    permission: str = "--experimental-permission"  # Node's flag; newer versions have another

    @property
    def scoring(self) -> str:
        """The version of its weights."""
        return SCORING

    @cached_property
    def packages(self) -> str:
        """The folder of the packages, whether they are there or not."""
        return str(toolchain.folder().resolve())

    @cached_property
    def reads(self) -> tuple[str, ...]:
        """What commands read beyond the system: the packages, our scripts, the folder of Node itself."""
        node = shutil.which("node")
        places = {str(Path(node).parent), str(Path(node).resolve().parent)} if node else set()
        return (self.packages, str(NODE), *sorted(places))

    def install(self, say: Callable[[str], None]) -> None:
        """Put the packages into the user's cache; needs npm and the network, once. Raises StageError."""
        toolchain.install(say)

    def tools(self) -> Sequence[Tool]:
        """Node 20 or newer, and the packages."""
        return (
            Tool("node", Command(("node", str(NODE / "probe.js")), reads=self.reads), "install Node.js 20 or newer"),
            Tool(
                "packages",
                Command(("node", str(NODE / "probe.js"), self.packages), reads=self.reads),
                toolchain.INSTALL,
            ),
        )

    def ready(self, found: Mapping[str, Completed]) -> TypeScript:
        """With the flags of the Node that was found."""
        major = re.match(r"v(\d+)", found["node"].stdout)
        return attrs.evolve(self, permission="--permission") if major and int(major[1]) >= NEW_PERMISSION else self

    def seeds(self) -> Sequence[Seed]:
        """The test harness, loaded and ready, as a snapshot that a process starts from."""
        build = ("node", HEAP, str(NODE / "harness" / "build.js"), self.packages)
        command = Command(build, timeout=60.0, memory_mb=2048, reads=self.reads)
        return (Seed("harness", command, {"harness.key": _key(NODE / "harness")}),)

    def adopt(self, task: Task) -> Task:
        """A task of Exercism's or HumanEval's form, as one of ours; raises StageError."""
        return adopted(task)

    def layout(self, candidate: Candidate) -> Mapping[str, str]:
        """Code and helpers. Tests come with the command that runs them; the candidate's own tests and configuration never."""
        files = Files.of(candidate)
        return {**files.code, **files.helpers}

    def checks(self, candidate: Candidate) -> Sequence[Check]:
        """Syntax, types, tests, style; raises StageError for a task without tests."""
        files = Files.of(candidate)
        commands = self._plain(files, candidate.task) if self.plain else self._warm(files, candidate.task)
        return [
            Check(
                name,
                weight,
                commands[name],
                self._before(name, commands),
                name in {"compile", "test"},
                METRICS.get(name, ""),
            )
            for name, weight in WEIGHTS.items()
        ]

    def parse(self, check: Check, done: Completed, candidate: Candidate) -> SuiteResult:
        """Believe the server about code it read, and a whole signed report about tests."""
        if check.name == "test":
            return self._tested(check, done, candidate)
        name = check.name if done.step == len(check.before) else "compile"  # that ended the chain
        found = plain.told(name, done) if self.plain else _told(name, done)
        return SuiteResult(built=found is not None and not found, diagnostics=tuple(found or ()))

    def _before(self, name: str, commands: Mapping[str, Command]) -> tuple[Command, ...]:
        """What does not parse is neither run nor linted: the server gives the test run nothing then, tsc ends the chain."""
        return (commands["compile"],) if name == "test" or (name == "lint" and self.plain) else ()

    def _warm(self, files: Files, task: Task) -> dict[str, Command]:
        key = secrets.token_hex(SECRET // 2)
        request = {
            "key": key,
            "files": files.code,
            "task": files.helpers,
            "tests": files.tests,
            "run": list(files.tests),
            "lint": files.lint,
        }
        server = Command(
            ("node", *COLLECTING, str(NODE / "service.js"), self.packages),
            timeout=SERVER_TIME,
            memory_mb=SERVER_MEMORY,
            stdin=json.dumps(request),
            reads=self.reads,
            service=True,
        )
        real = any(REAL_JEST.search(text) for text in files.tests.values())
        test = self._jest(files, task, needs=RUN) if real else self._harness(task, key)
        return {"compile": server, "check": server, "lint": server, "test": test}

    def _plain(self, files: Files, task: Task) -> dict[str, Command]:
        syntax, types, lint = plain.reading(files, str(NODE), self.packages, self.reads)
        return {"compile": syntax, "check": types, "lint": lint, "test": self._jest(files, task)}

    def _harness(self, task: Task, key: str) -> Command:
        return Command(
            (
                "node",
                "--no-warnings",
                HEAP,
                self.permission,
                "--allow-fs-read={root}/*",
                "--allow-fs-read=/dev/null",
                "--allow-fs-write={root}/*",
                "--snapshot-blob",
                "{seed:harness}/harness.blob",
            ),
            timeout=float(task.meta.get("timeout", self.timeout)),
            memory_mb=self._memory(task),
            stdin=_job(task, key=key),
            reads=self.reads,
        )

    def _jest(self, files: Files, task: Task, needs: str = "") -> Command:
        time, memory = float(task.meta.get("timeout", self.timeout)), self._memory(task)
        job = _job(task, tests=list(files.tests), needs=needs)
        return plain.jest(files, str(NODE), self.packages, self.reads, job, time, memory)

    def _memory(self, task: Task) -> int:
        return int(task.meta.get("memory_mb", self.memory_mb))

    def _tested(self, check: Check, done: Completed, candidate: Candidate) -> SuiteResult:
        job = check.command.stdin
        report = Report.read(done.report, json.loads(job[SECRET:])["first"], job[:SECRET])
        files = Files.of(candidate)
        why = report.outcome(list(files.tests))
        left = report.results is None and done.returncode == 0 and done.step == len(check.before)
        tampered = report.foreign or bool(report.tampered) or left
        passed = frozenset(name for name, error in why.items() if not error and not tampered)
        failed = frozenset(why) - passed
        if candidate.task.expected:
            passed, failed = passed & set(candidate.task.expected), frozenset(candidate.task.expected) - passed
        told = [Diagnostic(next(iter(files.tests)), 0, what, code="tampered", tool="jest") for what in report.tampered]
        told += [
            Diagnostic(next(iter(files.tests)), 0, f"{name}: {error}", code="test", tool="jest")
            for name, error in why.items()
            if error
        ]
        return SuiteResult(passed, failed, True, tampered, _out_of_memory(done), tuple(told[:SHOWN]))


def _job(task: Task, **more: object) -> str:
    """A secret, then what the harness is told; `skips`: whether tests marked so are left out."""
    job = {"first": secrets.token_hex(SECRET // 2), "skips": bool(task.meta.get("skips", True)), **more}
    return secrets.token_hex(SECRET // 2) + json.dumps(job)


def _told(name: str, done: Completed) -> list[Diagnostic] | None:
    """What the server said for a check; None when it said nothing of use."""
    try:
        rows = json.loads(done.stdout)[TOLD[name]]
        return [Diagnostic(**row) for row in rows]
    except (ValueError, TypeError, KeyError, RecursionError):
        return None


def _out_of_memory(done: Completed) -> bool:
    """Whether Node gave up for want of memory; the text can be forged, to no gain."""
    return done.returncode not in {0, 1} and "heap out of memory" in done.stderr


def _key(folder: Path) -> str:
    return "".join(f"{path.name}\n{path.read_text(encoding='utf-8')}\n" for path in sorted(folder.glob("*.js")))
