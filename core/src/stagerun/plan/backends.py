"""Which hardware backend a name stands for on this machine."""

from __future__ import annotations

from collections.abc import Iterator, Mapping

from attrs import frozen

from stagerun.contracts import Backend, Probe
from stagerun.registry import Found, NotFound, Registry


@frozen
class Chosen:
    """A backend and what it found on this machine."""

    found: Found
    backend: Backend
    probe: Probe


def choose(registry: Registry, name: str) -> Chosen | None:
    """The backend called `name`; for `auto` the available one of the highest rank, None when none is installed.

    Raises NotFound when it is unknown, broken, or its hardware is not there.
    """
    if name == "auto":
        return _best(registry)
    chosen = _probe(registry, name)
    if not chosen.probe.available:
        raise NotFound(f'backend "{name}" cannot be used here: {chosen.probe.reason}', 'say backend = "auto"')
    return chosen


def _best(registry: Registry) -> Chosen | None:
    tried = [_probe(registry, name) for name in registry.names("backends")]
    there = [chosen for chosen in tried if chosen.probe.available]
    if tried and not there:
        why = "; ".join(f"{chosen.found.name}: {chosen.probe.reason}" for chosen in tried)
        raise NotFound(f"no backend can be used here ({why})")
    return max(there, key=lambda chosen: chosen.backend.rank, default=None)


def _probe(registry: Registry, name: str) -> Chosen:
    found = registry.find("backends", name)
    backend: Backend = found.value()
    return Chosen(found, backend, backend.probe())


class Facts(Mapping[str, str]):
    """What profiles' `when` may ask about this machine; the machine is looked at only when one does ask."""

    def __init__(self, registry: Registry, backend: str = "auto") -> None:
        self._registry, self._backend = registry, backend
        self._values: dict[str, str] | None = None

    def _read(self) -> dict[str, str]:
        if self._values is None:
            try:
                chosen = choose(self._registry, self._backend)
            except NotFound:  # said with its place when the plan is built
                chosen = None
            self._values = {"backend": chosen.found.name, "device": chosen.probe.device} if chosen else {}
        return self._values

    def __getitem__(self, key: str) -> str:
        return self._read()[key]

    def __iter__(self) -> Iterator[str]:
        return iter(self._read())

    def __len__(self) -> int:
        return len(self._read())
