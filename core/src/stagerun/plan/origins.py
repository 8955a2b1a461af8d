"""Where the inputs of a stage come from in the end: the model outside the graph that a chain of stages began with."""

from __future__ import annotations

from typing import Any

from stagerun.plan.shape import Plan, PlannedStage


class Origins(dict[str, Any]):
    """Each need that takes one thing, with the artifact outside the graph that it goes back to, or the stage (its options) that
    makes it from nothing. `given` are the needs that have an input at all, also those that take many; `adapters` those whose
    input is an adapter."""

    given: frozenset[str] = frozenset()
    adapters: frozenset[str] = frozenset()


def origins(plan: Plan, stage: PlannedStage) -> Origins:
    """What each need that takes one thing goes back to, and what kind of thing it takes."""
    single = [source for source in stage.sources if not source.many]
    found = Origins({source.need: origin(plan, stage, source.need) for source in single})
    found.given = frozenset(source.need for source in stage.sources)
    found.adapters = frozenset(source.need for source in single if source.kind == "adapter")
    return found


def origin(plan: Plan, stage: PlannedStage, need: str) -> Any:
    """Follow an input upstream through outputs that are `like` a need of their stage, to where it comes from."""
    source = next((one for one in stage.sources if one.need == need), None)
    if source is None or source.outside is not None:
        return source.outside if source else None
    above = plan.stages[str(source.stage)]
    made = above.traits.produces[str(source.output)]
    like = made.like or made.base
    return origin(plan, above, like) if like else above.stage
