"""What a stage is handed for its needs, once everything upstream has its result."""

from __future__ import annotations

from collections.abc import Mapping
from typing import Any

from attrs import evolve

from stagerun.engine.attempt import Given
from stagerun.model import Artifact
from stagerun.model.result import Result
from stagerun.plan import PlannedStage, Source


def inputs_of(stage: PlannedStage, results: Mapping[str, Result]) -> Given:
    """The artifacts for each need; a need that takes many is there even when it takes none."""
    given: dict[str, Any] = {need: () for need, declared in stage.traits.needs.items() if declared.many}
    for source in stage.sources:
        artifact = _artifact(source, results)
        given[source.need] = (*given[source.need], artifact) if source.many else artifact
    return given


def _artifact(source: Source, results: Mapping[str, Result]) -> Artifact:
    if source.outside is not None:
        return source.outside
    made = results[str(source.stage)].outputs[str(source.output)]
    path = made.path / source.below if made.path is not None and source.below else made.path
    return evolve(made, kind=source.kind, path=path)
