"""Training with Unsloth: its loader, adapters and kernels; rows, proofs and checkpoints are those of engine trl.

It runs in an environment of the stage's own, since its pins exclude the versions that are tested here. It has trained no expert,
answered wrongly to questions padded on the left and left experts out of what it saved, each without a word; so what is
adapted is compared with what was asked, left padding is proven before questions are asked, and what is saved is proven for every
engine (saved.py).

Not run: Unsloth needs an NVIDIA GPU, and there was none. Written after its source of August 2026; what does not call it is
tested.
"""

from __future__ import annotations

import os
from collections.abc import Iterator, Mapping
from pathlib import Path
from typing import TYPE_CHECKING, Any

from stagerun import Ctx, Hardware, Policy, StageError
from stagerun_stages.data.pack import Pack
from stagerun_stages.models.shapes import config_of
from stagerun_stages.train.packages import missing

if TYPE_CHECKING:
    from stagerun_stages.models.loading import Loaded
    from stagerun_stages.models.lora import Targets
    from stagerun_stages.train.options import Training
    from stagerun_stages.train.sft import Sft

NAME = "unsloth"
REQUIREMENTS = '["unsloth", "stagerun-stages", "stagerun-backends"]'
ADD = f'write environment = "{NAME}" beside uses, and [PIPELINE.environments.{NAME}] with requirements = {REQUIREMENTS}'
ITS_OWN = {
    "kernels": ("none", "Unsloth has kernels of its own"),
    "compile": ("auto", "Unsloth compiles by itself"),
    "attention": ("auto", "Unsloth chooses the attention"),
}


def misfits(options: Sft, origins: Mapping[str, Any], hardware: Hardware) -> Iterator[tuple[str, str]]:
    """What this engine cannot do on this machine or with these options, each with its option."""
    if hardware.requirements is None:
        yield "engine", f'engine is "{NAME}", whose pins exclude our libraries: {ADD}'
    elif lacking := missing(hardware, NAME):
        yield "engine", f'engine is "{NAME}", and {lacking}'
    if hardware.policy.device != "cuda":
        yield (
            "engine",
            f'engine is "{NAME}", which needs an NVIDIA GPU, not {hardware.probe.device}; say engine = "trl"',
        )
    for name, (default, why) in ITS_OWN.items():
        if getattr(options, name) != default:
            yield name, f'{why}; leave {name} out, or say engine = "trl"'
    if options.lora.use_dora:
        yield "lora.use_dora", f'engine {NAME} has no DoRA; leave it out, or say engine = "trl"'
    if options.precision in ("float32", "fp8"):
        yield "precision", f'precision is "{options.precision}"; engine {NAME} takes "bfloat16" and "float16"'
    kind = (config_of(origins.get("model")) or {}).get("model_type")
    if kind == "gpt_oss" and (options.packing or isinstance(origins.get("train"), Pack)):
        what = f"{NAME} cannot keep the conversations of a packed row of gpt_oss apart"
        yield "packing" if options.packing else "engine", f'{what}; give the rows unpacked, or say engine = "trl"'


def wake(folder: Path) -> None:
    """Import Unsloth, which must come before transformers and TRL: it patches both. Its compiled code goes to `folder`.

    Raises StageError when it is not to be had.
    """
    os.environ.setdefault(
        "UNSLOTH_COMPILE_LOCATION", str(folder / "unsloth_compiled")
    )  # else into the working directory
    os.environ.setdefault("UNSLOTH_DISABLE_STATISTICS", "1")
    try:
        import unsloth  # noqa: F401 - importing it is what patches
    except (ImportError, NotImplementedError, RuntimeError) as error:  # the last two: without a GPU
        first = str(error).splitlines()[0] if str(error) else type(error).__name__
        raise StageError(f'engine is "{NAME}", and it cannot be loaded here: {first}', ADD) from error


def load(options: Training, ctx: Ctx, policy: Policy) -> Loaded:
    """Load the model by Unsloth and put a new adapter on it. Raises StageError for an adapter that is to be continued."""
    from unsloth import FastLanguageModel

    from stagerun_stages.models.loading import Loaded, stop_ids, tokenizer_of
    from stagerun_stages.models.lora import find_targets

    source = ctx.inputs["model"]
    if source.kind == "adapter":
        raise StageError(f"engine {NAME} does not continue an adapter", 'merge it first, or say engine = "trl"')
    tokenizer = tokenizer_of(source)
    net, _ = FastLanguageModel.from_pretrained(**settings(options, ctx, policy))
    net.generation_config.eos_token_id = stop_ids(net, tokenizer)
    targets = find_targets(net, options.lora)
    model = FastLanguageModel.get_peft_model(net, **adapter(options, targets, ctx.seed))
    prove_asked(ctx, model, targets)
    return Loaded(model, tokenizer, source, None)


def settings(options: Training, ctx: Ctx, policy: Policy) -> dict[str, Any]:
    """What Unsloth's loader is given: this model and no other one in its place, nothing from remote code."""
    import torch

    from stagerun_stages.models.loading import revision

    source = ctx.inputs["model"]
    return {
        "model_name": str(source.location),
        "revision": revision(source),
        "use_exact_model_name": True,
        "max_seq_length": options.max_length,
        "dtype": getattr(torch, policy.dtype),
        "load_in_4bit": options.quantize == "4bit",
        "load_in_16bit": options.quantize != "4bit",
        "fix_tokenizer": False,
        "trust_remote_code": False,
        "use_gradient_checkpointing": NAME if options.gradient_checkpointing else False,
        "random_state": ctx.seed,
        "unsloth_tiled_mlp": bool(getattr(options, "tiled_mlp", False)),
    }


def adapter(options: Training, targets: Targets, seed: int) -> dict[str, Any]:
    """What Unsloth's `get_peft_model` is given. An empty list of parameters keeps it from choosing experts by itself."""
    lora = options.lora
    return {
        "r": lora.rank,
        "lora_alpha": lora.alpha,
        "lora_dropout": lora.dropout,
        "use_rslora": lora.use_rslora,
        "target_modules": list(targets.modules),
        "target_parameters": list(targets.parameters),
        "use_gradient_checkpointing": NAME if options.gradient_checkpointing else False,
        "random_state": seed,
        **lora.peft,
    }


def prove_asked(ctx: Ctx, model: Any, targets: Targets) -> None:
    """Prove that exactly what was asked for is adapted: layers by their last name, experts by their parameters'."""
    wanted = {name.rpartition(".")[2] for name in (*targets.modules, *targets.parameters)}
    found = set(adapted(model))
    ctx.prove(
        "adapted as asked",
        found == wanted,
        adapted=len(found),
        lacking=sorted(wanted - found),
        extra=sorted(found - wanted),
    )


def adapted(model: Any) -> Iterator[str]:
    """The last name of everything that carries an adapter: a layer, or a parameter (PEFT's ParamWrapper names it)."""
    for name, module in model.named_modules():
        if "default" in getattr(module, "lora_A", {}):
            yield str(getattr(module, "parameter_name", "") or name.rpartition(".")[2])
