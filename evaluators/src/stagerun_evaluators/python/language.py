"""Python: lay out a candidate, run the task's tests over it with pytest, check its types with mypy, lint it with ruff.

Tests are pytest's: functions `test_*`, classes, fixtures, parametrised ones, `unittest.TestCase`. They are the task's `tests`,
or files `test_*.py` and `*_test.py` among its files, and are handed to the harness directly: no test file is laid out.

What is believed is only the report that came over the private channel with this run's nonce, in which no test has two outcomes, a
canary that must fail did fail, and the harness saw nothing it runs on being replaced. Exit codes and output are never believed.
Not covered: third-party packages for candidates, doctests.
"""

from __future__ import annotations

import json
import secrets
import sys
from collections.abc import Mapping, Sequence
from functools import cache
from importlib import import_module
from importlib.util import find_spec
from pathlib import Path, PurePosixPath

from attrs import frozen

from stagerun.contracts import Candidate, Check, Command, Completed, Diagnostic, SuiteResult, Task, Tool
from stagerun.errors import StageError
from stagerun_evaluators.keeper.wire import PYTHON, PYTHON_ENVIRON
from stagerun_evaluators.python import findings
from stagerun_evaluators.python.adopt import adopted
from stagerun_evaluators.python.named import Named, is_test, named
from stagerun_evaluators.python.report import Report

INSIDE = Path(__file__).with_name("inside")
WEIGHTS = {"compile": 0.1, "test": 0.7, "check": 0.1, "lint": 0.1}
METRICS = {"test": "pytest_pass_rate", "check": "mypy_clean_rate", "lint": "ruff_clean_rate"}
SCORING = "python-2"  # raise when WEIGHTS or the meaning of a share change: scores of two versions are not comparable
TYPES_SECONDS, LINT_SECONDS = 20.0, 10.0
TYPES_MB = 1024
LONGEST = 300  # characters of what a process said last


@frozen
class Python:
    """`timeout` is in CPU seconds and `memory_mb` in MiB for each candidate; a task's `meta` may set either for itself.

    `meta["checks"]` names the checks of a task; the weights of those left out go to the others. `plain` runs everything in
    processes of its own, from nothing: the same verdicts, many times the work.
    """

    name: str = "python"
    suffixes: tuple[str, ...] = (".py",)
    timeout: float = 5.0
    memory_mb: int = 512
    plain: bool = False

    @property
    def scoring(self) -> str:
        """The version of its weights."""
        return SCORING

    def tools(self) -> Sequence[Tool]:
        """The interpreter that runs candidates, which is this one, and what comes with this distribution."""
        install = "pip install stagerun-evaluators"
        packages = [Tool(name, _probe(name), install) for name in ("pytest", "mypy")]
        ruff = Tool("ruff", Command((_ruff(), "--version"), reads=(str(Path(_ruff()).parent),)), install)
        return (Tool("python", Command((*PYTHON, "-V"))), *packages, ruff)

    def adopt(self, task: Task) -> Task:
        """A task of HumanEval's or Exercism's format as one of ours."""
        return adopted(task)

    def layout(self, candidate: Candidate) -> Mapping[str, str]:
        """The candidate's files, then the task's, which win. Tests are not laid out, and nobody's conftest is."""
        files = {**_own(candidate), **candidate.task.files}
        hidden = named(candidate.task).files
        return {path: text for path, text in files.items() if path not in hidden and not path.endswith("conftest.py")}

    def checks(self, candidate: Candidate) -> Sequence[Check]:
        """Compiling and testing by one command, types, lint; raises StageError for a task without usable tests."""
        tests = self._tests(candidate)
        commands = {"compile": tests, "test": tests, "check": self._types(candidate), "lint": self._lint(candidate)}
        chosen = _chosen(candidate.task)
        total = sum(WEIGHTS[name] for name in chosen)
        return [
            Check(
                name,
                WEIGHTS[name] / total,
                commands[name],
                required=name in {"compile", "test"},
                metric=METRICS.get(name, ""),
            )
            for name in chosen
        ]

    def _tests(self, candidate: Candidate) -> Command:
        task, tests = candidate.task, named(candidate.task)
        own, python = _own(candidate), [path for path in self.layout(candidate) if path.endswith(".py")]
        folders = _folders([*python, *tests.files])
        job = {
            "nonce": secrets.token_hex(16),
            "canary": f"test_{secrets.token_hex(8)}",
            "entry": _module(_entry(task), folders) if _entry(task) in own else "",
            "code": sorted(path for path in own if path.endswith(".py") and path in python),
            "own": sorted(path for path in task.files if path.endswith(".py")),
            "tests": dict(tests.files),
            "names": list(task.expected),
            "taken": sorted(
                {_module(path, folders) for path in python}
                | {_module(path, folders).partition(".")[0] for path in python}
            ),
            "path": folders,
        }
        return Command(
            argv=self._argv("testing.py", "pytest"),
            timeout=float(task.meta.get("timeout", self.timeout)),
            memory_mb=int(task.meta.get("memory_mb", self.memory_mb)),
            environ=PYTHON_ENVIRON,
            stdin=json.dumps(job),
            zygote=not self.plain,
        )

    def _types(self, candidate: Candidate) -> Command:
        files = {path: text for path, text in self.layout(candidate).items() if path.endswith(".py")}
        job = {"files": files, "folders": _folders(files)}
        return Command(
            argv=self._argv("checking.py", "mypy"),
            timeout=TYPES_SECONDS,
            memory_mb=TYPES_MB,
            environ=PYTHON_ENVIRON,
            stdin=json.dumps(job),
            zygote=not self.plain,
        )

    def _lint(self, candidate: Candidate) -> Command:
        text = json.dumps({"files": {path: _own(candidate)[path] for path in _changed(candidate)}})
        argv = (*PYTHON, str(INSIDE / "linting.py"), _ruff())
        reads = (str(Path(_ruff()).parent), str(INSIDE))
        if self.plain:
            return Command((*argv, "once"), LINT_SECONDS, environ=PYTHON_ENVIRON, stdin=text, reads=reads)
        return Command(argv, LINT_SECONDS, environ=PYTHON_ENVIRON, stdin=text, reads=reads, service=True)

    def _argv(self, script: str, package: str) -> tuple[str, ...]:
        path = str(INSIDE / script)
        return (*PYTHON, path, _site(package)) if self.plain else (path,)

    def parse(self, check: Check, done: Completed, candidate: Candidate) -> SuiteResult:
        """Believe a whole report only; without one every test failed, and who ended the process first tampered."""
        if check.name == "check":
            return findings.of_mypy(done, frozenset(_changed(candidate)))
        if check.name == "lint":
            return findings.of_ruff(done)
        return _tested(check, done, candidate)


def _tested(check: Check, done: Completed, candidate: Candidate) -> SuiteResult:
    job, tests = json.loads(check.command.stdin), named(candidate.task)
    report = Report.read(done.report, job["nonce"])
    test = check.name == "test"
    everything = frozenset(tests.tests) if test else frozenset()
    if not report.ended:
        return _without_report(done, everything, report.foreign)
    told = _diagnostics(report, _entry(candidate.task), {job["canary"], *tests.skipped})
    idle = not report.said("built") or bool(report.said("unrun") or report.said("broken"))
    honest = not report.foreign and not report.said("tampered") and (idle or report.adds_up(job["canary"]))
    passed, failed = _outcomes(report, tests, job["canary"]) if honest and not idle else (frozenset(), everything)
    return SuiteResult(
        passed=passed if test else frozenset(),
        failed=failed if test else frozenset(),
        built=bool(report.said("built")),
        tampered=not honest,
        out_of_memory=bool(report.said("memory")),
        diagnostics=told,
    )


def _outcomes(report: Report, tests: Named, canary: str) -> tuple[frozenset[str], frozenset[str]]:
    """Passed and failed tests. One that lacks an outcome failed; one that the task itself skips counts for nothing."""
    absent = report.absent(tests.tests)
    passed = {name for name in report.passed if name.partition("[")[0] not in absent}
    failed = {name for name in report.failed if name != canary and name.partition("[")[0] not in tests.skipped}
    return frozenset(passed), frozenset((failed - passed) | absent)


def _without_report(done: Completed, names: frozenset[str], foreign: bool) -> SuiteResult:
    """No whole report: killed and crashed processes failed; one that left by itself did so to skip the tests."""
    ended_itself = done.returncode is not None and done.returncode >= 0
    last = " ".join(done.stderr.strip().splitlines()[-1:])[:LONGEST]
    early = f"the process ended itself before its tests had reported {last}".strip()
    text = early if ended_itself else f"the process died: {_tail(done)}"
    return SuiteResult(
        failed=names,
        built=False,
        tampered=foreign or ended_itself,
        diagnostics=(Diagnostic(file="", line=0, message=text, tool="python"),),
    )


def _tail(done: Completed) -> str:
    how = "out of time" if done.timed_out else f"signal {-(done.returncode or 0)}"
    return " ".join([how, *done.stderr.strip().splitlines()[-1:]])


def _diagnostics(report: Report, file: str, hidden: set[str]) -> tuple[Diagnostic, ...]:
    failed = [f"{name}: {why}" for name, why in report.failed.items() if name.partition("[")[0] not in hidden]
    told = [*report.said("tampered"), *report.said("error"), *report.said("broken"), *failed]
    return tuple(Diagnostic(file=file, line=0, message=text, tool="pytest") for text in told)


def _own(candidate: Candidate) -> dict[str, str]:
    """The candidate's files; the text for the entry is one of them."""
    code = {_entry(candidate.task): candidate.code} if candidate.code or not candidate.files else {}
    return {**candidate.files, **code}


def _changed(candidate: Candidate) -> list[str]:
    """The Python files that are the candidate's work: not the task's, not what it found in the repository."""
    task = candidate.task
    return sorted(
        path
        for path, text in _own(candidate).items()
        if path.endswith(".py") and path not in task.files and task.repo.get(path) != text
    )


def _chosen(task: Task) -> list[str]:
    wanted = list(task.meta.get("checks", WEIGHTS))
    if unknown := [name for name in wanted if name not in WEIGHTS]:
        raise StageError(f"task {task.id}: there is no check {unknown[0]!r}", f"name some of {', '.join(WEIGHTS)}")
    if "test" not in wanted:
        raise StageError(f"task {task.id}: its checks leave out the tests", "add test to meta.checks")
    return [name for name in WEIGHTS if name in wanted]


def _entry(task: Task) -> str:
    return str(PurePosixPath(task.entry or "solution.py"))


def _folders(paths: Sequence[str] | Mapping[str, str]) -> list[str]:
    """Folders that modules are imported from, as pytest has it: the root, `src`, and those of tests outside a package."""
    known = set(paths)
    tests = {path.rpartition("/")[0] for path in known if is_test(path)}
    loose = sorted(folder for folder in tests if folder and f"{folder}/__init__.py" not in known)
    return ["", *(["src"] if any(path.startswith("src/") for path in known) else []), *loose]


def _module(path: str, folders: Sequence[str]) -> str:
    """The name that a file is imported by."""
    if "src" in folders and path.startswith("src/"):
        path = path.removeprefix("src/")
    return path.removesuffix(".py").removesuffix("/__init__").replace("/", ".")


def _site(package: str) -> str:
    found = find_spec(package)
    if found is None or found.origin is None:
        raise StageError(f"{package} is not installed in {sys.prefix}", "pip install stagerun-evaluators")
    return str(Path(found.origin).parents[1])


def _probe(package: str) -> Command:
    code = (
        "import sys; from importlib.metadata import version; sys.path.append(sys.argv[1]); print(version(sys.argv[2]))"
    )
    return Command((*PYTHON, "-c", code, _site(package), package), reads=(_site(package),))


@cache
def _ruff() -> str:
    """ruff's program; looking for it takes longer than all else that is done for a candidate before it runs."""
    return str(import_module("ruff").find_ruff_bin())
