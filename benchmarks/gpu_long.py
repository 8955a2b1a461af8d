"""Rows of 32,768 tokens on the attention that a backend trains GPT-OSS with: documents stay apart, and every target learns.

A few layers of the 20B model's width suffice: what could leak leaks in each. Two documents share a row; the second must come out
as it does alone. Compared are its last hidden states, of which there are no 201,088 to a token. How far it would be off if the
two were one document says what agreement is worth, as in the stage's own proof, which is made on short texts.
"""

from __future__ import annotations

from pathlib import Path
from random import Random
from typing import Any

from attrs import evolve, frozen

from benchmarks.gpu_contenders import Timed, _build, free, ours
from benchmarks.gpu_shapes import EXPERTS, Shape
from stagerun import Backend

LENGTH, LAYERS, STEPS = 32768, 4, 2
LIMIT = 0.01  # of what joining the documents would do, as in stagerun_stages.models.isolation


@frozen
class Long:
    """`leak`: how far the second document is off, as a share of what joining would do; `training` has the stage's proofs."""

    length: int
    attention: str
    leak: float
    training: Timed

    @property
    def passed(self) -> bool:
        """Whether documents stay apart and every target had a gradient."""
        return self.leak <= LIMIT and "targets" in self.training.proofs


def measure(backend: Backend, home: Path, *, tiny: bool) -> Long:
    """Do both."""
    shape = EXPERTS.tiny() if tiny else EXPERTS
    length = 256 if tiny else LENGTH
    shape = evolve(shape, length=length, config={**shape.config, "num_hidden_layers": 2 if tiny else LAYERS})
    policy = backend.policy()
    leak = _leak(shape, policy, length // 2)
    free()
    training = ours(shape, backend, home, STEPS, "long")
    return Long(length, policy.attention_for("gpt_oss"), leak, training)


def _leak(shape: Shape, policy: Any, half: int) -> float:
    from stagerun_stages.models.packed_masks import keep_apart

    model = _build(shape, policy).eval()
    keep_apart(model)
    chance = Random(1)
    first, second = ([chance.randrange(shape.config["vocab_size"]) for _ in range(half)] for _ in range(2))
    alone = _hidden(model, second, range(half))
    packed = _hidden(model, first + second, [*range(half), *range(half)])[half:]
    joined = _hidden(model, first + second, range(2 * half))[half:]
    return float((packed - alone).norm() / (joined - alone).norm())


def _hidden(model: Any, ids: list[int], positions: Any) -> Any:
    import torch

    row = {
        "input_ids": torch.tensor([ids], device=model.device),
        "position_ids": torch.tensor([list(positions)], device=model.device),
    }
    with torch.inference_mode():
        return model.base_model(**row, use_cache=False).last_hidden_state[0].float()
