"""One sentence for each kind of event worth telling a person; the plain display prints all, the live one the urgent ones.

Progress is not told here: how often it is worth a line is the display's business.
"""

from __future__ import annotations

from collections.abc import Callable, Iterator, Mapping
from typing import Any

from stagerun.events import Event
from stagerun.record.words import STATES, clean, lasting, number, pairs, seconds, size

Data = Mapping[str, Any]


def tell(event: Event) -> str | None:
    """The sentence for an event; None for `run.started` (see opening.py), `run.checked` (see `lines`), progress, later estimates,
    and kinds we do not know."""
    teller = _TELLERS.get(event.kind)
    text = teller(event.data) if teller else None
    return clean(text) if text is not None else None


def lines(event: Event) -> list[str]:
    """The same line by line: the look before a run may have several things to tell."""
    if event.kind == "run.checked":
        return [clean(text) for text in _checked(event.data)]
    text = tell(event)
    return [] if text is None else [text]


def is_urgent(event: Event) -> bool:
    """Whether a person at a live table should see this as a line of its own."""
    if event.kind in ("stage.proof", "gate.judged"):
        return not event.data.get("passed", True)
    return event.kind in _URGENT


_URGENT = frozenset(
    {"stage.note", "stage.warning", "stage.failed", "stage.retrying", "stage.recovered", "checkpoint.rejected"}
    | {
        "checkpoint.resumed",
        "orphan.ended",
        "plugin.failed",
        "gate.accepted",
        "run.interrupted",
        "run.checked",
        "environment.built",
    }
)


def how_ended(data: Data) -> str:
    """The end of a run in words: 'done in 3 min 05 s'."""
    state = str(data.get("status", "done")).replace("_", " ")
    took = f" in {seconds(data['seconds'])}" if isinstance(data.get("seconds"), int | float) else ""
    code = data.get("exit_code")
    return f"{state}{took}" + (f", exit code {code}" if code else "")


def inputs(data: Data) -> str:
    """Where each input comes from: 'model from merge.model, train from rows.jsonl'."""
    rows = data.get("inputs") or {}
    return ", ".join(f"{need} from {source_of(taken)}" for need, taken in rows.items())


def source_of(taken: Any) -> str:
    """The source an input was taken from, as events and records keep it: an artifact, a list of them, or its text."""
    if isinstance(taken, list):
        return " and ".join(source_of(one) for one in taken)
    if isinstance(taken, Mapping):
        return str(taken.get("source") or taken.get("from") or taken.get("path") or "?")
    return str(taken)


def outputs(data: Data) -> str:
    """What was made: 'adapter 12.4 MB'."""
    rows: Mapping[str, Any] = data.get("outputs") or {}
    sizes = {name: row.get("bytes") if isinstance(row, Mapping) else None for name, row in rows.items()}
    return ", ".join(f"{name} {size(bytes_)}" if bytes_ is not None else name for name, bytes_ in sizes.items())


def _started(data: Data) -> str:
    attempt = data.get("attempt", 1)
    again = f" again (attempt {attempt})" if attempt != 1 else ""
    cause = f": {data['cause']}" if data.get("cause") else ""
    taken = f"; {inputs(data)}" if data.get("inputs") else ""
    return f"starts{again}{cause}{taken}"


def _skipped(data: Data) -> str:
    state, reason = STATES.get(str(data.get("status")), "skipped"), str(data.get("reason") or "")
    return f"skipped, {state}" + (f": {reason}" if reason and reason != state else "")


def _finished(data: Data) -> str:
    took = f"done in {seconds(float(data.get('seconds', 0.0)))}"
    facts = [text for text in (pairs(data.get("metrics") or {}), outputs(data)) if text]
    return f"{took}: {'; '.join(facts)}" if facts else took


def _failed(data: Data) -> str:
    step = f" at step {data['step']}" if data.get("step") is not None else ""
    return f"failed{step} ({data.get('reason', 'unknown')}): {data.get('message', '')}"


def _proof(data: Data) -> str:
    evidence = data.get("evidence") or {}
    shown = f" ({pairs(evidence)})" if evidence else ""
    return f"proof {data.get('name')} {'holds' if data.get('passed') else 'FAILED'}{shown}"


def _estimated(data: Data) -> str | None:
    """Only the first estimate of an attempt; progress lines tell of the others."""
    if not data.get("first", True):
        return None
    left, error = float(data.get("left", 0.0)), float(data.get("high", 0.0)) - float(data.get("seconds", 0.0))
    return f"estimated at step {data.get('step')} of {data.get('total')}: about {lasting(left, error)}"


def _emitted(data: Data) -> str:
    rest = {name: value for name, value in data.items() if name != "name"}
    return f"{data.get('name')}: {pairs(rest)}" if rest else str(data.get("name"))


def _judged(data: Data) -> str:
    hard = "hard" if data.get("hard") else "soft"
    return f"{hard} gate {data.get('gate')} {'passed' if data.get('passed') else 'FAILED'}: {data.get('text', '')}"


def _accepted(data: Data) -> str:
    return f"gate {data.get('gate')} accepted by {data.get('who')}: {data.get('why')}"


def _saved(data: Data) -> str:
    return f"checkpoint saved at step {number(data.get('step'))}, {size(float(data.get('bytes') or 0))}"


def _built(data: Data) -> str:
    return f"environment {data.get('environment')} built in {seconds(float(data.get('seconds') or 0.0))}"


def _checked(data: Data) -> Iterator[str]:
    """What was left out, and what was found that does not stop the run."""
    skipped = ", ".join(map(str, data.get("skipped") or ()))
    if skipped:
        yield f"not checked before the run, as asked: {skipped}"
    yield from (f"warning: {text}" for text in data.get("warnings") or ())


def _by(signal: Any) -> str:
    return f" by {signal}" if signal else ""


_TELLERS: dict[str, Callable[[Data], str | None]] = {
    "run.finished": how_ended,
    "run.interrupted": lambda data: f"interrupted{_by(data.get('signal'))}; every worker is gone",
    "orphan.ended": lambda data: f"a worker left by a killed run was ended: pid {data.get('pid')}",
    "environment.built": _built,
    "plugin.failed": lambda data: f"plugin {data.get('plugin')}: {data.get('hook')} failed: {data.get('error')}",
    "stage.skipped": _skipped,
    "stage.recovered": lambda data: f"recovered: {data.get('action')}",
    "stage.started": _started,
    "stage.note": lambda data: str(data.get("text", "")),
    "stage.warning": lambda data: f"warning: {data.get('text', '')}",
    "stage.proof": _proof,
    "stage.emitted": _emitted,
    "stage.estimated": _estimated,
    "stage.failed": _failed,
    "stage.retrying": lambda data: f"tries again (attempt {data.get('attempt')}): {data.get('why')}",
    "stage.finished": _finished,
    "checkpoint.saved": _saved,
    "checkpoint.rejected": lambda data: f"damaged checkpoint passed over: {data.get('path')}: {data.get('why')}",
    "checkpoint.resumed": lambda data: f"goes on from the checkpoint at step {data.get('step')}",
    "gate.judged": _judged,
    "gate.accepted": _accepted,
}
