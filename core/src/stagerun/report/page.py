"""The whole page. It holds no script and loads nothing, and its policy forbids both, whatever a stage wrote into it."""

from __future__ import annotations

import time
from collections.abc import Mapping, Sequence
from pathlib import Path
from typing import Any

from stagerun._version import __version__
from stagerun.record import RunInfo, RunRecord, StageRecord
from stagerun.record.words import STATES, money, pairs, seconds
from stagerun.report.facts import read_facts
from stagerun.report.graph import graph
from stagerun.report.markdown import markdown
from stagerun.report.markup import Content, Html, tag
from stagerun.report.stage_part import stage_part
from stagerun.report.tables import badge, facts, folded, gate_row, shown, table

STYLE = Path(__file__).with_name("style.css")
POLICY = "default-src 'none'; style-src 'unsafe-inline'"
RUNS_SHOWN = 20


def write_report(record: RunRecord, run_dir: Path, sections: Sequence[tuple[str, str]] = ()) -> Path:
    """Write `report.html` into the run directory in one step; gives its path, raises OSError.

    `sections` are titles and Markdown texts of plugins.
    """
    path, partial = run_dir / "report.html", run_dir / ".report.partial"
    partial.write_text(page(record, run_dir, sections), encoding="utf-8")
    partial.replace(path)
    return path


def page(record: RunRecord, run_dir: Path, sections: Sequence[tuple[str, str]] = ()) -> str:
    """The page as text."""
    changes = record.run.changes if record.run else []
    parts = {name: stage_part(stage, read_facts(run_dir, name), changes) for name, stage in record.stages.items()}
    body = tag(
        "body",
        _header(record),
        graph(record),
        tag("h2", "Stages"),
        _overview(record, parts),
        parts.values(),
        [tag("section", tag("h3", title), markdown(text)) for title, text in sections],
        _history(record),
        tag("footer", f"stagerun {__version__}"),
    )
    title = f"{record.pipeline or run_dir.name} - stagerun"
    head = tag(
        "head",
        tag("meta", charset="utf-8"),
        tag("meta", http_equiv="Content-Security-Policy", content=POLICY),
        tag("meta", name="viewport", content="width=device-width, initial-scale=1"),
        tag("title", title),
        tag("style", Html(STYLE.read_text(encoding="utf-8"))),
    )
    return f"<!doctype html>\n{tag('html', head, body, lang='en')}\n"


def _header(record: RunRecord) -> Html:
    run = record.run
    state = run.state.replace("_", " ") if run else "never run"
    rows: list[tuple[str, Content]] = [("file", record.file)]
    if run is not None:
        rows += [
            ("started", f"{_clock(run.started)} on {run.host}, pid {run.pid}"),
            ("ended", _ended(run)),
            ("cost", f"{money(run.cost)} at {money(run.price_per_hour)} an hour" if run.cost is not None else None),
            ("command", tag("code", run.command) if run.command else None),
            ("profiles", ", ".join(run.profiles)),
            ("not checked", ", ".join(run.checks.get("skipped", ()))),
            ("warnings", [tag("div", text) for text in run.checks.get("warnings", ())]),
            ("settings", [tag("div", tag("code", text)) for text in run.sets]),
            ("changed", [tag("div", text) for text in _general(run)]),
        ]
    return tag("header", tag("h1", record.pipeline, badge(state, run.state if run else "")), facts(rows))


def _general(run: RunInfo) -> list[str]:
    """Changes that belong to no single stage."""
    general = [change for change in run.changes if not str(change[0]).startswith("stages.")]
    return [
        f"{place} {'unset' if old is None else shown(old)} \u2192 {shown(new)} by {by}"
        for place, old, new, by in general
    ]


def _clock(when: float) -> str:
    return time.strftime("%Y-%m-%d %H:%M:%S", time.localtime(when))


def _ended(run: RunInfo) -> str:
    if run.ended is None:
        return ""
    code = f", exit code {run.exit_code}" if run.exit_code is not None else ""
    return f"{_clock(run.ended)} after {seconds(run.ended - run.started)}{code}"


def _overview(record: RunRecord, parts: Mapping[str, Html]) -> Html:
    rows = [_row(stage, has_part=bool(parts[name])) for name, stage in record.stages.items()]
    return tag("div", table(("stage", "state", "time", "metrics", "gates"), rows), class_="overview")


def _row(stage: StageRecord, *, has_part: bool) -> list[Content]:
    """Where a stage has no section of its own, links to it end here."""
    target = f"stage-{stage.name}"
    gates = [tag("div", gate_row(gate)[0], " ", gate.text or gate.gate) for gate in stage.gates.values()]
    return [
        tag("a", stage.name, href=f"#{target}") if has_part else tag("span", stage.name, id=target),
        badge(STATES.get(stage.status, stage.status), stage.status),
        seconds(stage.seconds) if stage.seconds else "",
        pairs(stage.metrics, 4),
        gates,
    ]


def _history(record: RunRecord) -> Html:
    """Every run of this directory, and every verdict there ever was."""
    runs = [
        (_clock(run.started), badge(run.state.replace("_", " "), run.state), _ended(run), run.command)
        for run in reversed(record.runs[-RUNS_SHOWN:])
    ]
    verdicts = [_verdict(row) for row in reversed(record.verdicts)]
    title = f"All {len(verdicts)} verdicts and overrides"
    return tag(
        "section",
        tag("h3", "History"),
        table(("started", "", "ended", "command"), runs),
        folded(title, table(("when", "stage", "gate", "", ""), verdicts)),
    )


def _verdict(row: dict[str, Any]) -> list[Content]:
    accepted = bool(row.get("accepted"))
    state = "accepted" if accepted else "passed" if row.get("passed") else "failed"
    text = f"{row.get('who')}: {row.get('why')}" if accepted else str(row.get("text", ""))
    return [_clock(float(row.get("time", 0.0))), str(row.get("stage")), str(row.get("gate")), badge(state, state), text]
