"""The judge table: what it says reaches the judge's class, decides no result, and is shown; `*` is every language."""

from __future__ import annotations

import json

import pytest
from workshop import Workshop, only

from stagerun import BadPipeline, Registry
from stagerun.render.plan_json import plan_value
from stagerun.render.plan_text import plan_lines

TABLE = '[judge]\nuses = "test.told"\nworkers = 3\n'


def write(shop: Workshop, table: str = TABLE, options: str = "") -> None:
    shop.write(f'\n{table}\n[stages.a]\nuses = "test.judged"\n{options}\n')


def test_what_the_table_says_reaches_the_judge_in_the_stages_process(workshop: Workshop) -> None:
    write(workshop)
    workshop.run("judge.cache=false")
    assert json.loads((workshop.runs / "a/final/told").read_text()) == [{"workers": 3, "cache": False}, "python"]


def test_another_table_makes_no_result_again(workshop: Workshop) -> None:
    write(workshop)
    workshop.run()
    assert workshop.plan("judge.workers=1").to_run == []


def test_what_the_judge_does_not_take_is_told_in_one_line(workshop: Workshop) -> None:
    write(workshop)
    failed = only(workshop.run('judge.min_tier="landlock"'), "stage.failed")
    assert "the judge teststages:Told does not take what the judge table says" in failed.data["message"]


def test_the_plan_shows_a_judge_that_was_asked_for_and_no_other(workshop: Workshop) -> None:
    write(workshop)
    assert "[plan] judge test.told with workers = 3" in list(plan_lines(workshop.plan()))
    assert plan_value(workshop.plan())["judge"] == {"name": "test.told", "with": {"workers": 3}}
    write(workshop, "")
    assert not any(line.startswith("[plan] judge") for line in plan_lines(workshop.plan()))


def test_no_sandbox_in_two_words_needs_no_third_one(workshop: Workshop) -> None:
    write(workshop, "[judge]\nsandbox = 'none'\nallow_unsandboxed = true\n")
    assert workshop.plan().spec.judge.options["min_tier"] == "none"


def test_a_sandbox_that_is_not_installed_is_refused_in_the_plan_with_the_nearest(workshop: Workshop) -> None:
    write(workshop, "[judge]\nsandbox = 'namespace'\n")
    with pytest.raises(BadPipeline) as refused:
        workshop.plan()
    [problem] = refused.value.problems
    assert problem.what == 'unknown sandbox "namespace"'
    assert problem.where.endswith("judge.sandbox")
    assert "namespaces" in problem.hint


def test_a_star_is_every_language_that_is_installed(workshop: Workshop) -> None:
    write(workshop)
    assert set(workshop.plan().evaluators) == set(Registry().names("evaluators"))


def test_a_language_that_is_named_beside_the_star_must_be_there(workshop: Workshop) -> None:
    write(workshop, options='with.asked = ["*", "pyton"]')
    with pytest.raises(BadPipeline, match='language "pyton": unknown evaluator "pyton"; did you mean "python"'):
        workshop.plan()


def test_without_any_language_the_plan_says_what_to_install(workshop: Workshop) -> None:
    write(workshop, "")
    with pytest.raises(BadPipeline) as refused:
        workshop.plan(registry=Registry(disabled=frozenset({"stagerun-evaluators", "stagerun-lang-go"})))
    assert [problem.what for problem in refused.value.problems] == ["no language is installed"]
    assert refused.value.problems[0].hint == "install stagerun-evaluators, which brings the judge"
