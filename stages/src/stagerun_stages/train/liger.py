"""Liger's kernels for norms, rotary positions and feed-forward layers, patched into transformers before a model is made.

Patched afterwards, layers that exist already are changed only in part. Its fused cross-entropy stays off: TRL fuses the output
head itself and refuses a second one.
"""

from __future__ import annotations

from typing import Any

from stagerun import Ctx, StageError

HOME = "liger_kernel"


def patch(model_type: str) -> None:
    """Patch an architecture; raises StageError when Liger is missing or does not know it."""
    try:
        from liger_kernel.transformers.monkey_patch import MODEL_TYPE_TO_APPLY_LIGER_FN, _apply_liger_kernel
    except ImportError as error:
        raise StageError(f'kernels is "liger", and it cannot be loaded: {error}', "pip install liger-kernel") from error
    if model_type not in MODEL_TYPE_TO_APPLY_LIGER_FN:
        raise StageError(f'kernels is "liger", which has none for {model_type}', 'set kernels = "none"')
    _apply_liger_kernel(model_type, cross_entropy=False, fused_linear_cross_entropy=False)


def prove_patched(ctx: Ctx, model: Any) -> None:
    """Prove that the loaded model is made of Liger's layers, and say how many."""
    count = sum(type(module).__module__.startswith(HOME) for module in model.modules())
    ctx.prove("liger", count > 0, layers=count)
