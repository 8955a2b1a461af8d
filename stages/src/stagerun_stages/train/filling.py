"""The same rows for several processes as for one, also where the rows do not divide evenly among them.

accelerate deals the batches of one order out among the processes, and where the last batch is short it begins again with the
first rows, which then count twice. Here the last batch is filled up with rows from which nothing is learned.
"""

from __future__ import annotations

from array import array
from collections.abc import Iterator, Mapping, Sequence
from typing import Any

from accelerate import DistributedType, PartialState
from accelerate.data_loader import SeedableRandomSampler
from torch.utils.data import Sampler, SequentialSampler

from stagerun_stages.train import together
from stagerun_stages.train.encoding import IGNORED

Row = Mapping[str, Any]


def filled(rows: Sequence[Row], filler: Row, arguments: Any) -> list[Row]:
    """Rows for a trainer of those arguments, with as many fillers at the end as the last batch of all processes lacks."""
    if together.count() == 1 or arguments.dataloader_drop_last:
        return list(rows)
    lacking = -len(rows) % (arguments.per_device_train_batch_size * together.count())
    return [*rows, *([filler] * lacking)]


def blank(row: Row, padding: int) -> Row:
    """A row of two tokens like others of its data set, of which none is learned."""
    every = {"input_ids": [padding] * 2, "labels": [IGNORED] * 2, "seq_lengths": [2]}
    return {name: _as(cell, every[name]) for name, cell in row.items()}


def _as(cell: Any, values: list[int]) -> Any:
    """Integers in the form that others of their column have."""
    return array(cell.typecode, values) if isinstance(cell, array) else values


def blank_pair(padding: int) -> Row:
    """A preference between two equal answers: whatever the model, its loss is the same and pulls it nowhere."""
    return {"prompt_ids": [padding] * 2, "chosen_ids": [padding] * 2, "rejected_ids": [padding] * 2}


class Filled(Sampler[int]):
    """The order in which one process takes `rows` rows, then those that fill up the last batch."""

    def __init__(self, rows: int, fillers: int, seed: int, *, shuffle: bool) -> None:
        self.rows, self.fillers = rows, fillers
        self.inner: Any = (
            SeedableRandomSampler(range(rows), data_seed=seed) if shuffle else SequentialSampler(range(rows))
        )

    def __len__(self) -> int:
        return self.rows + self.fillers

    def __iter__(self) -> Iterator[int]:
        yield from self.inner
        yield from range(self.rows, self.rows + self.fillers)

    def set_epoch(self, epoch: int) -> None:
        """Another order in every epoch; accelerate and transformers call it."""
        if hasattr(self.inner, "set_epoch"):
            self.inner.set_epoch(epoch)


def with_others(trainer: Any) -> Any:
    """A TRL trainer class as one of several processes needs it; as it is where there is one, which then pays nothing."""
    return type(trainer.__name__, (Shared, trainer), {}) if together.count() > 1 else trainer


class Shared:
    """Mixin for a TRL trainer in several processes: set `fillers`, how many rows at the end of its data only fill up.

    `held_fillers` is the same for what is evaluated.
    """

    fillers: int = 0
    held_fillers: int = 0
    _batch: int = 0

    def create_accelerator_and_postprocess(self) -> None:
        """transformers'; accelerate 1.15 takes its FSDP plugin on accelerators only, torch shards on a CPU too."""
        if self.args.fsdp_plugin_args and self.args.device.type == "cpu":  # type: ignore[attr-defined]
            PartialState._shared_state["distributed_type"] = DistributedType.MULTI_GPU  # AcceleratorState looks here
        super().create_accelerator_and_postprocess()  # type: ignore[misc]

    def _get_train_sampler(self, dataset: Any = None) -> Any:
        if together.count() == 1:
            return super()._get_train_sampler(dataset)  # type: ignore[misc]
        args = self.args  # type: ignore[attr-defined]
        rows = len(self.train_dataset if dataset is None else dataset) - self.fillers  # type: ignore[attr-defined]
        return Filled(rows, self.fillers, args.data_seed, shuffle=args.train_sampling_strategy == "random")

    def compute_loss(self, model: Any, inputs: Any, *args: Any, **kwargs: Any) -> Any:
        """The trainer's; TRL 1.16 counts the tokens of all processes while training, and of each alone while evaluating."""
        if together.count() > 1 and not model.training and "labels" in inputs:
            kwargs["num_items_in_batch"] = self._get_num_items_in_batch([inputs], self.args.device)  # type: ignore[attr-defined]
        return super().compute_loss(model, inputs, *args, **kwargs)  # type: ignore[misc]

    def evaluation_loop(self, *args: Any, **kwargs: Any) -> Any:
        """The trainer's; counts its batches."""
        self._batch = 0
        return super().evaluation_loop(*args, **kwargs)  # type: ignore[misc]

    def prediction_step(self, *args: Any, **kwargs: Any) -> Any:
        """The trainer's, its loss weighed so that the last batch counts as many rows as are real in it.

        transformers takes the mean over batches that it believes to be full.
        """
        loss, *rest = super().prediction_step(*args, **kwargs)  # type: ignore[misc]
        if together.count() == 1 or loss is None or not self.held_fillers:
            return (loss, *rest)
        loader = self.callback_handler.eval_dataloader  # type: ignore[attr-defined]
        size = self.args.eval_batch_size * together.count()  # type: ignore[attr-defined]
        rows = len(loader) * size - self.held_fillers
        real = min(size, rows - self._batch * size)
        self._batch += 1
        return (loss * (real * len(loader) / rows), *rest)
