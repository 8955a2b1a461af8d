"""pass@k and rates from counts. Pure: no judge, no files.

pass@k is the unbiased estimator of Chen et al., "Evaluating Large Language Models Trained on Code" (2021), equation 1: the
probability that of k samples drawn without replacement from the n judged ones at least one is among the c that passed.
"""

from __future__ import annotations

import math
from collections.abc import Iterable, Iterator, Mapping, Sequence

from attrs import define, field

from stagerun import Judgement

VERDICTS = ("passed", "failed", "timeout", "oom", "tampered")


def pass_at_k(n: int, c: int, k: int) -> float:
    """The estimate for a task with `n` judged samples of which `c` passed; needs n >= k. In the paper's stable form."""
    if n < k:
        raise ValueError(f"pass@{k} needs {k} samples, and there are {n}")
    if n - c < k:
        return 1.0
    return 1.0 - math.prod(1.0 - k / each for each in range(n - c + 1, n + 1))


@define
class TaskTally:
    """The samples of one task. An infra_error is counted apart and is none of `n`."""

    id: str
    language: str
    passed: int = 0
    n: int = 0
    unjudged: int = 0
    answered: bool = False

    @property
    def share(self) -> float:
        """How many of its samples passed, in [0, 1]."""
        return self.passed / self.n if self.n else 0.0


@define
class LanguageTally:
    """The samples of one language: verdicts, scores, and how often each check was earned whole."""

    name: str
    verdicts: dict[str, int] = field(factory=dict)
    scores: float = 0.0
    checks: dict[str, int] = field(factory=dict)  # check -> samples that earned it whole

    @property
    def n(self) -> int:
        """Judged samples."""
        return sum(count for verdict, count in self.verdicts.items() if verdict != "infra_error")

    def rate(self, count: float) -> float:
        """A count as a share of the judged samples."""
        return count / self.n if self.n else math.nan


@define
class Tally:
    """Everything that was judged."""

    tasks: dict[str, TaskTally]
    languages: dict[str, LanguageTally] = field(factory=dict)
    tiers: dict[tuple[str, str, str], int] = field(factory=dict)  # (language, isolation, scoring) -> samples
    cached: int = 0

    def add(self, task_id: str, found: Judgement) -> None:
        """Count one judgement."""
        task = self.tasks[task_id]
        language = self.languages.setdefault(task.language, LanguageTally(task.language))
        language.verdicts[found.verdict] = language.verdicts.get(found.verdict, 0) + 1
        task.answered = True
        if found.verdict == "infra_error":
            task.unjudged += 1
            return
        task.n += 1
        task.passed += found.verdict == "passed"
        language.scores += found.score or 0.0
        self.cached += found.cached
        for check, share in found.shares.items():
            language.checks[check] = language.checks.get(check, 0) + (share >= 1.0)
        if found.scoring or found.shares:  # one that was refused before it ran was in no isolation
            key = (task.language, found.isolation, found.scoring)
            self.tiers[key] = self.tiers.get(key, 0) + 1

    def verdict(self, name: str) -> int:
        """How many samples got it."""
        return sum(language.verdicts.get(name, 0) for language in self.languages.values())

    @property
    def n(self) -> int:
        """Judged samples."""
        return sum(language.n for language in self.languages.values())

    @property
    def samples(self) -> int:
        """All samples."""
        return self.n + self.verdict("infra_error")


def mean_pass(tasks: Iterable[TaskTally], k: int) -> tuple[float | None, int]:
    """The mean of pass@k over tasks, None without any, and how many were left out for having fewer than k judged samples.

    A task nobody answered is one that was not solved; one whose samples could not be judged is left out.
    """
    estimates, short = [], 0
    for task in tasks:
        if not task.answered:
            estimates.append(0.0)
        elif task.n >= k:
            estimates.append(pass_at_k(task.n, task.passed, k))
        else:
            short += 1
    return (math.fsum(estimates) / len(estimates) if estimates else None), short


def metrics(tally: Tally, ks: Sequence[int], named: Mapping[str, Mapping[str, str]]) -> dict[str, float]:
    """Every metric of the stage. `named` gives the metric of each check, by language."""
    values = dict(_passes(tally, ks)) | dict(_rates(tally, named))
    counts = {name: float(tally.verdict(name)) for name in VERDICTS}
    n, unjudged = max(tally.n, 1), tally.verdict("infra_error")
    scores = math.fsum(language.scores for language in tally.languages.values())
    return {
        **values,
        **counts,
        "pass_rate": counts["passed"] / n,
        "mean_score": scores / n,
        "tasks": len(tally.tasks),
        "tasks_without_solutions": sum(not task.answered for task in tally.tasks.values()),
        "samples": tally.samples,
        "tampered_share": counts["tampered"] / n,
        "unjudged": unjudged,
        "unjudged_share": unjudged / max(tally.samples, 1),
    }


def _passes(tally: Tally, ks: Sequence[int]) -> Iterator[tuple[str, float]]:
    """`pass_at_K`, and `LANGUAGE_pass_at_K` where there are several languages."""
    names = sorted({task.language for task in tally.tasks.values()})
    for k in ks:
        value, _ = mean_pass(tally.tasks.values(), k)
        if value is not None:
            yield f"pass_at_{k}", value
        for name in names if len(names) > 1 else ():
            value, _ = mean_pass((task for task in tally.tasks.values() if task.language == name), k)
            if value is not None:
                yield f"{name}_pass_at_{k}", value


def _rates(tally: Tally, named: Mapping[str, Mapping[str, str]]) -> Iterator[tuple[str, float]]:
    """The languages' own metrics; over all languages one for each check (`test_rate`); each language's `pass_rate`.

    A metric that two languages claim is told over both, and of each as `LANGUAGE_METRIC`.
    """
    claims: dict[str, list[tuple[LanguageTally, int]]] = {}
    for language in tally.languages.values():
        for check, metric in named.get(language.name, {}).items():
            claims.setdefault(metric, []).append((language, language.checks.get(check, 0)))
        if len(tally.languages) > 1:
            yield f"{language.name}_pass_rate", language.rate(language.verdicts.get("passed", 0))
    for metric, claimed in claims.items():
        yield metric, _together(claimed)
        for language, count in claimed if len(claimed) > 1 else ():
            yield f"{language.name}_{metric}", language.rate(count)
    for check in dict.fromkeys(check for language in tally.languages.values() for check in language.checks):
        with_it = [each for each in tally.languages.values() if check in each.checks]
        yield f"{check}_rate", _together([(each, each.checks[check]) for each in with_it])


def _together(counts: Sequence[tuple[LanguageTally, int]]) -> float:
    n = sum(language.n for language, _ in counts)
    return sum(count for _, count in counts) / n if n else math.nan
