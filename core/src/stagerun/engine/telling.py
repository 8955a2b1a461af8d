"""Saying what happens: into the journal, to the plugins that watch, and to whoever iterates over the run."""

from __future__ import annotations

from collections import deque
from collections.abc import Iterator
from typing import Any

from attrs import define, field

from stagerun.engine.estimating import Clock
from stagerun.events import Event
from stagerun.registry import Registry
from stagerun.store.rundir import RunDir


@define
class Teller:
    """Every event of a run goes through `tell`, once, in order. Adds what the times of events tell: estimates."""

    dir: RunDir
    registry: Registry
    _told: deque[Event] = field(factory=deque)
    _clocks: dict[str, Clock] = field(factory=dict)  # of the stages that are at work in a process of their own

    def tell(self, kind: str, stage: str | None = None, **data: Any) -> None:
        """Journal an event, show it to the watching plugins, keep it for the iterator; raises CannotRun on a full disk."""
        if kind == "stage.finished" and stage in self._clocks:
            data |= self._clocks.pop(stage).took()
        event = self._tell(Event(kind, stage, data))
        if kind == "stage.started" and stage is not None and "pid" in data:
            self._clocks[stage] = Clock(event.time)
        elif kind == "stage.progress" and stage in self._clocks:
            estimate = self._clocks[stage].hear(event.time, data)
            if estimate is not None:
                self._tell(Event("stage.estimated", stage, estimate))

    def _tell(self, event: Event) -> Event:
        event = self._keep(event)
        for _ in self.registry.ask("stagerun_on_event", event=event):
            pass
        while self.registry.failures:
            plugin, hook, error = self.registry.failures.pop(0)
            self._keep(Event("plugin.failed", None, {"plugin": plugin, "hook": hook, "error": error}))
        return event

    def drain(self) -> Iterator[Event]:
        """What was told since the last time."""
        while self._told:
            yield self._told.popleft()

    def _keep(self, event: Event) -> Event:
        event = self.dir.append(event)
        self._told.append(event)
        return event
