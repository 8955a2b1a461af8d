"""What the training benchmarks train: a tiny mixture of experts, small data, three stages, and a worker's job for each.

A job runs as the real worker runs it (`stagerun.worker.execute`), its events written as lines of JSON to a file descriptor, but
in a process that has loaded the libraries already, so that a trial costs seconds.
"""

from __future__ import annotations

import hashlib
import json
import os
from collections.abc import Iterable, Iterator, Sequence
from pathlib import Path
from random import Random
from typing import Any

from attrs import asdict, frozen

from stagerun import Artifact, Candidate, Judgement, Registry
from stagerun.errors import Failure
from stagerun.store.results import StageFolder
from stagerun.testing import dataset
from stagerun.testing.stages import artifact
from stagerun.worker.execute import execute, make_context
from stagerun.worker.job import Job

ROWS = 24
LORA = {"rank": 4, "alpha": 8.0, "experts": True}
QUICK = {"lora": LORA, "learning_rate": 3e-3, "batch_size": 2, "max_steps": 10, "save_steps": 2, "evaluation": {}}
STAGES: dict[str, tuple[str, dict[str, Any]]] = {
    "SFT": ("stagerun_stages.train.sft:Sft", {**QUICK, "accumulation": 2}),
    "IPO": ("stagerun_stages.train.dpo:Dpo", {**QUICK}),
    # one generation lasts two steps, so that every other checkpoint falls between generations
    "GRPO": (
        "stagerun_stages.train.grpo:Grpo",
        {
            **QUICK,
            "batch_size": 4,
            "generations": 4,
            "max_completion_length": 8,
            "save_steps": 1,
            "trainer": {"steps_per_generation": 2},
        },
    ),
}
APART = frozenset({"manifest.json"})  # it names the moment


class Letters:
    """A judge whose score is the share of letters, so that answers differ and something is learned."""

    def judge(self, candidates: Sequence[Candidate]) -> list[Judgement]:
        """Score each."""
        shares = [sum(map(str.isalpha, each.code)) / max(len(each.code), 1) for each in candidates]
        return [Judgement("passed" if share > 0.5 else "failed", share) for share in shares]

    def stream(self, candidates: Iterable[Candidate]) -> Iterator[tuple[int, Judgement]]:
        """The same, one after the other."""
        for place, candidate in enumerate(candidates):
            yield place, self.judge([candidate])[0]


def letters(_: Any) -> Letters:
    """What a job names as its judge."""
    return Letters()


@frozen
class Material:
    """A model and, for each stage, its data."""

    model: Artifact
    data: dict[str, Artifact]

    def job(self, kind: str, folder: Path, **options: Any) -> Job:
        """The job of a stage in a folder of its own."""
        entry, given = STAGES[kind]
        inputs = {"model": self.model.to_json(), "train": self.data[kind].to_json()}
        here = f"{__name__}:letters"
        return Job(kind, entry, {**given, **options}, str(folder), "bench", {}, 0, 3, inputs=inputs, judge=here)


def make_material(home: Path, *, hidden_size: int, layers: int = 2, experts: int = 4) -> Material:
    """Write a random model and rows of the small world; the same every time."""
    import torch

    from stagerun_stages.tiny import base
    from stagerun_stages.tiny.architecture import architecture
    from stagerun_stages.tiny.corpus import corpus_row
    from stagerun_stages.tiny.tokenizer import build_tokenizer

    torch.manual_seed(0)
    tokenizer = build_tokenizer()
    form = {"model_type": "gpt_oss", **architecture("gpt_oss", hidden_size, layers, experts)}
    base.new_model(tokenizer, form).save_pretrained(home / "model")
    tokenizer.save_pretrained(home / "model")
    chance = Random(0)
    talks = [corpus_row(chance) for _ in range(ROWS)]
    other = [{"role": "assistant", "content": "no"}]
    rows: dict[str, list[dict[str, Any]]] = {
        "SFT": talks,
        "IPO": [{"prompt": t["messages"][:1], "chosen": t["messages"][1:2], "rejected": other} for t in talks],
        "GRPO": [{"prompt": t["messages"][:1], "task": {"tests": "letters"}} for t in talks],
    }
    data = {name: dataset(home / f"{name}.jsonl", each) for name, each in rows.items()}
    return Material(artifact("model", home / "model"), data)


def work(job: Job, descriptor: int) -> None:
    """Do a job here; raises RuntimeError when it fails."""
    folder = StageFolder(job.root)
    folder.begin()

    def send(message: dict[str, Any]) -> None:
        os.write(descriptor, json.dumps(message, default=str).encode() + b"\n")

    outcome = execute(job, make_context(job, send), Registry())
    if outcome is None or isinstance(outcome, Failure):
        raise RuntimeError(f"{job.stage}: {asdict(outcome) if outcome else 'interrupted'}")
    folder.commit()


def digests(folder: Path) -> dict[str, str]:
    """What a finished stage left that must be the same: its outputs and the history of its metrics."""
    files = sorted(path for path in (folder / "final").rglob("*") if path.is_file() and path.name not in APART)
    return {str(path.relative_to(folder)): hashlib.sha256(path.read_bytes()).hexdigest() for path in files}
