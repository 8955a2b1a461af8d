"""The judge of this machine, which writes down what it judged and gives up on some answers, always on the same; and tasks for it.

Whatever a random model says passes or fails them, so that there is something to learn.
"""

from __future__ import annotations

import json
import os
from collections.abc import Iterable, Iterator
from pathlib import Path
from typing import Any
from zlib import crc32

from attrs import evolve

from stagerun import Candidate, Judgement
from stagerun_evaluators.judge import Local

TOLD = "STAGERUN_TEST_TOLD"  # names the folder where each process writes down what it judged
JUDGE: dict[str, Any] = {  # for a job
    "judge": "doubting:Doubting",
    "judge_options": {"workers": 2},
    "evaluators": {"python": "stagerun_evaluators.python:Python"},
}
BEFORE = "def one():\n    return 1\n\n\n# "  # what is said after it is a comment, and mostly a program
TESTS = """
import inspect, sys

def check(one):
    assert sum(map(ord, inspect.getsource(sys.modules["solution"]))) % 2
"""


def asked(at: int) -> dict[str, Any]:
    """A row for GRPO."""
    meta = {"format": "humaneval", "entry_point": "one", "prompt": BEFORE, "checks": ["compile", "test"]}
    task = {"id": f"python/{at}", "language": "python", "tests": TESTS, "meta": meta}
    return {"prompt": [{"role": "user", "content": f"say {at}"}], "task": task}


class Doubting(Local):
    """Leaves one answer in eight unjudged, and says of another that it tampered."""

    def __init__(self, evaluators: Any, workers: int | None = None, **options: Any) -> None:
        super().__init__(evaluators, workers, **options)
        self.workers = workers

    def stream(self, candidates: Iterable[Candidate]) -> Iterator[tuple[int, Judgement]]:
        """As ever, and then doubted."""
        every: list[Candidate] = []

        def taken() -> Iterator[Candidate]:
            for each in candidates:
                every.append(each)
                yield each

        for place, found in super().stream(taken()):
            yield place, self._doubted(every[place], found)

    def _doubted(self, candidate: Candidate, found: Judgement) -> Judgement:
        doubt = {0: ("infra_error", None), 1: ("tampered", 0.0)}.get(crc32(candidate.code.encode()) % 8)
        verdict, score = doubt or (found.verdict, found.score)
        if folder := os.environ.get(TOLD):
            row = {"code": candidate.code, "verdict": verdict, "score": score, "workers": self.workers}
            with (Path(folder) / f"{os.getpid()}.jsonl").open("a") as file:
                file.write(json.dumps(row) + "\n")
        return evolve(found, verdict=verdict, score=score)
