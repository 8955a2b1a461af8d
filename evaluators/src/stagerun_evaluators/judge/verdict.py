"""From what a language found to a verdict and a score. Pure: no process, no clock.

The score is the sum of `weight x share` over the checks. The share of the check called `test` is the fraction of its named
tests that passed, that of any other 1 or 0; that of a check that is not required is multiplied by the share of `test`. timeout,
oom and tampered score 0; infra_error has no score.
"""

from __future__ import annotations

from collections.abc import Mapping, Sequence

from stagerun.contracts import Check, Completed, Judgement, SuiteResult

SCORED = frozenset({"passed", "failed"})
_NO_RESULT = -1.0


def shares(checks: Sequence[Check], results: Sequence[SuiteResult]) -> dict[str, float]:
    """How much of each check was earned, in [0, 1]; several checks of one name are weighed together."""
    found: dict[str, float] = {}
    for name in dict.fromkeys(check.name for check in checks):
        same = [(check, result) for check, result in zip(checks, results, strict=True) if check.name == name]
        weights = sum(check.weight for check, _ in same) or len(same)
        found[name] = sum((check.weight or 1.0) * share(check, result) for check, result in same) / weights
    return found


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
    needed = [share(check, result) for check, result in zip(checks, results, strict=True) if check.required]
    return "passed" if all(earned == 1.0 for earned in needed) else "failed"


def judgement(
    checks: Sequence[Check], done: Sequence[Completed], results: Sequence[SuiteResult], changed: Sequence[str] = ()
) -> Judgement:
    """The judgement over all checks of one candidate; `checks` and `results` are parallel, `done` is every command that ran."""
    verdict = decide(checks, done, results, changed)
    earned = shares(checks, results)
    diagnostics = tuple(dict.fromkeys(found for result in results for found in result.diagnostics))
    return Judgement(
        verdict=verdict,
        score=score(checks, earned) if verdict in SCORED else 0.0,
        passed=frozenset().union(*(result.passed for result in results)),
        failed=frozenset().union(*(result.failed for result in results)),
        shares=earned,
        diagnostics=diagnostics,
        seconds=round(sum(completed.seconds for completed in done), 4),
        cpu=round(sum(completed.cpu for completed in done), 4),
        detail=f"changed while it ran: {', '.join(changed)}" if changed else _first(diagnostics),
    )


def score(checks: Sequence[Check], earned: Mapping[str, float]) -> float:
    """The weighted sum; tidy code that does nothing is worth nothing for being tidy."""
    tested = earned.get("test", 1.0)
    total = sum(check.weight * earned[check.name] * (1.0 if check.required else tested) for check in checks)
    return min(round(total, 6), 1.0)


def refused(verdict: str, score: float | None, detail: str, tier: str) -> Judgement:
    """A judgement without a run behind it."""
    return Judgement(verdict=verdict, score=score, isolation=tier, detail=detail)


def rank(judgement: Judgement) -> tuple[float, float, int, float]:
    """A key that sorts the best first: by score, then fewer complaints, then less processor time."""
    score = _NO_RESULT if judgement.score is None else judgement.score
    return (-float(judgement.verdict == "passed"), -score, len(judgement.diagnostics), judgement.cpu)


def _first(diagnostics: Sequence[object]) -> str:
    return str(getattr(diagnostics[0], "message", "")) if diagnostics else ""
