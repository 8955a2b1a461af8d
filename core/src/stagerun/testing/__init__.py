"""For authors of plugins: run a stage on its own, and put a language through the conformance kit."""

from stagerun.testing.languages import Case, Samples, cases, check_description, check_missing_tools
from stagerun.testing.stages import StageRun, dataset, run_stage

__all__ = ["Case", "Samples", "StageRun", "cases", "check_description", "check_missing_tools", "dataset", "run_stage"]
