"""The warm way and the plain way say the same of a candidate that does not parse: nothing of it is run, nothing is earned."""

from __future__ import annotations

import attrs
import pytest

from stagerun import Candidate, Judgement
from stagerun_evaluators.judge import Local
from stagerun_evaluators.typescript import TypeScript

from .hostile import BOTH, RIGHT, TESTS, task

MOCKING = "import { add } from './solution';\njest.mock('node:os');\ntest('it', () => { expect(add(1, 2)).toBe(3); });"
UNFINISHED = RIGHT + "\nexport function more(a: number"  # what is before its end still runs, once it is transpiled
BROKEN = {
    "ends in the middle": Candidate(task(), UNFINISHED),
    "is no code": Candidate(task(), "Here is the solution:\n" + RIGHT),
    "has a broken file that nobody imports": Candidate(task(), RIGHT, {"aside.ts": "export const ("}),
    "has tests that need the real jest": Candidate(task(MOCKING), UNFINISHED),
    "has a task that names its tests": Candidate(attrs.evolve(task(TESTS), expected=tuple(sorted(BOTH))), UNFINISHED),
}


@pytest.fixture(scope="module")
def ways(local: Local) -> dict[str, tuple[Judgement, Judgement]]:
    """The warm and the plain judgement of each."""
    plain = Local(lambda _: TypeScript(plain=True), workers=2, cache=False)
    try:
        found = zip(local.judge([*BROKEN.values()]), plain.judge([*BROKEN.values()]), strict=True)
        return dict(zip(BROKEN, found, strict=True))
    finally:
        plain.close()


def told(found: Judgement) -> tuple[object, ...]:
    """A judgement without its times."""
    where = [(each.file, each.line, each.code, each.tool, each.message) for each in found.diagnostics]
    return found.verdict, found.score, found.passed, found.failed, found.shares, where


@pytest.mark.parametrize("name", BROKEN)
def test_both_ways_say_the_same_of_what_does_not_parse(ways: dict[str, tuple[Judgement, Judgement]], name: str) -> None:
    warm, plain = ways[name]
    assert told(warm) == told(plain)


@pytest.mark.parametrize("name", BROKEN)
def test_what_does_not_parse_passes_no_test(ways: dict[str, tuple[Judgement, Judgement]], name: str) -> None:
    expected = BOTH if BROKEN[name].task.expected else {"solution.test.ts"}
    for found in ways[name]:
        assert (found.verdict, found.score, found.shares["compile"]) == ("failed", 0.0, 0.0)
        assert (found.passed, found.failed) == (frozenset(), expected)
