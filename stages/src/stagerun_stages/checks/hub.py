"""The hub: are a token, the models and the datasets there or to be had? Nothing is downloaded, and no token is ever shown.

Whether the hub answers is asked once, of its address, and only by doctor; whether it would give a certain model to this token
is not.
"""

from __future__ import annotations

import os
import threading
from collections.abc import Iterator

from attrs import frozen

from stagerun import Checkup, DataSource, Finding, Plan
from stagerun.record.words import size
from stagerun_stages.models.hub_home import cached, offline, token_place

WAIT = 1.5  # seconds for the hub's answer
LOGIN = "export HF_TOKEN=... (make one in the hub's settings), or `hf auth login`"


@frozen
class Wanted:
    """What a plan takes from the hub: models by name, datasets by the names of their sources."""

    models: tuple[str, ...]
    sources: dict[str, DataSource]

    @property
    def gated(self) -> list[str]:
        """Sources that the hub gives only to a token."""
        return [name for name, source in self.sources.items() if source.gated]


def hub(checkup: Checkup) -> Iterator[Finding]:
    """A token where one is needed; models and datasets in the cache or to be had."""
    wanted = of_plan(checkup.plan) if checkup.plan is not None else Wanted((), {})
    yield token(wanted, token_place())
    stays = offline()
    unreached = unreachable() if checkup.thorough and not stays and (wanted.models or wanted.sources) else ""
    for name in wanted.models:
        yield model(name, cached(name), stays, unreached)
    if wanted.sources:
        yield datasets(wanted, stays, unreached)


def of_plan(plan: Plan) -> Wanted:
    """What the stages that will run take from the hub."""
    models, sources = [], {}
    for name in plan.to_run:
        stage = plan.stages[name]
        outside = [source.outside for source in stage.sources if source.outside is not None]
        models += [one.source for one in outside if one.path is None and one.kind == "model"]
        for given in getattr(stage.stage, "sources", ()):
            found = stage.plugins.get(f"sources.{getattr(given, 'name', '')}")
            if found is not None and isinstance(found.value, DataSource) and not getattr(given, "path", ""):
                sources[found.name] = found.value
    return Wanted(tuple(dict.fromkeys(models)), sources)


def token(wanted: Wanted, place: str) -> Finding:
    """Whether there is a token, and whether it is needed; `place` is where it is."""
    if place:
        needed = f"needed by {', '.join(wanted.gated)}" if wanted.gated else "nothing needs it"
        return Finding("hub", "token", "pass", found=f"there is one in {place}; {needed}")
    if wanted.gated:
        reason = f"there is none, and {', '.join(wanted.gated)} is given only to a token with access to it"
        return Finding("hub", "token", "fail", reason=reason, fix=LOGIN)
    if wanted.sources or not all(cached(name) for name in wanted.models):
        reason = "there is none: what is gated or private will be refused, and the rest is slower"
        return Finding("hub", "token", "warn", reason=reason, fix=LOGIN)
    return Finding("hub", "token", "pass", found="there is none, and nothing needs it")


def model(name: str, there: int, stays: str, unreached: str) -> Finding:
    """A model: in the cache, to be downloaded, or neither."""
    if there:
        return Finding("hub", name, "pass", found=f"in the cache, {size(there)}")
    if stays:
        fix = f"unset {stays}, or copy the model here and name its folder"
        return Finding("hub", name, "fail", reason=f"not in the cache, and {stays} keeps this machine offline", fix=fix)
    if unreached:
        fix = "mend the network or its proxy, or copy the model here and name its folder"
        return Finding(
            "hub", name, "fail", reason=f"not in the cache, and the hub cannot be reached: {unreached}", fix=fix
        )
    return Finding("hub", name, "pass", found="not in the cache; it will be downloaded")


def datasets(wanted: Wanted, stays: str, unreached: str) -> Finding:
    """The datasets, which are streamed: they need the hub while they are prepared."""
    names, fix = ", ".join(wanted.sources), 'or take rows from files: { name = "...", path = "..." }'
    if stays:
        reason = f"{names} are streamed from the hub, and {stays} keeps this machine offline"
        return Finding("hub", "datasets", "fail", reason=reason, fix=f"unset {stays}, {fix}")
    if unreached:
        reason = f"{names} are streamed from the hub, which cannot be reached: {unreached}"
        return Finding("hub", "datasets", "fail", reason=reason, fix=f"mend the network or its proxy, {fix}")
    return Finding("hub", "datasets", "pass", found=f"{names} will be streamed")


def unreachable() -> str:
    """Why the hub does not answer; empty when it does, whatever it says. Proxies are those of the environment."""
    from huggingface_hub import constants

    address = os.environ.get("HF_ENDPOINT", "").rstrip("/") or constants.ENDPOINT
    said: list[str] = []
    asking = threading.Thread(
        target=lambda: said.append(refused(address)), daemon=True
    )  # names are looked up without a limit
    asking.start()
    asking.join(WAIT)
    return said[0] if said else f"{address}: no answer in {WAIT:g} s"


def refused(address: str) -> str:
    """Why an address does not answer; empty when it does."""
    import urllib.request  # as slow to import as all else here together
    from urllib.error import HTTPError

    try:
        with urllib.request.urlopen(urllib.request.Request(address, method="HEAD"), timeout=WAIT):  # noqa: S310 - the library's
            return ""
    except HTTPError:
        return ""  # it answered
    except (OSError, ValueError) as error:
        return f"{address}: {getattr(error, 'reason', None) or error}"
