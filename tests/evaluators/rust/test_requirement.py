"""Cargo's version requirements, by the examples of the Cargo Book."""

from __future__ import annotations

import pytest

from stagerun_evaluators.rust.requirement import fits


@pytest.mark.parametrize(
    ("requirement", "inside", "outside"),
    [
        ("1.2.3", "1.9.0", "2.0.0"),
        ("1.2.3", "1.2.3", "1.2.2"),
        ("^0.2.3", "0.2.9", "0.3.0"),
        ("^0.0.3", "0.0.3", "0.0.4"),
        ("0", "0.9.0", "1.0.0"),
        ("0.0", "0.0.7", "0.1.0"),
        ("~1.2.3", "1.2.9", "1.3.0"),
        ("~1", "1.9.9", "2.0.0"),
        ("1.*", "1.9.9", "2.0.0"),
        ("1.2.*", "1.2.9", "1.3.0"),
        ("=1.2", "1.2.9", "1.3.0"),
        ("=1.2.3", "1.2.3", "1.2.4"),
        (">=1.2, <1.5", "1.4.9", "1.5.0"),
        (">1.2", "1.3.0", "1.2.9"),
        ("<=1.2", "1.2.9", "1.3.0"),
        ("<1.2", "1.1.9", "1.2.0"),
        ("*", "7.0.0", "7.0.0-rc.1"),
        ("1.0", "1.0.4+wasi-0.2.12", "what"),
    ],
)
def test_a_requirement_takes_what_cargo_takes(requirement: str, inside: str, outside: str) -> None:
    assert (fits(requirement, inside), fits(requirement, outside)) == (True, False)


@pytest.mark.parametrize("requirement", ["", "one", "1.2.3.4", "1,", "==1"])
def test_what_is_no_requirement_fits_nothing(requirement: str) -> None:
    assert not fits(requirement, "1.2.3")
