"""Which parts of a model a LoRA adapter trains, found in the model itself and checked by name.

PEFT accepts names that match nothing as long as one of them does, and `all-linear` leaves fused experts frozen without a
word. Here every name must match, and experts are asked for in words. Fused experts are parameters, not layers, so they are
adapted through `target_parameters` (PEFT 0.21), which has no dropout.
"""

from __future__ import annotations

from collections.abc import Iterable
from typing import Any

from attrs import frozen

from stagerun import StageError
from stagerun_stages.train.arguments import build
from stagerun_stages.train.options import Lora

GROUPS = ("attention", "feed-forward", "experts", "other")


@frozen
class Targets:
    """Names of linear layers and of expert parameters, sorted so that the adapter's files do not depend on set order."""

    modules: tuple[str, ...]
    parameters: tuple[str, ...]


def find_targets(model: Any, lora: Lora) -> Targets:
    """The targets that `lora` names in `model`; raises StageError for a name that matches nothing there."""
    linear = linear_names(model)
    unknown = [name for name in lora.targets if name not in linear]
    if unknown:
        raise StageError(_unknown(unknown[0], linear, model), "name only what is there, or leave targets empty")
    experts = expert_names(model) if lora.experts else ()
    if lora.experts and not experts:
        raise StageError(
            f"lora.experts is set, and {model.config.model_type} has no fused experts", "set lora.experts = false"
        )
    return Targets(tuple(sorted(set(lora.targets or linear))), experts)


def lora_config(lora: Lora, targets: Targets) -> Any:
    """PEFT's configuration of a new adapter. Raises StageError for a name it does not have and for values it refuses."""
    from peft import LoraConfig

    given = {
        "r": lora.rank,
        "lora_alpha": lora.alpha,
        "lora_dropout": lora.dropout,
        "use_rslora": lora.use_rslora,
        "use_dora": lora.use_dora,
        "target_modules": list(targets.modules),
        "target_parameters": list(targets.parameters) or None,
        "task_type": "CAUSAL_LM",
    }
    return build(LoraConfig, given, lora.peft, option="lora.peft")


def check_config(lora: Lora) -> None:
    """Let PEFT look at the options before a model is loaded; raises StageError as `lora_config` does."""
    lora_config(lora, Targets(("any",), ("experts.any",) if lora.experts else ()))


def linear_names(model: Any) -> tuple[str, ...]:
    """Last names of the linear layers that an adapter may take: every one but the output head."""
    import torch

    head = model.get_output_embeddings()
    found = {
        name.rpartition(".")[2]
        for name, module in model.named_modules()
        if isinstance(module, torch.nn.Linear) and module is not head
    }
    return tuple(sorted(found))


def expert_names(model: Any) -> tuple[str, ...]:
    """Fused expert weights, as `mlp.experts.gate_up_proj`: three-dimensional parameters of a module named experts."""
    found = set()
    for name, parameter in model.named_parameters():
        parts = name.split(".")
        if "experts" in parts and parameter.dim() == 3:
            found.add(".".join(parts[-3:]))
    return tuple(sorted(found))


def trainable(model: Any) -> dict[str, Any]:
    """The parameters that training changes, by name."""
    return {name: parameter for name, parameter in model.named_parameters() if parameter.requires_grad}


def groups(model: Any) -> dict[str, int]:
    """How many numbers training changes in each part of the model, by the names that architectures give their modules."""
    found = dict.fromkeys(GROUPS, 0)
    for name, parameter in trainable(model).items():
        found[_group(name)] += parameter.numel()
    return {group: count for group, count in found.items() if count}


def _group(name: str) -> str:
    """The group of a parameter by its full name."""
    if ".experts." in name:
        return "experts"
    if "attn" in name or "attention" in name:
        return "attention"
    return "feed-forward" if ".mlp." in name or ".feed_forward." in name else "other"


def _unknown(name: str, known: Iterable[str], model: Any) -> str:
    from stagerun.errors import nearest

    choices, last = sorted(known), name.rpartition(".")[2]
    if last in {part.rpartition(".")[2] for part in expert_names(model)}:
        return f'lora.targets names "{name}", which is an expert parameter here; set lora.experts = true instead'
    if last in choices:
        return f'lora.targets names "{name}"; name layers by their last part, "{last}"'
    hint = nearest(name, choices) or f"there are {', '.join(choices)}"
    return f'lora.targets names "{name}", which no linear layer of {model.config.model_type} is called; {hint}'
