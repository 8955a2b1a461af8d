"""Takes code out of what a model said, and makes of it what the judge is given."""

from __future__ import annotations

import re

from stagerun import Candidate, Task
from stagerun.tasks import program
from stagerun_stages.train.calls import read_call, read_text

_FENCED = re.compile(r"```[^\n`]*\n(.*?)(?:```|$)", re.DOTALL)
_DIFF = re.compile(r"^(?:diff --git |--- \S.*\n\+\+\+ \S)", re.MULTILINE)


def code_of(text: str, special: frozenset[str]) -> str:
    """The code in an answer: a tool call's first text argument, else the last fenced block, else all of it."""
    call = read_call(text)
    if call is not None and isinstance(call.arguments, dict):
        texts = [value for value in call.arguments.values() if isinstance(value, str)]
        if texts:
            return max(texts, key=len)
    said = read_text(text, special)
    blocks = _FENCED.findall(said)
    return str(blocks[-1]) if blocks else said


def is_patch(task: Task, code: str) -> bool:
    """Whether code is a patch: a unified diff in answer to a task that has a repository."""
    return bool(task.repo) and _DIFF.search(code) is not None


def candidate_of(task: Task, text: str, special: frozenset[str]) -> Candidate:
    """What the judge is given for an answer: its code, a patch, or of a HumanEval task the prompt that it continues."""
    code = code_of(text, special)
    return Candidate(task, patch=code) if is_patch(task, code) else Candidate(task, program(task, code))
