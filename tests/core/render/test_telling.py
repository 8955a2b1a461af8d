"""Events in sentences."""

from __future__ import annotations

import pytest

from stagerun.events import EVENTS, Event
from stagerun.render.telling import is_urgent, tell

SILENT = {
    "run.started",
    "stage.progress",
    "run.checked",
}  # told by the opening, by progress lines, when a check was skipped


@pytest.mark.parametrize("kind", EVENTS)
def test_every_kind_of_event_is_told_even_when_its_data_is_missing(kind: str) -> None:
    told = tell(Event(kind, "a", {}))
    assert (told is None) == (kind in SILENT)


def test_an_event_of_a_kind_we_do_not_know_says_nothing() -> None:
    assert tell(Event("stranger.thing", None, {"text": "x"})) is None


def test_a_note_cannot_move_the_cursor() -> None:
    assert tell(Event("stage.note", "a", {"text": "\x1b[2Jgone\r\n"})) == "\ufffd[2Jgone"


def test_a_start_names_attempt_cause_and_parents() -> None:
    data = {"attempt": 2, "cause": "with.lr 1 -> 2", "inputs": {"model": "merge.model", "train": ["a.out", "b.out"]}}
    told = tell(Event("stage.started", "sft", data))
    assert told == "starts again (attempt 2): with.lr 1 -> 2; model from merge.model, train from a.out and b.out"


def test_a_result_is_told_with_time_metrics_and_sizes() -> None:
    data = {"seconds": 75.0, "metrics": {"loss": 0.5}, "outputs": {"model": {"bytes": 2_000_000}}}
    assert tell(Event("stage.finished", "sft", data)) == "done in 1 min 15 s: loss 0.5; model 2.0 MB"


def test_a_gate_that_passed_is_no_urgent_news_and_one_that_failed_is() -> None:
    assert not is_urgent(Event("gate.judged", "a", {"passed": True}))
    assert is_urgent(Event("gate.judged", "a", {"passed": False}))


def test_saved_checkpoints_are_no_urgent_news_and_rejected_ones_are() -> None:
    assert not is_urgent(Event("checkpoint.saved", "a", {}))
    assert is_urgent(Event("checkpoint.rejected", "a", {}))
