"""What training with MLX can do, known while planning: no mlx, no torch is imported here.

Kinds of models are those whose answers were compared with torch's, in tests/stages/mlx/test_loading.py. Not covered: what shows
only when the model is read, see loading.py.
"""

from __future__ import annotations

from collections.abc import Iterable, Iterator, Mapping
from importlib.util import find_spec
from typing import TYPE_CHECKING, Any

from stagerun import Hardware
from stagerun_stages.data.pack import Pack
from stagerun_stages.models.shapes import Config, config_of

if TYPE_CHECKING:
    from stagerun_stages.train.sft import Sft

BACKEND = "mlx"
KINDS = frozenset({"llama", "mistral", "qwen2", "qwen3", "smollm3"})
PASSED = frozenset({"adam_beta1", "adam_beta2", "adam_epsilon", "lr_scheduler_kwargs", "eval_strategy", "eval_steps"})
PEFTS = frozenset({"rank_pattern", "alpha_pattern", "exclude_modules", "layers_to_transform", "layers_pattern"})
MEASURED = frozenset({"reduce_lr_on_plateau", "greedy"})  # schedules that look at a metric
INSTEAD = 'say engine = "trl", which trains with torch'
GPT_OSS = (
    "mlx cannot train gpt_oss: mlx-lm holds its experts in halves that PEFT's adapters do not have, and its fuse gave the "
    "base back"
)


def installed() -> bool:
    """Whether mlx and mlx-lm are there, without importing them."""
    return all(find_spec(name) is not None for name in ("mlx", "mlx_lm"))


def misfits(options: Sft, origins: Mapping[str, Any], hardware: Hardware) -> Iterator[tuple[str, str]]:
    """What engine mlx cannot do of what is asked, each with its option."""
    if hardware.backend != BACKEND:
        yield "engine", f'engine mlx needs backend = "mlx", and this stage runs on {hardware.backend}; {INSTEAD}'
    if _missing(hardware):
        yield "engine", "engine mlx needs mlx and mlx-lm; install stagerun-stages[mlx]"
    yield from unable(options)
    if options.packing or isinstance(origins.get("train"), Pack):
        yield "packing", "mlx-lm's models take no mask that keeps packed conversations apart; give the rows unpacked"
    config = config_of(origins.get("model"))
    if config is not None:
        yield from unfit(options, config)


def _missing(hardware: Hardware) -> bool:
    """Whether the packages are known to be missing: here, or among the requirements of the stage's own environment."""
    if hardware.requirements is None:
        return hardware.here and not installed()
    return bool(hardware.requirements) and not any("mlx" in each for each in hardware.requirements)


def unable(options: Sft) -> Iterator[tuple[str, str]]:
    """What it cannot do with any model."""
    lora = options.lora
    asked = {
        "lora.experts": (lora.experts, "mlx does not adapt experts"),
        "lora.use_dora": (lora.use_dora, "mlx has no DoRA that PEFT could read"),
        "lora.loraplus_lr_ratio": (lora.loraplus_lr_ratio, "mlx trains both factors at one learning rate"),
        "router_balance": (options.router_balance, "mlx has no load-balancing loss"),
        "early_stopping": (options.early_stopping, "mlx does not stop early"),
        "schedule": (options.schedule in MEASURED, f"mlx cannot tell {options.schedule} beforehand"),
        "precision": (options.precision != "auto", "mlx computes in the backend's own number format"),
        "quantize": (options.quantize != "none", "mlx trains on plain weights"),
        "attention": (options.attention != "auto", "mlx has one attention"),
        "compile": (options.compile is True, "mlx compiles by itself"),
        "kernels": (options.kernels != "none", "mlx has kernels of its own"),
    }
    yield from ((name, f"{complaint}; {INSTEAD}") for name, (wanted, complaint) in asked.items() if wanted)
    yield from _foreign("lora.peft", lora.peft, PEFTS)
    yield from _foreign("trainer", options.trainer, PASSED)


def unfit(options: Sft, config: Config) -> Iterator[tuple[str, str]]:
    """What it cannot do with the model of this configuration."""
    kind = str(config.get("model_type"))
    if kind == "gpt_oss":
        yield "engine", f"{GPT_OSS}; {INSTEAD}"
    elif kind not in KINDS:
        yield "engine", f"mlx was not compared with torch on {kind}, only on {', '.join(sorted(KINDS))}; {INSTEAD}"
    if config.get("quantization") or config.get("quantization_config"):
        yield (
            "engine",
            f"mlx trains on plain weights, and this model's are quantised; give the plain model, or {INSTEAD}",
        )
    window = config.get("sliding_window")
    if window and config.get("use_sliding_window", True) and options.max_length > window:
        yield (
            "max_length",
            f"mlx-lm's {kind} sees the whole row; set max_length to the model's window of {window} at most",
        )


def _foreign(option: str, said: Iterable[str], known: frozenset[str]) -> Iterator[tuple[str, str]]:
    for name in said:
        if name not in known:
            yield f"{option}.{name}", f"mlx does nothing with {name}; {INSTEAD}"
