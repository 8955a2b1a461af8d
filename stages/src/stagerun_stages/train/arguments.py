"""Our options in TRL's words. `trainer` passes anything else through, checked by name against TRL's own class first."""

from __future__ import annotations

import dataclasses
from collections.abc import Mapping
from pathlib import Path
from typing import Any

from stagerun import Policy, StageError
from stagerun.errors import nearest
from stagerun_stages.train.options import Training


def shared(options: Training, policy: Policy, seed: int, folder: Path) -> dict[str, Any]:
    """What the configurations of all TRL trainers are given. `folder` is scratch: checkpoints go elsewhere."""
    return {
        "output_dir": str(folder),
        "learning_rate": options.learning_rate,
        "num_train_epochs": options.epochs,
        "max_steps": options.max_steps or -1,
        "per_device_train_batch_size": options.batch_size,
        "per_device_eval_batch_size": options.batch_size,
        "gradient_accumulation_steps": options.accumulation,
        "warmup_steps": options.warmup if options.warmup < 1 else int(options.warmup),
        "lr_scheduler_type": options.schedule,
        "weight_decay": options.weight_decay,
        "max_grad_norm": options.max_grad_norm,
        "activation_checkpointing": options.gradient_checkpointing,
        "save_strategy": "steps",
        "save_steps": options.save_steps or 10**9,
        "logging_steps": options.logging_steps,
        "logging_nan_inf_filter": False,  # it would hide a NaN loss behind the average of earlier ones
        "seed": seed,
        "data_seed": seed,
        "use_cpu": policy.device == "cpu",
        "bf16": policy.dtype == "bfloat16",
        "fp16": policy.dtype == "float16",
        "router_aux_loss_coef": options.router_balance,
        "report_to": "none",
        "disable_tqdm": True,
        "dataloader_pin_memory": policy.device == "cuda",
    }


def build(config_class: type[Any], given: Mapping[str, Any], passed: Mapping[str, Any]) -> Any:
    """Make TRL's configuration; raises StageError for a name it does not have, one that is ours, or a value it refuses."""
    known = {field.name for field in dataclasses.fields(config_class)}
    for name in passed:
        if name in given:
            raise StageError(f'trainer sets "{name}", which the stage sets itself', "use the stage's own option for it")
        if name not in known:
            raise StageError(
                f'trainer sets "{name}", which {config_class.__name__} does not have', nearest(name, known)
            )
    try:
        return config_class(**given, **passed)
    except (ValueError, TypeError, NotImplementedError) as error:
        raise StageError(
            f"{config_class.__name__} refuses its values: {error}", "look at the stage's options"
        ) from error
