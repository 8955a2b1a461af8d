"""What each stage will need, from the plan alone: asks the stages themselves, and finds them the model they start from."""

from __future__ import annotations

from stagerun.contracts.backend import Policy
from stagerun.contracts.estimate import Estimate, Room
from stagerun.plan.fitting import hardware_of
from stagerun.plan.origins import origins
from stagerun.plan.shape import Plan, PlannedStage

__all__ = ["estimate", "origins", "room"]


def estimate(plan: Plan, stage: PlannedStage) -> Estimate | None:
    """The stage's own estimate, or None when it gives none or the model is unknown.

    A stage gives one by a method `estimate(self, origins, policy)`; see `Origins` for what it is told.
    """
    ask = getattr(stage.stage, "estimate", None)
    chosen = plan.backend_of(stage)
    if not callable(ask) or chosen is None or stage.decision.action == "absent":
        return None
    policy: Policy = chosen.backend.policy()
    found: Estimate | None = ask(origins(plan, stage), policy)
    return found


def room(plan: Plan, stage: PlannedStage) -> Room | None:
    """How much of the stage fits its device at once; None when it does not say by `room(self, origins, hardware)`."""
    ask = getattr(stage.stage, "room", None)
    chosen = plan.backend_of(stage)
    if not callable(ask) or chosen is None or stage.decision.action == "absent":
        return None
    found: Room | None = ask(origins(plan, stage), hardware_of(chosen))
    return found
