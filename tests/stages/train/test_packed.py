"""Training on packed rows: the losses of the conversations alone, also in GPT-OSS; rows packed for another are refused.

Of two kinds of model one is `slow` in each test.
"""

from __future__ import annotations

from collections.abc import Callable
from pathlib import Path
from typing import Any

import pytest
from attrs import evolve

from stagerun import Artifact, StageError
from stagerun.testing import StageRun, run_stage
from stagerun_stages.data.pack import Pack
from stagerun_stages.train import run_sft
from stagerun_stages.train.options import Lora
from stagerun_stages.train.sft import Sft

LENGTH = 600


def sft(**options: Any) -> Sft:
    """Four steps over the same few conversations."""
    lora = Lora(rank=4, alpha=8.0)
    return Sft(
        **{"lora": lora, "learning_rate": 1e-2, "max_steps": 4, "save_steps": 0, "max_length": LENGTH, **options}
    )


def losses(done: StageRun) -> list[float]:
    return [event["values"]["loss"] for event in done.kinds("stage.metric")]


@pytest.fixture
def talks(data: Callable[..., Artifact]) -> Artifact:
    """Six conversations of different lengths, in all less than a row."""
    answers = ["yes " * count for count in (1, 5, 2, 8, 3, 6)]
    return data(
        [
            {
                "messages": [
                    {"role": "user", "content": f"{text}?" * 2},
                    {"role": "assistant", "content": f"{text}{at}"},
                ]
            }
            for at, text in enumerate(answers)
        ]
    )


@pytest.mark.parametrize("kind", ["gpt_oss", pytest.param("llama", marks=pytest.mark.slow)])
def test_a_packed_row_has_the_losses_of_its_conversations(kind: str, model: Any, talks: Any, tmp_path: Path) -> None:
    inputs = {"model": model(kind), "train": talks}
    apart = run_stage(sft(batch_size=6), tmp_path / "apart", inputs)
    together = run_stage(sft(packing=True), tmp_path / "together", inputs)
    assert (apart.metrics["rows"], together.metrics["rows"]) == (6, 1)
    assert losses(together) == pytest.approx(losses(apart), rel=1e-5)
    [proof] = [event for event in together.kinds("stage.proof") if event["name"] == "isolation"]
    assert max(proof["evidence"]["first"], proof["evidence"]["second"]) <= 1e-6


def test_gpt_oss_without_its_masks_would_learn_from_its_neighbours(
    model: Any, talks: Any, tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    inputs = {"model": model("gpt_oss"), "train": talks}
    monkeypatch.setattr(run_sft, "keep_apart", lambda _: None)
    with pytest.raises(StageError, match=r"packed conversations see each other in gpt_oss .* set packing = false"):
        run_stage(sft(packing=True), tmp_path / "refused", inputs)
    monkeypatch.setattr(run_sft, "prove_isolation", lambda *_: None)
    leaking = run_stage(sft(packing=True), tmp_path / "leaking", inputs)
    apart = run_stage(sft(batch_size=6), tmp_path / "apart", inputs)
    assert abs(leaking.metrics["first_loss"] - apart.metrics["first_loss"]) > 1e-3


@pytest.mark.parametrize("kind", [pytest.param("gpt_oss", marks=pytest.mark.slow), "llama"])
def test_rows_that_were_packed_before_are_trained_on_as_they_are(
    kind: str, model: Any, talks: Any, tmp_path: Path
) -> None:
    base = model(kind)
    ready = run_stage(Pack(length=LENGTH), tmp_path / "pack", {"model": base, "train": talks}).outputs["packed"]
    before = run_stage(sft(), tmp_path / "before", {"model": base, "train": ready})
    here = run_stage(sft(packing=True), tmp_path / "here", {"model": base, "train": talks})
    assert losses(before) == losses(here)
    assert (before.metrics["rows"], before.metrics["share_cut"]) == (1, 0)
    assert "isolation" in {event["name"] for event in before.kinds("stage.proof")}


@pytest.mark.parametrize(
    ("packing", "training", "expected"),
    [
        ({"length": LENGTH + 1}, {}, "has rows of 601 tokens, and max_length is 600"),
        ({"date": "2024-01-01", "chat": {"tone": "low"}}, {}, "packed with another chat template, or with other chat"),
        ({}, {"chat": {"tone": "low"}}, "packed with another chat template, or with other chat"),
        ({"assistant_only": False}, {}, "packed with assistant_only = false; say the same here"),
    ],
)
def test_rows_packed_for_another_training_are_refused(
    packing: dict[str, Any], training: dict[str, Any], expected: str, model: Any, talks: Any, tmp_path: Path
) -> None:
    base = model("llama")
    stage = Pack(**{"length": LENGTH, **packing})
    ready = run_stage(stage, tmp_path / "pack", {"model": base, "train": talks}).outputs["packed"]
    with pytest.raises(StageError, match=expected):
        run_stage(sft(**training), tmp_path / "run", {"model": base, "train": ready})


def test_of_packed_rows_no_completion_can_be_told(model: Any, talks: Any, tmp_path: Path) -> None:
    base = model("llama")
    ready = run_stage(Pack(length=LENGTH), tmp_path / "pack", {"model": base, "train": talks}).outputs["packed"]
    with pytest.raises(StageError, match="is packed, and what is learned of it was settled then"):
        run_stage(sft(completion_only=True), tmp_path / "run", {"model": base, "train": ready})


def test_rows_packed_with_another_tokenizer_are_refused(model: Any, talks: Any, tmp_path: Path) -> None:
    from transformers import AutoTokenizer

    base = model("llama")
    ready = run_stage(Pack(length=LENGTH), tmp_path / "pack", {"model": base, "train": talks}).outputs["packed"]
    tokenizer = AutoTokenizer.from_pretrained(base.path)
    tokenizer.add_tokens(["<|new|>"])
    other = tmp_path / "other"
    other.mkdir()
    for file in base.local().iterdir():
        (other / file.name).write_bytes(file.read_bytes())
    tokenizer.save_pretrained(other)
    with pytest.raises(StageError, match="packed with another tokenizer than this model's; give data.pack the same"):
        run_stage(sft(), tmp_path / "run", {"model": evolve(base, path=other), "train": ready})


@pytest.mark.parametrize("name", ["padding_free", "packing", "packing_strategy"])
def test_how_documents_are_kept_apart_cannot_be_changed_in_passing(
    name: str, model: Any, talks: Any, tmp_path: Path
) -> None:
    with pytest.raises(StageError, match=f'trainer sets "{name}", which the stage sets itself'):
        run_stage(sft(trainer={name: True}), tmp_path / "run", {"model": model("llama"), "train": talks})
