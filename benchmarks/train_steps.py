"""The time of a training step of `train.sft` beside a bare TRL script: same model, rows, seed and settings, turn by turn.

Both run in one process, each in a thread of its own, and take turns step by step: what disturbs the machine disturbs both. A
step lasts from its beginning to the next one's, so that logging and metrics count, and waiting for one's turn does not. Of every
step the fastest of all rounds is taken, by the clock and by the processor.
"""

from __future__ import annotations

import json
import os
import threading
import time
from collections.abc import Callable, Iterator
from contextlib import contextmanager
from pathlib import Path
from statistics import median
from typing import Any

from attrs import define, field
from transformers import TrainerCallback

from benchmarks.training import Material, work

STEPS, BATCH, RATE, RANK, ALPHA = 200, 4, 2e-3, 8, 16.0


class Clock(TrainerCallback):  # type: ignore[misc]
    """Takes turns with another clock, and notes how long each step took, by the clock and by the processor."""

    def __init__(self) -> None:
        self.lengths: list[tuple[float, float]] = []
        self.other: Clock | None = None
        self.turn = threading.Semaphore(0)
        self.ready = threading.Event()  # at its first step, or broken before it
        self.begun: tuple[float, float] | None = None

    def on_step_begin(self, _args: Any, _state: Any, _control: Any, **_: Any) -> None:
        """Close the step before, let the other do one, and begin."""
        if self.begun is not None:
            self.lengths.append((time.perf_counter() - self.begun[0], time.process_time() - self.begun[1]))
            self.pass_on()
        self.ready.set()
        self.turn.acquire()
        self.begun = (time.perf_counter(), time.process_time())

    def on_train_end(self, _args: Any, _state: Any, _control: Any, **_: Any) -> None:
        """Let the other go on alone."""
        self.pass_on()

    def pass_on(self) -> None:
        """It is the other's turn."""
        if self.other is not None:
            self.other.turn.release()


@define
class Steps:
    """Best seconds of each step, by kind of clock; and whether losses and weights were the same."""

    best: dict[str, list[list[float]]] = field(factory=lambda: {"ours": [], "bare": []})
    losses: dict[str, list[float]] = field(factory=dict)
    weights: dict[str, bytes] = field(factory=dict)

    def add(self, name: str, clock: Clock) -> None:
        """Take in a round."""
        found = [[length[which] for length in clock.lengths] for which in (0, 1)]
        old = self.best[name]
        self.best[name] = [list(map(min, *pair)) for pair in zip(old, found, strict=True)] if old else found

    def seconds(self, name: str, which: int) -> float:
        """The median step."""
        return median(self.best[name][which])

    def ratio(self, which: int) -> float:
        """Ours over bare."""
        return self.seconds("ours", which) / self.seconds("bare", which)

    @property
    def same_losses(self) -> bool:
        """Whether all losses are the same numbers, bit for bit."""
        return self.losses["ours"] == self.losses["bare"] and len(self.losses["ours"]) == STEPS

    @property
    def same_weights(self) -> bool:
        """Whether the adapters are the same bytes."""
        return self.weights["ours"] == self.weights["bare"]


Run = Callable[[Material, Path, Clock], tuple[list[float], bytes]]


def compare(material: Material, home: Path, rounds: int) -> tuple[Steps, Steps]:
    """So many rounds of ours beside bare TRL, and of bare TRL beside itself, which shows what the measurement can tell."""
    both, control = Steps(), Steps()
    for number in range(rounds):
        _round(both, _ours, material, home / f"both_{number}", first="ours" if number % 2 else "bare")
        _round(control, _bare, material, home / f"control_{number}", first="ours" if number % 2 else "bare")
    return both, control


def _round(done: Steps, ours: Run, material: Material, place: Path, first: str) -> None:
    """One training of each; who comes first has other memory, so it changes."""
    clocks = {"ours": Clock(), "bare": Clock()}
    clocks["ours"].other, clocks["bare"].other = clocks["bare"], clocks["ours"]
    threads = []
    for name in sorted(clocks, key=lambda each: each != first):
        run = ours if name == "ours" else _bare
        threads.append(_started(done, name, run, material, place / name, clocks[name]))
        clocks[name].ready.wait()  # one prepares after the other: random numbers are the process's
    clocks[first].turn.release()
    for thread in threads:
        thread.join()
    for name, clock in clocks.items():
        done.add(name, clock)


def _started(done: Steps, name: str, run: Run, material: Material, place: Path, clock: Clock) -> threading.Thread:
    def act() -> None:
        import torch

        torch.set_num_threads(1)  # each thread has its own number
        try:
            done.losses[name], done.weights[name] = run(material, place, clock)
        finally:
            clock.ready.set()
            clock.pass_on()

    thread = threading.Thread(target=act)
    thread.start()
    return thread


def _ours(material: Material, place: Path, clock: Clock) -> tuple[list[float], bytes]:
    place.mkdir(parents=True)
    options = {
        "lora": {"rank": RANK, "alpha": ALPHA, "experts": True},
        "learning_rate": RATE,
        "batch_size": BATCH,
        "accumulation": 1,
        "max_steps": STEPS,
        "save_steps": 0,
    }
    nowhere = os.open(os.devnull, os.O_WRONLY)
    with _clocked(clock):
        work(material.job("SFT", place, **options), nowhere)
    os.close(nowhere)
    rows = [json.loads(line) for line in (place / "final" / "metrics.jsonl").read_text(encoding="utf-8").splitlines()]
    return [row["loss"] for row in rows], (place / "final" / "adapter" / "adapter_model.safetensors").read_bytes()


@contextmanager
def _clocked(clock: Clock) -> Iterator[None]:
    """Put the clock into the trainer that the stage makes."""
    from stagerun_stages.train.trainer import Watched

    whole = Watched.resume

    def resume(self: Any, checkpoint: Path | None) -> None:
        self.add_callback(clock)
        whole(self, checkpoint)

    Watched.resume = resume  # type: ignore[method-assign]
    try:
        yield
    finally:
        Watched.resume = whole  # type: ignore[method-assign]


def _bare(material: Material, place: Path, clock: Clock) -> tuple[list[float], bytes]:
    """What a user of TRL would write, with the settings that our stage has for a CPU."""
    import torch
    from datasets import Dataset
    from peft import LoraConfig
    from transformers import AutoModelForCausalLM, AutoTokenizer, PrinterCallback, set_seed
    from trl import SFTConfig, SFTTrainer

    set_seed(0)
    torch.use_deterministic_algorithms(True)
    torch.utils.deterministic.fill_uninitialized_memory = False
    model = AutoModelForCausalLM.from_pretrained(
        material.model.location, dtype=torch.float32, attn_implementation="eager"
    )
    tokenizer = AutoTokenizer.from_pretrained(material.model.location)
    arguments = SFTConfig(
        output_dir=str(place),
        learning_rate=RATE,
        max_steps=STEPS,
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
    lora = LoraConfig(
        r=RANK,
        lora_alpha=ALPHA,
        lora_dropout=0.0,
        target_modules=["k_proj", "o_proj", "q_proj", "v_proj"],
        target_parameters=["mlp.experts.down_proj", "mlp.experts.gate_up_proj"],
        task_type="CAUSAL_LM",
    )
    rows = Dataset.from_list(_tokens(material, tokenizer))
    trainer = SFTTrainer(model, arguments, train_dataset=rows, processing_class=tokenizer, peft_config=lora)
    trainer.remove_callback(PrinterCallback)
    trainer.add_callback(clock)
    trainer.train()
    trainer.model.save_pretrained(str(place))
    losses = [row["loss"] for row in trainer.state.log_history if "loss" in row]
    return losses, (place / "adapter_model.safetensors").read_bytes()


def _tokens(material: Material, tokenizer: Any) -> list[dict[str, list[int]]]:
    from stagerun_stages.tiny.base import encode

    rows = [json.loads(line) for line in material.data["SFT"].local().read_text(encoding="utf-8").splitlines()]
    return [dict(zip(("input_ids", "labels"), encode(tokenizer, row), strict=True)) for row in rows]
