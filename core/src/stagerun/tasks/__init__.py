"""Tasks, solutions and patches as they lie on a disk, read with suspicion. Standard library and attrs only.

For whoever needs tasks: stages, language plugins, tests. Nothing here runs code, and nothing here knows a language.
"""

from stagerun.tasks.patch import BadPatch, apply
from stagerun.tasks.reading import read_tasks, task_of_row
from stagerun.tasks.samples import Sample, program, read_samples
from stagerun.tasks.solutions import Solution, read_solutions

__all__ = [
    "BadPatch",
    "Sample",
    "Solution",
    "apply",
    "program",
    "read_samples",
    "read_solutions",
    "read_tasks",
    "task_of_row",
]
