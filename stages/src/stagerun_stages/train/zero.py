"""The strategy "deepspeed": ZeRO, stage 2. Each process holds the whole model, and a part of gradients and optimizer.

The model stays in the number formats it was loaded in, and DeepSpeed's own autocast does what accelerate's does elsewhere:
DeepSpeed's mixed precision would turn the adapter to 16 bits, from which no training goes on exactly. Plain data: importing this
loads no training library. Not covered: how what lies in parts is made whole, see flattened.py.

Source: Rajbhandari et al. 2020, "ZeRO: Memory optimizations toward training trillion parameter models"; DeepSpeed 0.19.
"""

from __future__ import annotations

from collections.abc import Iterator
from typing import TYPE_CHECKING, Any

from stagerun import Hardware
from stagerun_stages.train.packages import missing
from stagerun_stages.train.precision import mixed

if TYPE_CHECKING:
    from stagerun_stages.train.launch import Launch
    from stagerun_stages.train.options import Training

BUCKET = 50_000_000  # numbers that are added up between processes at once; DeepSpeed's own default takes 2 GB
OPTIMIZERS = ("adamw_torch", "adamw_torch_fused")  # whose state of a number does not depend on its neighbours


def in_force(launch: Launch) -> bool:
    """Whether a training goes by it."""
    return launch.processes > 1 and launch.strategy == "deepspeed"


def arguments(number_format: str) -> dict[str, Any]:
    """What transformers is told; `number_format` in accelerate's words."""
    autocast = {"enabled": number_format == "bf16", "dtype": "bfloat16", "lower_precision_safe_modules": []}
    config = {
        "zero_optimization": {"stage": 2, "reduce_bucket_size": BUCKET},
        "train_micro_batch_size_per_gpu": "auto",
        "gradient_accumulation_steps": "auto",
        "gradient_clipping": "auto",
        "bf16": {"enabled": False},
        "fp16": {"enabled": False},
        "torch_autocast": autocast,
    }
    return {"deepspeed": config, "bf16": False}


def misfits(options: Training, hardware: Hardware) -> Iterator[tuple[str, str]]:
    """What cannot work on this machine, with the option."""
    if not in_force(options.launch):
        return
    if lacking := missing(hardware, "deepspeed"):
        yield "launch.strategy", f'launch.strategy is "deepspeed", and {lacking}'
    if (number_format := mixed(options.precision, hardware.policy)) not in ("no", "bf16"):
        what = f'launch.strategy is "deepspeed", which is proven in float32 and bfloat16, and this computes in {number_format}'
        yield "launch.strategy", f'{what}; say "ddp"'


def complaints(options: Training) -> Iterator[str]:
    """What is wrong on any machine."""
    if not in_force(options.launch):
        return
    name = str(options.trainer.get("optim", OPTIMIZERS[0]))
    if name not in OPTIMIZERS:
        known = " or ".join(OPTIMIZERS)
        yield f'trainer.optim is "{name}", whose states strategy "deepspeed" cannot cut into parts; use {known}'
    if options.compile is True:
        yield 'compile is true, and nothing is compiled with strategy "deepspeed"; set it to false, or say "ddp"'
