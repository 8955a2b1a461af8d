"""TOML text to data: which stages, with which options, needs and gates. Knows nothing of plugins; nothing here acts."""

from stagerun.spec.shape import Applied, EnvironmentSpec, GateSpec, JudgeSpec, PipelineSpec, StageSpec

__all__ = ["Applied", "EnvironmentSpec", "GateSpec", "JudgeSpec", "PipelineSpec", "StageSpec"]
