"""What messages say."""

from __future__ import annotations

import pytest

from stagerun.errors import Problem, nearest

FEW = [f"stage_{number}_train" for number in range(20)]
MANY = [f"stage_{number}_train" for number in range(2000)]


@pytest.mark.parametrize("choices", [FEW, MANY])
@pytest.mark.parametrize("typo", ["stge_7_train", "stage_7_trian", "Stage_7_train", "stage_7_trains", "tage_7_train"])
def test_a_misspelt_name_finds_its_right_one_among_few_and_among_many(typo, choices):
    assert nearest(typo, choices) == 'did you mean "stage_7_train"?'


@pytest.mark.parametrize("choices", [[], FEW, MANY])
def test_a_name_like_no_other_gets_no_hint(choices):
    assert nearest("xyz", choices) == ""


def test_a_problem_is_one_line_of_place_what_found_expected_and_hint():
    assert (
        str(Problem("wrong", "p.toml", 3, "tui.a", "x", "y", "do z"))
        == "p.toml:3: tui.a: wrong; found x; expected y; do z"
    )
    assert str(Problem("wrong")) == "wrong"
