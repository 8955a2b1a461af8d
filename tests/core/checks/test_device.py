"""The device and its memory, from what a backend has seen: hardware that is not here, and a backend whose trial fails."""

from __future__ import annotations

from types import SimpleNamespace
from typing import Any

import pytest

from stagerun import Checkup, Estimate, Registry
from stagerun.checks.device import GIB, device, judged, tried
from stagerun.contracts.estimate import Room

NEEDS = Estimate(memory={"weights": 40.0 * GIB, "activations": 30.0 * GIB, "logits": 1.0 * GIB, "adapter": 1.0 * GIB})


def test_a_stage_that_needs_more_than_there_is_fails_with_what_takes_the_most() -> None:
    found = judged("sft", NEEDS, 24.0 * GIB)
    assert (found.status, found.reason) == ("fail", "it does not fit")
    assert found.found == "needs about 72.0 GiB of 24.0 (weights 40.0, activations 30.0, logits 1.0)"


@pytest.mark.parametrize(("offered", "status"), [(71.9, "fail"), (72.0, "warn"), (79.9, "warn"), (80.0, "pass")])
def test_the_last_tenth_of_the_memory_is_close(offered: float, status: str) -> None:
    assert judged("sft", NEEDS, offered * GIB).status == status


def test_a_batch_that_fits_in_pieces_is_a_warning_that_says_how_large_they_may_be() -> None:
    found = judged("sft", NEEDS, 60.0 * GIB, Room(asked=8, largest=3, advice=("max_length = 4096",)))
    assert found.status == "warn"
    assert found.reason.startswith("8 rows at once do not fit, 3 would")
    assert found.fix == "stages.sft.with: micro_batch = 3 or max_length = 4096"


def backend(trial: Any) -> Any:
    """A backend that was chosen, with a trial of its own."""
    return SimpleNamespace(found=SimpleNamespace(name="mine"), backend=SimpleNamespace(trial=trial))


def test_a_device_that_computes_says_what_came_of_it() -> None:
    (found,) = tried(backend(lambda: "torch on it: 0.42 ms"))
    assert (found.status, found.found) == ("pass", "torch on it: 0.42 ms")


def test_a_device_that_does_not_compute_is_a_failure_with_the_reason() -> None:
    def fails() -> str:
        raise RuntimeError("no kernel image is available")

    (found,) = tried(backend(fails))
    assert (found.status, found.reason) == ("fail", "mine does not compute: no kernel image is available")


def test_a_backend_without_a_trial_is_not_tried() -> None:
    assert list(tried(SimpleNamespace(backend=object()))) == []  # type: ignore[arg-type]


def test_without_a_pipeline_the_device_of_this_machine_is_told() -> None:
    found = list(device(Checkup(None, Registry(), thorough=False)))
    assert [one.status for one in found][:1] == ["pass"]
    assert " GiB" in found[0].found
