"""Processor time for one candidate, the judge against the naive way, in turns: a block for the judge, a few for naive.

The judge's cost is all that its processes use over a block, keepers and servers included. A candidate's is that of its own
commands, which the judge tells, and an equal part of all else in its block. The judge's warm-up (seeds built from nothing,
keepers and servers started) is measured apart. What it does between two blocks is in the mean beside the median.
"""

from __future__ import annotations

import statistics
import sys
from collections import Counter
from collections.abc import Sequence

from attrs import field, frozen

from benchmarks.evaluators_candidates import FAILING, Use, evaluator, mixed
from benchmarks.evaluators_cpu import Spent, measured
from benchmarks.evaluators_naive import TEST, Naive, Outcome
from benchmarks.evaluators_naive import judge as judge_naively
from benchmarks.table import Row, Section, milliseconds
from stagerun.contracts import Judgement
from stagerun_evaluators.judge import Local

GOALS = {
    "python": (10.0, 18.0),
    "rust": (4.0, 5.5),
    "typescript": (12.0, 30.0),
    "go": (1.5, 2.5),
}  # times; and worth more
BLOCK = 50  # candidates that the judge gets at once, about what a training step has


@frozen
class Cost:
    """What was measured for one language."""

    language: str
    warm: Spent
    judge: list[float] = field(factory=list)  # CPU seconds for each candidate, what is shared in its block included
    judgements: list[Judgement] = field(factory=list)
    naive: list[Outcome] = field(factory=list)
    both: list[float] = field(factory=list)  # the judge's seconds for the candidates that were judged naively too
    agreed: list[bool] = field(factory=list)  # naive's tests and the judge's
    surprising: list[str] = field(factory=list)  # right ones that did not pass, wrong ones that did
    overall: Spent = field(factory=Spent)  # of the whole run, naive included

    @property
    def judge_median(self) -> float:
        """CPU seconds for each candidate."""
        return statistics.median(self.judge)

    @property
    def judge_mean(self) -> float:
        """All that was used but for naive's part, between blocks included, for each candidate."""
        return (self.overall.cpu - sum(each.spent.cpu for each in self.naive)) / len(self.judgements)

    @property
    def naive_median(self) -> float:
        """CPU seconds for each candidate."""
        return statistics.median(each.spent.cpu for each in self.naive)

    @property
    def naive_mean(self) -> float:
        """CPU seconds for each candidate."""
        return statistics.fmean(each.spent.cpu for each in self.naive)


def measure(language: str, naive: Naive, count: int, samples: int) -> Cost:
    """Judge `count` candidates, and `samples` of them naively in between."""
    local = Local(evaluator, cache=False)
    try:
        with measured() as warm:
            local.judge([each.candidate for each in mixed(language, 16, seed=0)])
        uses = mixed(language, count)
        cost = Cost(language, warm)
        for use in uses[:1] if not naive.warm else {each.candidate.task.id: each for each in uses}.values():
            judge_naively(naive, use.candidate)
        with measured() as overall:
            blocks = [range(start, min(start + BLOCK, count)) for start in range(0, count, BLOCK)]
            chosen = _sample(uses, samples)
            for block in blocks:
                _block(cost, local, [uses[at] for at in block])
                for at in [at for at in chosen if at in block]:
                    _naive(cost, naive, uses[at], cost.judgements[at])
                    cost.both.append(cost.judge[at])
        cost.overall.cpu, cost.overall.wall = overall.cpu, overall.wall
        return cost
    finally:
        local.close()


def _sample(uses: Sequence[Use], samples: int) -> list[int]:
    """Positions spread evenly over right and wrong ones, FAILING of them wrong."""
    found: list[int] = []
    for good, wanted in ((True, samples - round(samples * FAILING)), (False, round(samples * FAILING))):
        places = [at for at, each in enumerate(uses) if each.good == good]
        found += [places[int((turn + 0.5) * len(places) / wanted)] for turn in range(wanted)]
    return sorted(found)


def _block(cost: Cost, local: Local, uses: Sequence[Use]) -> None:
    with measured() as spent:
        made = local.judge([each.candidate for each in uses])
    shared = (spent.cpu - sum(judgement.cpu for judgement in made)) / len(uses)
    cost.judge.extend(judgement.cpu + shared for judgement in made)
    cost.judgements.extend(made)
    for each, judgement in zip(uses, made, strict=True):
        if each.good != (judgement.verdict == "passed"):
            cost.surprising.append(f"{each.name}: {judgement.verdict} {judgement.detail}")
    print(f"{cost.language}: {len(cost.judgements)} judged, {spent.cpu / len(uses):.4f} s CPU each", file=sys.stderr)


def _naive(cost: Cost, naive: Naive, use: Use, judgement: Judgement) -> None:
    outcome = judge_naively(naive, use.candidate)
    cost.naive.append(outcome)
    cost.agreed.append((TEST in outcome.clean) == (bool(judgement.passed) and not judgement.failed))
    if not cost.agreed[-1]:
        print(f"{use.name}: judge {judgement.verdict}, naive clean {sorted(outcome.clean)}", file=sys.stderr)


def title(language: str) -> str:
    """Of a language's table."""
    return f"One candidate: {language}"


def section(cost: Cost, way: Naive) -> Section:
    """The language's table."""
    note = (
        f"Medians; the mean beside one is of everything, what the judge does between two blocks of {BLOCK} too. Naive:\n"
        f"{way.described()}."
    )
    for each, times in Counter(cost.surprising).most_common(10):
        print(f"not as its task says, {times} times: {each}", file=sys.stderr)
    return Section(title(cost.language), note, [*_compared(cost), *_verdict_rows(cost)])


def _compared(cost: Cost) -> list[Row]:
    least, worth = GOALS[cost.language]
    ratio = cost.naive_median / cost.judge_median
    own = statistics.fmean(each.cpu for each in cost.judgements)
    value = f"{milliseconds(cost.judge_median)}; mean {milliseconds(cost.judge_mean)}, {milliseconds(own)} of it in commands"
    return [
        Row("judge", value, f">= {least:g} x, worth {worth:g} x", ratio, "below naive", ratio >= least),
        Row(
            "naive",
            f"{milliseconds(cost.naive_median)}; mean {milliseconds(cost.naive_mean)}; {len(cost.naive)} of "
            f"{len(cost.judgements)} candidates",
            ratio=sum(each.spent.cpu for each in cost.naive) / sum(cost.both),
            to="by sums over these",
        ),
    ]


def _verdict_rows(cost: Cost) -> list[Row]:
    verdicts = Counter(each.verdict for each in cost.judgements)
    told = ", ".join(f"{count} {verdict}" for verdict, count in sorted(verdicts.items()))
    agreed = f"naive's tests agreed on {sum(cost.agreed)} of {len(cost.agreed)}"
    return [
        Row("verdicts", f"{told}; {agreed}", "as the tasks say", passed=not cost.surprising),
        Row("the judge from nothing to warm", f"{milliseconds(cost.warm.cpu)}, {cost.warm.wall:.1f} s by the clock"),
    ]
