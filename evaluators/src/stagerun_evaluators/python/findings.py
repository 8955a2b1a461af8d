"""What mypy and ruff said, as diagnostics. Neither runs the candidate, but what they quote of it is its own words."""

from __future__ import annotations

import json
import re

from stagerun.contracts import Completed, Diagnostic, SuiteResult

_MESSAGE = re.compile(
    r"(?P<file>[^:\n]+):(?:(?P<line>\d+):)? (?P<severity>error|note|warning): (?P<text>.*?)(?:  \[(?P<code>[\w-]+)\])?$"
)
_MOST = 50  # diagnostics of one check that are kept


def of_mypy(done: Completed, own: frozenset[str]) -> SuiteResult:
    """Errors in the candidate's own files cost the check; notes do not."""
    try:
        lines = [str(line) for line in json.loads(done.report)]
    except (ValueError, TypeError):
        return _silent(done, "mypy")
    found = [_diagnostic(match) for line in lines if (match := _MESSAGE.match(line)) and match["file"] in own]
    return _result([each for each in found if each.severity == "error"])


def of_ruff(done: Completed) -> SuiteResult:
    """Every finding costs the check."""
    try:
        rows = [(str(file), int(line), str(code), str(text)) for file, line, code, text in json.loads(done.stdout)]
    except (ValueError, TypeError):
        return _silent(done, "ruff")
    return _result([Diagnostic(file, line, text, "warning", code, "ruff") for file, line, code, text in rows])


def _diagnostic(match: re.Match[str]) -> Diagnostic:
    line = int(match["line"] or 0)
    return Diagnostic(match["file"], line, match["text"], match["severity"], match["code"] or "", "mypy")


def _result(found: list[Diagnostic]) -> SuiteResult:
    return SuiteResult(built=not found, diagnostics=tuple(found[:_MOST]))


def _silent(done: Completed, tool: str) -> SuiteResult:
    how = "out of time" if done.timed_out else "out of memory" if done.out_of_memory else f"exit code {done.returncode}"
    words = done.stderr.strip().splitlines()[-1:]
    message = " ".join([f"{tool} did not answer: {how}", *words])
    return SuiteResult(built=False, diagnostics=(Diagnostic("", 0, message, tool=tool),))
