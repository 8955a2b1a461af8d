"""A training that goes badly is told while it runs: slow steps, a loss that stays, nothing happening at all."""

from __future__ import annotations

import time
from pathlib import Path
from types import SimpleNamespace

import pytest

from stagerun.testing import run_stage
from stagerun_stages.train import watch as module
from stagerun_stages.train.options import Lora
from stagerun_stages.train.sft import Sft
from stagerun_stages.train.trainer import Progress
from stagerun_stages.train.watch import Watch
from stagerun_stages.train.watching import FIRST


class Told:
    def __init__(self) -> None:
        self.warned: list[str] = []

    def warn(self, text: str) -> None:
        self.warned.append(text)


@pytest.fixture
def clock(monkeypatch: pytest.MonkeyPatch) -> SimpleNamespace:
    """A clock that moves when it is told to."""
    hands = SimpleNamespace(now=0.0)
    monkeypatch.setattr(module, "time", SimpleNamespace(monotonic=lambda: hands.now))
    return hands


def steps(watch: Watch, clock: SimpleNamespace, *seconds: float, losses: float = 1.0) -> None:
    for place, took in enumerate(seconds, 1):
        watch.on_step_begin(None, None, None)
        clock.now += took
        watch.run.add(losses, 0)
        watch.run.step()
        watch.on_step_end(None, SimpleNamespace(global_step=place), None)


def test_steps_that_become_slow_are_told_once(clock: SimpleNamespace) -> None:
    told = Told()
    steps(Watch(told, Progress(), loss_moves=False), clock, 30.0, *[1.0] * 20, *[5.0] * 30)
    assert told.warned == ["at step 30 the training has become 5.0 times slower than it began"]


def test_a_loss_that_stays_is_told_at_the_hundredth_step(clock: SimpleNamespace) -> None:
    told = Told()
    steps(Watch(told, Progress(), loss_moves=True), clock, *[1.0] * FIRST)
    assert [text.partition(" in the")[0] for text in told.warned] == ["the loss did not improve beyond its noise"]
    steps(Watch(quiet := Told(), Progress(), loss_moves=False), clock, *[1.0] * FIRST)
    assert quiet.warned == []


def test_a_step_that_hangs_is_told_while_it_hangs(clock: SimpleNamespace, monkeypatch) -> None:
    monkeypatch.setattr(module, "LOOK", 0.01)
    told = Told()
    with Watch(told, Progress(), loss_moves=False) as watch:
        steps(watch, clock, *[10.0] * 5)
        watch.on_step_begin(None, None, None)
        clock.now += 99
        time.sleep(0.1)
        assert told.warned == []
        clock.now += 2
        until = time.monotonic() + 20
        while not told.warned and time.monotonic() < until:
            time.sleep(0.01)
    assert told.warned == ["nothing has happened for 101 s; the training may hang"]
    assert not watch.clock.is_alive()


@pytest.mark.parametrize(("rate", "warned"), [(1e-12, True), (1e-2, False)])
def test_a_rate_that_teaches_nothing_is_told(rate, warned, model, data, rows, tmp_path: Path) -> None:
    stage = Sft(lora=Lora(rank=2), learning_rate=rate, max_steps=FIRST, batch_size=2, save_steps=0)
    done = run_stage(stage, tmp_path, {"model": model("llama"), "train": data(rows(16))})
    texts = [event["text"] for event in done.kinds("stage.warning")]
    assert any("did not improve" in text for text in texts) == warned


def test_the_first_losses_outlive_a_resume() -> None:
    progress = Progress()
    for loss in range(FIRST + 5):
        progress.add(float(loss), 1)
        progress.step()
    again = Progress.from_json(progress.to_json())
    assert again.early == [float(loss) for loss in range(FIRST)]
    assert again.tokens == 0
