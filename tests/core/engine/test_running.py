"""A plan is run, skipped, and run again in part."""

from __future__ import annotations

import json
from pathlib import Path

import pytest
from workshop import Workshop, kinds, only

from stagerun import BadPipeline, Engine, Exit, Plan, Registry, StagerunError
from stagerun.model.seal import read_seal, write_seal
from stagerun.store.digests import DigestCache
from stagerun.store.results import StageFolder

CHAIN = """
[stages.a]
uses = "test.make"
with.text = "one"

[stages.b]
uses = "test.make"
needs = { before = ["a"] }

[stages.c]
uses = "test.take"
needs = { train = "b" }
"""


def actions(plan: Plan) -> dict[str, str]:
    return {name: stage.decision.action for name, stage in plan.stages.items()}


def test_a_first_run_makes_every_stage_and_ends_with_zero(workshop: Workshop) -> None:
    workshop.write(CHAIN.replace('before = ["a"]', 'before = ["a.train"]'))
    events = workshop.run()
    assert workshop.engine.exit_code == Exit.DONE
    assert (workshop.runs / "c/final/adapter/weights").read_text() == "ONEX"
    assert kinds(events)[0] == "run.started"
    assert kinds(events)[-1] == "run.finished"
    assert kinds(events, "c") == ["stage.started", "stage.finished"]


def test_a_second_run_skips_every_stage_and_reads_no_byte(workshop: Workshop) -> None:
    workshop.write(CHAIN.replace('before = ["a"]', 'before = ["a.train"]'))
    workshop.run()
    before = {path: path.stat().st_mtime_ns for path in workshop.runs.rglob("*") if path.parent.name == "final"}
    cache = DigestCache(workshop.runs / ".state/digests.json").load()
    for stage in "abc":
        folder = workshop.engine._session.dir.stage(stage)  # type: ignore[union-attr]
        folder.read(cache)
    assert cache.bytes_read == 0
    events = workshop.run()
    assert set(kinds(events)) == {"run.started", "stage.skipped", "run.finished"}
    assert before == {path: path.stat().st_mtime_ns for path in workshop.runs.rglob("*") if path.parent.name == "final"}


def test_a_changed_option_is_shown_with_both_values_and_named_as_the_cause_downstream(workshop: Workshop) -> None:
    workshop.write(CHAIN.replace('before = ["a"]', 'before = ["a.train"]'))
    workshop.run()
    plan = workshop.plan("stages.a.with.text=two")
    assert actions(plan) == {"a": "run", "b": "run", "c": "run"}
    assert plan.stages["a"].decision.reasons == ("with.text one -> two",)
    assert plan.stages["b"].decision.reasons == ("a runs first",)
    assert plan.stages["c"].decision.roots == ("a: with.text one -> two",)


def test_an_option_that_does_not_affect_the_result_reruns_nothing(workshop: Workshop) -> None:
    workshop.write(CHAIN.replace('before = ["a"]', 'before = ["a.train"]'))
    workshop.run()
    assert set(actions(workshop.plan("stages.a.with.note=hello")).values()) == {"skip"}


def test_an_option_younger_than_the_result_reruns_nothing_while_it_has_its_default(workshop: Workshop) -> None:
    workshop.write(CHAIN.replace('before = ["a"]', 'before = ["a.train"]'))
    workshop.run()
    folder = StageFolder(workshop.runs / "a")
    sealed = read_seal(folder.final)
    parts = {**sealed.facts["parts"], "with": {"text": "one"}}  # as if `metric` and the others had come later
    facts = {key: value for key, value in sealed.facts.items() if key != "parts"}
    write_seal(folder.final, sealed, {**facts, "parts": parts})
    assert set(actions(workshop.plan()).values()) == {"skip"}
    assert workshop.plan("stages.a.with.nan=true").stages["a"].decision.reasons == ("with.nan unset -> True",)


def test_downstream_is_skipped_when_a_rerun_stage_makes_the_same_bytes(workshop: Workshop) -> None:
    workshop.write(CHAIN.replace('before = ["a"]', 'before = ["a.train"]'))
    workshop.run()
    events = workshop.run("stages.a.with.nan=true")
    assert kinds(events, "a") == ["stage.started", "stage.finished"]
    assert kinds(events, "b") == ["stage.skipped"]
    assert kinds(events, "c") == ["stage.skipped"]


def test_touching_a_result_without_changing_it_reruns_nothing(workshop: Workshop) -> None:
    workshop.write(CHAIN.replace('before = ["a"]', 'before = ["a.train"]'))
    workshop.run()
    (workshop.runs / "a/final/train.txt").touch()
    assert set(actions(workshop.plan()).values()) == {"skip"}


@pytest.mark.parametrize("damage", ["changed", "deleted", "manifest"])
def test_a_damaged_result_is_named_and_made_again(workshop: Workshop, damage: str) -> None:
    workshop.write(CHAIN.replace('before = ["a"]', 'before = ["a.train"]'))
    workshop.run()
    target = workshop.runs / "b/final" / ("manifest.json" if damage == "manifest" else "train.txt")
    target.unlink() if damage == "deleted" else target.write_text("{" if damage == "manifest" else "ONEX")
    reasons = workshop.plan().stages["b"].decision.reasons
    assert reasons[0].startswith("the earlier result cannot be used: ")
    workshop.run()
    assert (workshop.runs / "b/final/train.txt").read_text() == "onex"


def test_a_changed_outside_file_reruns_its_reader(workshop: Workshop) -> None:
    (workshop.root / "rows.txt").write_text("1")
    workshop.write('\n[stages.a]\nuses = "test.make"\nwith.external = ["rows.txt"]\n')
    workshop.run()
    (workshop.root / "rows.txt").write_text("2")
    assert workshop.plan().stages["a"].decision.reasons == ("file rows.txt changed",)


def test_stage_json_says_what_was_run_with_what_on_what(workshop: Workshop) -> None:
    workshop.write(CHAIN.replace('before = ["a"]', 'before = ["a.train"]'))
    workshop.run("stages.a.with.text=two")
    value = json.loads((workshop.runs / "c/stage.json").read_text())
    assert value["component"]["name"] == "test.take"
    assert value["distribution"] == {"name": "stagerun-testkit", "version": "0.1"}
    assert value["inputs"]["train"]["digest"].startswith("sha256:")
    assert value["outputs"]["adapter"]["kind"] == "adapter"
    assert value["libraries"]["python"]
    assert value["attempts"] == 1
    assert [one["name"] for one in value["profiles"]] == ["stages.a.with.text=two"]


def test_two_engines_in_one_process_share_nothing(tmp_path: Path) -> None:
    first, second = Workshop(tmp_path / "1"), Workshop(tmp_path / "2")
    for shop in (first, second):
        shop.root.mkdir()
        shop.write('\n[stages.a]\nuses = "test.make"\n')
    runs = [shop.engine.run(shop.plan(registry=shop.engine.registry)) for shop in (first, second)]
    seen = [[], []]  # type: ignore[var-annotated]
    for _ in range(10):
        for index, events in enumerate(runs):
            seen[index] += [event.kind for event in [next(events, None)] if event]
    assert seen[0] == seen[1]
    assert first.engine.registry is not second.engine.registry
    assert first.engine.exit_code == second.engine.exit_code == Exit.DONE


def test_an_observer_that_fails_becomes_an_event_and_breaks_nothing(workshop: Workshop) -> None:
    class Bad:
        @staticmethod
        def stagerun_on_event(event: object) -> None:
            raise ValueError(event)

    from stagerun.hookspecs import impl

    Bad.stagerun_on_event = staticmethod(impl(Bad.stagerun_on_event))  # type: ignore[method-assign]
    workshop.engine = Engine(Registry(plugins=[Bad()]))
    workshop.write('\n[stages.a]\nuses = "test.make"\n')
    events = workshop.run()
    assert workshop.engine.exit_code == Exit.DONE
    assert "plugin.failed" in kinds(events)


def test_a_second_engine_is_refused_with_the_first_ones_pid(workshop: Workshop) -> None:
    workshop.write('\n[stages.a]\nuses = "test.make"\n')
    first = workshop.engine.run(workshop.plan())
    next(first)
    with pytest.raises(StagerunError, match=r"is being run by pid \d+ on") as caught:
        list(Engine(Registry()).run(workshop.plan()))
    assert caught.value.exit_code == Exit.LOCKED
    first.close()  # type: ignore[attr-defined]


def test_a_stage_that_breaks_its_promise_fails_and_leaves_the_earlier_result(workshop: Workshop) -> None:
    workshop.write('\n[stages.a]\nuses = "test.make"\n')
    workshop.run()
    events = workshop.run("stages.a.with.skip_output=true")
    failed = only(events, "stage.failed")
    assert failed.data["reason"] == "missing_output"
    assert "other.txt" in failed.data["message"]
    assert workshop.engine.exit_code == Exit.FAILED
    assert set(actions(workshop.plan()).values()) == {"skip"}


def test_an_optional_stage_without_its_data_is_skipped_and_the_fallback_is_named(workshop: Workshop) -> None:
    workshop.write("""
[stages.base]
uses = "test.make"

[stages.extra]
uses = "test.make"
optional = true
with.external = ["nowhere.txt"]

[stages.last]
uses = "test.take"
needs = { train = ["extra", "base"] }
""")
    events = workshop.run()
    started = only([event for event in events if event.stage == "last"], "stage.started")
    assert started.data["inputs"] == {"train": "base.train"}
    assert started.data["passed_over"] == ["extra is absent (extra: there is no file nowhere.txt)"]
    assert workshop.summary()["stages"]["extra"]["status"] == "optional"
    assert workshop.engine.exit_code == Exit.DONE


def test_a_missing_file_of_a_stage_that_is_not_optional_is_an_error_before_anything_runs(workshop: Workshop) -> None:
    workshop.write('\n[stages.a]\nuses = "test.make"\nwith.external = ["nowhere.txt"]\n')
    with pytest.raises(BadPipeline, match="there is no file nowhere.txt"):
        workshop.plan()
    assert not workshop.runs.exists()


def test_independent_stages_run_side_by_side_within_the_resources(workshop: Workshop) -> None:
    text = '\n[stages.d]\nuses = "test.make"\n' + "".join(
        f'\n[stages.s{n}]\nuses = "test.take"\nneeds = {{ train = "d" }}\nwith.seconds = 0.3\nresources = {{ cpu = 1 }}\n'
        for n in range(3)
    )
    workshop.write("\n[resources]\ncpu = 2\n" + text)
    events = [
        event for event in workshop.run() if event.kind in ("stage.started", "stage.finished") and event.stage != "d"
    ]
    running = peak = 0
    for event in events:
        running += 1 if event.kind == "stage.started" else -1
        peak = max(peak, running)
    assert peak == 2
