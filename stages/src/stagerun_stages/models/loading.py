"""Loads models, adapters and tokenizers the way the backend says, and nothing else.

Hardware is known only through `Policy`. Remote code is never run. Not covered: what is trained in a model, see lora.py.
"""

from __future__ import annotations

import os
import warnings
from collections.abc import Callable
from typing import Any

from attrs import frozen

from stagerun import Artifact, Policy, StageError
from stagerun_stages.models.lineage import TEMPLATE, base_of
from stagerun_stages.models.quantised import settings

ALLOCATOR = ("PYTORCH_ALLOC_CONF", "PYTORCH_CUDA_ALLOC_CONF")  # torch reads both; the first is the newer name
STOP_TOKENS = ("<|return|>", "<|call|>")  # Harmony ends a turn with either; a tokenizer can name only one


def quiet() -> None:
    """Progress bars, telemetry and known noise off, CUDA's memory in segments that can grow, so that rows of many lengths leave
    no holes. Call it before the first heavy import, which reads these once. What the user has set stays.
    """
    if not any(name in os.environ for name in ALLOCATOR):
        os.environ[ALLOCATOR[1]] = "expandable_segments:True"
    os.environ.setdefault("HF_HUB_DISABLE_TELEMETRY", "1")
    os.environ.setdefault("HF_HUB_DISABLE_PROGRESS_BARS", "1")
    from transformers.utils import logging

    logging.disable_progress_bar()
    logging.set_verbosity_error()
    warnings.filterwarnings(
        "ignore", message=".*is_gradient_checkpointing.*", category=FutureWarning
    )  # PEFT's, in transformers


def prepare(policy: Policy, seed: int) -> None:
    """Threads, random state and determinism of this process."""
    quiet()
    import torch
    from transformers import set_seed

    if policy.threads:
        torch.set_num_threads(policy.threads)
    set_seed(seed)
    if policy.device == "cuda":
        tf32 = bool(policy.options.get("tf32"))  # what is left in float32 in 19 bits of 32: Ampere and newer
        torch.set_float32_matmul_precision("high" if tf32 else "highest")
        torch.backends.cudnn.allow_tf32 = tf32
    if policy.device == "cpu":
        torch.use_deterministic_algorithms(True)
        torch.utils.deterministic.fill_uninitialized_memory = False


@frozen
class Loaded:
    """A base model, the adapter on it if the input was one, and the tokenizer."""

    model: Any  # PreTrainedModel, or PeftModel when `adapter` is set
    tokenizer: Any
    base: Artifact
    adapter: Artifact | None

    @property
    def model_type(self) -> str:
        """The architecture, as transformers names it."""
        return str(self.model.config.model_type)


def load(
    model: Artifact,
    policy: Policy,
    *,
    trainable: bool = False,
    quantize: str = "none",
    generating: bool = False,
    before: Callable[[str], None] = lambda _: None,
) -> Loaded:
    """Load a `model` or `adapter` input onto the device; raises StageError when it is not a whole model.

    `generating` takes the attention for answers; `quantize` is the option of trainings; `before` is called with the
    architecture before the model is made.
    """
    base = base_of(model)
    tokenizer = tokenizer_of(model)
    net = load_base(base, policy, quantize=quantize, generating=generating, before=before)
    net.generation_config.eos_token_id = stop_ids(net, tokenizer)
    net.generation_config._from_model_config = False  # it says more than config.json now
    if model.kind != "adapter":
        return Loaded(net, tokenizer, base, None)
    from peft import PeftModel

    wrapped = PeftModel.from_pretrained(net, str(model.local()), is_trainable=trainable)
    return Loaded(wrapped, tokenizer, base, model)


def tokenizer_of(model: Artifact) -> Any:
    """The tokenizer of a model, or of an adapter's base, with the chat template that the adapter was trained with."""
    tokenizer = load_tokenizer(base_of(model))
    own = model.local() / TEMPLATE if model.kind == "adapter" else None
    if own is not None and own.is_file():
        tokenizer.chat_template = own.read_text(encoding="utf-8")
    return tokenizer


def load_tokenizer(base: Artifact) -> Any:
    """The base's tokenizer, with a padding token."""
    from transformers import AutoTokenizer

    tokenizer = reading(base, AutoTokenizer.from_pretrained)
    if tokenizer.pad_token is None:
        tokenizer.pad_token = tokenizer.eos_token
    return tokenizer


def load_base(
    base: Artifact,
    policy: Policy,
    *,
    quantize: str = "none",
    generating: bool = False,
    before: Callable[[str], None] = lambda _: None,
) -> Any:
    """The base model in the policy's dtype, attention and device; see `load`."""
    import torch
    from transformers import AutoConfig, AutoModelForCausalLM

    config = reading(base, AutoConfig.from_pretrained)
    before(config.model_type)
    extra: dict[str, Any] = settings(policy) if quantize == "4bit" else {}
    quantised = getattr(config, "quantization_config", None)
    if quantised is not None and _method(quantised) == "mxfp4":
        from transformers import Mxfp4Config

        extra["quantization_config"] = Mxfp4Config(dequantize=True)  # adapters train on, and merge into, plain weights
    model = reading(
        base,
        AutoModelForCausalLM.from_pretrained,
        dtype=getattr(torch, policy.dtype),
        attn_implementation=policy.attention_for(config.model_type, generating=generating),
        use_safetensors=True,
        **extra,
    )
    return model if "device_map" in extra else model.to(policy.device)


def stop_ids(model: Any, tokenizer: Any) -> list[int]:
    """Every token that ends an answer: the model's own, the tokenizer's, and Harmony's two."""
    own = model.generation_config.eos_token_id
    known = {own} if isinstance(own, int) else set(own or ())
    vocabulary = tokenizer.get_added_vocab()
    known |= {vocabulary[token] for token in STOP_TOKENS if token in vocabulary}
    return sorted(known | {tokenizer.eos_token_id} - {None})


def revision(base: Artifact) -> str | None:
    """The pinned revision of a hub name, whose digest is `hub:NAME@REVISION`."""
    pinned = base.digest.rpartition("@")[2] if base.path is None and "@" in base.digest else ""
    return pinned or None


def reading(base: Artifact, load_it: Any, **kwargs: Any) -> Any:
    """What `load_it` (a `from_pretrained`) gives for the base; raises StageError when it cannot be loaded."""
    try:
        return load_it(base.location, revision=revision(base), **kwargs)
    except (OSError, ValueError, KeyError) as error:
        first = str(error).strip().splitlines()[0] if str(error).strip() else type(error).__name__
        raise StageError(f"{base.source} cannot be loaded: {first}", f"look at {base.location}") from error


def _method(quantised: Any) -> str:
    value = quantised.get("quant_method") if isinstance(quantised, dict) else getattr(quantised, "quant_method", "")
    return str(getattr(value, "value", value))
