"""The engine: runs plans, as an iterator of events, so that a command line and an embedder use the same thing."""

from __future__ import annotations

from collections.abc import Iterator, Mapping, Sequence
from typing import Any

from attrs import define, field

from stagerun.contracts.executor import Executor
from stagerun.engine.gating import Acceptance
from stagerun.engine.session import Session
from stagerun.errors import BadPipeline, Exit, Problem, nearest
from stagerun.events import Event
from stagerun.plan import Plan
from stagerun.record import RunRecord
from stagerun.registry import Registry
from stagerun.store.rundir import RunDir


@define
class Engine:
    """Two engines share nothing: each has its own plugins, and each run directory lets in one at a time."""

    registry: Registry = field(factory=Registry)
    executor: str = "local"
    exit_code: Exit | None = None
    _stop: int = 0
    _session: Session | None = None

    def run(
        self,
        plan: Plan,
        *,
        command: str = "",
        accept: Sequence[Acceptance] = (),
        checked: Mapping[str, Any] | None = None,
    ) -> Iterator[Event]:
        """Run a plan and yield what happens. Raises BadPipeline (an unknown gate to accept), Locked, CannotRun.

        The machine is not looked at here; `checked` is the record of a `preflight` that was.
        `exit_code` and `record` hold the outcome once the iterator is exhausted. Closing the iterator early ends the run's
        workers at once; checkpoints and finished stages stay.
        """
        _check_here(plan)
        _check_accept(plan, accept)
        executor: Executor = self.registry.find("executors", self.executor).value()
        self.exit_code = None
        self._session = Session(
            self.registry, plan, executor, RunDir(plan.run_dir), lambda: self._stop, accept, checked or {}
        )
        try:
            yield from self._session.events(command)
        finally:
            self.exit_code = self._session.exit_code
            self._stop = 0  # not at the start: a signal may come before the first event

    def stop(self) -> None:
        """Ask the run to end: workers save a checkpoint first. Called again, they are killed. Safe in a signal handler."""
        self._stop += 1

    @property
    def record(self) -> RunRecord | None:
        """Everything known of the run directory, up to the last event."""
        return self._session.dir.record if self._session else None


def _check_here(plan: Plan) -> None:
    if plan.machine is not None:
        what = f"this plan was made for machine {plan.machine.name}, which is only described"
        raise BadPipeline([Problem(what, where="--machine", hint="to run it, plan for this machine")])


def _check_accept(plan: Plan, accept: Sequence[Acceptance]) -> None:
    known = [f"{stage.name}.{gate.spec.name}" for stage in plan.stages.values() for gate in stage.gates]
    problems = [
        Problem(f'there is no gate "{one.gate}"', where="--accept-gate", expected=", ".join(known) or "a pipeline with gates",
                hint=nearest(one.gate, known))
        for one in accept
        if one.gate not in known
    ]  # fmt: skip
    if problems:
        raise BadPipeline(problems)
