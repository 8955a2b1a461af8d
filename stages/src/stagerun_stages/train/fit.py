"""What of a training's options cannot work: on any machine, and on the one it is planned for. Nothing is loaded for it.

Each part asks about its own options; what is here is what needs several of them. Not covered: whether memory suffices.
"""

from __future__ import annotations

from collections.abc import Iterator, Mapping
from typing import TYPE_CHECKING, Any

from stagerun import Hardware
from stagerun_stages.data.pack import Pack
from stagerun_stages.models import attention, quantised
from stagerun_stages.models.shapes import config_of
from stagerun_stages.train import kernels, launch, precision, zero

if TYPE_CHECKING:
    from stagerun_stages.train.options import Training

OURS = {  # what `trainer` may not say, because an option here does
    "bf16": "precision",
    "fp16": "precision",
    "torch_compile": "compile",
    "torch_compile_backend": "compile",
    "torch_compile_mode": "compile",
    "model_init_kwargs": "attention, precision or quantize: the stage loads the model, and TRL would ignore it",
}


def complaints(options: Training) -> Iterator[str]:
    """What is wrong on any machine."""
    for name, ours in OURS.items():
        if name in options.trainer:
            yield f'trainer sets "{name}"; use {ours}'
    yield from kernels.complaints(options.kernels, options.compile, options.trainer)
    yield from launch.complaints(options.launch, options.batch_size, options.trainer)
    yield from zero.complaints(options)
    if options.kernels not in options.kernels_known:
        yield f'kernels is "{options.kernels}", which is for train.sft; use {" or ".join(options.kernels_known)}'
    if options.lora.experts and options.precision == "fp8":
        yield 'precision is "fp8", and lora.experts trains parameters: FP8 takes linear layers only; use "bfloat16"'
    if options.lora.experts and options.quantize == "4bit":
        yield 'quantize is "4bit", and lora.experts trains parameters, which stay in 16 bits; use "none"'
    if options.lora.experts and options.compile is True:
        what = "compile is true, and PEFT makes experts that lora.experts trains a new class in every pass"
        yield f"{what}: they would be compiled again and again, then given up; set it to false"
    if options.precision == "fp8" and options.quantize == "4bit":
        yield 'quantize is "4bit", and precision "fp8" has no 4-bit weights; use "bfloat16"'


def misfits(options: Training, origins: Mapping[str, Any], hardware: Hardware) -> Iterator[tuple[str, str]]:
    """What cannot work on this machine, with the option."""
    config = config_of(origins.get("model"))
    yield from precision.misfits(options.precision, config, hardware)
    yield from attention.misfits(options.attention, config, hardware)
    yield from kernels.misfits(options.kernels, options.compile, config, hardware)
    yield from quantised.misfits(options.quantize, config, hardware)
    kind = (config or {}).get("model_type", "")
    own = bool(getattr(options, "packing", False))
    packed = own or isinstance(origins.get("train"), Pack)
    yield from launch.misfits(options.launch, hardware, packed=packed)
    yield from zero.misfits(options, hardware)
    if kind in attention.STATEFUL and packed:
        what = f"{kind} carries a state from one document of a packed row to the next"
        yield "packing" if own else "", f"{what}; give the rows unpacked and set packing = false"
