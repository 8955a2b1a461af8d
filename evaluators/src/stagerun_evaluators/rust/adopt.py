"""Makes a Rust task of one that was read from another format."""

from __future__ import annotations

from collections.abc import Iterator, Sequence

import attrs

from stagerun.contracts import Task
from stagerun_evaluators.rust.crate import ONE_TEST_FILE
from stagerun_evaluators.rust.manifest import crate_of
from stagerun_evaluators.rust.tokens import Token, spells, tokens

# What rows of HumanEval-X take for granted: the dependencies of the Cargo.toml that its authors run them with.
GRANTED = {"md5": "0.7.0", "rand": "0.4", "regex": "1"}


def adopted(task: Task) -> Task:
    """`exercism`: the exercise's own Cargo.toml counts. `humaneval`: tests that close the candidate's last brace do not, and the
    crates that its rows take for granted are listed where one is named."""
    kind = task.meta.get("format")
    if kind == "exercism":
        return _exercise(task)
    return _row(task) if kind == "humaneval" else task


def _exercise(task: Task) -> Task:
    stubs = task.meta.get("stubs", {})
    cargo = stubs.get("Cargo.toml", "") if hasattr(stubs, "get") else ""
    given = {**({"Cargo.toml": cargo} if cargo else {}), **task.files}
    return attrs.evolve(task, files=given)


def _row(task: Task) -> Task:
    texts = [*(str(task.meta.get(key, "")) for key in ("declaration", "prompt")), _closed(task.tests)]
    wanted = sorted({name for text in texts for name in _named(tokens(text))})
    listed = "Cargo.toml" in task.files or "Cargo.toml" in task.repo
    cargo = {"Cargo.toml": _cargo(texts[-1], wanted)} if wanted and not listed else {}
    return attrs.evolve(task, tests=texts[-1], files={**cargo, **task.files})


def _named(found: Sequence[Token]) -> Iterator[str]:
    """Crates of these that a text uses: `use md5;`, `use rand::Rng;`, `regex::Regex::new`."""
    own = {found[at + 1].name for at, token in enumerate(found[:-1]) if token.text == "mod"}
    for at, token in enumerate(found):
        if token.kind == "word" and token.name in GRANTED and token.name not in own and not spells(found, at - 1, "."):
            first = spells(found, at - 1, "use") or spells(found, at - 1, "crate")
            path = spells(found, at + 1, ":", ":") and (first or not spells(found, at - 2, ":", ":"))
            if path or (first and spells(found, at + 1, ";")):
                yield token.name


def _cargo(tests: str, wanted: Sequence[str]) -> str:
    name = crate_of({ONE_TEST_FILE: tests}, wanted)
    package = f'[package]\nname = "{name}"\nversion = "0.1.0"\nedition = "2021"\n\n[dependencies]\n'
    return package + "".join(f'{each} = "{GRANTED[each]}"\n' for each in wanted)


def _closed(tests: str) -> str:
    left = tests.lstrip()
    return left[1:] if left.startswith("}") else tests
