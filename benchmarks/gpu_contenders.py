"""Who is compared on a GPU: `train.sft`, and what a user of TRL would write. Same random model, rows, seed and settings.

The model is made on the device, and rows are random tokens, so `train.sft` is handed both where it would read them; all else is
the stage as it is, with its proofs. Seconds and memory are taken by one clock in both.
"""

from __future__ import annotations

import gc
import json
import time
from collections.abc import Iterator
from contextlib import contextmanager
from pathlib import Path
from random import Random
from typing import Any

from attrs import field, frozen

from benchmarks.gpu_shapes import Shape, flops_per_token
from stagerun import Backend
from stagerun.testing import StageRun, dataset, run_stage
from stagerun.testing.stages import artifact

WARM = 3  # steps before the clock: compilation, proofs, the allocator
RATE = 1e-4


@frozen
class Timed:
    """One training: tokens a second, operations a token, the most memory held in bytes, the last loss, proofs by name."""

    way: str
    tokens_per_second: float
    flops: float
    peak_bytes: float
    loss: float
    estimate_bytes: float = 0.0
    proofs: dict[str, dict[str, Any]] = field(factory=dict)


def rows_of(shape: Shape, count: int) -> list[dict[str, list[int]]]:
    """Rows of random tokens of one length, all of them learned; documents of a quarter of a row where they are packed."""
    chance = Random(0)
    vocabulary = shape.config["vocab_size"]
    rows = ([chance.randrange(vocabulary) for _ in range(shape.length)] for _ in range(count))
    return [{"input_ids": row, "labels": row} for row in rows]


@contextmanager
def _clock(steps: int) -> Iterator[dict[str, float]]:
    """Take the time of `steps` steps after the warm ones of whatever trains inside, by a callback on transformers' trainer."""
    import torch
    from transformers import Trainer, TrainerCallback

    found: dict[str, float] = {}
    cuda = torch.cuda.is_available()

    class Clock(TrainerCallback):  # type: ignore[misc] # transformers is not looked into
        def on_step_end(self, _args: Any, state: Any, _control: Any, **_: Any) -> None:
            if state.global_step in (WARM, WARM + steps):
                if cuda:
                    torch.cuda.synchronize()
                found["start" if state.global_step == WARM else "end"] = time.perf_counter()
            if state.global_step == WARM and cuda:
                torch.cuda.reset_peak_memory_stats()

    whole = Trainer.train

    def train(self: Any, *args: Any, **named: Any) -> Any:
        self.add_callback(Clock())
        found["flops"] = flops_per_token(self.model, found.pop("shape"))  # type: ignore[arg-type]
        return whole(self, *args, **named)

    Trainer.train = train
    try:
        yield found
    finally:
        Trainer.train = whole


def ours(shape: Shape, backend: Backend, home: Path, steps: int, way: str, **options: Any) -> Timed:
    """Train by the stage, with `options` on top."""
    from stagerun_stages.models import loading
    from stagerun_stages.train import run_sft
    from stagerun_stages.train.options import Lora
    from stagerun_stages.train.sft import Sft

    lora = Lora(rank=shape.rank, alpha=2.0 * shape.rank, experts=shape.experts)
    given = {"compile": False, "gradient_checkpointing": shape.checkpointing, **options}
    stage = Sft(
        lora=lora,
        learning_rate=RATE,
        batch_size=shape.batch,
        max_length=shape.length,
        max_steps=WARM + steps,
        save_steps=0,
        **given,
    )
    policy = stage.in_force(backend.policy())
    estimate = stage.estimate({"model": shape}, backend.policy())

    def built(_base: Any, _policy: Any, *, before: Any, **_: Any) -> Any:
        before(shape.config["model_type"])
        return _build(shape, policy)

    rows = rows_of(shape, shape.batch * (WARM + steps))
    with (
        _swapped(loading, "load_base", built),
        _swapped(run_sft, "training_rows", lambda *_: rows),
        _clock(steps) as clock,
    ):
        clock["shape"] = shape  # type: ignore[assignment]
        inputs = {"model": artifact("model", home / "model"), "train": dataset(home / "rows.jsonl", [{"messages": []}])}
        done = run_stage(stage, home / way, inputs, backend=backend)
    free()
    last = json.loads((home / way / "metrics.jsonl").read_text(encoding="utf-8").splitlines()[-1])
    return _timed(way, shape, steps, clock, last["loss"], estimate.memory_bytes if estimate else 0.0, done)


def bare(shape: Shape, backend: Backend, home: Path, steps: int, way: str) -> Timed:
    """Train by TRL alone."""
    from datasets import Dataset
    from transformers import PrinterCallback
    from trl import SFTConfig, SFTTrainer

    policy = backend.policy()
    model = _build(shape, policy)
    arguments = SFTConfig(
        output_dir=str(home / way),
        learning_rate=RATE,
        max_steps=WARM + steps,
        per_device_train_batch_size=shape.batch,
        max_length=shape.length,
        activation_checkpointing=shape.checkpointing,
        save_strategy="no",
        logging_steps=1,
        seed=0,
        use_cpu=policy.device == "cpu",
        bf16=policy.dtype == "bfloat16",
        disable_tqdm=True,
        router_aux_loss_coef=0.0,
        dataset_kwargs={"skip_prepare_dataset": True},
    )
    rows = Dataset.from_list(rows_of(shape, shape.batch * (WARM + steps)))
    with _clock(steps) as clock:
        clock["shape"] = shape  # type: ignore[assignment]
        trainer = SFTTrainer(
            model, arguments, train_dataset=rows, processing_class=_tokenizer(home), peft_config=_lora(shape, model)
        )
        trainer.remove_callback(PrinterCallback)
        trainer.train()
        loss = next(row["loss"] for row in reversed(trainer.state.log_history) if "loss" in row)
    del trainer, model
    free()
    return _timed(way, shape, steps, clock, loss, 0.0, None)


def _lora(shape: Shape, model: Any) -> Any:
    from peft import LoraConfig

    from stagerun_stages.models.lora import expert_names, linear_names

    return LoraConfig(
        r=shape.rank,
        lora_alpha=2 * shape.rank,
        lora_dropout=0.0,
        target_modules=list(linear_names(model)),
        target_parameters=list(expert_names(model)) if shape.experts else None,
        task_type="CAUSAL_LM",
    )


def _tokenizer(home: Path) -> Any:
    from transformers import AutoTokenizer

    return AutoTokenizer.from_pretrained(str(home / "model"))


def _build(shape: Shape, policy: Any) -> Any:
    import torch

    attention = policy.attention_for(shape.config["model_type"])
    return shape.build(policy.device, getattr(torch, policy.dtype), attention)


@contextmanager
def _swapped(place: Any, name: str, value: Any) -> Iterator[None]:
    whole = getattr(place, name)
    setattr(place, name, value)
    try:
        yield
    finally:
        setattr(place, name, whole)


def free() -> None:
    """Give the device's memory back, and forget what was compiled."""
    import torch

    gc.collect()
    torch._dynamo.reset()
    if torch.cuda.is_available():
        torch.cuda.empty_cache()


def _timed(
    way: str, shape: Shape, steps: int, clock: dict[str, float], loss: float, estimate: float, done: StageRun | None
) -> Timed:
    import torch

    peak = float(torch.cuda.max_memory_allocated()) if torch.cuda.is_available() else 0.0
    tokens = steps * shape.batch * shape.length
    proofs = {event["name"]: event["evidence"] for event in done.kinds("stage.proof")} if done else {}
    return Timed(way, tokens / (clock["end"] - clock["start"]), clock["flops"], peak, loss, estimate, proofs)
