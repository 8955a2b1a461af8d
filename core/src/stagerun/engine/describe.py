"""stage.json: what exactly was run, on what, with what, to what end; for people, auditors and tools."""

from __future__ import annotations

import platform
import subprocess
from collections.abc import Mapping
from functools import cache
from pathlib import Path
from typing import Any

from stagerun._version import __version__
from stagerun.model import Artifact
from stagerun.model.result import Result
from stagerun.plan import Plan, PlannedStage


def stage_json(
    plan: Plan,
    stage: PlannedStage,
    result: Result,
    inputs: Mapping[str, Artifact | tuple[Artifact, ...]],
    story: Mapping[str, Any],
) -> dict[str, Any]:
    """The description of a finished stage; `story` is what the engine saw: attempts, times, libraries."""
    chosen = plan.backend_of(stage)
    return {
        "stage": stage.name,
        "component": {"name": stage.spec.uses, "version": stage.traits.version, "entry": stage.found.entry},
        "distribution": {"name": stage.found.dist, "version": stage.found.version},
        "stagerun": __version__,
        "options": dict(stage.shown),
        "profiles": [{"name": one.name, "why": one.why} for one in plan.spec.applied],
        "seed": plan.spec.seed,
        "fingerprint": result.fingerprint,
        "parts": dict(result.parts),
        "inputs": {need: _briefs(given) for need, given in inputs.items()},
        "files": dict(stage.reads),
        "outputs": {name: _brief(made) for name, made in result.outputs.items()},
        "metrics": dict(result.metrics),
        "backend": chosen.found.name if chosen and not stage.traits.in_process else None,
        "device": chosen.probe.device if chosen and not stage.traits.in_process else platform.machine(),
        "passed_over": list(chosen.passed_over) if chosen and not stage.traits.in_process else [],
        "host": platform.node(),
        "git": git_commit(plan.spec.file.parent),
        **story,
    }


def _briefs(given: Artifact | tuple[Artifact, ...]) -> Any:
    return _brief(given) if isinstance(given, Artifact) else [_brief(one) for one in given]


def _brief(made: Artifact) -> dict[str, Any]:
    row = {"source": made.source, "kind": made.kind, "digest": made.digest}
    return {**row, "base": made.base.source} if made.base else row


@cache
def git_commit(folder: Path) -> str | None:
    """The commit checked out where the pipeline file lies, with `+` when files differ from it; None outside git."""
    try:
        head = _git(folder, "rev-parse", "HEAD")
        return head + ("+" if _git(folder, "status", "--porcelain", "--untracked-files=no") else "")
    except (OSError, subprocess.SubprocessError):
        return None


def _git(folder: Path, *words: str) -> str:
    done = subprocess.run(["git", "-C", str(folder), *words], capture_output=True, text=True, check=True, timeout=10)
    return done.stdout.strip()
