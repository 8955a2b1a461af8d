"""Memory really runs out: the kernel refuses a worker what its batch takes, and the run ends with the same loss all the same."""

from __future__ import annotations

import sys
from pathlib import Path

import pytest
from workshop import Workshop, only

from stagerun import Exit
from stagerun.testing import run_stage
from stagerun_stages.train.options import Lora
from stagerun_stages.train.sft import Sft

PIPELINE = """
[stages.sft]
uses = "test.capped"
needs = {{ model = "{model}", train = "{train}" }}
with = {{ room = {room}, lora.rank = 4, batch_size = 4, max_steps = 1, max_length = 900, save_steps = 1 }}
"""


@pytest.fixture
def long_rows(data, rows):
    talks = rows(4)
    for talk in talks:
        talk["messages"][0]["content"] += "x" * 800
    return data(talks)


@pytest.mark.skipif(sys.platform != "linux", reason="other systems do not limit a process's memory reliably")
def test_a_batch_that_does_not_fit_is_divided_until_it_does(
    model, long_rows, workshop: Workshop, tmp_path: Path
) -> None:
    base = model("llama")
    workshop.write(PIPELINE.format(model=base.path, train=long_rows.path, room=420))
    events = workshop.run()
    assert workshop.engine.exit_code == Exit.DONE
    failed = [event.data for event in events if event.kind == "stage.failed"]
    assert {one["reason"] for one in failed} == {"out_of_memory"}
    assert all(not one["step"] for one in failed)  # the longest batch shows it before the first step
    metrics = only(events, "stage.finished").data["metrics"]
    assert metrics["micro_batch"] == 4 / 2 ** len(failed)
    free = Sft(lora=Lora(rank=4), batch_size=4, max_steps=1, max_length=900)
    whole = run_stage(free, tmp_path / "free", {"model": base, "train": long_rows})
    assert metrics["loss"] == pytest.approx(whole.metrics["loss"], rel=2e-5)


@pytest.mark.slow  # the division alone is test_memory.py's, the end of a run tests/core/engine/test_failing.py's
@pytest.mark.skipif(sys.platform != "linux", reason="other systems do not limit a process's memory reliably")
def test_a_single_row_that_does_not_fit_ends_the_run_with_what_to_do(model, long_rows, workshop: Workshop) -> None:
    text = PIPELINE.format(model=model("llama").path, train=long_rows.path, room=50)
    workshop.write(text.replace("batch_size = 4", "batch_size = 1"))
    events = workshop.run()
    failed = [event.data for event in events if event.kind == "stage.failed"]
    assert [one["reason"] for one in failed] == ["out_of_memory", "stage_error"]
    assert failed[-1]["message"] == (
        "memory ran out with a micro batch of 1 row; lower max_length, or set gradient_checkpointing"
    )
    assert workshop.engine.exit_code == Exit.FAILED
