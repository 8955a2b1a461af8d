"""Who is compared for the time of a step: our `train.sft`, and what a user of TRL would write. Same model, rows, seed, settings.

`begin` is called with the trainer right before it trains, with every callback in place.
"""

from __future__ import annotations

import json
import subprocess
from collections.abc import Callable, Iterator
from contextlib import contextmanager
from pathlib import Path
from random import Random
from typing import Any

from benchmarks.training import Material, work

BATCH, RATE, RANK, ALPHA = 4, 2e-3, 8, 16.0
ROWS, LENGTH = 240, 39  # rows of one length, so that every step has as much to compute
LOSSES, WEIGHTS = "losses.json", "adapter_model.safetensors"

Begin = Callable[[Any], None]
Run = Callable[[Material, Path, Begin, int], None]


def even_rows(home: Path) -> None:
    """Write rows of `LENGTH` tokens for the material in `home`; the same every time."""
    from stagerun.testing import dataset
    from stagerun_stages.tiny.base import encode
    from stagerun_stages.tiny.corpus import corpus_row
    from stagerun_stages.tiny.tokenizer import build_tokenizer

    rows: list[dict[str, Any]] = []
    tokenizer, chance = build_tokenizer(), Random(0)
    while len(rows) < ROWS:
        row = corpus_row(chance)
        if len(encode(tokenizer, row)[0]) == LENGTH:
            rows.append(row)
    dataset(home / "SFT.jsonl", rows)


def ours(material: Material, place: Path, begin: Begin, steps: int) -> None:
    """Train as a worker does, with a pipe that another process empties; leaves losses and adapter in `place`."""
    options = {
        "lora": {"rank": RANK, "alpha": ALPHA, "experts": True},
        "learning_rate": RATE,
        "batch_size": BATCH,
        "accumulation": 1,
        "max_steps": steps,
        "save_steps": 0,
    }
    with _seen(begin), _engine() as events:
        work(material.job("SFT", place, **options), events)
    history = place / "final" / "metrics.jsonl"
    lines = history.read_text(encoding="utf-8").splitlines() if history.exists() else []  # none where nobody reports
    rows = [json.loads(line) for line in lines]
    (place / LOSSES).write_text(json.dumps([row["loss"] for row in rows]), encoding="ascii")
    (place / "final" / "adapter" / WEIGHTS).rename(place / WEIGHTS)


@contextmanager
def _seen(begin: Begin) -> Iterator[None]:
    """Hand over the trainer that the stage makes."""
    from stagerun_stages.train.trainer import Watched

    whole = Watched.resume

    def resume(self: Any, checkpoint: Path | None) -> None:
        begin(self)
        whole(self, checkpoint)

    Watched.resume = resume  # type: ignore[method-assign]
    try:
        yield
    finally:
        Watched.resume = whole  # type: ignore[method-assign]


@contextmanager
def _engine() -> Iterator[int]:
    """The end to write to of a pipe that somebody in another process empties, as the engine empties a worker's."""
    with subprocess.Popen(["cat"], stdin=subprocess.PIPE, stdout=subprocess.DEVNULL) as reader:
        assert reader.stdin is not None
        yield reader.stdin.fileno()


def bare(material: Material, place: Path, begin: Begin, steps: int) -> None:
    """What a user of TRL would write, with the settings that our stage has for a CPU, and nothing printed."""
    from transformers import PrinterCallback

    place.mkdir(parents=True)
    trainer = _trainer(material, place, steps)
    trainer.remove_callback(PrinterCallback)
    begin(trainer)
    trainer.train()
    trainer.model.save_pretrained(str(place))
    losses = [row["loss"] for row in trainer.state.log_history if "loss" in row]
    (place / LOSSES).write_text(json.dumps(losses), encoding="ascii")


def _trainer(material: Material, place: Path, steps: int) -> Any:
    import torch
    from datasets import Dataset
    from peft import LoraConfig
    from transformers import AutoModelForCausalLM, AutoTokenizer, set_seed
    from trl import SFTTrainer

    set_seed(0)
    torch.use_deterministic_algorithms(True)
    torch.utils.deterministic.fill_uninitialized_memory = False
    where = material.model.location
    model = AutoModelForCausalLM.from_pretrained(where, dtype=torch.float32, attn_implementation="eager")
    tokenizer = AutoTokenizer.from_pretrained(where)
    lora = LoraConfig(
        r=RANK,
        lora_alpha=ALPHA,
        lora_dropout=0.0,
        target_modules=["k_proj", "o_proj", "q_proj", "v_proj"],
        target_parameters=["mlp.experts.down_proj", "mlp.experts.gate_up_proj"],
        task_type="CAUSAL_LM",
    )
    rows = Dataset.from_list(_tokens(material, tokenizer))
    return SFTTrainer(model, _arguments(place, steps), train_dataset=rows, processing_class=tokenizer, peft_config=lora)


def _arguments(place: Path, steps: int) -> Any:
    from trl import SFTConfig

    return SFTConfig(
        output_dir=str(place),
        learning_rate=RATE,
        max_steps=steps,
        per_device_train_batch_size=BATCH,
        lr_scheduler_type="linear",
        weight_decay=0.0,
        activation_checkpointing=False,
        save_strategy="no",
        logging_steps=1,
        logging_nan_inf_filter=False,
        seed=0,
        data_seed=0,
        use_cpu=True,
        bf16=False,
        report_to="none",
        disable_tqdm=True,
        dataloader_pin_memory=False,
        router_aux_loss_coef=0.0,
        dataset_kwargs={"skip_prepare_dataset": True},
    )


def _tokens(material: Material, tokenizer: Any) -> list[dict[str, list[int]]]:
    from stagerun_stages.tiny.base import encode

    rows = [json.loads(line) for line in material.data["SFT"].local().read_text(encoding="utf-8").splitlines()]
    return [dict(zip(("input_ids", "labels"), encode(tokenizer, row), strict=True)) for row in rows]
