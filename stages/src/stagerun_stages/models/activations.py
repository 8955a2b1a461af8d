"""What one layer of a model keeps for the backward pass, tensor by tensor, as transformers 5.23, PEFT 0.21 and torch compute it.

The base is frozen, so that a frozen matrix keeps nothing: only the input of a trained factor, what a function needs for its
derivative, and what attention saves are kept. T is the tokens of a micro batch, H the model's width, A and K the widths of all
queries and of all keys, I the width inside the feed-forward part or an expert, S a row's length, c the experts chosen for each
token, r the rank; w is the bytes of a number in the policy's dtype, f those of what autocast computes in float32 (4).

    two norms                        2 T H f
    q, k, v, o with LoRA             T (H + 4 r) w, shared by q, k and v; under autocast each has a copy of its own
    attention                        T (2 A + 2 K) w, and for each head a sum of 4 bytes; with a mask (padding, packed rows)
                                     SDPA writes keys and values out for every head, and keeps T S w for the mask
      with eager scores              T heads S w more, and keys and values repeated for every head: T 2 (A - K) w
    gate, up, down (dense)           T 4 I w, of which one I is the input of down's factor
    experts, c of them a token       T c (2 H + 7 I) w, of which H + I only where experts are trained
    trained experts                  all their weights once more: PEFT adds base and adapter up before it multiplies

With recomputation (gradient checkpointing) a layer keeps its input alone, and one layer at a time keeps the rest.
`working` is what one layer holds while its backward pass runs. Not covered: DoRA, and kernels that fuse several of
these (Liger, compiled layers), which keep less.
"""

from __future__ import annotations

from attrs import frozen

from stagerun_stages.models.shapes import Linear, Shape
from stagerun_stages.train.options import Lora

FLOAT = 4  # bytes of float32
INDEX = 8  # bytes of an index


@frozen
class Pass:
    """One micro batch on its way: rows of `length` tokens each, attention by its name in transformers."""

    rows: int
    length: int
    width: int  # bytes of a number in the policy's dtype
    attention: str
    lora: Lora
    factor: int = FLOAT  # bytes of a number of the adapter
    noise: int = 1  # bytes of a number of a dropout mask: CUDA's kernel keeps bits, other devices numbers
    padded: bool = False  # rows of several lengths or documents, so that attention gets a mask

    @property
    def tokens(self) -> int:
        """Tokens of the micro batch, padding included."""
        return self.rows * self.length

    @property
    def mixed(self) -> bool:
        """Whether autocast casts the adapter: the policy computes in 16 bits and the adapter is kept in 32."""
        return self.width < self.factor

    @property
    def copies(self) -> bool:
        """Whether every trained matrix keeps an input of its own: cast under autocast, or dropped out."""
        return self.mixed or self.lora.dropout > 0


def trains(lora: Lora, linear: Linear) -> bool:
    """Whether a linear layer is adapted."""
    return not lora.targets or linear.name in lora.targets


def kept(shape: Shape, each: Pass) -> dict[str, float]:
    """Bytes that a layer keeps, by part."""
    return {
        "norms": 2.0 * each.tokens * shape.hidden * FLOAT + _head_norms(shape, each),
        "attention": _attention(shape, each),
        "feed-forward": _dense(shape, each) if shape.mlp else _experts(shape, each),
        "experts with their adapter": _added(shape, each),
    }


def layer_input(shape: Shape, each: Pass) -> float:
    """Bytes of a layer's input, all that it keeps with recomputation."""
    return float(each.tokens * shape.hidden * each.width)


def shared(shape: Shape, each: Pass, *, recomputed: bool) -> float:
    """Bytes that are kept once: sine and cosine of the positions, and the last norm's input.

    Without recomputation the first norm keeps nothing instead: no gradient flows into the embeddings.
    """
    positions = 2 * each.length * shape.head * each.width
    return float(positions + (each.tokens * shape.hidden * FLOAT if recomputed else 0))


def _head_norms(shape: Shape, each: Pass) -> float:
    """Qwen 3 norms each head of its queries and keys."""
    return each.tokens * (shape.queries + shape.keys) * FLOAT if shape.model_type == "qwen3" else 0.0


def _factors(each: Pass, linears: tuple[Linear, ...], shared: int) -> float:
    """Inputs of trained factors, one of width `shared` for all or a copy for each, and what is between their two matrices."""
    adapted = [one for one in linears if trains(each.lora, one)]
    noise = each.noise / each.width if each.lora.dropout else 0.0
    inputs = sum(one.inside * (1 + noise) for one in adapted) if each.copies else shared * bool(adapted)
    cast = sum(one.lora(each.lora.rank) for one in adapted) if each.mixed else 0  # the factors in 16 bits
    return each.width * (each.tokens * (inputs + each.lora.rank * len(adapted)) + cast)


def _attention(shape: Shape, each: Pass) -> float:
    q_k_v, o = shape.attention[:3], shape.attention[3:]
    mine = each.copies and trains(each.lora, o[0])
    keys = shape.queries if _repeats(each) else shape.keys
    held = shape.queries + 2 * keys + (0 if mine and each.attention == "eager" else shape.queries)
    factors = _factors(each, q_k_v, shape.hidden) + _factors(each, o, 0)
    return factors + each.tokens * (held * each.width + _scores(shape, each))


def _repeats(each: Pass) -> bool:
    """Whether keys and values are written out for every head of queries: eager attention does, and SDPA with a mask."""
    return each.attention == "eager" or (each.attention == "sdpa" and each.padded)


def _scores(shape: Shape, each: Pass) -> float:
    """Bytes for each token: all scores where they are kept, else a sum for each head."""
    if each.attention != "eager":
        return shape.heads * FLOAT + (each.length * each.width if _repeats(each) else 0)  # a mask for all heads
    softmax = each.width if shape.model_type == "gpt_oss" else FLOAT + (each.width if each.width < FLOAT else 0)
    return shape.heads * each.length * softmax


def _dense(shape: Shape, each: Pass) -> float:
    gate_up, down = shape.mlp[:2], shape.mlp[2:]
    shared = 0 if each.copies or not trains(each.lora, down[0]) else shape.inner
    return (
        _factors(each, gate_up, shape.hidden)
        + _factors(each, down, shared)
        + each.tokens * each.width * 3 * shape.inner
    )


def _experts(shape: Shape, each: Pass) -> float:
    trained = shape.hidden + shape.inner if each.lora.experts else 0
    numbers = shape.hidden + 6 * shape.inner + trained
    return each.tokens * shape.chosen * (numbers * each.width + 4 * INDEX)


def _added(shape: Shape, each: Pass) -> float:
    """Base and adapter added up, and under autocast the adapter in 16 bits."""
    if not each.lora.experts or not shape.experts:
        return 0.0
    factors = sum(one.lora(each.lora.rank) for one in shape.experts) if each.mixed else 0
    return float((shape.expert_parameters + factors) * each.width)


def working(shape: Shape, each: Pass) -> float:
    """Bytes that a layer holds at the worst moment of its backward pass: with what it kept, less what is done with by then."""
    parts = kept(shape, each)
    done = parts["feed-forward"] + parts["experts with their adapter"]
    feed_forward = _dense_passing(shape, each) if shape.mlp else _experts_passing(shape, each)
    return sum(parts.values()) + max(feed_forward, _attention_passing(shape, each) - done)


def _attention_passing(shape: Shape, each: Pass) -> float:
    """Gradients of queries, keys and values, and with eager attention those of the scores, before and behind the softmax."""
    scores = shape.heads * each.length * (each.width + FLOAT) if each.attention == "eager" else 0
    return float(each.tokens * (scores + 2 * (shape.queries + shape.keys + shape.hidden) * each.width))


def _dense_passing(shape: Shape, each: Pass) -> float:
    """Gradients of both factors of gate x up, one of them in float32 where the adapter is; or those of a norm."""
    cast = 4 * shape.hidden * each.width if each.mixed else 0
    norm = FLOAT * shape.hidden * (4 if each.mixed else 3)
    return float(each.tokens * max(shape.inner * (each.width + FLOAT) + cast, norm))


def _experts_passing(shape: Shape, each: Pass) -> float:
    """The largest of four moments: at the experts' output, behind the second product, behind the gate, behind the first product.

    Trained experts have a gradient of their weights behind each product, and are done with the weights behind it.
    """
    hidden, inner = each.tokens * shape.chosen * shape.hidden, each.tokens * shape.chosen * shape.inner
    down = shape.experts[1]
    weights = down.experts * down.inside * down.outside
    frozen = (3 * hidden, 4 * inner + hidden)
    trained = (3 * hidden, inner + weights, 3 * inner + hidden - weights, weights - 5 * inner)
    return float(each.width * (2 * each.tokens * shape.hidden + max(trained if each.lora.experts else frozen)))
