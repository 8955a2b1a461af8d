"""For authors of plugins: run a stage on its own, without an engine or a pipeline file."""

from stagerun.testing.stages import StageRun, dataset, run_stage

__all__ = ["StageRun", "dataset", "run_stage"]
