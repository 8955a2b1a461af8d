"""Every language's table of attacks on the tiers below the strongest, a good solution after each attack.

The strongest tier of this machine is what each language's own tests run on. A rented machine often has `landlock` at most.
"""

from __future__ import annotations

from collections.abc import Mapping

import pytest
from attacks import Attack
from redteam import holes
from typescript_packages import provide

from stagerun import Candidate, Evaluator
from stagerun_evaluators.python import Python
from stagerun_evaluators.rust import Rust
from stagerun_evaluators.sandbox.choosing import OURS
from stagerun_evaluators.sandbox.probing import probe
from stagerun_evaluators.typescript import TypeScript

from .python.attacks import ATTACKS as ON_PYTHON
from .python.attacks_leaving import CONFIGURING, FORGING
from .python.attacks_reaching import REACHING, RESOURCES
from .rust.attacks import ATTACKS as ON_RUST
from .typescript.attacks import ATTACKS as ON_TYPESCRIPT

Table = tuple[Evaluator, Mapping[str, Attack], str]
PYTHON: Table = (Python(), ON_PYTHON, "def add(a, b): return a + b\n")
RUST: Table = (Rust(), ON_RUST, "pub fn add(a: i32, b: i32) -> i32 { a + b }\n")
TYPESCRIPT: Table = (
    TypeScript(),
    ON_TYPESCRIPT,
    "export function add(a: number, b: number): number { return a + b; }\n",
)
ON_FILES_AND_PROCESSES = CONFIGURING | FORGING | REACHING | RESOURCES  # what a tier is there to hold


def tried(table: Table, tier: str) -> list[str]:
    if (found := probe(OURS[tier])).reason:
        pytest.skip(f"{tier} is not to be had here: {found.reason}")
    language, attacks, right = table
    adding = next(attack.task for attack in attacks.values() if "add(20, 22)" in attack.task.tests)
    return holes(language, attacks, Candidate(adding, right), tier)


def test_no_attack_on_python_s_surroundings_gets_through_landlock() -> None:
    language, _, right = PYTHON
    assert tried((language, ON_FILES_AND_PROCESSES, right), "landlock") == []


@pytest.mark.slow  # those on the language are the same on every tier, and tried on the strongest
@pytest.mark.parametrize("tier", ["landlock", "limits"])
def test_no_attack_on_python_gets_through(tier: str) -> None:
    assert tried(PYTHON, tier) == []


@pytest.mark.slow  # each of its attacks is compiled
@pytest.mark.parametrize("tier", ["landlock", "limits"])
@pytest.mark.usefixtures("_surroundings")
def test_no_attack_on_rust_gets_through(tier: str) -> None:
    assert tried(RUST, tier) == []


@pytest.mark.slow  # its attacks that sleep are waited for
@pytest.mark.parametrize("tier", ["landlock", "limits"])
@pytest.mark.usefixtures("_surroundings")
def test_no_attack_on_typescript_gets_through(tier: str) -> None:
    provide()
    assert tried(TYPESCRIPT, tier) == []
