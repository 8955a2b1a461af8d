"""Run one stage in this process, the way a worker would, and look at all it said."""

from __future__ import annotations

import json
from collections.abc import Iterable, Mapping, Sequence
from pathlib import Path
from typing import Any

from attrs import frozen

from stagerun.contracts import Backend, Judge
from stagerun.contracts.stage import describe
from stagerun.errors import StageError
from stagerun.model import Artifact
from stagerun.model.seal import combine, file_digest, files_below
from stagerun.registry import Registry
from stagerun.store.checkpoints import CheckpointFolder
from stagerun.worker.context import Context
from stagerun.worker.plain import PlainBackend


@frozen
class StageRun:
    """What a stage made and said."""

    outputs: dict[str, Artifact]
    metrics: dict[str, float]
    events: list[dict[str, Any]]

    def kinds(self, kind: str) -> list[dict[str, Any]]:
        """The events of one kind, such as `stage.warning`."""
        return [event for event in self.events if event["kind"] == kind]


def dataset(path: Path, rows: Iterable[Mapping[str, Any]]) -> Artifact:
    """Write rows as JSONL and give them as an artifact."""
    path.parent.mkdir(parents=True, exist_ok=True)
    path.write_text("".join(json.dumps(row) + "\n" for row in rows), encoding="utf-8")
    return artifact("dataset", path)


def artifact(kind: str, path: Path, base: Artifact | None = None, meta: dict[str, Any] | None = None) -> Artifact:
    """A file or folder as an artifact, digested."""
    digest = combine({name: file_digest(path / name) for name in files_below(path)}, base.digest if base else "")
    return Artifact(kind=kind, source=path.name, digest=digest, path=path, base=base, meta=meta or {})


def run_stage(
    stage: Any,
    root: Path,
    inputs: Mapping[str, Artifact] | None = None,
    many: Mapping[str, tuple[Artifact, ...]] | None = None,
    *,
    backend: Backend | None = None,
    judge: Judge | None = None,
    seed: int = 0,
    keep: int = 2,
    memory_failures: int = 0,
    verdicts: Mapping[str, Sequence[Mapping[str, Any]]] | None = None,
    name: str = "stage",
) -> StageRun:
    """Run `stage` below `root` (its folder as in a run); raises what the stage raises, StageError for a missing output."""
    traits, registry = describe(type(stage)), Registry()
    events: list[dict[str, Any]] = []
    out, work = root / "final", root / "work"
    for folder in (out, work):
        folder.mkdir(parents=True, exist_ok=True)

    def find_judge() -> Judge:
        if judge is None:
            raise StageError("no judge was given to run_stage")
        return judge

    def tell(kind: str, **data: Any) -> None:
        events.append({"kind": kind, **data})

    ctx = Context(
        stage=name,
        inputs=inputs or {},
        many=many or {},
        out=out,
        work=work,
        seed=seed,
        find_backend=lambda: backend or PlainBackend(),
        checkpoints=CheckpointFolder(root / "checkpoints", "testing", keep, tell),
        send=events.append,
        find_judge=find_judge,
        find_plugin=lambda kind, name: registry.find(kind, name).value,
        metrics_file=root / "metrics.jsonl",
        memory_failures=memory_failures,
        verdicts=verdicts or {},
    )
    try:
        stage.run(ctx)
    finally:
        ctx.close()
    outputs = {}
    for key, output in traits.produces.items():
        path = out / output.path
        if not path.exists():
            raise StageError(f"the stage promised {key} at {output.path} and did not write it")
        parent = ctx.inputs.get(output.base) if output.base else None
        base = (parent.base if parent.kind == "adapter" and parent.base else parent) if parent else None
        outputs[key] = artifact(output.kind, path, base, ctx.metas.get(key))
    return StageRun(outputs, ctx.results, events)
