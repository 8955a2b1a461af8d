"""The two JSON files beside the journal, as values: run-summary.json and quality_gates.json."""

from __future__ import annotations

import json
from typing import Any

from stagerun.record.shape import RunRecord

SPLIT = (
    '\n "stages": {\n'  # what stands before the stages in the summary's text; lets a no-op run rewrite the head alone
)


def summary_head(record: RunRecord) -> dict[str, Any]:
    """Who ran what, and how it ended. `events` is how many lines of events.jsonl the summary covers."""
    run = record.run
    head: dict[str, Any] = {"pipeline": record.pipeline, "file": record.file, "events": record.events}
    head["run"] = run.to_json() if run else None
    head["earlier_runs"] = [{"id": old.id, "state": old.state, "exit_code": old.exit_code} for old in record.runs[:-1]][
        -20:
    ]
    return head


def summary_text(record: RunRecord) -> str:
    """run-summary.json: a line for each stage, so that a person reads it and a diff of two is short."""
    rows = [f"  {_dump(name)}: {_dump(stage.to_json())}" for name, stage in record.stages.items()]
    return head_text(summary_head(record)) + SPLIT + ",\n".join(rows) + "\n }\n}\n"


def head_text(head: dict[str, Any]) -> str:
    """The text before the stages."""
    return "{" + ",".join(f"\n {_dump(key)}: {_dump(value)}" for key, value in head.items()) + ","


def gates_value(record: RunRecord) -> dict[str, Any]:
    """quality_gates.json: the present verdict of each gate and every verdict and override there ever was."""
    present = []
    for stage in record.stages.values():
        for gate in stage.gates.values():
            row = {"stage": stage.name, "gate": gate.gate, "hard": gate.hard, "passed": gate.passed, "text": gate.text}
            present.append({**row, "evidence": gate.evidence, "accepted": gate.accepted, "blocks": gate.blocks})
    return {"events": record.events, "gates": present, "history": record.verdicts}


def _dump(value: Any) -> str:
    return json.dumps(value, ensure_ascii=False, default=str)
