"""The contract of a gate: an attrs class whose fields are its options, and a `judge` method."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from typing import Any, Protocol

from attrs import field, frozen

from stagerun.model import Artifact


@frozen
class GateInput:
    """What a gate may look at: a finished stage's metrics, their history and its outputs, and the other stages' metrics."""

    stage: str
    metrics: Mapping[str, float]
    history: Sequence[Mapping[str, float]]  # rows of metrics.jsonl, each with its `step`
    outputs: Mapping[str, Artifact]
    others: Mapping[str, Mapping[str, float]] = field(factory=dict)


@frozen
class Verdict:
    """A judgement with its evidence: value, threshold, and whatever explains them."""

    passed: bool
    evidence: Mapping[str, Any]
    text: str  # one line: 'loss 1.83 <= 2.0 (mean of the last 10)'


class Gate(Protocol):
    """A judgement over a finished stage. A missing or NaN metric never passes.

    A gate may add `wants(self) -> Iterable[str]`: the metrics it reads, so that a plan refuses a metric no stage makes;
    a name of the form `stage.metric` means another stage's.
    """

    def judge(self, given: GateInput) -> Verdict:
        """Judge; must not raise for missing or strange values: those are a verdict too."""
        ...
