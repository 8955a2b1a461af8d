"""Cut cross-entropy (Wijmans et al. 2024) in the place of TRL's fused output head: the loss without any logits in memory.

The package's own patches are written for transformers 4.48 and cannot be imported with today's, so its function is called here.
It gives the log-probability of each label and nothing else: `token_accuracy` is not measured with it. Its kernels are for
NVIDIA GPUs; on a CPU its compiled reference does the same sum, which is how this is tested.
"""

from __future__ import annotations

from typing import Any

from stagerun import StageError
from stagerun_stages.models.attention import plain

# what configurations call it when their logits are scaled
SCALED = ("logit_scale", "logits_scaling", "output_multiplier", "lm_head_multiplier")


def cut(model: Any) -> None:
    """Replace the head of a model that TRL has prepared. Raises StageError without the package, or for scaled logits."""
    net = plain(model)
    config = net.config.get_text_config()
    scaled = next((name for name in SCALED if getattr(config, name, None) not in (None, 1, 1.0)), None)
    if scaled:
        raise StageError(
            f'kernels is "cce", which has no {scaled}, as {config.model_type} does', 'set kernels = "none"'
        )
    if net.get_output_embeddings().bias is not None:  # the release of January 2025 has no bias
        raise StageError(f'kernels is "cce", and the head of {config.model_type} has a bias', 'set kernels = "none"')
    cross_entropy = _function()
    whole = net.forward

    def forward(*args: Any, fused_lm_head: bool = False, labels: Any = None, **named: Any) -> Any:
        if not fused_lm_head:
            return whole(*args, labels=labels, **named) if labels is not None else whole(*args, **named)
        return _loss(net, cross_entropy, labels, args, named)

    net.forward = forward


def _function() -> Any:
    try:
        from cut_cross_entropy import linear_cross_entropy
    except ImportError as error:
        raise StageError(
            f'kernels is "cce", and it cannot be loaded: {error}', "pip install cut-cross-entropy"
        ) from error
    return linear_cross_entropy


def _loss(net: Any, cross_entropy: Any, labels: Any, args: tuple[Any, ...], named: dict[str, Any]) -> Any:
    """What TRL's SFTTrainer looks at. It gives no shifted labels and no number of items, but to a model of several processes."""
    import torch
    from trl.trainer.utils import FusedCausalLMOutput

    named.pop("num_items_in_batch", None)
    hidden = net.base_model(*args, **{**named, "use_cache": False}).last_hidden_state[:, :-1]
    head, wanted = net.get_output_embeddings(), labels[:, 1:]
    negative = cross_entropy(
        hidden.to(head.weight.dtype),
        head.weight,
        wanted.contiguous(),
        softcap=getattr(net.config.get_text_config(), "final_logit_softcapping", None),
        reduction="none",
        impl="cce" if hidden.device.type == "cuda" else "torch_compile",
    )
    mask = wanted != -100
    unknown = torch.zeros_like(negative.detach())
    return FusedCausalLMOutput(
        loss=negative.sum() / mask.sum().clamp(min=1),
        log_probs=-negative,
        entropy=unknown,
        is_top1=unknown,
        label_mask=mask,
    )
