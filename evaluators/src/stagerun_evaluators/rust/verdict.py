"""From what compilers and the host said to what a check found. Pure."""

from __future__ import annotations

import signal

from stagerun.contracts import Completed, Diagnostic, SuiteResult
from stagerun_evaluators.rust import diagnostics
from stagerun_evaluators.rust.report import Report

OUT_OF_MEMORY = "memory allocation of "
CUT = "bytes left out"


def refused(why: str, names: frozenset[str]) -> SuiteResult:
    """A candidate that is not run at all."""
    return SuiteResult(failed=names, built=False, diagnostics=(Diagnostic("", 0, why, tool="stagerun"),))


def compiled(done: Completed, strict: bool = False) -> SuiteResult:
    """Of a compiler: whether it made what it was asked for; `strict`: and had nothing to say. No candidate code ran in it."""
    said = diagnostics.read(done.stderr + "\n" + done.stdout)
    silent = not said and CUT not in done.stderr and CUT not in done.stdout
    good = done.returncode == 0 and (silent or not strict)
    if done.returncode not in {0, None} and not any(each.severity == "error" for each in said):
        said = (*said, Diagnostic("", 0, _last_words(done), tool="rustc"))
    return SuiteResult(built=good, diagnostics=said, out_of_memory=_out_of_memory(done))


def of_host(done: Completed, stdin: str, names: frozenset[str], only: bool = False) -> SuiteResult:
    """Of the host. Without a whole report every test failed, and who left early with success did so to skip tests.

    `names` are expected; those that the host lists beside them, made by macros, count as well, but with `only`.
    """
    key, _, first, last, *_ = stdin.split("\n")
    report = Report.read(done.report, key)
    if report.ended and report.said("error"):
        return SuiteResult(failed=names, built=False, diagnostics=(_told(report.said("error")[0]),))
    if not report.ended:
        return _without_report(done, names, report.foreign)
    lied = bool(report.said("lied"))
    honest = report.adds_up((first, last)) and not report.foreign and not lied
    listed = frozenset(name for name in report.said("list") if name.rpartition("::")[2] not in {first, last})
    named = names if only else names | listed
    passed = frozenset(report.said("passed")) & named if honest else frozenset()
    told = [f"{name}: {why}" for name, why in report.failed.items() if name in named]
    told += ["a result that equals anything"] if lied else []
    return SuiteResult(
        passed=passed, failed=named - passed, tampered=not honest, diagnostics=tuple(_told(why) for why in told)
    )


def _without_report(done: Completed, names: frozenset[str], foreign: bool) -> SuiteResult:
    left = done.returncode == 0
    why = "the process ended itself before its tests had reported" if left else f"the process died: {_last_words(done)}"
    return SuiteResult(
        failed=names,
        built=False,
        tampered=foreign or left,
        out_of_memory=_out_of_memory(done),
        diagnostics=(_told(why),),
    )


def _out_of_memory(done: Completed) -> bool:
    aborted = done.returncode in {-signal.SIGABRT, 128 + signal.SIGABRT, 101, 1}
    return aborted and OUT_OF_MEMORY in done.stderr


def _last_words(done: Completed) -> str:
    code = done.returncode
    how = (
        "out of time" if done.timed_out else f"signal {-code}" if code is not None and code < 0 else f"exit code {code}"
    )
    return " ".join([how, *(line for line in done.stderr.strip().splitlines()[-1:] if not line.startswith("{"))])[:300]


def _told(why: str) -> Diagnostic:
    return Diagnostic("", 0, why, tool="cargo test")
