"""Every attack of the table on the default judge; all tables over all tiers are tried elsewhere."""

from __future__ import annotations

import pytest

from stagerun import Candidate
from stagerun_evaluators.judge import Local

from .attacks import ATTACKS
from .hostile import RIGHT, task


@pytest.mark.parametrize("name", ATTACKS)
def test_an_attack_gets_what_it_deserves(local: Local, name: str) -> None:
    attack = ATTACKS[name]
    found, after = local.judge([attack.candidate, Candidate(task(), RIGHT)])
    assert found.verdict in attack.verdicts, found.detail
    if attack.verdicts == ("passed",):
        assert found.score == 1.0
    elif found.verdict in {"passed", "failed"}:
        assert found.passed <= attack.earned
    assert after.verdict == "passed", after.detail
