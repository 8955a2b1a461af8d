"""One optimizer step with MLX: the loss of a training with TRL, its clipping, and AdamW as torch has it.

The loss is the sum over the learned tokens of all batches of the step, divided by their number. The gradient is cut to
`max_grad_norm` as torch's clip_grad_norm_ does. MLX's AdamW leaves the bias of its moments alone unless told otherwise.
"""

from __future__ import annotations

from collections.abc import Callable, Iterator, Sequence
from contextlib import contextmanager
from typing import Any

from attrs import define, frozen

from stagerun_stages.mlx.batches import Batch, learned
from stagerun_stages.train.encoding import IGNORED
from stagerun_stages.train.options import Training

BETAS, EPSILON = (0.9, 0.999), 1e-8  # those of transformers' TrainingArguments


@frozen
class Told:
    """What a batch gave: its share of the loss, and the share of its learned tokens that were likeliest."""

    loss: float
    accuracy: float


@frozen
class Step:
    """What a step gave. `gradients` are those before they were cut, by the names of their tensors."""

    batches: Sequence[Told]
    norm: float
    gradients: dict[str, Any]


def loss_and_hits(model: Any, ids: Any, labels: Any, items: Any) -> tuple[Any, Any, Any]:
    """The share of the loss when `items` tokens are learned in all; how many were likeliest; and how many there were."""
    import mlx.core as mx
    from mlx import nn

    logits = model(ids[:, :-1]).astype(mx.float32)
    wanted = labels[:, 1:]
    counts = wanted != IGNORED
    losses = nn.losses.cross_entropy(logits, mx.where(counts, wanted, 0)) * counts
    hits = (mx.argmax(logits, axis=-1) == wanted) & counts
    return losses.sum() / mx.maximum(items, 1), hits.sum(), counts.sum()


def adamw(options: Training) -> Any:
    """The optimizer; its learning rate is set at every step."""
    from mlx.optimizers import AdamW

    said = options.trainer
    betas = [said.get("adam_beta1", BETAS[0]), said.get("adam_beta2", BETAS[1])]
    return AdamW(
        learning_rate=options.learning_rate,
        betas=betas,
        eps=said.get("adam_epsilon", EPSILON),
        weight_decay=options.weight_decay,
        bias_correction=True,
    )


@define
class Stepper:
    """Takes steps with a model and an optimizer."""

    model: Any
    optimizer: Any
    max_norm: float
    slope: Callable[..., Any]  # (ids, labels, items) -> ((loss, hits, tokens), gradients)

    def step(self, batches: Sequence[Batch], rate: float, alive: Callable[[], None]) -> Step:
        """Take one; `alive` is called after each batch."""
        import mlx.core as mx
        from mlx.utils import tree_flatten

        told, gradients = [], None
        items = mx.array(learned(batches))
        for batch in batches:
            found, more = self.push(batch, items)
            told.append(found)
            gradients = more if gradients is None else _sum(gradients, more)
            mx.eval(gradients)
            alive()
        norm = self.move(gradients, rate)
        return Step(told, norm, dict(tree_flatten(gradients)))

    def push(self, batch: Batch, items: Any) -> tuple[Told, Any]:
        """Forward and backward, computed; only the random state is changed."""
        import mlx.core as mx

        (loss, hits, tokens), gradients = self.slope(*batch, items)
        mx.eval(loss, hits, tokens, gradients)
        return Told(float(loss.item()), float(hits.item()) / max(int(tokens.item()), 1)), gradients

    def move(self, gradients: Any, rate: float) -> float:
        """Change the adapter; gives the norm of the gradient before it was cut."""
        import mlx.core as mx
        from mlx.optimizers import clip_grad_norm

        cut, norm = clip_grad_norm(gradients, self.max_norm or float("inf"))
        self.optimizer.learning_rate = rate
        self.optimizer.update(self.model, cut)
        mx.eval(self.model.trainable_parameters(), self.optimizer.state, norm)
        return float(norm.item())


def slope_of(model: Any, *, compiled: bool) -> Callable[..., Any]:
    """The loss and its gradient, compiled where that pays: on Metal, where it needs no compiler of its own."""
    import mlx.core as mx
    from mlx import nn

    both = nn.value_and_grad(model, lambda *given: loss_and_hits(model, *given))
    if not compiled:
        return both
    # weights change between two calls, and dropout draws in them
    return mx.compile(both, inputs=[model.state, mx.random.state], outputs=[mx.random.state])


@contextmanager
def recomputing(model: Any, *, wanted: bool) -> Iterator[None]:
    """Within the block layers keep their inputs only, if `wanted`. mlx-lm changes the class of the layers, put back here."""
    kind = type(model.layers[0])
    own = kind.__call__
    if wanted:
        from mlx_lm.tuner.trainer import grad_checkpoint

        grad_checkpoint(model.layers[0])
    try:
        yield
    finally:
        kind.__call__ = own


def _sum(one: Any, other: Any) -> Any:
    from mlx.utils import tree_map

    return tree_map(lambda a, b: a + b, one, other)
