"""What our TRL trainers have in common: checkpoints in our sealed folders, a loss that is finite, a stop when asked.

`Watched` stands before a TRL trainer class in the bases. Not covered: the metrics that are reported, see report.py.
"""

from __future__ import annotations

import math
from collections.abc import Mapping
from pathlib import Path
from tempfile import TemporaryDirectory
from typing import Any

import attrs
from attrs import define, field, frozen

from stagerun import Artifact, Ctx, StageError
from stagerun_stages.models.adapters import write_adapter
from stagerun_stages.train.watching import FIRST

PASSING = {"kept": False}  # not written to a checkpoint
TRAINER_STATE = "trainer_state.json"  # transformers reads it by this name when it resumes
STATES = ("optimizer.pt", "scheduler.pt")  # and these
RECENT = 10
FORMAT = 2  # of a checkpoint: 1 had groups of the optimizer without a tensor, and answers of one process


@define
class Progress:
    """What a run must remember over a resume and transformers does not: recent losses and metrics, and what was before."""

    before: dict[str, float] = field(factory=dict)
    first_loss: float | None = None
    losses: list[float] = field(factory=list)  # of the last steps
    early: list[float] = field(factory=list)  # losses of the first steps
    rows: list[dict[str, float]] = field(factory=list)  # the last rows of metrics
    counts: dict[str, int] = field(factory=dict)
    finished: bool = False  # the last step is done
    memory_failures: int = 0  # how often the batch was divided for want of memory
    current: float = field(default=0.0, metadata=PASSING)
    tokens: int = field(default=0, metadata=PASSING)  # taken by this attempt, padding included

    def add(self, loss: float, tokens: int) -> None:
        """Add a micro step's share of the loss."""
        self.current += loss
        self.tokens += tokens

    def step(self) -> float:
        """Close an optimizer step and give its loss."""
        loss, self.current = self.current, 0.0
        self.first_loss = loss if self.first_loss is None else self.first_loss
        self.losses = [*self.losses, loss][-RECENT:]
        if len(self.early) < FIRST:
            self.early.append(loss)
        return loss

    def row(self, values: dict[str, float]) -> None:
        """Keep a row of metrics."""
        self.rows = [*self.rows, values][-RECENT:]

    def count(self, name: str, more: int) -> None:
        """Add to a count."""
        self.counts[name] = self.counts.get(name, 0) + more

    def mean(self, name: str) -> float:
        """Mean of a metric over the last rows that have it; NaN when none has."""
        found = [row[name] for row in self.rows if name in row]
        return sum(found) / len(found) if found else math.nan

    def results(self) -> dict[str, float]:
        """Final metrics: means of the last ten steps, and what was measured first."""
        names = {name for row in self.rows for name in row} - {"learning_rate"}
        means = {name: self.mean(name) for name in sorted(names)}
        loss = sum(self.losses) / len(self.losses) if self.losses else math.nan
        first = {} if self.first_loss is None else {"first_loss": self.first_loss}
        return {**means, **first, **self.before, "loss": loss}

    def to_json(self) -> dict[str, Any]:
        """The form kept in a checkpoint's state.json."""
        return attrs.asdict(self, filter=lambda each, _: each.metadata.get("kept", True))

    @classmethod
    def from_json(cls, row: Mapping[str, Any]) -> Progress:
        """Inverse of `to_json`."""
        return cls(**row)


@frozen
class Held:
    """What goes into a checkpoint and lies with several processes: files of random states, and what is sharded, whole."""

    random: Mapping[str, bytes]
    weights: Mapping[str, Any] | None
    optimizer: Mapping[str, Any] | None


class Watched:
    """Mixin for a TRL trainer. Set `ctx`, `base` and `progress` before training; `divided` as memory.py says."""

    ctx: Ctx
    base: Artifact
    progress: Progress
    divided: int = 1
    loraplus_lr_ratio: float = 0.0

    def _build_accelerator_args(self, **kwargs: Any) -> dict[str, Any]:
        """transformers', with how FP8 is done where that is asked for."""
        given: dict[str, Any] = super()._build_accelerator_args(**kwargs)  # type: ignore[misc]
        if given["mixed_precision"] == "fp8":
            from stagerun_stages.train.fp8 import recipe

            given["kwargs_handlers"] = [*given.get("kwargs_handlers", ()), recipe()]
        return given

    def training_step(self, model: Any, inputs: Any, *args: Any, **kwargs: Any) -> Any:
        """One micro step; raises StageError as soon as the loss is not a number."""
        tokens = int(inputs["input_ids"].numel()) if "input_ids" in inputs else 0
        loss = super().training_step(model, inputs, *args, **kwargs)  # type: ignore[misc]
        value = float(loss)
        if not math.isfinite(value):
            step = self.state.global_step + 1  # type: ignore[attr-defined]
            raise StageError(f"the loss is {value} at step {step}", "lower learning_rate, or look at the data")
        self.progress.add(value, tokens)
        return loss

    def create_optimizer(self, model: Any = None) -> Any:
        """The trainer's, or PEFT's LoRA+ around the same class, in which the second factor learns faster.

        Groups without a tensor are left out. DeepSpeed leaves them out, and its checkpoints are to be like all others.
        """
        optimizer: Any = self.optimizer  # type: ignore[has-type]
        if optimizer is None:
            optimizer = self._loraplus(model) if self.loraplus_lr_ratio else super().create_optimizer(model)  # type: ignore[misc]
            optimizer.param_groups[:] = [each for each in optimizer.param_groups if each["params"]]
            self.optimizer = optimizer
        return optimizer

    def _loraplus(self, model: Any) -> Any:
        from peft.optimizers import create_loraplus_optimizer

        model = self.model if model is None else model  # type: ignore[attr-defined]
        kind, given = self.get_optimizer_cls_and_kwargs(self.args, model)  # type: ignore[attr-defined]
        more = {"loraplus_lr_ratio": self.loraplus_lr_ratio, "loraplus_weight_decay": self.args.weight_decay}  # type: ignore[attr-defined]
        return create_loraplus_optimizer(model, kind, **given, **more)

    def longest(self, count: int) -> dict[str, Any]:
        """A batch of the longest rows, as the data loader would give it."""
        rows = self.train_dataset  # type: ignore[attr-defined]
        sizes = lengths(rows)
        chosen = sorted(range(len(sizes)), key=lambda index: (-sizes[index], index))[:count]
        return self.data_collator([rows[index] for index in chosen])  # type: ignore[attr-defined]

    def size(self, batch: dict[str, Any]) -> int:
        """Tokens of such a batch, padding included."""
        return int(batch["input_ids"].numel())

    def _save_checkpoint(self, _model: Any, _trial: Any) -> None:
        """Fill one of our checkpoint folders; the trainer's own output folder gets no second copy.

        Of several processes the first writes, what the others hold too.
        """
        from stagerun_stages.train import together

        step = self.state.global_step  # type: ignore[attr-defined]
        stopped = self.control.should_training_stop  # type: ignore[attr-defined]
        self.progress.finished = step >= self.state.max_steps or stopped  # type: ignore[attr-defined]
        held = self._held()
        if together.rank() == 0:
            state = {"format": FORMAT, "progress": self.progress.to_json(), "processes": together.count()}
            with self.ctx.checkpoints.saving(step, state) as folder:
                self._write_checkpoint(folder, held)
        together.wait()

    def _held(self) -> Held:
        """What all processes must give to a checkpoint: their random states, and their parts of what is sharded."""
        from stagerun_stages.train import sharded, together

        with TemporaryDirectory() as folder:
            self._save_rng_state(folder)  # type: ignore[attr-defined]
            random = {path.name: path.read_bytes() for path in Path(folder).iterdir()}
        weights = sharded.adapter_weights(self.model)  # type: ignore[attr-defined]
        optimizer = sharded.whole_optimizer(self.model, self.optimizer)  # type: ignore[attr-defined]
        files = {name: data for each in together.gathered(random) for name, data in each.items()}
        return Held(files, weights, optimizer)

    def _write_checkpoint(self, folder: Path, held: Held) -> None:
        write_adapter(self.model, folder, self.base, weights=held.weights)  # type: ignore[attr-defined]
        if held.optimizer is None:
            self._save_optimizer_and_scheduler(str(folder))  # type: ignore[attr-defined]
        else:
            import torch

            for name, state in zip(STATES, (held.optimizer, self.lr_scheduler.state_dict()), strict=True):  # type: ignore[attr-defined]
                torch.save(state, folder / name)
        self._save_scaler(str(folder))  # type: ignore[attr-defined]
        for name, data in held.random.items():
            (folder / name).write_bytes(data)
        self._remember_callbacks()
        self.state.save_to_json(str(folder / TRAINER_STATE))  # type: ignore[attr-defined]
        self.fill(folder)

    def write(self, folder: Path, template: str | None) -> None:
        """Write the trained adapter, the first of several processes for all."""
        from stagerun_stages.train import sharded, together

        weights = sharded.adapter_weights(self.model)  # type: ignore[attr-defined]
        if together.rank() == 0:
            write_adapter(self.model, folder, self.base, template, weights=weights)  # type: ignore[attr-defined]
        together.wait()

    def _remember_callbacks(self) -> None:
        """Put what callbacks count, such as the patience of an early stop, where transformers looks when it resumes."""
        from transformers.trainer_callback import ExportableState

        callbacks = self.callback_handler.callbacks  # type: ignore[attr-defined]
        found = {type(each).__name__: each.state() for each in callbacks if isinstance(each, ExportableState)}
        self.state.stateful_callbacks |= found  # type: ignore[attr-defined]

    def resume(self, checkpoint: Path | None) -> None:
        """Train, from a checkpoint if there is one. After the last step transformers 5.23 would take one more."""
        if checkpoint is not None and self.progress.finished:
            self.is_deepspeed_enabled = False  # for what is measured now, transformers would want ZeRO 3
            self._load_from_checkpoint(str(checkpoint))
        else:
            self.train(resume_from_checkpoint=str(checkpoint) if checkpoint else None)  # type: ignore[attr-defined]

    def _prepare_for_training(self, steps: int, rows: Any, checkpoint: str | None) -> Any:
        """The trainer's; with DeepSpeed our checkpoints are read here, where transformers would look for DeepSpeed's own."""
        if checkpoint is None or not self.is_deepspeed_enabled:
            return super()._prepare_for_training(steps, rows, checkpoint)  # type: ignore[misc]
        prepared = super()._prepare_for_training(steps, rows, None)  # type: ignore[misc]
        self._load_from_checkpoint(checkpoint)
        self._load_optimizer_and_scheduler(checkpoint)
        return prepared

    def _load_from_checkpoint(self, resume_from_checkpoint: str, _model: Any = None) -> None:
        """Only the trained adapter is in a checkpoint; base and reference come from the stage's inputs again."""
        from stagerun_stages.train import sharded

        folder = Path(resume_from_checkpoint)
        sharded.load_adapter(self.model, folder)  # type: ignore[attr-defined]
        self.restore(folder)

    def _load_optimizer_and_scheduler(self, checkpoint: str | None) -> None:
        """The trainer's; where the optimizer is sharded, the parts of this process."""
        from stagerun_stages.train import sharded

        if checkpoint is None or not sharded.is_cut(self.model):  # type: ignore[attr-defined]
            super()._load_optimizer_and_scheduler(checkpoint)  # type: ignore[misc]
            return
        import torch

        files = (Path(checkpoint) / name for name in STATES)
        optimizer, scheduler = (torch.load(file, weights_only=True, map_location="cpu") for file in files)
        sharded.load_optimizer(self.model, self.optimizer, optimizer)  # type: ignore[attr-defined]
        self.lr_scheduler.load_state_dict(scheduler)  # type: ignore[attr-defined]

    def fill(self, folder: Path) -> None:
        """Add what only this trainer needs to a checkpoint."""

    def restore(self, folder: Path) -> None:
        """Read what `fill` wrote."""


def lengths(rows: Any) -> list[int]:
    """Tokens of each row of a data set; of a preference, prompt and the longer answer."""
    import pyarrow.compute as pc

    table = rows.with_format("arrow")[:]

    def count(name: str) -> Any:
        return pc.list_value_length(table[name])

    if "input_ids" in table.column_names:
        return list(count("input_ids").to_pylist())
    longer = pc.max_element_wise(count("chosen_ids"), count("rejected_ids"))
    return list(pc.add(count("prompt_ids"), longer).to_pylist())


def unjudged_share(progress: Progress) -> float:
    """The share of answers that the judge could not judge, of all it was given; 0 when it was given none."""
    return progress.counts.get("unjudged", 0) / max(progress.counts.get("judged", 0), 1)
