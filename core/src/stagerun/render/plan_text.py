"""The plan for people: what each stage will do and why, in blocks that fit a terminal, or as plain lines for grep."""

from __future__ import annotations

from collections.abc import Callable, Iterator

from stagerun.plan.machines import Machine
from stagerun.plan.shape import Plan, Source
from stagerun.record.words import clean, count
from stagerun.render.opening import hardware, tally
from stagerun.render.plan_facts import Change, StageFacts, general_changes, stage_facts
from stagerun.render.summary import shown_path
from stagerun.spec import JudgeSpec
from stagerun.spec.words import literal

WIDTH = 100
LABEL = 9  # columns for words such as "because"
ACTIONS = {"run": "RUN", "skip": "skip", "absent": "absent"}
COLOURS = {"run": "cyan", "skip": "green", "absent": "yellow"}

Row = tuple[str, str]  # a label, and what is said under it
Paint = Callable[[str, str], str]  # text, colour -> text


def plan_lines(plan: Plan) -> Iterator[str]:
    """One fact to a line, each line on its own understandable: '[stage ipo] because with.beta 0.1 -> 0.2'."""
    for label, text in head(plan):
        yield f"[plan] {label} {text}"
    for stage in plan.stages.values():
        facts = stage_facts(plan, stage)
        yield f"[stage {facts.name}] {facts.action} {title(facts)}"
        for label, text in body(facts):
            yield f"[stage {facts.name}] {label} {text}"
    yield f"[plan] {tally(plan)}"


def plan_blocks(plan: Plan, width: int = WIDTH, paint: Paint = lambda text, _: text) -> Iterator[str]:
    """The same as blocks with hanging indents, at most `width` columns wide."""
    for label, text in head(plan):
        yield from _wrapped(f"{label:<{LABEL}} ", text, width)
    for stage in plan.stages.values():
        facts = stage_facts(plan, stage)
        yield ""
        yield (
            paint(f"{ACTIONS[facts.action]:<6}", COLOURS[facts.action]) + f" {facts.name}  {title(facts)}"[: width - 6]
        )
        last = ""
        for label, text in body(facts):
            yield from _wrapped(f"       {'' if label == last else label:<{LABEL}} ", text, width)
            last = label
    yield ""
    yield tally(plan)


def head(plan: Plan) -> Iterator[Row]:
    """What concerns the whole pipeline."""
    about = f": {clean(plan.spec.about)}" if plan.spec.about else ""
    yield "pipeline", f"{plan.spec.name} of {shown_path(plan.spec.file)}{about}"
    if plan.machine is not None:
        yield "machine", machine_text(plan.machine)
    yield "run dir", shown_path(plan.run_dir)
    if hardware(plan):
        yield "hardware", hardware(plan)
    if plan.spec.judge != JudgeSpec():
        options = ", ".join(f"{key} = {literal(value)}" for key, value in plan.spec.judge.options.items())
        yield "judge", f"{clean(plan.spec.judge.uses)}{' with ' + clean(options) if options else ''}"
    for one in plan.spec.applied:
        yield "applied", f"{clean(one.name)} ({clean(one.why)})"
    for change in general_changes(plan):
        yield "changed", change_text(change)


def machine_text(machine: Machine) -> str:
    """'h100, described and not this one, so this plan cannot be run: one H100 (published specification: ..., 2026-11-27)'."""
    about = f"{clean(machine.about)} ({clean(machine.source)}, {clean(machine.date)})"
    return f"{clean(machine.name)}, described and not this one, so this plan cannot be run: {about}"


def title(facts: StageFacts) -> str:
    """What a stage is and where it runs: 'train.sft (stagerun-stages 0.1.0) on cpu'."""
    place = f" on {facts.backend}" if facts.backend else ""
    inside = f" in environment {facts.environment}" if facts.environment else ""
    return f"{facts.uses} ({facts.dist}){place}{inside}"


def body(facts: StageFacts) -> Iterator[Row]:
    """Everything about one stage, most asked for first."""
    for reason in facts.reasons:
        yield "because", clean(reason)
    own = {f"{facts.name}: {reason}" for reason in facts.reasons}
    for root in facts.roots:
        if root not in own:
            yield "cause", clean(root)
    if facts.resumes is not None:
        yield "resumes", f"from the checkpoint at step {facts.resumes}"
    for source in facts.sources:
        yield from source_rows(source)
    for change in facts.changes:
        yield "option", change_text(change, f"stages.{facts.name}.")
    for name, uses, hard, options in facts.gates:
        shown = ", ".join(f"{key} = {literal(value)}" for key, value in options.items())
        yield "gate", f"{name} ({'hard' if hard else 'soft'}): {uses}{' with ' + shown if shown else ''}"
    yield from estimate_rows(facts)
    for place in facts.remote_code:
        yield "CAREFUL", f"{place} is on: code that comes with the model will be run"


def estimate_rows(facts: StageFacts) -> Iterator[Row]:
    """What a stage will need: 'trains 739.6M of 20.9B parameters (attention 31.9M, experts 707.8M)'."""
    found = facts.estimate
    if found is None:
        return
    groups = ", ".join(f"{name} {count_text(count)}" for name, count in found.parameters.items())
    if groups:
        total = count_text(sum(found.parameters.values()))
        yield "trains", f"{total} of {count_text(found.model_parameters)} parameters ({groups})"
    else:
        yield "handles", f"a model of {count_text(found.model_parameters)} parameters"
    parts = ", ".join(f"{name} {memory_text(size)}" for name, size in found.memory.items())
    offered = f"; this device offers {memory_text(facts.offered)}" if facts.offered else ""
    short = " TOO LITTLE" if 0 < facts.offered < found.memory_bytes else ""
    when = f" at {clean(found.peak)}" if found.peak else ""
    yield "memory", f"about {memory_text(found.memory_bytes)}{when}: {parts}{offered}{short} ({found.note})"
    yield from room_rows(facts)


def room_rows(facts: StageFacts) -> Iterator[Row]:
    """How many rows fit at once, and what to do where that is fewer than asked: 'up to 6 rows at once, of 8 asked'."""
    found = facts.room
    if found is None:
        return
    if not found.largest:
        advice = ", or ".join(map(clean, found.advice)) or "nothing"
        yield "fits", f"not even one row with room to spare; what would: {advice}"
    elif found.largest < found.asked:
        fewer = f"up to {count(found.largest, 'row')} at once, of {found.asked} asked"
        yield "fits", f"{fewer}: take fewer, or memory runs out and they are divided"
    else:
        yield "fits", f"{count(found.asked, 'row')} at once"


def count_text(count: float) -> str:
    """'20.9B', '739.6M', '414K'."""
    for unit, size in (("B", 1e9), ("M", 1e6), ("K", 1e3)):
        if count >= size:
            return f"{count / size:.3g}{unit}" if count / size < 100 else f"{count / size:.1f}{unit}"
    return f"{count:.0f}"


def memory_text(size: float) -> str:
    """'54.2 GB' (10^9 bytes)."""
    return f"{size / 1e9:.1f} GB" if size >= 1e8 else f"{size / 1e6:.1f} MB"


def source_rows(source: Source) -> Iterator[Row]:
    """The parent taken for an input, and those passed over."""
    yield "takes", f"{source.need} from {clean(source.text)}"
    for passed in source.passed_over:
        yield "not from", f"{clean(passed)}"


def change_text(change: Change, below: str = "") -> str:
    """'with.max_steps 1000 -> 50 (profile quick)'."""
    old = "unset" if change.old is None else literal(change.old)
    new = "unset" if change.new is None else literal(change.new)
    return f"{change.place.removeprefix(below)} {clean(old)} -> {clean(new)} ({clean(change.by)})"


def _wrapped(start: str, text: str, width: int) -> Iterator[str]:
    """Lines of at most `width` columns; all but the first are indented as far as the text of the first."""
    room = max(width - len(start), 20)
    while len(text) > room:
        at = text.rfind(" ", 1, room + 1)
        at = at if at > 0 else room
        yield start + text[:at].rstrip()
        start, text = " " * len(start), text[at:].lstrip()
    yield start + text
