"""Puts in force what a training's options say of the hardware: number format, kernels, compiled layers, 4-bit weights.

In the order they must have: kernels are patched before the model is made, 4 bits come with the weights, the loss is replaced once
the trainer has put its own in place, layers are compiled last. Whatever is in force is proven or noted. Not covered: whether it
can work here, see fit.py.
"""

from __future__ import annotations

from typing import TYPE_CHECKING, Any

from stagerun import Ctx, Policy
from stagerun_stages.models import compiling
from stagerun_stages.models.attention import plain
from stagerun_stages.models.loading import Loaded, load
from stagerun_stages.models.quantised import prove_quantised
from stagerun_stages.train import zero
from stagerun_stages.train.precision import has_experts

if TYPE_CHECKING:
    from stagerun_stages.train.options import Training


def load_with(options: Training, ctx: Ctx, policy: Policy) -> Loaded:
    """Load the model of a training."""
    from stagerun_stages.train import liger, unsloth

    if getattr(options, "engine", "") == unsloth.NAME:
        return _by_unsloth(options, ctx, policy)

    def before(model_type: str) -> None:
        if options.kernels == "liger":
            liger.patch(model_type)

    loaded = load(ctx.inputs["model"], policy, trainable=True, quantize=options.quantize, before=before)
    if options.kernels == "liger":
        liger.prove_patched(ctx, loaded.model)
    if options.quantize == "4bit":
        prove_quantised(ctx, loaded.model)
    return loaded


def _by_unsloth(options: Training, ctx: Ctx, policy: Policy) -> Loaded:
    from stagerun_stages.models.padding import prove_left_padding
    from stagerun_stages.train import unsloth

    loaded = unsloth.load(options, ctx, policy)
    prove_left_padding(ctx, loaded.model, loaded.tokenizer)
    return loaded


def equip(trainer: Any, options: Training, ctx: Ctx, policy: Policy) -> None:
    """Equip a trainer that has its model, before it trains."""
    if options.precision == "fp8":
        from stagerun_stages.train.fp8 import ProveFp8

        trainer.add_callback(ProveFp8(ctx, trainer))
    if options.kernels == "cce":
        from stagerun_stages.train.cce import cut

        cut(trainer.model)
    ours = (
        getattr(options, "engine", "") != "unsloth" and options.kernels != "cce" and not zero.in_force(options.launch)
    )
    if ours and compiling.wanted(options.compile, policy.options):
        _compile(trainer.model, options, ctx, policy)


def _compile(model: Any, options: Training, ctx: Ctx, policy: Policy) -> None:
    """Compile, or say why not where nobody insists. Experts take tokens in numbers that change from batch to batch."""
    if options.compile == "auto" and has_experts(plain(model).config.to_dict()):
        ctx.note("not compiled: a mixture of experts is compiled only where compile = true")
        return
    if options.compile == "auto" and not compiling.compiler_there():
        ctx.warn("not compiled: no C compiler is on the path")
        return
    mode = compiling.mode_of(policy.options)
    count = compiling.compile_layers(plain(model), mode)
    ctx.prove("compiled", count > 0, layers=count, mode=mode)
