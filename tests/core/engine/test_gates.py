"""Gates: verdicts with evidence, what they stop, and how a person overrides one."""

from __future__ import annotations

import pytest
from workshop import Workshop, kinds, only

from stagerun import Acceptance, BadPipeline, Exit

GATED = """
[stages.a]
uses = "test.make"
with.metric = 3.0
gates = [{ uses = "metric", metric = "size", max = 2.0 HARD }]

[stages.b]
uses = "test.take"
needs = { train = "a" }
"""
HARD, SOFT = GATED.replace("HARD", ""), GATED.replace("HARD", ", hard = false")


def test_a_hard_gate_stops_what_depends_on_the_stage_and_ends_with_one(workshop: Workshop) -> None:
    workshop.write(HARD)
    events = workshop.run()
    verdict = only(events, "gate.judged").data
    assert verdict["evidence"] == {"metric": "size", "value": 3.0, "max": 2.0}
    assert only(events, "stage.skipped").data["reason"] == "gate a.size (size 3 > 2) did not pass"
    assert workshop.engine.exit_code == Exit.FAILED


def test_a_soft_gate_records_and_stops_nothing(workshop: Workshop) -> None:
    workshop.write(SOFT)
    assert not only(workshop.run(), "gate.judged").data["passed"]
    assert workshop.engine.exit_code == Exit.DONE


@pytest.mark.parametrize("value", ["", "with.nan = true"])
def test_a_missing_or_nan_metric_never_passes(workshop: Workshop, value: str) -> None:
    workshop.write(HARD.replace("with.metric = 3.0", value))
    assert not only(workshop.run(), "gate.judged").data["passed"]
    assert workshop.engine.exit_code == Exit.FAILED


def test_a_failed_gate_still_blocks_the_next_run_without_running_the_stage_again(workshop: Workshop) -> None:
    workshop.write(HARD)
    workshop.run()
    events = workshop.run()
    assert kinds(events, "a") == ["stage.skipped"]
    assert workshop.engine.exit_code == Exit.FAILED


def test_a_person_overrides_a_gate_and_the_override_stays_in_the_record(workshop: Workshop) -> None:
    workshop.write(HARD)
    workshop.run()
    events = workshop.run(accept=(Acceptance("a.size", "it is only a test", "me"),))
    assert "stage.finished" in kinds(events, "b")
    assert workshop.engine.exit_code == Exit.DONE
    workshop.run()
    assert workshop.engine.exit_code == Exit.DONE
    (gate,) = workshop.gates()["gates"]
    assert gate["accepted"]["why"] == "it is only a test"
    assert not gate["passed"]


def test_a_later_stage_may_read_what_gates_said(workshop: Workshop) -> None:
    later = '\n[stages.c]\nuses = "test.make"\nwith.note = "tell verdicts"\nneeds = { before = ["a.train"] }\n'
    workshop.write(SOFT + later)
    (told,) = only(workshop.run(), "stage.emitted").data["said"]["a"]
    assert told == {"gate": "size", "hard": False, "passed": False, "text": "size 3 > 2", "accepted": None}


def test_an_override_does_not_outlive_the_result_it_was_given_for(workshop: Workshop) -> None:
    workshop.write(HARD)
    workshop.run(accept=(Acceptance("a.size", "fine", "me"),))
    workshop.run("stages.a.with.text=other")
    assert workshop.engine.exit_code == Exit.FAILED


def test_an_override_does_not_outlive_the_thresholds_it_was_given_for(workshop: Workshop) -> None:
    workshop.write(HARD)
    workshop.run(accept=(Acceptance("a.size", "fine", "me"),))
    workshop.write(HARD.replace("max = 2.0", "max = 1.0"))
    workshop.run()
    assert workshop.engine.exit_code == Exit.FAILED


def test_earlier_verdicts_are_never_wiped(workshop: Workshop) -> None:
    workshop.write(HARD)
    workshop.run()
    workshop.run("stages.a.with.metric=1.0")
    assert [verdict["passed"] for verdict in workshop.gates()["history"]] == [False, True]
    assert workshop.engine.exit_code == Exit.DONE


def test_a_changed_threshold_is_judged_again_without_running_the_stage(workshop: Workshop) -> None:
    workshop.write(HARD)
    workshop.run()
    workshop.write(HARD.replace("max = 2.0", "max = 4.0"))
    events = workshop.run()
    assert kinds(events, "a") == ["stage.skipped", "gate.judged"]
    assert workshop.engine.exit_code == Exit.DONE


def test_accepting_a_gate_that_does_not_exist_is_refused_with_the_nearest_name(workshop: Workshop) -> None:
    workshop.write(HARD)
    with pytest.raises(BadPipeline, match=r'there is no gate "a\.siez".*did you mean "a\.size"'):
        workshop.run(accept=(Acceptance("a.siez", "x", "me"),))


def test_a_gate_that_raises_does_not_pass(workshop: Workshop) -> None:
    workshop.write('\n[stages.a]\nuses = "test.make"\ngates = [{ uses = "test.raises" }]\n')
    verdict = only(workshop.run(), "gate.judged").data
    assert not verdict["passed"]
    assert verdict["text"] == "the gate raised ZeroDivisionError: a"


def test_a_window_takes_the_mean_of_the_last_logged_values(workshop: Workshop) -> None:
    gate = '{ uses = "metric", metric = "loss", window = 2, max = 0.18 }'
    workshop.write(f'\n[stages.count]\nuses = "test.count"\ngates = [{gate}]\n')
    verdict = only(workshop.run(), "gate.judged").data
    assert verdict["evidence"]["value"] == pytest.approx((1 / 5 + 1 / 6) / 2)
    assert "mean of the last 2" in verdict["text"]


@pytest.mark.parametrize(("margin", "passed"), [("0.5", False), ("1.0", True)])
def test_a_metric_is_compared_with_another_stages(workshop: Workshop, margin: str, passed: bool) -> None:
    gate = f'{{ uses = "compare", metric = "size", to = "a.size", margin = {margin} }}'
    workshop.write(f"""
[stages.a]
uses = "test.make"
with.metric = 3.0

[stages.b]
uses = "test.make"
needs = {{ before = ["a.train"] }}
with.metric = 2.0
gates = [{gate}]
""")
    assert only(workshop.run(), "gate.judged").data["passed"] is passed


def test_the_size_of_an_output_is_judged_in_gb(workshop: Workshop) -> None:
    gate = '{ uses = "size", output = "train", min_gb = 5.0 }'
    workshop.write(f'\n[stages.a]\nuses = "test.make"\ngates = [{gate}]\n')
    verdict = only(workshop.run(), "gate.judged").data
    assert not verdict["passed"]
    assert verdict["evidence"]["size_gb"] == pytest.approx(1e-9)
