"""What will happen and why, decided before anything does. Resolves names, options and inputs; nothing here acts."""

from stagerun.plan.shape import Decision, Plan, PlannedGate, PlannedStage, Source

__all__ = ["Decision", "Plan", "PlannedGate", "PlannedStage", "Source"]
