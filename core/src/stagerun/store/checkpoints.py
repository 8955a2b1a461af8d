"""Training checkpoints of one stage: `checkpoints/step_00000250/`, sealed, verified before use, the last N kept."""

from __future__ import annotations

import shutil
from collections.abc import Callable, Iterator, Mapping
from contextlib import contextmanager
from pathlib import Path
from typing import Any

from attrs import define

from stagerun.contracts import Checkpoint
from stagerun.model.seal import Damaged, seal, verify, write_json

Tell = Callable[..., None]


@define
class CheckpointFolder:
    """Implements `contracts.Checkpoints` on a folder.

    `fingerprint` ties a checkpoint to the options and inputs it was made with: another's is never resumed.
    """

    root: Path
    fingerprint: str
    keep: int
    tell: Tell
    resumed: int = 0  # the step of the checkpoint that was handed out; 0 for none

    def latest(self) -> Checkpoint | None:
        """The newest whole checkpoint; every one passed over is named in a `checkpoint.rejected` event."""
        for path in reversed(self._folders()):
            why = self._fault(path)
            if why is None:
                self.resumed = _step(path)
                self.tell("checkpoint.resumed", step=self.resumed, path=str(path))
                return Checkpoint(step=_step(path), path=path)
            self.tell("checkpoint.rejected", path=str(path), why=why)
        return None

    @contextmanager
    def saving(self, step: int, state: Mapping[str, Any] | None = None) -> Iterator[Path]:
        """Fill the folder given; it becomes a checkpoint only when the block ends without an exception."""
        final = self.root / f"step_{step:08d}"
        partial = self.root / f".step_{step:08d}.partial"
        shutil.rmtree(partial, ignore_errors=True)
        partial.mkdir(parents=True)
        yield partial
        write_json(partial / "state.json", {"step": step, "fingerprint": self.fingerprint, **(state or {})})
        sealed = seal(partial, {"step": step, "fingerprint": self.fingerprint}, sync=True)
        shutil.rmtree(final, ignore_errors=True)
        partial.rename(final)
        self.tell("checkpoint.saved", step=step, path=str(final), bytes=sum(sealed.sizes.values()))
        self._prune()

    def _fault(self, path: Path) -> str | None:
        try:
            sealed = verify(path)
        except Damaged as damage:
            return str(damage)
        if sealed.facts.get("fingerprint") != self.fingerprint:
            return "it was made with other options or inputs"
        return None

    def _folders(self) -> list[Path]:
        """Finished checkpoint folders, oldest first."""
        return sorted(path for path in self.root.glob("step_*") if path.is_dir())

    def _prune(self) -> None:
        folders = self._folders()
        for path in folders[: -self.keep] if self.keep > 0 else []:
            shutil.rmtree(path, ignore_errors=True)


def _step(path: Path) -> int:
    return int(path.name.removeprefix("step_"))
