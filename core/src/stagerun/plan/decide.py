"""Does an earlier result still stand? One function for the plan and for the engine, so that both say the same."""

from __future__ import annotations

from collections.abc import Mapping
from typing import Any

from stagerun.model.result import Result, differences, fingerprint
from stagerun.plan.options import is_default
from stagerun.plan.shape import Decision, PlannedStage
from stagerun.registry import Found

Digests = Mapping[str, str | list[str]]  # need -> digest, or digests for a need that takes many


def fingerprint_parts(stage: PlannedStage, seed: int, digests: Digests) -> dict[str, Any]:
    """What decides whether a result stands. Where it runs is not among it, and neither are save intervals and logging."""
    parts: dict[str, Any] = {
        "component": stage.spec.uses,
        "version": stage.traits.version,
        "seed": seed,
        "with": dict(stage.options),
        "inputs": dict(digests),
        "files": dict(stage.reads),
    }
    if stage.plugins:
        parts["plugins"] = {name: _version(found) for name, found in stage.plugins.items()}
    if stage.environment is not None and stage.environment.requirements:
        parts["environment"] = list(stage.environment.requirements)
    return parts


def _version(found: Found) -> str:
    return str(getattr(found.value, "version", found.version))


def decide(
    stage: PlannedStage,
    seed: int,
    digests: Digests,
    earlier: Result | str | None,
    pending: Mapping[str, Decision],
) -> Decision:
    """Run or skip. `earlier` is the committed result, or a text that says why it cannot be used.

    `pending` holds the decisions of upstream stages that will run first: their digests are not known yet.
    """
    unknown = [source for source in stage.sources if source.stage in pending]
    parts = fingerprint_parts(stage, seed, digests)
    own = _own_reasons(stage, earlier, parts, {source.need for source in unknown})
    if not unknown:
        mark = fingerprint(parts)
        if not own:
            return Decision("skip", ("up to date",), mark)
        return Decision("run", tuple(own), mark, roots=tuple(f"{stage.name}: {reason}" for reason in own))
    roots = list(dict.fromkeys(root for source in unknown for root in pending[str(source.stage)].roots))
    follows = [f"{stage_name} runs first" for stage_name in dict.fromkeys(str(source.stage) for source in unknown)]
    roots += [f"{stage.name}: {reason}" for reason in own if reason != NO_RESULT]
    return Decision("run", tuple(own + follows), None, roots=tuple(roots))


NO_RESULT = "no earlier result"


def _own_reasons(
    stage: PlannedStage, earlier: Result | str | None, parts: Mapping[str, Any], ignore: set[str]
) -> list[str]:
    if earlier is None:
        return [NO_RESULT]
    if isinstance(earlier, str):
        return [f"the earlier result cannot be used: {earlier}"]
    named = {source.need: source.text for source in stage.sources}
    reasons = []
    for place, old, new in differences(earlier.parts, parts):
        group, _, name = place.partition(".")
        if group == "with" and old is None and is_default(stage.found.value, name, new):
            continue  # an option that is younger than the result: its default is what was done without it
        if group != "inputs":
            reasons.append(_say(group, name, place, old, new))
        elif name not in ignore:
            reasons.append(f"input {name} ({named.get(name, 'gone')}) changed")
    return reasons


def _say(group: str, name: str, place: str, old: Any, new: Any) -> str:
    if group == "files":
        return f"file {name} changed" if old and new else f"file {name} is {'new' if new else 'no longer read'}"
    return f"{place} {_short(old)} -> {_short(new)}"


def _short(value: Any) -> str:
    text = "unset" if value is None else str(value)
    return text if len(text) <= 60 else text[:57] + "..."
