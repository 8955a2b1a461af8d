"""Our options in TRL's words. `trainer` passes anything else through, checked by name against TRL's own class first."""

from __future__ import annotations

import dataclasses
import os
from collections.abc import Iterable, Mapping
from typing import Any

from stagerun import Ctx, StageError
from stagerun.errors import nearest
from stagerun_stages.train import launching
from stagerun_stages.train.memory import Split
from stagerun_stages.train.options import Training
from stagerun_stages.train.precision import ACCELERATE, mixed
from stagerun_stages.train.trackers import track

STOPPING = frozenset({"early_stopping_patience", "early_stopping_threshold"})
OLDER = {
    "activation_checkpointing": "gradient_checkpointing"
}  # before transformers 5.23, as Unsloth's environment has it
BEST = {"metric_for_best_model": "eval_loss", "greater_is_better": False}


def shared(options: Training, pieces: Split, ctx: Ctx) -> dict[str, Any]:
    """What the configurations of all TRL trainers are given; their output folder is scratch, checkpoints go elsewhere."""
    policy = ctx.backend.policy()
    number_format = mixed(options.precision, policy)
    os.environ[ACCELERATE] = number_format  # the only way to say fp8, and a value from outside must not say otherwise
    return {
        "output_dir": str(ctx.work / "trainer"),
        "learning_rate": options.learning_rate,
        "num_train_epochs": options.epochs,
        "max_steps": options.max_steps or -1,
        "per_device_train_batch_size": pieces.micro,
        "per_device_eval_batch_size": pieces.micro,
        "gradient_accumulation_steps": pieces.accumulation,
        "warmup_steps": options.warmup if options.warmup < 1 else int(options.warmup),
        "lr_scheduler_type": options.schedule,
        "weight_decay": options.weight_decay,
        "max_grad_norm": options.max_grad_norm,
        "activation_checkpointing": options.gradient_checkpointing,
        "save_strategy": "steps",
        "save_steps": options.save_steps or 10**9,
        "logging_steps": options.logging_steps,
        "logging_nan_inf_filter": False,  # it would hide a NaN loss behind the average of earlier ones
        "seed": ctx.seed,
        "data_seed": ctx.seed,
        "use_cpu": policy.device == "cpu",
        "bf16": number_format == "bf16",  # TRL sets it where nothing is said, and fp8 is lost
        "fp16": number_format == "fp16",
        "router_aux_loss_coef": options.router_balance,
        "disable_tqdm": True,
        "dataloader_pin_memory": policy.device == "cuda",
        "auto_find_batch_size": False,  # it starts over and keeps no global batch; see memory.py
        "load_best_model_at_end": False,  # the trainer's own checkpoint folders, which it would read, are never written
        "report_to": track(options.trainer.get("report_to", "none"), ctx),
        **_stopping(options),
        **launching.arguments(options.launch, number_format),
    }


def _stopping(options: Training) -> dict[str, Any]:
    """What transformers' EarlyStoppingCallback looks at: the loss over the validation rows."""
    if not options.early_stopping:
        return {}
    _refuse_unknown("early_stopping", options.early_stopping, STOPPING, "EarlyStoppingCallback")
    return {
        "restore_callback_states_from_checkpoint": True,
        **{n: v for n, v in BEST.items() if n not in options.trainer},
    }


def build(config_class: type[Any], given: Mapping[str, Any], passed: Mapping[str, Any], option: str = "trainer") -> Any:
    """Make a configuration of TRL or PEFT.

    `passed` is what the user says in `option` under its own names. Raises StageError for a name it does not have, one that is
    ours, or a value it refuses.
    """
    known = {field.name for field in dataclasses.fields(config_class)}
    for name in passed:
        if name in given and name != "report_to":
            raise StageError(
                f'{option} sets "{name}", which the stage sets itself', "use the stage's own option for it"
            )
    _refuse_unknown(option, passed, known, config_class.__name__)
    ours = {name if name in known else OLDER.get(name, name): value for name, value in given.items()}
    try:
        return _of_one_device(config_class(**{**passed, **ours}))
    except (ValueError, TypeError, NotImplementedError) as error:
        raise StageError(
            f"{config_class.__name__} refuses its values: {error}", "look at the stage's options"
        ) from error


def _of_one_device(config: Any) -> Any:
    """One process trains on one device: where it sees several, transformers would deal each batch out among them."""
    if getattr(config, "n_gpu", 1) > 1:
        config._n_gpu = 1
    return config


def _refuse_unknown(option: str, passed: Iterable[str], known: Iterable[str], owner: str) -> None:
    for name in passed:
        if name not in known:
            raise StageError(f'{option} sets "{name}", which {owner} does not have', nearest(name, known))
