"""The live table's rows: which stages are worth one, and what stands in it. No terminal is touched here."""

from __future__ import annotations

from attrs import frozen

from stagerun.record import GateRecord, StageRecord
from stagerun.record.timing import cost
from stagerun.record.words import STATES, clean, count, lasting, money, pairs, seconds, verdict
from stagerun.render.view import RunView, StageView

SPINNER, ASCII_SPINNER = "⠋⠙⠹⠸⠼⠴⠦⠧⠇⠏", "|/-\\"
SIGNS = {
    "pending": ("·", "."),
    "done": ("✓", "+"),
    "up-to-date": ("=", "="),
    "optional": ("-", "-"),
    "blocked": ("⊘", "#"),
    "failed": ("✗", "x"),
    "interrupted": ("‖", "!"),
}
IMPORTANCE = ("running", "failed", "interrupted", "blocked", "pending", "done", "up-to-date", "optional")


@frozen
class Row:
    """One stage. `text` says how far it is or why it does not run."""

    state: str
    sign: str
    name: str
    step: int | None
    total: int | None
    text: str
    elapsed: str
    left: str
    gates: tuple[tuple[str, str], ...]  # verdict (passed, accepted, failed (soft), FAILED) and text


def row(known: StageRecord, live: StageView, now: float, *, ascii_only: bool = False, price: float = 0.0) -> Row:
    """What stands in a stage's row at `now`, in seconds since the epoch; `price` is that of an hour."""
    running = known.status == "running"
    elapsed, left = live.elapsed(now), live.left(now) if running else None
    if elapsed is None and known.status == "done":
        elapsed = known.seconds
    return Row(
        state=known.status,
        sign=_sign(known.status, now, ascii_only),
        name=known.name,
        step=live.step if running else None,
        total=live.total if running else None,
        text=_text(known, live),
        elapsed=seconds(elapsed) if elapsed is not None else "",
        left=_left(live, now, left, price) if left is not None else "",
        gates=tuple((_kind(gate), clean(gate.text)) for gate in known.gates.values()),
    )


def _left(live: StageView, now: float, left: float, price: float) -> str:
    bounds, to_come = live.bounds(now), cost(left, price)
    return lasting(left, bounds.error if bounds else 0.0) + (f", {money(to_come)}" if to_come is not None else "")


def _kind(gate: GateRecord) -> str:
    """The verdict as the table colours it: a soft gate that failed is only a warning."""
    word = verdict(gate)
    return "failed (soft)" if word == "FAILED" and not gate.hard else word


def _sign(state: str, now: float, ascii_only: bool) -> str:
    if state == "running":
        frames = ASCII_SPINNER if ascii_only else SPINNER
        return frames[int(now * 8) % len(frames)]
    return SIGNS.get(state, ("?", "?"))[ascii_only]


def _text(known: StageRecord, live: StageView) -> str:
    if known.status == "running":
        return pairs(live.metrics, 4)
    if known.status in ("done", "up-to-date") and known.metrics:
        return pairs(known.metrics, 4)
    state, reason = STATES.get(known.status, known.status), clean(known.reason)
    return state if reason in ("", state) else f"{state}: {reason}"


def choose(view: RunView, room: int) -> tuple[list[str], str]:
    """Names of the stages to show in the order of the plan, and a line about those there is no room for."""
    names = list(view.record.stages)
    if len(names) <= room:
        return names, ""
    ranked = sorted(names, key=lambda name: _rank(view.known(name).status))
    shown = set(ranked[: max(room - 1, 1)])
    hidden = [name for name in names if name not in shown]
    states = [STATES.get(view.known(name).status, "?") for name in hidden]
    words = ", ".join(f"{states.count(state)} {state}" for state in dict.fromkeys(states))
    return [name for name in names if name in shown], f"and {count(len(hidden), 'more stage')}: {words}"


def _rank(state: str) -> int:
    return IMPORTANCE.index(state) if state in IMPORTANCE else len(IMPORTANCE)


def footer(view: RunView, now: float, stopping: str = "") -> str:
    """How the run stands: '3 of 7 stages settled, 12 min 05 s', or how it ended."""
    run = view.record.run
    if run is not None and run.ended is not None:
        code = f", exit code {run.exit_code}" if run.exit_code else ""
        paid = f", cost {money(run.cost)}" if run.cost is not None else ""
        return f"{run.state.replace('_', ' ')} after {seconds(run.ended - run.started)}{paid}{code}"
    states = [stage.status for stage in view.record.stages.values()]
    settled = sum(state not in ("pending", "running") for state in states)
    took = f", {seconds(now - view.started)}" if view.started is not None else ""
    spent = cost(now - view.started, view.price) if view.started is not None else None
    took += f", spent {money(spent)}" if spent is not None else ""
    return f"{settled} of {count(len(states), 'stage')} settled{took}" + (f"; {stopping}" if stopping else "")
