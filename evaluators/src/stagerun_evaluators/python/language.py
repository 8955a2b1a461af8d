"""Python: lay out a candidate, run the task's tests over it in one harness process, read the harness's report.

A task's `tests` is Python source whose top-level functions `test_*` take no arguments and assert; it reaches the candidate by
importing the entry file's name (`from solution import add`). `expected` names the tests that count; empty means all of them.

What is believed is only the report that came over the private channel with this run's nonce, in which every expected name
stands exactly once, a canary that must fail did fail, and the harness saw nothing it runs on being replaced. Exit codes and
output are never believed. Lint, mutation and third-party packages for candidates are not covered.
"""

from __future__ import annotations

import ast
import json
import secrets
from collections.abc import Mapping, Sequence
from pathlib import Path, PurePosixPath

from attrs import frozen

from stagerun.contracts import Candidate, Check, Command, Completed, Diagnostic, SuiteResult, Task, Tool
from stagerun.errors import StageError
from stagerun_evaluators.keeper.wire import PYTHON, PYTHON_ENVIRON
from stagerun_evaluators.python.report import Report

HARNESS = str(Path(__file__).with_name("harness.py"))
WEIGHTS = {"compile": 0.1, "test": 0.9}
SCORING = "python-1"  # raise when WEIGHTS or the meaning of a share change: scores of two versions are not comparable


@frozen
class Python:
    """`timeout` is in CPU seconds and `memory_mb` in MiB for each candidate; a task's `meta` may set either for itself."""

    name: str = "python"
    suffixes: tuple[str, ...] = (".py",)
    timeout: float = 5.0
    memory_mb: int = 512

    @property
    def scoring(self) -> str:
        """The version of its weights."""
        return SCORING

    def tools(self) -> Sequence[Tool]:
        """The interpreter that runs candidates: this one."""
        return (Tool("python", Command((*PYTHON, "-V"))),)

    def layout(self, candidate: Candidate) -> Mapping[str, str]:
        """The candidate's files, then the task's, which win. Tests are not laid out: they go to the harness directly."""
        code = {_entry(candidate.task): candidate.code} if candidate.code or not candidate.files else {}
        return {**candidate.files, **code, **candidate.task.files}

    def checks(self, candidate: Candidate) -> Sequence[Check]:
        """Compiling and testing, by one command; raises StageError for a task without usable tests."""
        task = candidate.task
        names, canary = expected_tests(task), f"test_{secrets.token_hex(8)}"
        names.insert(secrets.randbelow(len(names) + 1), canary)
        job = {
            "nonce": secrets.token_hex(16),
            "entry": _entry(task),
            "tests": f"{task.tests}\n\ndef {canary}():\n    assert 1 == 2\n",
            "names": names,
            "canary": canary,
        }
        command = Command(
            argv=(*PYTHON, HARNESS),
            timeout=float(task.meta.get("timeout", self.timeout)),
            memory_mb=int(task.meta.get("memory_mb", self.memory_mb)),
            environ=PYTHON_ENVIRON,
            stdin=json.dumps(job),
        )
        return [Check(name, weight, command) for name, weight in WEIGHTS.items()]

    def parse(self, check: Check, done: Completed, candidate: Candidate) -> SuiteResult:
        """Believe a whole report only; without one every test failed, and who ended the process first tampered."""
        job = json.loads(check.command.stdin)
        report = Report.read(done.report, job["nonce"])
        names = frozenset(job["names"]) - {job["canary"]}
        if not report.ended:
            return _without_report(done, names, report.foreign)
        told = _diagnostics(report, _entry(candidate.task), job["canary"])
        if not report.said("built"):
            return SuiteResult(failed=names, built=False, tampered=report.foreign, diagnostics=told)
        honest = not report.foreign and not report.said("tampered") and report.adds_up(job["names"], job["canary"])
        passed = frozenset(report.said("passed")) & names if honest else frozenset()
        test = check.name == "test"
        return SuiteResult(
            passed=passed if test else frozenset(),
            failed=names - passed if test else frozenset(),
            tampered=not honest,
            out_of_memory=bool(report.said("memory")),
            diagnostics=told,
        )


def expected_tests(task: Task) -> list[str]:
    """The names that must appear; raises StageError when there is none or the tests do not define one of them."""
    try:
        tree = ast.parse(task.tests)
    except (SyntaxError, ValueError) as error:
        raise StageError(f"task {task.id}: its tests are not Python: {error}", "mend the task") from error
    defined = [node.name for node in tree.body if isinstance(node, ast.FunctionDef) and node.name.startswith("test_")]
    expected = list(dict.fromkeys(task.expected or defined))
    if not expected:
        raise StageError(
            f"task {task.id} has no test", "give it functions named test_...; nothing can be scored without one"
        )
    missing = [name for name in expected if name not in defined]
    if missing:
        raise StageError(
            f"task {task.id}: expected test {missing[0]} is not in its tests; found {', '.join(defined) or 'none'}"
        )
    return expected


def _without_report(done: Completed, names: frozenset[str], foreign: bool) -> SuiteResult:
    """No whole report: killed and crashed processes failed; one that left by itself did so to skip the tests."""
    ended_itself = done.returncode is not None and done.returncode >= 0
    text = (
        "the process ended itself before its tests had reported" if ended_itself else f"the process died: {_tail(done)}"
    )
    return SuiteResult(
        failed=names,
        built=False,
        tampered=foreign or ended_itself,
        diagnostics=(Diagnostic(file="", line=0, message=text, tool="python"),),
    )


def _tail(done: Completed) -> str:
    how = "out of time" if done.timed_out else f"signal {-(done.returncode or 0)}"
    return " ".join([how, *done.stderr.strip().splitlines()[-1:]])


def _diagnostics(report: Report, file: str, canary: str) -> tuple[Diagnostic, ...]:
    failed = [f"{name}: {why}" for name, why in report.failed.items() if name != canary]
    told = [*report.said("tampered"), *report.said("error"), *failed]
    return tuple(Diagnostic(file=file, line=0, message=text, tool="python") for text in told)


def _entry(task: Task) -> str:
    return str(PurePosixPath(task.entry or "solution.py"))
