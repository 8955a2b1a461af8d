"""Whether an option has its default, found by its dotted place."""

from __future__ import annotations

import pytest
from attrs import frozen

from stagerun import option
from stagerun.plan.options import canonical, is_default


@frozen
class Inner:
    rank: int = 8
    names: tuple[str, ...] = ("a", "b")


@frozen
class Outer:
    needed: str
    lora: Inner = option(factory=Inner)
    other: Inner | None = None
    run_: int = option(3, alias="run")


@pytest.mark.parametrize(
    ("place", "value", "answer"),
    [
        ("run", 3, True),
        ("run", 4, False),
        ("lora.rank", 8, True),
        ("lora.names", ["a", "b"], True),
        ("lora.names", ["a"], False),
        ("other.rank", 8, False),
        ("needed", "", False),
        ("lora.nowhere", None, False),
    ],
)
def test_a_default_is_known_by_its_place(place: str, value: object, answer: bool) -> None:
    assert is_default(Outer, place, value) is answer


def test_every_leaf_of_a_bare_instance_is_its_default() -> None:
    values = canonical(Outer(needed="x"))
    assert is_default(Outer, "lora", values["lora"])
    assert is_default(Outer, "run", values["run"])
