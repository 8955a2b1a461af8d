"""Saying what happens: into the journal, to the plugins that watch, and to whoever iterates over the run."""

from __future__ import annotations

from collections import deque
from collections.abc import Iterator
from typing import Any

from attrs import define, field

from stagerun.events import Event
from stagerun.registry import Registry
from stagerun.store.rundir import RunDir


@define
class Teller:
    """Every event of a run goes through `tell`, once, in order."""

    dir: RunDir
    registry: Registry
    _told: deque[Event] = field(factory=deque)

    def tell(self, kind: str, stage: str | None = None, **data: Any) -> None:
        """Journal an event, show it to the watching plugins, keep it for the iterator; raises CannotRun on a full disk."""
        event = self._keep(Event(kind, stage, data))
        for _ in self.registry.ask("stagerun_on_event", event=event):
            pass
        while self.registry.failures:
            plugin, hook, error = self.registry.failures.pop(0)
            self._keep(Event("plugin.failed", None, {"plugin": plugin, "hook": hook, "error": error}))

    def drain(self) -> Iterator[Event]:
        """What was told since the last time."""
        while self._told:
            yield self._told.popleft()

    def _keep(self, event: Event) -> Event:
        event = self.dir.append(event)
        self._told.append(event)
        return event
