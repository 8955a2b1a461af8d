"""What training, merging, exporting and asking a model take of the device, from its configuration alone.

Memory is taken at moments that follow each other, and the largest of them must fit. What stands all the time: the weights, the
adapter in float32, and from the second step on two float32 moments of Adam for each of its numbers. Beyond that, with L layers:

    the loss            all that L layers keep, and the head's tile of logits: TRL 1.16 never holds all logits, but tiles of
                        4096 tokens by 32768 words, whose gradient is computed where they stand
    a layer, backward   what the layers keep, what one layer holds while its gradients are computed (activations.py),
                        and the gradients of the adapter: all of them where batches are accumulated, else those of the layers
                        that are done, which grow as what is kept shrinks
    the optimizer       the gradients alone
    generating          keys and values of all tokens, and one layer at work (generation.py)

Not covered: fragmentation, the libraries' own workspaces (1 to 2 GB on CUDA), tensors of the batch itself, DoRA.
"""

from __future__ import annotations

from collections.abc import Iterator, Mapping
from typing import TYPE_CHECKING, Any

from attrs import evolve, frozen

from stagerun import Estimate, Policy
from stagerun_stages.models import activations
from stagerun_stages.models.activations import FLOAT, Pass
from stagerun_stages.models.generation import Asked, asking
from stagerun_stages.models.shapes import Shape, config_of, shape_of
from stagerun_stages.train import zero
from stagerun_stages.train.optimizers import moments

if TYPE_CHECKING:
    from stagerun_stages.train.options import Lora, Training

BYTES = {"float32": 4, "bfloat16": 2, "float16": 2}
NF4 = 0.5 + 1 / 64 + 4 / (64 * 256)  # bytes of a 4-bit number, a byte for 64 of them, and a float32 for 256 of those
TILE_TOKENS, TILE_WORDS = 4096, 32768  # of the head, in trl.kernels.chunked_logprob
TILE_COPIES = 7.25  # float32 copies of a tile where its derivative is computed by torch instead of Triton
QUESTION = 1024  # tokens that a held-out question is taken to have
NOTE = "without fragmentation and the libraries' own workspace"


@frozen
class Moment:
    """What is taken at one moment beyond what stands all the time, in bytes."""

    name: str
    memory: Mapping[str, float]

    @property
    def size(self) -> float:
        """All of it."""
        return sum(self.memory.values())


def of_training(options: Training, origins: Mapping[str, Any], policy: Policy) -> Estimate | None:
    """A LoRA training at its micro batch and longest row."""
    shape = _shape(origins.get("model"))
    return None if shape is None else of_shape(shape, options, origins, policy)


def of_shape(shape: Shape, options: Training, origins: Mapping[str, Any], policy: Policy) -> Estimate:
    """The same for a model whose shape is known."""
    groups = trained(shape, options.lora)
    each = pass_of(shape, options, policy)
    standing = _standing(shape, options, sum(groups.values()), each, origins)
    taken = [*_step(shape, options, each, policy), *_asked(shape, options, each, origins, policy)]
    return _together(sharing(options, policy), _estimate(shape, groups, standing, taken))


def sharing(options: Training, policy: Policy) -> int:
    """How many processes of a training share one memory: all of them on a CPU, one to a device elsewhere."""
    return options.launch.processes if policy.device == "cpu" else 1


def _together(processes: int, one: Estimate) -> Estimate:
    """What several processes take, each as much as one, at the moment they come to together."""
    if processes == 1:
        return one
    note = f"of {processes} processes that share this memory; {one.note}"
    memory, phases = ({name: size * processes for name, size in of.items()} for of in (one.memory, one.phases))
    return evolve(one, memory=memory, phases=phases, note=note)


def _estimate(shape: Shape, groups: Mapping[str, int], standing: Mapping[str, float], taken: list[Moment]) -> Estimate:
    worst = max(taken, key=lambda one: one.size)
    always = sum(standing.values())
    phases = {one.name: always + one.size for one in taken}
    memory = {name: size for name, size in {**standing, **worst.memory}.items() if size}
    return Estimate(shape.parameters, groups, memory, NOTE, peak=worst.name, phases=phases)


def of_weights(origin: Any, policy: Policy) -> Estimate | None:
    """Loading a model, merging an adapter into it, and writing it again.

    PEFT merges one matrix, or one stack of experts, after the other: it stands once as it was, once as a copy that is checked,
    and twice in float32 while base and adapter are added up.
    """
    shape = _shape(origin)
    if shape is None:
        return None
    width = BYTES[policy.dtype]
    linears = (*shape.attention, *shape.mlp, *shape.experts)
    largest = max(one.experts * one.inside * one.outside for one in linears)
    moment = Moment("merging", {"a matrix being merged": float(largest * (width + 2 * FLOAT))})
    return _estimate(shape, {}, {"weights": float(shape.parameters * width)}, [moment])


def of_answers(origin: Any, policy: Policy, rows: int, new: int) -> Estimate | None:
    """Generating answers of `new` tokens to questions of an assumed length, `rows` at once."""
    shape = _shape(origin)
    if shape is None:
        return None
    width = BYTES[policy.dtype]
    asked = Asked(rows, QUESTION, new, width, policy.attention_for(shape.model_type, generating=True))
    taken = [Moment(name, memory) for name, memory in asking("answers", shape, asked)]
    return _estimate(shape, {}, {"weights": float(shape.parameters * width)}, taken)


def pass_of(shape: Shape, options: Training, policy: Policy) -> Pass:
    """The micro batch of a training."""
    rows = options.rows_at_once * options.rows_for_each
    quantised = options.quantize == "4bit"
    return Pass(
        rows=rows,
        length=options.max_length,
        width=BYTES[policy.dtype],
        attention=policy.attention_for(shape.model_type),
        lora=options.lora,
        factor=2 if quantised else FLOAT,  # TRL casts the adapter of a quantised model to 16 bits
        noise=1 if policy.device == "cuda" else FLOAT,
        padded=rows > 1 or bool(getattr(options, "packing", False)),
    )


def trained(shape: Shape, lora: Lora) -> dict[str, int]:
    """Trained parameters by group; a group that is not trained is left out."""
    groups = {
        "attention": sum(one.lora(lora.rank) for one in shape.attention if activations.trains(lora, one)),
        "feed-forward": sum(one.lora(lora.rank) for one in shape.mlp if activations.trains(lora, one)),
        "experts": sum(one.lora(lora.rank) for one in shape.experts) if lora.experts else 0,
    }
    return {name: count * shape.layers for name, count in groups.items() if count}


def _standing(shape: Shape, options: Training, count: int, each: Pass, origins: Mapping[str, Any]) -> dict[str, float]:
    """What is there from the second step on. DPO keeps a copy of an adapter that it continues: the reference."""
    reference = "model" in getattr(origins, "adapters", ()) and options.keeps_reference
    held = {
        "weights": weights(shape, each.width, quantised=options.quantize == "4bit"),
        "adapter": float(count * each.factor * (2 if reference else 1)),
        "optimizer": count * moments(options.trainer, each.factor),
    }
    if zero.in_force(options.launch):  # cuts the optimizer alone, which then has a copy of its part of the adapter
        cut = (held["optimizer"] + count * FLOAT) / options.launch.processes
        return {**held, "optimizer": cut, "gradients being exchanged": float(zero.BUCKET * FLOAT)}
    parts = options.launch.processes if options.launch.strategy == "fsdp2" else 1
    return {name: size / parts for name, size in held.items()}


def _parts(options: Training) -> int:
    """Into how many parts gradients are cut; with DDP each process has all of them."""
    return 1 if options.launch.strategy == "ddp" else options.launch.processes


def weights(shape: Shape, width: int, *, quantised: bool) -> float:
    """The base; of 4-bit weights only linear layers are, embeddings and experts stay as they are."""
    packed = shape.layers * sum(one.inside * one.outside for one in (*shape.attention, *shape.mlp)) if quantised else 0
    return float((shape.parameters - packed) * width + packed * NF4)


def _step(shape: Shape, options: Training, each: Pass, policy: Policy) -> Iterator[Moment]:
    """The moments of a training step."""
    count = sum(trained(shape, options.lora).values())
    gradients = count * each.factor / _parts(options)
    layer = sum(activations.kept(shape, each).values())
    held = activations.layer_input(shape, each) if options.gradient_checkpointing else layer
    kept = shape.layers * held + activations.shared(shape, each, recomputed=options.gradient_checkpointing)
    accumulated = gradients if options.accumulation > 1 or options.rows_at_once < options.batch_size else 0.0
    head = _head(shape, each, policy)
    yield Moment("the loss", {"activations": kept, "logits": head, "gradients": accumulated})
    # of the layer at work, what it kept is among what all keep, unless it is recomputed
    extra = activations.working(shape, each) - (0.0 if options.gradient_checkpointing else layer)
    left, done = (kept, accumulated) if accumulated or kept >= gradients else (held, gradients)
    yield Moment("a layer's gradients", {"activations": left + extra, "gradients": done})
    yield Moment("the optimizer's step", {"gradients": gradients})


def _head(shape: Shape, each: Pass, policy: Policy) -> float:
    """Tile, gradient of the hidden states, and where there is no Triton, copies of the tile in float32."""
    tokens, words = min(each.tokens, TILE_TOKENS), min(shape.vocabulary, TILE_WORDS)
    copies = 0 if policy.device == "cuda" else tokens * words * FLOAT * TILE_COPIES
    return float(tokens * TILE_WORDS * each.width + each.tokens * shape.hidden * (FLOAT + each.width) + copies)


def _asked(shape: Shape, options: Training, each: Pass, origins: Mapping[str, Any], policy: Policy) -> Iterator[Moment]:
    """Answers that a training generates: GRPO's own, and those to held-out questions."""
    attention = policy.attention_for(shape.model_type, generating=True)
    adapted = options.lora if options.lora.experts else None
    base = Asked(0, 0, 0, each.width, attention, adapted)
    rows, prompt, new = options.generates
    if rows:
        chunk = int(options.trainer.get("generation_kwargs", {}).get("prefill_chunk_size") or 0)
        for name, memory in asking("answers", shape, evolve(base, rows=rows, prompt=prompt, new=new, chunk=chunk)):
            yield Moment(name, memory)
    if "heldout" in getattr(origins, "given", ()):
        held, length = options.evaluation, min(QUESTION, options.max_length)
        asked = evolve(base, rows=held.batch_size, prompt=length, new=held.max_new_tokens)
        for name, memory in asking("held-out answers", shape, asked):
            yield Moment(name, memory)


def _shape(origin: Any) -> Shape | None:
    config = config_of(origin)
    return shape_of(config) if config is not None else None
