"""Which stage may start next: its upstream is settled and its resources are free."""

from __future__ import annotations

from collections.abc import Iterable

from attrs import define, field

from stagerun.plan import Plan, PlannedStage


@define
class Queue:
    """The stages of a plan that are not settled yet. `failed` says why dependents of a stage cannot start."""

    plan: Plan
    failed: dict[str, str] = field(factory=dict)
    _waiting: dict[str, set[str]] = field(factory=dict)
    _downstream: dict[str, list[str]] = field(factory=dict)
    _ready: set[str] = field(factory=set)
    _position: dict[str, int] = field(factory=dict)

    def __attrs_post_init__(self) -> None:
        self._position = {name: index for index, name in enumerate(self.plan.stages)}
        for name, stage in self.plan.stages.items():
            self._waiting[name] = set(stage.upstream)
            for up in stage.upstream:
                self._downstream.setdefault(up, []).append(name)
        self._ready = {name for name, upstream in self._waiting.items() if not upstream}

    def next(self, running: Iterable[PlannedStage]) -> PlannedStage | None:
        """Take the first stage in the plan's order that is ready and fits beside those running."""
        used: dict[str, int] = {}
        for stage in running:
            for resource, amount in stage.resources.items():
                used[resource] = used.get(resource, 0) + amount
        for name in sorted(self._ready, key=self._position.__getitem__):
            if self._fits(self.plan.stages[name], used):
                self._ready.discard(name)
                return self.plan.stages[name]
        return None

    def _fits(self, stage: PlannedStage, used: dict[str, int]) -> bool:
        offered = self.plan.capacity
        return all(used.get(name, 0) + amount <= offered.get(name, amount) for name, amount in stage.resources.items())

    def blockers(self, stage: PlannedStage) -> list[str]:
        """Why a stage can never start; empty when it can."""
        return list(dict.fromkeys(self.failed[up] for up in stage.upstream if up in self.failed))

    def again(self, name: str) -> None:
        """A failed stage gets another attempt."""
        self._ready.add(name)

    def settle(self, name: str, failed: str | None = None) -> None:
        """A stage needs no more attention; `failed` says why its dependents cannot start."""
        if failed is not None:
            self.failed[name] = failed
        for below in self._downstream.get(name, ()):
            self._waiting[below].discard(name)
            if not self._waiting[below]:
                self._ready.add(below)
