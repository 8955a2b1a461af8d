"""Judgements that were made before."""

from __future__ import annotations

from pathlib import Path

import pytest
from attrs import evolve

from stagerun import Candidate, Diagnostic, Judgement, Task
from stagerun_evaluators.judge import Local
from stagerun_evaluators.judge.cache import Cache, key_of
from stagerun_evaluators.judge.languages import Language

from .toy import Toy, toy

TASK = Task(id="t", language="toy", tests="x", expected=("a",), files={"f": "1"}, meta={"timeout": 1})
CANDIDATE = Candidate(TASK, "code")
LANGUAGE = Language(Toy(), digest="d")
MADE = Judgement(
    "failed", 0.5, frozenset({"a"}), frozenset({"b"}), {"test": 0.5}, (Diagnostic("f", 1, "m"),), "limits", "toy-1"
)


@pytest.fixture
def cache(tmp_path: Path) -> Cache:
    return Cache(tmp_path / "c.sqlite")


def test_a_judgement_comes_back_as_it_was_and_says_that_it_is_cached(cache: Cache) -> None:
    cache.put("k", MADE)
    assert cache.get("k") == evolve(MADE, cached=True)


def test_what_was_never_judged_is_not_there(cache: Cache) -> None:
    assert cache.get("k") is None


@pytest.mark.parametrize("verdict", ["timeout", "oom", "infra_error"])
def test_what_another_moment_may_change_is_not_kept(cache: Cache, verdict: str) -> None:
    cache.put("k", evolve(MADE, verdict=verdict))
    assert cache.get("k") is None


@pytest.mark.parametrize(
    "other",
    [
        evolve(CANDIDATE, code="other"),
        evolve(CANDIDATE, files={"g": ""}),
        evolve(CANDIDATE, task=evolve(TASK, tests="y")),
        evolve(CANDIDATE, task=evolve(TASK, expected=())),
        evolve(CANDIDATE, task=evolve(TASK, files={"f": "2"})),
        evolve(CANDIDATE, task=evolve(TASK, meta={"timeout": 2})),
        evolve(CANDIDATE, task=evolve(TASK, entry="e")),
        evolve(CANDIDATE, task=evolve(TASK, repo={"r": ""})),
    ],
)
def test_everything_a_verdict_depends_on_is_in_the_key(other: Candidate) -> None:
    assert key_of(other, LANGUAGE, "limits") != key_of(CANDIDATE, LANGUAGE, "limits")


def test_the_toolchain_and_the_tier_are_in_the_key() -> None:
    keys = {key_of(CANDIDATE, each, tier) for each in (LANGUAGE, evolve(LANGUAGE, digest="e")) for tier in ("a", "b")}
    assert len(keys) == 4


def test_the_task_s_name_and_words_are_not_in_the_key() -> None:
    other = evolve(CANDIDATE, task=evolve(TASK, id="u", statement="words"))
    assert key_of(other, LANGUAGE, "limits") == key_of(CANDIDATE, LANGUAGE, "limits")


def test_a_file_that_is_no_database_costs_the_cache_and_nothing_else(tmp_path: Path) -> None:
    (tmp_path / "c").write_text("this is not a database, and long enough to be seen as none" * 10)
    cache = Cache(tmp_path / "c")
    cache.put("k", MADE)
    assert cache.get("k") is None


def test_a_second_judge_finds_what_the_first_one_judged(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setenv("STAGERUN_CACHE", str(tmp_path))
    found = []
    for _ in range(2):
        judge = Local(lambda _: Toy(), workers=1)
        found += judge.judge([toy("echo right")])
        judge.close()
    assert [one.cached for one in found] == [False, True]
