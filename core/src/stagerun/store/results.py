"""A stage's folder in a run directory: where its result stands, how it is replaced in one step, what a kill left behind.

runs/tui/tool_sft/   final/  checkpoints/  metrics.jsonl  log.txt  stage.json
                     .partial/ the attempt under way, .old/ the earlier result for the instant of the exchange
"""

from __future__ import annotations

import json
import os
import shutil
from collections.abc import Iterable, Mapping
from contextlib import suppress
from pathlib import Path
from typing import Any

from attrs import define, evolve

from stagerun.contracts import Output
from stagerun.errors import StageError
from stagerun.model import Artifact
from stagerun.model.result import Result
from stagerun.model.seal import Damaged, Sealed, combine, measure, read_seal, verify, write_json, write_seal
from stagerun.store.digests import DigestCache
from stagerun.store.secrets import masker


@define
class StageFolder:
    """The paths of one stage."""

    root: Path

    @property
    def final(self) -> Path:
        """The committed result."""
        return self.root / "final"

    @property
    def partial(self) -> Path:
        """Where the attempt under way writes."""
        return self.root / ".partial"

    @property
    def old(self) -> Path:
        """The earlier result, only while it is being replaced."""
        return self.root / ".old"

    @property
    def work(self) -> Path:
        """Scratch space of the attempt under way."""
        return self.root / ".work"

    @property
    def checkpoints(self) -> Path:
        return self.root / "checkpoints"

    @property
    def metrics(self) -> Path:
        return self.root / "metrics.jsonl"

    @property
    def log(self) -> Path:
        return self.root / "log.txt"

    @property
    def worker(self) -> Path:
        """The identity of the process working here, for an engine that comes after a killed one."""
        return self.root / ".worker.json"

    def begin(self) -> None:
        """Make room for an attempt; the earlier result stays where it is."""
        for folder in (self.partial, self.work):
            if folder.exists():
                shutil.rmtree(folder)
            folder.mkdir(parents=True)

    def discard(self) -> None:
        """Remove what a failed attempt wrote; it may be what fills the disk. Its log and checkpoints stay."""
        for folder in (self.partial, self.work):
            shutil.rmtree(folder, ignore_errors=True)

    def recover(self) -> str | None:
        """Undo an exchange that a kill cut short; says what was done."""
        if not self.old.exists():
            return None
        if self.final.exists():
            shutil.rmtree(self.old)
            return "the new result was whole: the old one was removed"
        self.old.rename(self.final)
        return "the earlier result was put back"

    def commit(self) -> None:
        """Put the sealed `.partial` in the place of `final`; a kill in between is mended by `recover`."""
        if self.final.exists():
            shutil.rmtree(self.old, ignore_errors=True)
            self.final.rename(self.old)
        self.partial.rename(self.final)
        if self.old.exists():
            shutil.rmtree(self.old)
        shutil.rmtree(self.work, ignore_errors=True)

    def read(self, cache: DigestCache) -> Result | str | None:
        """The committed result, why it cannot be used, or None when there is none.

        Contents are compared by signature first; only a file whose signature changed is read again.
        """
        if not self.final.exists():
            return None
        try:
            sealed = read_seal(self.final)
            self._compare(sealed, cache)
            return self._result(sealed)
        except Damaged as damage:
            return str(damage)
        except (KeyError, TypeError, ValueError) as error:
            return f"its manifest is not of this version ({type(error).__name__}: {error})"

    def _compare(self, sealed: Sealed, cache: DigestCache) -> None:
        for name, digest in sealed.files.items():
            try:
                found = cache.file(self.final / name)
            except OSError as error:
                raise Damaged(f"{name} cannot be read ({error.strerror})") from None
            if found != digest:
                raise Damaged(f"{name} has other contents than were sealed")

    def _result(self, sealed: Sealed) -> Result:
        facts = sealed.facts
        outputs = {name: Artifact.from_json(row) for name, row in facts["outputs"].items()}
        placed = {name: _place(self.final, made) for name, made in outputs.items()}
        return Result(facts["stage"], facts["fingerprint"], facts["parts"], placed, facts["metrics"])

    def adopt(self, cache: DigestCache) -> Result:
        """The result just committed; its digests are taken over, so that the next plan reads no byte of it."""
        sealed = read_seal(self.final)
        for name, digest in sealed.files.items():
            cache.learn(self.final / name, digest)
        return self._result(sealed)

    def complete(self, fingerprint: str) -> bool:
        """Whether `.partial` is a whole result for this fingerprint that a killed engine did not come to commit."""
        try:
            return read_seal(self.partial).facts.get("fingerprint") == fingerprint and bool(verify(self.partial))
        except Damaged:
            return False

    def write_stage_json(self, value: Mapping[str, Any]) -> None:
        """Replace stage.json, the description for people and tools; secrets are masked."""
        write_json(self.root / "stage.json", masker()(dict(value)))

    def remember_worker(self, identity: Mapping[str, Any]) -> None:
        """Note who works here, before the worker is given anything to do."""
        write_json(self.worker, dict(identity))

    def recall_worker(self) -> dict[str, Any] | None:
        """Who worked here when an engine died, or None."""
        try:
            value = json.loads(self.worker.read_text(encoding="utf-8"))
        except (OSError, ValueError):
            return None
        return value if isinstance(value, dict) else None

    def forget_worker(self) -> None:
        """Nobody works here any more."""
        with suppress(FileNotFoundError):
            os.unlink(self.worker)  # noqa: PTH108 - on the path of every light stage


def _place(final: Path, made: Artifact) -> Artifact:
    """An output as it stands now: manifests hold paths below the run directory, so that it can be moved as a whole."""
    base = made.base
    if base is not None and base.path is not None:
        base = evolve(base, path=final.parent.parent / base.path)  # an absolute path stays as it is
    return evolve(made, base=base, path=final / made.path if made.path is not None else None)


def _below(run: Path, artifact: Artifact | None) -> Artifact | None:
    if artifact is None or artifact.path is None or not artifact.path.is_relative_to(run):
        return artifact
    return evolve(artifact, path=artifact.path.relative_to(run))


def seal_result(
    folder: StageFolder,
    produces: Mapping[str, Output],
    inputs: Mapping[str, Artifact],
    metas: Mapping[str, dict[str, Any]],
    result: Result,
    *,
    sync: bool = False,
) -> Result:
    """Digest what an attempt wrote, fill in the outputs, and write the manifest last; raises StageError when any is missing.

    `sync` forces it all to the disk first, so that not even a power cut leaves a committed result with a hole in it.
    """
    lost = missing_outputs(folder.partial, [output.path for output in produces.values()])
    if lost:
        raise StageError(f"the stage promised {', '.join(lost)} and did not write it")
    if folder.metrics.exists():
        shutil.copyfile(folder.metrics, folder.partial / "metrics.jsonl")
    sealed = measure(folder.partial)
    outputs = {}
    for name, output in produces.items():
        parent = inputs.get(output.base) if output.base else None
        base = parent.base if parent is not None and parent.kind == "adapter" else parent
        digest = output_digest(sealed, output.path, base.digest if base else "")
        outputs[name] = Artifact(
            kind=output.kind,
            source=f"{result.stage}.{name}",
            digest=digest,
            path=Path(output.path),
            base=_below(folder.root.parent, base),
            bytes=output_bytes(sealed, output.path),
            meta=metas.get(name, {}),
        )
    result = evolve(result, outputs=outputs)
    write_seal(folder.partial, sealed, result.facts(), sync=sync)
    return result


def output_digest(sealed: Sealed, path: str, base: str) -> str:
    """The artifact digest of the output at `path`: its files by their names below it, and the base it builds on."""
    below = {
        "" if name == path else name.removeprefix(f"{path}/"): digest
        for name, digest in sealed.files.items()
        if name == path or name.startswith(f"{path}/")
    }
    return combine(below, base)


def output_bytes(sealed: Sealed, path: str) -> int:
    """Size of the output at `path`."""
    return sum(size for name, size in sealed.sizes.items() if name == path or name.startswith(f"{path}/"))


def read_history(path: Path) -> list[dict[str, float]]:
    """Rows of a metrics.jsonl; torn lines are passed over."""
    rows: list[dict[str, float]] = []
    with suppress(FileNotFoundError):
        for line in path.read_text(encoding="utf-8").splitlines():
            with suppress(ValueError):
                row = json.loads(line)
                if isinstance(row, dict):
                    rows.append(row)
    return rows


def missing_outputs(root: Path, paths: Iterable[str]) -> list[str]:
    """Promised outputs that are not there, or are empty folders."""
    return [path for path in paths if not _written(root / path)]


def _written(path: Path) -> bool:
    return path.is_file() or (path.is_dir() and any(path.iterdir()))
