"""Every attack of the table on the default tier: none earns more than it should, and honest code is never called a cheat."""

from __future__ import annotations

import pytest
from attacks import TIERS, Attack

from stagerun import Candidate
from stagerun_evaluators.judge import Local

from .attacks import ATTACKS
from .hostile import RIGHT, task


@pytest.mark.parametrize("name", ATTACKS)
def test_an_attack_comes_to_what_the_table_says(local: Local, name: str) -> None:
    attack: Attack = ATTACKS[name]
    if TIERS.index(attack.least) > TIERS.index(local.isolation.tier):
        pytest.skip(f"tier {local.isolation.tier} does not hold it")
    found = local.judge([attack.candidate])[0]
    assert found.verdict in attack.verdicts, found
    assert found.passed <= attack.earned


def test_a_right_solution_among_attacks_is_unaffected(local: Local) -> None:
    names = ["exits with success in the function", "loops for ever", "defines memcmp", "closes every descriptor"]
    mixed = [each for name in names for each in (ATTACKS[name].candidate, Candidate(task(), RIGHT))]
    assert [found.verdict for found in local.judge(mixed)[1::2]] == ["passed"] * len(names)
