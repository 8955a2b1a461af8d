"""What was done to a model, step by step, as facts that travel with the artifact; the model card is written from them."""

from __future__ import annotations

from typing import Any

import attrs

from stagerun import Artifact, Ctx
from stagerun_stages.models.licences import licence_here


def told(model: Artifact) -> list[dict[str, Any]]:
    """The steps so far; an adapter has its own in its meta, and those of its base come first."""
    before = told(model.base) if model.base is not None else []
    return [*before, *model.meta.get("history", [])]


def origin(model: Artifact) -> str:
    """The model that the whole history began with."""
    first = model.base or model
    return str(first.meta.get("origin", first.source))


def licence(model: Artifact) -> str:
    """The licence of the model that an adapter sits on, as its makers or its own card name it; empty when neither does."""
    first = model.base or model
    known = str(first.meta.get("licence", ""))
    return known or (licence_here(first.path) if first.path is not None else "")


def step(ctx: Ctx, method: str, options: Any, data: Artifact | None = None, **metrics: float) -> dict[str, Any]:
    """One step: the stage, its method, the options that differ from their defaults, its data and what was measured.

    Data may say in its meta what it was made from: `sources`, a list of tables such as {"name", "rows", "licence"}.
    """
    row: dict[str, Any] = {"stage": ctx.stage, "method": method, "options": changed(options)}
    if data is not None:
        row |= {"data": data.source, "data_digest": data.digest, "sources": data.meta.get("sources", [])}
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
