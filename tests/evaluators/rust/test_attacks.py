"""Every attack of the table on the default tier: none earns more than it should, and honest code is never called a cheat."""

from __future__ import annotations

import pytest
from attacks import TIERS, Attack
from redteam import selected

from stagerun import Candidate, Judgement
from stagerun_evaluators.judge import Local
from stagerun_evaluators.rust import Rust

from .attacks import ATTACKS
from .conftest import judge_of
from .hostile import RIGHT, task


@pytest.fixture(scope="module")
def found(request: pytest.FixtureRequest, local: Local) -> dict[str, Judgement]:
    """Every attack that this tier holds judged, by one judge, on all cores."""
    held = {name: each for name, each in selected(request, ATTACKS).items() if _held(each, local)}
    return dict(zip(held, local.judge([each.candidate for each in held.values()]), strict=True))


def _held(attack: Attack, judge: Local) -> bool:
    return TIERS.index(attack.least) <= TIERS.index(judge.isolation.tier)


COMPILES = "evaluates a constant for ever"  # is waited for; it would be for 20 s, as programs are given


@pytest.mark.parametrize("name", [name for name in ATTACKS if name != COMPILES])
def test_an_attack_comes_to_what_the_table_says(found: dict[str, Judgement], local: Local, name: str) -> None:
    attack: Attack = ATTACKS[name]
    if not _held(attack, local):
        pytest.skip(f"tier {local.isolation.tier} does not hold it")
    assert found[name].verdict in attack.verdicts, found[name]
    assert found[name].passed <= attack.earned


@pytest.mark.usefixtures("_surroundings")
def test_what_compiles_for_ever_comes_to_what_the_table_says() -> None:
    judge = judge_of(Rust(build_timeout=2.0))
    try:
        found = judge.judge([ATTACKS[COMPILES].candidate])[0]
    finally:
        judge.close()
    assert found.verdict in ATTACKS[COMPILES].verdicts, found
    assert not found.passed


def test_a_right_solution_among_attacks_is_unaffected(local: Local) -> None:
    names = ["exits with success in the function", "loops for ever", "defines memcmp", "closes every descriptor"]
    mixed = [each for name in names for each in (ATTACKS[name].candidate, Candidate(task(), RIGHT))]
    assert [found.verdict for found in local.judge(mixed)[1::2]] == ["passed"] * len(names)
