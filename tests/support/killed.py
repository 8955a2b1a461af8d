"""A `train.sft` that is killed with SIGKILL when it has told step 5, in a process of its own: this file, run as a script."""

from __future__ import annotations

import os
import signal
import subprocess
import sys
from pathlib import Path

from stagerun import Artifact
from stagerun.registry.registry import load
from stagerun.testing import run_stage

KILLED_AT = 5


def kill(root: Path, base: Artifact, rows: Artifact, *, experts: bool = False, backend: str = "") -> None:
    """Have it train until it is dead; `backend` is the entry of one, such as `stagerun_backends.mlx:Mlx`."""
    told = [str(root), str(base.path), base.digest, str(rows.path), "experts" if experts else "", backend]
    done = subprocess.run([sys.executable, __file__, *told], capture_output=True, check=False)
    assert done.returncode == -signal.SIGKILL, done.stderr.decode()[-2000:]


def _train(root: str, model: str, digest: str, rows: str, experts: str, backend: str) -> None:
    from stagerun.worker.context import Context
    from stagerun_stages.train.options import Lora
    from stagerun_stages.train.sft import Sft

    whole = Context.metric

    def metric(self: Context, step: int, **values: float) -> None:
        whole(self, step, **values)
        if step == KILLED_AT:
            os.kill(os.getpid(), signal.SIGKILL)

    Context.metric = metric  # type: ignore[method-assign]
    lora = Lora(rank=4, alpha=8.0, experts=bool(experts))
    stage = Sft(lora=lora, learning_rate=1e-2, max_steps=8, batch_size=2, save_steps=3)
    inputs = {
        "model": Artifact("model", Path(model).name, digest, Path(model)),
        "train": Artifact("dataset", "train.jsonl", "", Path(rows)),
    }
    run_stage(stage, Path(root), inputs, **({"backend": load(backend)()} if backend else {}))


if __name__ == "__main__":
    _train(*sys.argv[1:])
