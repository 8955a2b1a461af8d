"""What tests of trainings in several processes share: a small stage, its run by one and by several, a checkpoint handed on."""

from __future__ import annotations

from pathlib import Path
from typing import Any

from attrs import evolve
from launched import Launched, go_on, launch, near

from stagerun.worker.execute import Done
from stagerun_stages.train.launch import Launch
from stagerun_stages.train.options import Lora
from stagerun_stages.train.sft import Sft

NEAR = 1e-5  # of a loss in float32
ONE = Launch()
TWO = Launch(processes=2)
ZERO = Launch(processes=2, strategy="deepspeed")
SHARDED = Launch(processes=2, strategy="fsdp2")


def sft(kind: str = "llama", **options: Any) -> Sft:
    """Eight quick steps; experts are adapted where the kind has them."""
    lora = Lora(rank=4, alpha=8.0, experts=kind == "gpt_oss")
    given = {"lora": lora, "learning_rate": 1e-2, "max_steps": 8, "batch_size": 4, "save_steps": 3}
    return Sft(**{**given, **options})


def both(
    stage: Any, root: Path, inputs: Any, many: Any = None, *, launched: Launch = TWO, **more: Any
) -> tuple[Launched, Launched]:
    """The stage by one process and by several; both must be done."""
    one = launch(stage, root / "one", inputs, many, **more)
    two = launch(evolve(stage, launch=launched), root / "two", inputs, many, **more)
    for each in (one, two):
        assert isinstance(each.outcome, Done), each.outcome
    return one, two


def metrics(done: Launched) -> Any:
    """The results of a run that is done."""
    assert isinstance(done.outcome, Done)
    return done.outcome.result.metrics


def handed_on(before: Launch, after: Launch, root: Path, inputs: Any) -> None:
    """A run that `before` begins and `after` goes on with has the losses of one that was never cut."""
    whole = launch(sft(), root / "whole", inputs)
    launch(sft(launch=before), root / "run", inputs)
    near(go_on(sft(launch=after), root / "run", inputs).history(), whole.history(), NEAR)
