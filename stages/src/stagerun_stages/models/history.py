"""What was done to a model, step by step, as facts that travel with the artifact; the model card is written from them."""

from __future__ import annotations

from typing import Any

import attrs

from stagerun import Artifact, Ctx


def told(model: Artifact) -> list[dict[str, Any]]:
    """The steps so far; an adapter has its own in its meta, and those of its base come first."""
    before = told(model.base) if model.base is not None else []
    return [*before, *model.meta.get("history", [])]


def origin(model: Artifact) -> str:
    """The model that the whole history began with."""
    first = model.base or model
    return str(first.meta.get("origin", first.source))


def step(ctx: Ctx, method: str, options: Any, data: Artifact | None = None, **metrics: float) -> dict[str, Any]:
    """One step: the stage, its method, the options that differ from their defaults, its data and what was measured."""
    row: dict[str, Any] = {"stage": ctx.stage, "method": method, "options": changed(options)}
    if data is not None:
        row["data"] = data.source
    return {**row, "metrics": metrics}


def changed(options: Any) -> dict[str, Any]:
    """Options that affect the result and differ from their defaults, as JSON values."""
    plain = type(options)()
    found = {}
    for each in attrs.fields(type(options)):
        value = getattr(options, each.name)
        if each.metadata.get("affects_result", True) and value != getattr(plain, each.name):
            found[each.name] = changed(value) if attrs.has(type(value)) else value
    return found
