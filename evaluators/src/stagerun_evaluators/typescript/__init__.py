"""The TypeScript language: tsc, jest and eslint from exact packages. Starts nothing itself, but for `install`."""

from stagerun_evaluators.typescript.language import TypeScript

__all__ = ["TypeScript"]
