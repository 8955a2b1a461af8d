"""The option `launch`: a training in several processes of one machine, and what of it cannot work. Nothing heavy is imported.

The global batch stays what batch_size and accumulation say, so that the result does: each process takes its share of the rows of
a batch. Not covered: how the processes are started (launching.py) and how they work together (together.py).
"""

from __future__ import annotations

from collections.abc import Iterator, Mapping
from typing import Any, Literal

from attrs import frozen

from stagerun import Hardware, option

Strategy = Literal["ddp", "fsdp2", "deepspeed"]
ORDERS = ("random", "sequential")  # orders of rows that are the same whoever takes which
OURS = ("fsdp", "fsdp_config", "deepspeed", "accelerator_config", "ddp_backend", "parallelism_config")


@frozen(kw_only=True)
class Launch:
    """Several processes on this machine, started by torchrun: one to a GPU, or a few on the CPU."""

    processes: int = option(1, about="how many; each takes batch_size / processes rows of a batch")
    strategy: Strategy = option(
        "ddp",
        about="ddp: each holds everything; fsdp2: a part of everything; deepspeed: the model, and a part of gradients and "
        "optimizer (ZeRO 2)",
    )


def complaints(launch: Launch, batch_size: int, trainer: Mapping[str, Any]) -> Iterator[str]:
    """What is wrong on any machine."""
    if launch.processes < 1:
        yield f"launch.processes is {launch.processes}; it must be at least 1"
        return
    if batch_size % launch.processes:
        yield (
            f"batch_size is {batch_size}; it must divide among launch.processes = {launch.processes}, "
            f"such as {-(-batch_size // launch.processes) * launch.processes}"
        )
    if launch.processes == 1:
        return
    for name in OURS:
        if name in trainer:
            yield f'trainer sets "{name}"; use launch.strategy'
    order = trainer.get("train_sampling_strategy", "random")
    if order not in ORDERS:
        yield (
            f'trainer.train_sampling_strategy is "{order}", an order that several processes would each draw otherwise; '
            f"use {' or '.join(ORDERS)}"
        )


def misfits(launch: Launch, hardware: Hardware, *, packed: bool = False) -> Iterator[tuple[str, str]]:
    """What cannot work on this machine, with the option; `packed` rows need a proof by the whole model."""
    if launch.processes == 1:
        return
    device, devices = hardware.policy.device, hardware.probe.facts.get("devices")
    if device not in ("cuda", "cpu"):
        yield "launch.processes", f"{launch.processes} processes work on cuda and cpu, and this is {device}; say 1"
    if device == "cuda" and devices is not None and launch.processes > devices:
        noun = "device" if devices == 1 else "devices"
        yield (
            "launch.processes",
            f"{launch.processes} processes need as many devices; this machine has {devices} {noun}",
        )
    if device == "cuda" and launch.strategy == "fsdp2" and packed:
        what = "fsdp2 has no whole model on a device, by which packed rows are proven to be kept apart"
        yield "launch.strategy", f'{what}; say "ddp", or give the rows unpacked'
