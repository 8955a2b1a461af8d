"""The model as PEFT sees it, without its weights: what an adapter is made, read and written with.

Every weight is one number seen as a whole matrix, so that a model of 7 billion takes no memory. PEFT finds its targets there,
starts the adapter with the very numbers that a training with torch starts with, and writes it with its own names and
configuration. Nothing is ever computed with it.
"""

from __future__ import annotations

from contextlib import suppress
from typing import Any

from stagerun import Artifact, Policy
from stagerun_stages.models.lineage import base_of
from stagerun_stages.models.loading import Loaded, reading, revision, stop_ids, tokenizer_of


def load(model: Artifact, policy: Policy) -> Loaded:
    """A `model` or `adapter` input as loading.py's `load` gives it, on hollow weights."""
    base = base_of(model)
    tokenizer = tokenizer_of(model)
    net = hollow(base, policy)
    net.generation_config.eos_token_id = stop_ids(net, tokenizer)
    if model.kind != "adapter":
        return Loaded(net, tokenizer, base, None)
    from peft import PeftModel

    wrapped = PeftModel.from_pretrained(net, str(model.local()), is_trainable=True)
    return Loaded(wrapped, tokenizer, base, model)


def hollow(base: Artifact, policy: Policy) -> Any:
    """The architecture with weights that take no memory, and the base's own generation settings."""
    import torch
    from transformers import AutoConfig, AutoModelForCausalLM, GenerationConfig

    config = reading(base, AutoConfig.from_pretrained)
    with torch.device("meta"):
        model = AutoModelForCausalLM.from_config(config)
    for module in model.modules():
        for name, weight in list(module.named_parameters(recurse=False)):
            one = torch.zeros((), dtype=getattr(torch, policy.dtype)).expand(weight.shape)
            module.register_parameter(name, torch.nn.Parameter(one, requires_grad=False))
    with suppress(OSError):  # a model need not have any
        model.generation_config = GenerationConfig.from_pretrained(base.location, revision=revision(base))
    return model


def adapted(loaded: Loaded, config: Any) -> Any:
    """The PEFT model: a fresh adapter as `config` says, or the one that is continued when it is None."""
    if config is None:
        return loaded.model
    from peft import get_peft_model

    return get_peft_model(loaded.model, config)
