"""The stage `code.eval`: saved solutions against their tasks. No training library; the judge does the judging."""

from stagerun_evaluators.code_eval.stage import CodeEval

__all__ = ["CodeEval"]
