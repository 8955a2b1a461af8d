"""The Python language: describes how a candidate is laid out, run and read. Starts nothing itself."""

from stagerun_evaluators.python.language import Python

__all__ = ["Python"]
