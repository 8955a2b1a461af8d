"""What each stage will need, from the plan alone: asks the stages themselves, and finds them the model they start from."""

from __future__ import annotations

from typing import Any

from stagerun.contracts.backend import Policy
from stagerun.contracts.estimate import Estimate
from stagerun.plan.shape import Plan, PlannedStage


def estimate(plan: Plan, stage: PlannedStage) -> Estimate | None:
    """The stage's own estimate, or None when it gives none or the model is unknown.

    A stage gives one by a method `estimate(self, origins, policy)`: `origins` maps each need to the artifact outside the graph
    that its input goes back to, or to the stage (its options) that makes it from nothing.
    """
    ask = getattr(stage.stage, "estimate", None)
    chosen = plan.backend_of(stage)
    if not callable(ask) or chosen is None or stage.decision.action == "absent":
        return None
    policy: Policy = chosen.backend.policy()
    found: Estimate | None = ask(origins(plan, stage), policy)
    return found


def origins(plan: Plan, stage: PlannedStage) -> dict[str, Any]:
    """What each need that takes one thing goes back to."""
    return {source.need: origin(plan, stage, source.need) for source in stage.sources if not source.many}


def origin(plan: Plan, stage: PlannedStage, need: str) -> Any:
    """Follow an input upstream through outputs that are `like` a need of their stage, to where it comes from."""
    source = next((one for one in stage.sources if one.need == need), None)
    if source is None or source.outside is not None:
        return source.outside if source else None
    above = plan.stages[str(source.stage)]
    made = above.traits.produces[str(source.output)]
    like = made.like or made.base
    return origin(plan, above, like) if like else above.stage
