"""The shipped descriptions: from published specifications, told as such, and each understood by every backend it names."""

from __future__ import annotations

import subprocess
import sys
from typing import Any

import pytest

from stagerun.contracts import Probe
from stagerun.plan.machines import Machine, machine
from stagerun.registry import Registry

NAMES = ["a100", "cpu", "h100", "m4", "m4-16"]


def described(name: str) -> Machine:
    return machine(Registry(), name)


def backend(kind: str, seen: Probe) -> Any:
    return Registry().find("backends", kind).value(seen=seen)


def test_every_one_is_found_by_its_name() -> None:
    assert set(NAMES) <= set(Registry().names("machines"))


@pytest.mark.parametrize("name", NAMES)
def test_each_says_where_its_numbers_come_from(name: str) -> None:
    found = described(name)
    assert found.source.startswith("published specification: ")
    assert found.date
    assert found.about


@pytest.mark.parametrize("name", NAMES)
def test_each_backend_has_a_policy_for_it_and_finds_only_what_it_says_it_may(name: str) -> None:
    for kind, probe in described(name).backends.items():
        made = backend(kind, probe)
        assert made.probe() == probe
        assert made.policy().device in {"cuda", "mps", "cpu"}
        assert made.environ() is not None
        assert probe.facts.keys() <= made.tells.keys() | {"devices"}
        assert all(not made.tells[key] or probe.facts[key] in made.tells[key] for key in probe.facts)


@pytest.mark.parametrize(
    ("name", "kind", "dtype", "attention"),
    [
        ("h100", "cuda", "bfloat16", "flex_attention"),
        ("a100", "cuda", "bfloat16", "flex_attention"),
        ("m4", "mps", "bfloat16", "eager"),
        ("m4-16", "mps", "bfloat16", "eager"),
        ("cpu", "cpu", "float32", "eager"),
    ],
)
def test_auto_takes_the_best_of_each_machine(name: str, kind: str, dtype: str, attention: str) -> None:
    made = [backend(one, probe) for one, probe in described(name).backends.items()]
    best = max(made, key=lambda one: one.rank)
    policy = best.policy()
    assert (best.name, policy.dtype, policy.attention_for("gpt_oss")) == (kind, dtype, attention)


def test_what_the_generations_differ_in_is_told() -> None:
    h100, a100 = (described(name).backends["cuda"].facts for name in ("h100", "a100"))
    assert (h100["fp8"], a100["fp8"]) == (True, False)
    assert (h100["generation"], a100["generation"]) == ("hopper", "ampere")


def test_planning_for_any_of_them_imports_nothing_heavy() -> None:
    script = (
        "import sys; from stagerun.plan.machines import machine; from stagerun.registry import Registry; r = Registry()\n"
        "for name in sys.argv[1:]:\n"
        "    for kind, seen in machine(r, name).backends.items():\n"
        "        r.find('backends', kind).value(seen=seen).policy()\n"
        "print({'torch', 'numpy', 'transformers', 'mlx'} & set(sys.modules))"
    )
    done = subprocess.run([sys.executable, "-c", script, *NAMES], capture_output=True, text=True, check=True)
    assert done.stdout.strip() == "set()"
