"""What a run came to, in a page: the same sections for every display, made from plan and record alone.

Not covered: the report with curves and inputs, which is `stagerun.report`.
"""

from __future__ import annotations

import os
from collections.abc import Iterable, Iterator
from pathlib import Path

from attrs import frozen

from stagerun.plan.shape import Plan
from stagerun.record import GateRecord, RunRecord, StageRecord
from stagerun.record.timing import compared, cost
from stagerun.record.words import STATES, clean, count, money, pairs, seconds, size, verdict

SKIPPED = ("up-to-date", "optional", "blocked")
LOG_LINES = 12  # how much of a failed stage's log is shown
LOG_BYTES = 16_384  # how much of its end is read for that
NAMES_SHOWN = 12
LINES_SHOWN = 30  # of one section


@frozen
class Section:
    """A titled block of lines; every line is clean, one line long, and not yet cut to any width."""

    title: str
    lines: tuple[str, ...]


def summarise(record: RunRecord, plan: Plan, report: Path | None) -> list[Section]:
    """The sections that have something to say, in reading order."""
    page = [f"report: {shown_path(report)}"] if report is not None else []
    parts = {
        "skipped": _page(skipped(record)),
        "metrics": _page(metrics(record)),
        "time": _page(times(record)),
        "gates": _page(gates(record)),
        "warnings": _page(warnings(record)),
        "results": [*_page(results(record, plan)), *page],
        "next": list(what_next(record, plan)),
    }
    return [Section(title, tuple(lines)) for title, lines in parts.items() if lines]


def _page(lines: Iterable[str]) -> list[str]:
    """As much as a person reads; a graph of a thousand stages must not push everything else off the screen."""
    every = list(lines)
    if len(every) <= LINES_SHOWN:
        return every
    return [
        *every[: LINES_SHOWN - 1],
        f"and {len(every) - LINES_SHOWN + 1} more, in the report and in run-summary.json",
    ]


def skipped(record: RunRecord) -> Iterator[str]:
    """Skipped stages by their reason, so that a thousand that are up to date take one line."""
    by_reason: dict[str, list[str]] = {}
    for stage in record.stages.values():
        if stage.status in SKIPPED:
            state, reason = STATES[stage.status], clean(stage.reason)
            words = state if reason in ("", state) else f"{state} ({reason})"
            by_reason.setdefault(words, []).append(stage.name)
    for words, names in by_reason.items():
        more = f" and {len(names) - NAMES_SHOWN} more" if len(names) > NAMES_SHOWN else ""
        yield f"{count(len(names), 'stage')} {words}: {', '.join(names[:NAMES_SHOWN])}{more}"


def metrics(record: RunRecord) -> Iterator[str]:
    """The final metrics of each stage that made any, with the time it took."""
    for stage in record.stages.values():
        if stage.metrics and stage.status in ("done", "up-to-date"):
            took = f" (in {seconds(stage.seconds)})" if stage.seconds else ""
            yield f"{stage.name}{took}: {pairs(stage.metrics)}"


def times(record: RunRecord) -> Iterator[str]:
    """How long the steps of each stage took against what was estimated at first, and what it cost."""
    price = record.run.price_per_hour if record.run else 0.0
    for stage in record.stages.values():
        if stage.timing.get("took") and stage.status == "done":
            spent = cost(stage.seconds, price)
            yield f"{stage.name}: {compared(stage.timing)}" + (f"; it cost {money(spent)}" if spent is not None else "")
    if record.run is not None and record.run.cost is not None:
        yield f"the whole run cost {money(record.run.cost)} at {money(price)} an hour"


def gates(record: RunRecord) -> Iterator[str]:
    """Every gate's newest verdict."""
    for stage in record.stages.values():
        for gate in stage.gates.values():
            yield gate_line(stage, gate)


def gate_line(stage: StageRecord, gate: GateRecord) -> str:
    """One verdict: 'tool_sft.loss passed (hard): loss 1.83 <= 2.0'."""
    kind = "hard" if gate.hard else "soft"
    line = f"{stage.name}.{gate.gate} {verdict(gate)} ({kind}): {clean(gate.text)}"
    if gate.accepted and not gate.passed:
        line += f"; accepted by {clean(gate.accepted.get('who'))}: {clean(gate.accepted.get('why'))}"
    return line


def warnings(record: RunRecord) -> Iterator[str]:
    """Every warning of the newest attempts."""
    for stage in record.stages.values():
        for text in stage.warnings:
            yield f"{stage.name}: {clean(text)}"


def results(record: RunRecord, plan: Plan) -> Iterator[str]:
    """What the last stages of the graph made, and where it is."""
    taken = {source.stage for stage in plan.stages.values() for source in stage.sources}
    for name, stage in record.stages.items():
        if name in taken or name not in plan.stages or stage.status not in ("done", "up-to-date"):
            continue
        for output, declared in plan.stages[name].traits.produces.items():
            path = plan.run_dir / name / "final" / declared.path
            made = (stage.outputs.get(output) or {}).get("bytes")
            facts = [declared.kind] * (declared.kind != "*") + ([size(made)] if made is not None else [])
            shown = f" ({', '.join(facts)})" if facts else ""
            yield f"{name}.{output}{shown}: {shown_path(path)}"


def what_next(record: RunRecord, plan: Plan) -> Iterator[str]:
    """What a person does about a run that is not done; nothing after one that is."""
    for stage in record.stages.values():
        if stage.status == "failed":
            yield from _about_failure(stage, plan.run_dir / stage.name / "log.txt")
        for gate in stage.gates.values():
            if gate.blocks:
                yield _about_gate(record, stage, gate)
    state = record.run.state if record.run else ""
    if state == "crash_loop":
        yield "it failed three times at the same place; running it again without a change will not help"
    elif state in ("interrupted", "killed"):
        yield "run the same command again: finished stages are kept, training goes on from its last checkpoint"
    elif any(stage.status == "failed" for stage in record.stages.values()):
        yield "mend the cause and run the same command again: finished stages are kept"


def _about_failure(stage: StageRecord, log: Path) -> Iterator[str]:
    step = f" at step {stage.step}" if stage.step is not None else ""
    yield f"{stage.name} failed{step}: {clean(stage.reason)}"
    last = log_tail(log)
    if last:
        yield f"its log is {shown_path(log)}; it ends with"
        yield from (f"  | {line}" for line in last)


def _about_gate(record: RunRecord, stage: StageRecord, gate: GateRecord) -> str:
    name = f"{stage.name}.{gate.gate}"
    return f'gate {name} holds its stage back; to let it pass: {_typed(record)} --accept-gate {name} --why "..."'


def _typed(record: RunRecord) -> str:
    """The command that was typed, with its profiles and settings: without them it would run something else."""
    typed = record.run.command if record.run else ""
    return clean(typed) or f"stagerun {record.file}:{record.pipeline}"


def log_tail(log: Path) -> list[str]:
    """The last lines of a log, cleaned; empty when there is none."""
    try:
        with log.open("rb") as stream:
            stream.seek(max(log.stat().st_size - LOG_BYTES, 0))
            text = stream.read().decode(errors="replace")
    except OSError:
        return []
    lines = [line for line in text.split("\n") if line.strip()]
    return [_one_line(line) for line in lines[-LOG_LINES:]]


def _one_line(line: str) -> str:
    """A log line with its indentation, and without what a progress bar drew over before."""
    last = line.rstrip("\r").rpartition("\r")[2].rstrip()
    indent = len(last) - len(last.lstrip())
    return " " * indent + clean(last)


def shown_path(path: Path) -> str:
    """The path as a person would type it here: relative when it is below the working directory."""
    text = os.path.relpath(path)
    return str(path) if text.startswith("..") else text
