"""A stage's committed result, as its manifest tells it, and the fingerprint that decides whether it still stands."""

from __future__ import annotations

import hashlib
import json
from collections.abc import Iterator, Mapping
from typing import Any

from attrs import field, frozen

from stagerun.model.artifact import Artifact

Parts = Mapping[str, Any]  # component, version, seed, with, inputs, files, environment


@frozen
class Result:
    """What a finished stage left: outputs, metrics, and the parts its fingerprint was made of."""

    stage: str
    fingerprint: str
    parts: Parts
    outputs: Mapping[str, Artifact]
    metrics: Mapping[str, float] = field(factory=dict)

    def facts(self) -> dict[str, Any]:
        """What goes into the manifest beside the files."""
        return {
            "stage": self.stage,
            "fingerprint": self.fingerprint,
            "parts": dict(self.parts),
            "outputs": {name: output.to_json() for name, output in self.outputs.items()},
            "metrics": dict(self.metrics),
        }


def fingerprint(parts: Parts) -> str:
    """SHA-256 over the canonical JSON of the parts: the same parts give the same text on every machine."""
    text = json.dumps(parts, sort_keys=True, separators=(",", ":"), ensure_ascii=False)
    return hashlib.sha256(text.encode()).hexdigest()


def differences(old: Parts, new: Parts) -> Iterator[tuple[str, Any, Any]]:
    """Every leaf that differs: dotted place, old value, new value; None stands for absent."""
    before, after = dict(_leaves(old)), dict(_leaves(new))
    for place in sorted(before.keys() | after.keys()):
        if before.get(place) != after.get(place):
            yield place, before.get(place), after.get(place)


def _leaves(value: Any, place: str = "") -> Iterator[tuple[str, Any]]:
    if isinstance(value, Mapping):
        for key, below in value.items():
            yield from _leaves(below, f"{place}.{key}" if place else str(key))
    else:
        yield place, value
