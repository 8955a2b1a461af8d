"""The judge: schedules candidates of any language over a few keepers and makes verdicts."""

from stagerun_evaluators.judge.local import Local

__all__ = ["Local"]
