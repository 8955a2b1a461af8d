"""From what a language found to a verdict and a score. Pure: no process, no clock.

The score is the sum of `weight x share` over the checks; a check's share is the fraction of its named tests that passed for
the check called `test`, and 1 or 0 for any other. timeout, oom and tampered score 0; infra_error has no score.
"""

from __future__ import annotations

from collections.abc import Sequence

from stagerun.contracts import Check, Completed, Judgement, SuiteResult
from stagerun_evaluators.judge.isolation import TIER


def share(check: Check, result: SuiteResult) -> float:
    """How much of a check's weight was earned, in [0, 1]. A test check in which no test ran earns nothing."""
    if not result.built:
        return 0.0
    if check.name != "test":
        return float(not result.failed)
    named = result.passed | result.failed
    return len(result.passed) / len(named) if named else 0.0


def decide(
    checks: Sequence[Check], done: Sequence[Completed], results: Sequence[SuiteResult], changed: Sequence[str]
) -> str:
    """The verdict; the order says which fact outweighs which."""
    if changed or any(result.tampered for result in results):
        return "tampered"
    if any(completed.timed_out for completed in done):
        return "timeout"
    if any(completed.out_of_memory for completed in done) or any(result.out_of_memory for result in results):
        return "oom"
    whole = all(share(check, result) == 1.0 for check, result in zip(checks, results, strict=True))
    return "passed" if whole else "failed"


def judgement(
    checks: Sequence[Check], done: Sequence[Completed], results: Sequence[SuiteResult], changed: Sequence[str] = ()
) -> Judgement:
    """The judgement over all checks of one candidate; the three sequences are parallel."""
    verdict = decide(checks, done, results, changed)
    earned = sum(check.weight * share(check, result) for check, result in zip(checks, results, strict=True))
    diagnostics = tuple(dict.fromkeys(found for result in results for found in result.diagnostics))
    return Judgement(
        verdict=verdict,
        score=round(earned, 6) if verdict in {"passed", "failed"} else 0.0,
        passed=frozenset().union(*(result.passed for result in results)),
        failed=frozenset().union(*(result.failed for result in results)),
        diagnostics=diagnostics,
        isolation=TIER,
        seconds=sum(completed.seconds for completed in done),
        detail=f"changed while it ran: {', '.join(changed)}" if changed else _first(diagnostics),
    )


def refused(verdict: str, score: float | None, detail: str) -> Judgement:
    """A judgement without a run behind it."""
    return Judgement(verdict=verdict, score=score, isolation=TIER, detail=detail)


def _first(diagnostics: Sequence[object]) -> str:
    return str(getattr(diagnostics[0], "message", "")) if diagnostics else ""
