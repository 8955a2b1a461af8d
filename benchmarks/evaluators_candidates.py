"""Candidates to judge, made of the solutions that come with our own tasks, right and wrong ones, each text made its own.

Each use of a solution gets a comment at its end, so that nothing that remembers texts can answer for it. What a model would
write differs more; what tools must do for it does not.
"""

from __future__ import annotations

import importlib
import itertools
import random
from collections.abc import Mapping, Sequence
from pathlib import Path, PurePosixPath
from typing import Any

import attrs
from attrs import frozen

from stagerun.contracts import Candidate, Evaluator
from stagerun.registry.registry import Registry
from stagerun.tasks import Solution, apply, read_solutions

LANGUAGES = ("python", "rust", "typescript", "go")
COMMENT = {".py": "#", ".rs": "//", ".ts": "//", ".go": "//"}
FAILING = 0.3  # the share of wrong ones
REGISTRY = Registry()


@frozen
class Use:
    """One candidate, and whether it is right as far as its task tells."""

    candidate: Candidate
    good: bool
    name: str  # TASK SOLUTION


def evaluator(name: str, **options: Any) -> Evaluator:
    """An installed language, by name."""
    made: Evaluator = REGISTRY.find("evaluators", name).value(**options)
    return made


def solutions(language: str) -> list[Solution]:
    """Every solution that comes with the language's distribution."""
    package = REGISTRY.find("evaluators", language).entry.partition(".")[0].partition(":")[0]
    tasks = Path(str(importlib.import_module(package).__file__)).parent / "tasks"
    return read_solutions(tasks / language if (tasks / language).is_dir() else tasks)


def mixed(language: str, count: int, seed: int = 1) -> list[Use]:
    """`count` candidates in a random order, FAILING of them wrong, every solution about as often as another."""
    found = [each for each in solutions(language) if not each.candidate.patch]
    wrong = round(count * FAILING)
    dice = random.Random(f"{language} {seed}")
    picked = [*_picked(found, False, wrong, dice), *_picked(found, True, count - wrong, dice)]
    uses = [use(each, number) for number, each in enumerate(picked)]
    dice.shuffle(uses)
    return uses


def _picked(found: Sequence[Solution], good: bool, count: int, dice: random.Random) -> list[Solution]:
    fitting = [each for each in found if each.good == good]
    dice.shuffle(fitting)
    return list(itertools.islice(itertools.cycle(fitting), count))


def use(solution: Solution, number: int) -> Use:
    """The solution with a comment of that number at its end; a patch stays as it is."""
    name = f"{solution.candidate.task.id} {solution.name}"
    return Use(distinct(solution.candidate, f"use {number}"), solution.good, name)


def distinct(candidate: Candidate, words: str) -> Candidate:
    """The same candidate with a comment at the end of its code."""
    task = candidate.task
    if candidate.patch:
        return candidate
    if candidate.code:
        suffix = PurePosixPath(task.entry).suffix or _suffix(task.language)
        return attrs.evolve(candidate, code=_commented(candidate.code, suffix, words))
    name = next((name for name in candidate.files if PurePosixPath(name).suffix in COMMENT), "")
    if not name:
        return candidate
    text = _commented(candidate.files[name], PurePosixPath(name).suffix, words)
    return attrs.evolve(candidate, files={**candidate.files, name: text})


def _suffix(language: str) -> str:
    return next(suffix for suffix in evaluator(language).suffixes if suffix in COMMENT)


def _commented(text: str, suffix: str, words: str) -> str:
    return f"{text.rstrip()}\n{COMMENT[suffix]} {words}\n"


def files_of(candidate: Candidate, entry: str) -> dict[str, str]:
    """What a person would lay out: the task's repository, the solution over it, the tests."""
    task = candidate.task
    start: Mapping[str, str] = apply(task.repo, candidate.patch) if candidate.patch else task.repo
    code = {task.entry or entry: candidate.code} if candidate.code else {}
    return {**start, **candidate.files, **code, **task.files}
