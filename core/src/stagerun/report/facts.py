"""The files of one stage that the report reads beside the record: stage.json and metrics.jsonl; either may be missing."""

from __future__ import annotations

import json
from collections.abc import Mapping
from contextlib import suppress
from pathlib import Path
from typing import Any

from attrs import field, frozen

from stagerun.store.results import StageFolder, read_history

LARGEST = 50_000_000  # bytes of a metrics.jsonl; beyond that the curves are left out


@frozen
class Facts:
    """What stands on the disk about a stage."""

    described: Mapping[str, Any] = field(factory=dict)  # stage.json
    rows: list[dict[str, float]] = field(factory=list)  # metrics.jsonl


def read_facts(run_dir: Path, stage: str) -> Facts:
    """Read both files; torn or foreign ones count as missing."""
    folder = StageFolder(run_dir / stage)
    described: Any = {}
    with suppress(OSError, ValueError):
        described = json.loads((folder.root / "stage.json").read_text(encoding="utf-8"))
    rows: list[dict[str, float]] = []
    with suppress(OSError, ValueError):
        rows = read_history(folder.metrics) if folder.metrics.stat().st_size <= LARGEST else []
    return Facts(described if isinstance(described, dict) else {}, rows)
