"""Plugins that a stage's options name: found while planning, handed to the stage, part of its fingerprint."""

from __future__ import annotations

from pathlib import Path

import pytest
from workshop import Workshop, only

import stagerun
from stagerun import BadPipeline, DataSource, Registry
from stagerun.hookspecs import impl
from stagerun.testing import run_stage


def write(shop: Workshop, options: str = "") -> None:
    shop.write(f'\n[stages.a]\nuses = "test.convert"\n{options}\n')


def test_an_unknown_name_is_found_while_planning_with_its_line_and_the_nearest_right_one(workshop: Workshop) -> None:
    write(workshop, 'with.sources = [\n  "test.rows",\n  "test.row",\n]')
    with pytest.raises(BadPipeline) as refused:
        workshop.plan()
    [problem] = refused.value.problems
    assert (problem.line, problem.where) == (6, "demo.stages.a.with.sources.1")
    assert (problem.what, problem.hint) == ('unknown source "test.row"', 'did you mean "test.rows"?')


def test_a_name_given_with_set_is_looked_for_too(workshop: Workshop) -> None:
    write(workshop)
    with pytest.raises(BadPipeline, match='unknown source "rows"'):
        workshop.plan('stages.a.with.sources=["rows"]')


def test_the_stage_gets_what_it_named_in_its_own_process(workshop: Workshop) -> None:
    write(workshop)
    events = workshop.run()
    assert workshop.engine.exit_code == 0, only(events, "stage.failed")
    assert (workshop.runs / "a/final/rows.txt").read_text() == "ROW"


def test_a_name_that_was_not_given_while_planning_is_refused(workshop: Workshop) -> None:
    write(workshop, 'with = { sources = [], asks_for = "test.rows" }')
    failed = only(workshop.run(), "stage.failed")
    assert 'source "test.rows" was not asked for' in failed.data["message"]


def test_the_version_of_a_plugin_is_part_of_the_fingerprint(
    workshop: Workshop, monkeypatch: pytest.MonkeyPatch
) -> None:
    import teststages

    write(workshop)
    workshop.run()
    assert workshop.plan().to_run == []
    monkeypatch.setattr(teststages.rows, "version", "8")
    [reason] = workshop.plan().stages["a"].decision.reasons
    assert reason == "plugins.sources.test.rows 7 -> 8"


def test_a_hook_may_answer_for_a_source(workshop: Workshop) -> None:
    import teststages

    class Answers:
        @impl
        def stagerun_resolve(self, kind: str, name: str) -> object:
            return teststages.rows if (kind, name) == ("sources", "mine") else None

    write(workshop, 'with.sources = ["mine"]')
    plan = workshop.plan(registry=Registry(plugins=[Answers()]))
    assert plan.stages["a"].plugins["sources.mine"].entry == "teststages:rows"


def test_a_source_is_a_function_with_facts() -> None:
    import teststages

    found = teststages.rows
    assert isinstance(found, DataSource)
    assert (found.hub, found.makes, found.version) == ("org/rows", "messages", "7")
    assert (found.__doc__, found.__name__) == ("Rows in capitals.", "rows")
    assert found({"text": "a"}) == {"text": "A"}
    assert stagerun.Registry().find("sources", "test.rows").value is found


def test_outside_a_plan_names_are_looked_up_as_they_are_asked_for(tmp_path: Path) -> None:
    import teststages

    assert run_stage(teststages.Convert(), tmp_path).outputs["text"].local().read_text() == "ROW"
    with pytest.raises(Exception, match='unknown source "x"'):
        run_stage(teststages.Convert(sources=("x",)), tmp_path)
