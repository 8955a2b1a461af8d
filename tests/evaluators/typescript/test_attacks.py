"""Every attack of the table on the default judge; all tables over all tiers are tried elsewhere."""

from __future__ import annotations

import pytest
from redteam import judged, selected

from stagerun import Candidate, Judgement
from stagerun_evaluators.judge import Local

from .attacks import ATTACKS
from .hostile import RIGHT, task


@pytest.fixture(scope="module")
def found(request: pytest.FixtureRequest, local: Local) -> dict[str, tuple[Judgement, Judgement]]:
    """Every attack judged, and a right solution after it: by one judge, on all cores."""
    return judged(local, selected(request, ATTACKS), Candidate(task(), RIGHT))


WAITED_FOR = {"bombs the type checker"}  # twice ten seconds: with the other candidate, and alone
NAMES = [pytest.param(name, marks=pytest.mark.slow) if name in WAITED_FOR else name for name in ATTACKS]


@pytest.mark.parametrize("name", NAMES)
def test_an_attack_gets_what_it_deserves(found: dict[str, tuple[Judgement, Judgement]], name: str) -> None:
    attack, (made, after) = ATTACKS[name], found[name]
    assert made.verdict in attack.verdicts, made.detail
    if attack.verdicts == ("passed",):
        assert made.score == 1.0
    elif made.verdict in {"passed", "failed"}:
        assert made.passed <= attack.earned
    assert after.verdict == "passed", after.detail
