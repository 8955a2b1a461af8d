"""The server itself, asked about several candidates at once: each is read as if it were alone."""

from __future__ import annotations

import json
import subprocess

import pytest

from stagerun import Candidate
from stagerun_evaluators.typescript import TypeScript

from .hostile import RIGHT, task


@pytest.fixture(scope="module")
def codes(packages: None) -> list[list[str]]:
    """Codes of the complaints about the types of each of CANDIDATES, in one batch."""
    command = TypeScript().checks(Candidate(task(), RIGHT))[0].command
    texts = [TypeScript().checks(Candidate(task(), code))[0].command.stdin for code in CANDIDATES]
    done = subprocess.run(command.argv, input=f"[]\n{json.dumps(texts)}\n", capture_output=True, text=True, check=True)
    return [
        [row["code"] for row in json.loads(one["stdout"])["types"]] for one in json.loads(done.stdout.splitlines()[1])
    ]


CANDIDATES = [
    RIGHT,
    "declare global { var shared: number; interface Array<T> { odd(): T } }\n" + RIGHT,
    RIGHT + "\nexport const x = shared + [1].odd();",
    "export { add } from '../c0/solution';",
    "import { add } from '../../c0/solution';\nexport { add };",
    "export const add = (a: number, b: number): string => a + b;",
    RIGHT,
]


def test_right_ones_are_right_beside_wrong_ones(codes: list[list[str]]) -> None:
    assert codes[0] == codes[1] == codes[6] == []


def test_a_global_declaration_reaches_no_other_candidate(codes: list[list[str]]) -> None:
    assert codes[2] == ["TS2304", "TS2339"]


def test_a_candidate_cannot_import_the_one_beside_it(codes: list[list[str]]) -> None:
    assert codes[3] == codes[4] == ["TS2307"]


def test_a_wrong_type_is_told_of_its_own_candidate(codes: list[list[str]]) -> None:
    assert codes[5] == ["TS2322"]
