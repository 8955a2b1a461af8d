"""GRPO says when little is learned: no difference within groups, answers cut off, answers that nobody could judge."""

from __future__ import annotations

from hypothesis import given
from hypothesis import strategies as st

from stagerun_stages.train.alarms import LearnsNothing, shares
from stagerun_stages.train.trainer import Progress


class Told:
    def __init__(self) -> None:
        self.warned: list[str] = []

    def warn(self, text: str) -> None:
        self.warned.append(text)


@given(st.floats(0, 1), st.floats(0, 1))
def test_a_share_above_the_limit_is_told_and_one_within_it_is_not(share: float, limit: float) -> None:
    told = Told()
    LearnsNothing(told, Progress(), limit).judge(3, {"truncated": share})
    assert bool(told.warned) == (share > limit)


def test_it_is_told_once_until_it_was_better_in_between() -> None:
    told = Told()
    alarm = LearnsNothing(told, Progress(), 0.5)
    for step, share in enumerate([0.6, 0.9, 0.5, 0.7, float("nan")]):
        alarm.judge(step, {"equal_groups": share})
    starts = [text.partition(" got")[0] for text in told.warned]
    assert starts == ["up to step 0, 60% of the groups", "up to step 3, 70% of the groups"]


def test_what_could_not_be_judged_is_a_share_of_all_that_was_asked() -> None:
    progress = Progress(counts={"judged": 8, "unjudged": 2}, rows=[{"truncated": 0.5}, {"truncated": 1.0}])
    found = shares(progress)
    assert (found["unjudged"], found["truncated"]) == (0.25, 0.75)
    assert shares(Progress())["unjudged"] == 0
