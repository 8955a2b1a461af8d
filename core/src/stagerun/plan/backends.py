"""Which hardware backend a name stands for, on this machine or on one that is described."""

from __future__ import annotations

from collections.abc import Collection, Iterator, Mapping
from contextlib import suppress
from typing import Any

from attrs import evolve, frozen

from stagerun.contracts import Backend, Probe
from stagerun.plan.machines import Machine
from stagerun.registry import Found, NotFound, Registry
from stagerun.spec.when import Told


@frozen
class Chosen:
    """A backend and what it found on this machine, or would find on the one that is planned for.

    `passed_over`: better ones that `auto` did not take although their hardware is there, each with the reason.
    """

    found: Found
    backend: Backend
    probe: Probe
    passed_over: tuple[str, ...] = ()


def choose(registry: Registry, name: str, machine: Machine | None = None) -> Chosen | None:
    """The backend called `name`; for `auto` the available one of the highest rank, None when none is installed.

    Raises NotFound when it is unknown, broken, or its hardware is not there.
    """
    if name == "auto":
        return _best(registry, machine)
    chosen = _probe(registry, name, machine)
    if not chosen.probe.available:
        place = f"on machine {machine.name}" if machine else "here"
        raise NotFound(f'backend "{name}" cannot be used {place}: {chosen.probe.reason}', _instead(registry, machine))
    return chosen


def _instead(registry: Registry, machine: Machine | None) -> str:
    there = [f"{one.found.name} ({one.probe.device})" for one in _usable(registry, machine) if one.probe.available]
    return f'what is there: {", ".join(there)}; say backend = "auto"' if there else 'say backend = "auto"'


def _usable(registry: Registry, machine: Machine | None) -> Iterator[Chosen]:
    """Every installed backend that can be loaded, with what it finds."""
    for name in registry.names("backends"):
        with suppress(NotFound):  # a broken one, which is told where it is named
            yield _probe(registry, name, machine)


def _best(registry: Registry, machine: Machine | None) -> Chosen | None:
    tried = [_probe(registry, name, machine) for name in registry.names("backends")]
    there = [chosen for chosen in tried if chosen.probe.available]
    if tried and not there:
        why = "; ".join(f"{chosen.found.name}: {chosen.probe.reason}" for chosen in tried)
        raise NotFound(f"no backend can be used {'on machine ' + machine.name if machine else 'here'} ({why})")
    if not there:
        return None
    best = max(there, key=lambda chosen: chosen.backend.rank)
    unused = (one for one in tried if one.probe.device and one not in there and one.backend.rank > best.backend.rank)
    return evolve(
        best, passed_over=tuple(f"{one.found.name} ({one.probe.device}): {one.probe.reason}" for one in unused)
    )


def _probe(registry: Registry, name: str, machine: Machine | None) -> Chosen:
    found = registry.find("backends", name)
    if machine is None:
        backend: Backend = found.value()
        return Chosen(found, backend, backend.probe())
    seen = machine.backends.get(name) or Probe(False, "", f"its description has no backend {name}")
    backend, seen = _imagined(found, seen)
    return Chosen(found, backend, seen)


def _imagined(found: Found, seen: Probe) -> tuple[Backend, Probe]:
    """The backend as if it had seen this; one whose class takes no `seen` is not there."""
    import inspect

    if "seen" in inspect.signature(found.value).parameters:
        return found.value(seen=seen), seen
    return found.value(), Probe(
        False, "", "its class takes no `seen`, so it can be planned for only where its hardware is"
    )


class ThisMachine:
    """What profiles' `when` may ask; the machine is looked at only when one does ask."""

    def __init__(self, registry: Registry, machine: Machine | None = None) -> None:
        self._registry, self._machine = registry, machine
        self._facts: dict[str, Mapping[str, Any]] = {}

    def backends(self) -> Collection[str]:
        """Names of the installed backends."""
        return self._registry.names("backends")

    def has(self, backend: str) -> bool:
        """Whether a plugin carries the name, or answers for it; no backend at all is no reason to refuse a name."""
        known = self.backends()
        return not known or backend in known or self._answered(backend)

    def _answered(self, backend: str) -> bool:
        try:
            self._registry.find("backends", backend)
        except NotFound:
            return False
        return True

    def facts(self, backend: str) -> Mapping[str, Any]:
        """What the backend of that name, or `auto`, found; empty without it, which is told where the plan is built."""
        if backend not in self._facts:
            try:
                chosen = choose(self._registry, backend, self._machine)
            except NotFound:
                chosen = None
            self._facts[backend] = facts_of(chosen) if chosen else {}
        return self._facts[backend]

    def tells(self, backend: str) -> Told | None:
        """Which facts that backend may give, where it says so."""
        try:
            told: Told | None = getattr(self._registry.find("backends", backend).value, "tells", None)
        except NotFound:
            return None
        return told


def facts_of(chosen: Chosen) -> Mapping[str, Any]:
    """A backend and what it found under the names that `when` uses."""
    probe = chosen.probe
    memory = {"memory_gb": probe.memory_gb} if probe.memory_gb else {}
    return {**probe.facts, **memory, "backend": chosen.found.name, "device": probe.device}
