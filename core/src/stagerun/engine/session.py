"""One run of one plan: what is ready starts, what ends is committed or judged a failure, until nothing is left to do.

Single-threaded: every change of state happens between two waits, so that the journal's order is the order of things.
"""

from __future__ import annotations

import os
import platform
import selectors
import sys
import time
from collections.abc import Callable, Iterator, Mapping, Sequence
from contextlib import suppress
from pathlib import Path
from typing import Any

from attrs import define, field

from stagerun.contracts.executor import Executor
from stagerun.engine.attempt import Attempt, Given, digests_of, environ, make_job, system_ooms
from stagerun.engine.before import end_orphans, prepare_interpreter, prepare_interpreters
from stagerun.engine.describe import stage_json
from stagerun.engine.failures import FailureHistory
from stagerun.engine.gating import Acceptance, accept, blocking, judge_gates, verdicts_of
from stagerun.engine.queue import Queue
from stagerun.engine.taking import inputs_of
from stagerun.engine.telling import Teller
from stagerun.errors import CannotRun, Exit, Failure
from stagerun.events import Event
from stagerun.model import Artifact
from stagerun.model.result import Result
from stagerun.plan import Decision, Plan, PlannedStage
from stagerun.plan.decide import decide
from stagerun.record import StageRecord
from stagerun.registry import Registry
from stagerun.store.results import StageFolder, read_history
from stagerun.store.rundir import RunDir
from stagerun.worker.execute import Done, Outcome, execute, make_context

TICK = 0.2  # seconds between two looks at workers that say nothing
GRACE = 60.0  # seconds a worker gets to save a checkpoint once asked to stop
# a worker may not say these in the engine's name
QUIET = {"stage.finished", "stage.started", "stage.failed", "stage.estimated"}


@define
class Session:
    """The state of a run. `stop_level` is asked between waits: 1 asks workers to stop, 2 kills them."""

    registry: Registry
    plan: Plan
    executor: Executor
    dir: RunDir
    stop_level: Callable[[], int]
    acceptances: Sequence[Acceptance] = ()
    checked: Mapping[str, Any] = field(factory=dict)  # what was found before the run, to be recorded
    exit_code: Exit = Exit.DONE
    queue: Queue = field(init=False)
    results: dict[str, Result] = field(factory=dict)
    crash_loop: bool = False
    running: dict[str, Attempt] = field(factory=dict)
    numbers: dict[str, int] = field(factory=dict)  # attempts so far
    _teller: Teller = field(init=False)
    _failures: dict[str, FailureHistory] = field(factory=dict)
    _interpreters: dict[str, str] = field(factory=dict)
    _selector: selectors.BaseSelector = field(factory=selectors.DefaultSelector)

    def __attrs_post_init__(self) -> None:
        self.queue = Queue(self.plan)
        self._teller = Teller(self.dir, self.registry)

    # ---- the run as a whole

    def events(self, command: str) -> Iterator[Event]:
        """Run to the end. Raises Locked or CannotRun before anything has started."""
        run = time.strftime("%Y%m%d-%H%M%S-", time.gmtime()) + str(os.getpid())
        self.dir.open(run)
        ended = False
        try:
            self._begin(command)
            yield from self._teller.drain()
            while self._turn():
                yield from self._teller.drain()
            ended = True
            self._end()
            yield from self._teller.drain()
        except OSError as error:
            place = error.filename or self.dir.root
            raise self._given_up(f"{place}: {error.strerror}; what was finished is safe") from None
        except CannotRun as error:
            raise self._given_up(str(error)) from None
        finally:
            self._close(ended)

    def _given_up(self, why: str) -> CannotRun:
        """Leave the reason in the record if the disk takes it, and give the error to raise."""
        self.exit_code = Exit.FAILED
        with suppress(CannotRun, OSError):
            self._teller.tell("run.finished", status="failed", exit_code=int(self.exit_code), reason=why)
        return CannotRun(why)

    def _begin(self, command: str) -> None:
        self.dir.digests.take_over(self.plan.learned)
        self._teller.tell(
            "run.started",
            pipeline=self.plan.spec.name,
            file=self.plan.spec.file.name,
            pid=os.getpid(),
            host=platform.node(),
            command=command,
            profiles=[one.name for one in self.plan.spec.applied if one.why != "--set"],
            sets=[one.name for one in self.plan.spec.applied if one.why == "--set"],
            changes=[
                [*change, one.why if one.why == "--set" else one.name]
                for one in self.plan.spec.applied
                for change in one.changes
            ],
            price_per_hour=self.plan.spec.price_per_hour,
            stages=list(self.plan.stages),
            plan={name: stage.decision.action for name, stage in self.plan.stages.items()},
            upstream={name: list(stage.upstream) for name, stage in self.plan.stages.items() if stage.upstream},
        )
        if self.checked:
            self._teller.tell("run.checked", **self.checked)
        end_orphans(self.dir.root, self.executor, self._teller.tell)
        self._interpreters = prepare_interpreters(self.plan, self._teller.tell)

    def _turn(self) -> bool:
        """One round: start, wait, take in. False when nothing is left to do."""
        if self.stop_level():
            self._stop_workers()
            if not self.running:
                return False
        else:
            light = self._start_ready()
            if light:
                return True
            if not self.running:
                return False
        self._wait()
        self.dir.flush()
        return True

    def _end(self) -> None:
        if self.stop_level():
            self.exit_code = Exit.INTERRUPTED
            self._teller.tell("run.interrupted", exit_code=int(self.exit_code))
            return
        status = "crash_loop" if self.crash_loop else "failed" if self.queue.failed else "done"
        codes = {"crash_loop": Exit.CRASH_LOOP, "failed": Exit.FAILED, "done": Exit.DONE}
        self.exit_code = codes[status]
        started = self.dir.record.run.started if self.dir.record.run else time.time()
        seconds = round(time.time() - started, 3)
        self._teller.tell("run.finished", status=status, exit_code=int(self.exit_code), seconds=seconds)

    def _close(self, ended: bool) -> None:
        """Leave nothing running, whatever ended the loop."""
        for name, attempt in self.running.items():
            attempt.running.close()
            self.dir.stage(name).forget_worker()
        self.running.clear()
        if not ended and self.exit_code == Exit.DONE:  # the iterator was closed early
            self.exit_code = Exit.INTERRUPTED
            with suppress(CannotRun, OSError):
                self._teller.tell("run.interrupted", exit_code=int(self.exit_code))
        self._selector.close()
        self.dir.close()

    # ---- starting

    def _start_ready(self) -> bool:
        """Start what is ready and fits; True after a light stage, so that its events come out at once."""
        while stage := self.queue.next(attempt.stage for attempt in self.running.values()):
            if self._consider(stage):
                return True
        return False

    def _consider(self, stage: PlannedStage) -> bool:
        """Skip a stage whose result stands, start one whose does not; True when it is settled already."""
        if stage.decision.action == "absent":
            self._teller.tell("stage.skipped", stage.name, status="optional", reason="; ".join(stage.decision.reasons))
            self.queue.settle(stage.name)
            return True
        blockers = self.queue.blockers(stage)
        if blockers:
            reason = "; ".join(blockers)
            self._teller.tell("stage.skipped", stage.name, status="blocked", reason=reason)
            self.queue.settle(stage.name, failed=reason)
            return True
        folder, given = self.dir.stage(stage.name), inputs_of(stage, self.results)
        decision, earlier = self._decide(stage, folder, given)
        if decision.action == "skip" and isinstance(earlier, Result):
            self._stand(stage, earlier, given)
            return True
        return self._start(stage, folder, given, decision)

    def _decide(self, stage: PlannedStage, folder: StageFolder, given: Given) -> tuple[Decision, Result | str | None]:
        action = folder.recover()
        if action:
            self._teller.tell("stage.recovered", stage.name, action=action)
        digests = digests_of(given)
        earlier = folder.read(self.dir.digests)
        decision = decide(stage, self.plan.spec.seed, digests, earlier, {})
        if decision.action == "run" and folder.complete(str(decision.fingerprint)):
            folder.commit()
            self._teller.tell("stage.recovered", stage.name, action="the finished result of a killed run was committed")
            earlier = folder.read(self.dir.digests)
            decision = decide(stage, self.plan.spec.seed, digests, earlier, {})
        return decision, earlier

    def _stand(self, stage: PlannedStage, result: Result, given: Given) -> None:
        """An earlier result stands; tell of it again where the journal lost it."""
        known = self.dir.record.stages.get(stage.name)
        if known is None or known.fingerprint != result.fingerprint:
            self._announce(stage, result, given, {"recovered": True}, 0.0)
        self._teller.tell("stage.skipped", stage.name, status="up-to-date", reason="up to date")
        self._judge(stage, result)

    def _start(self, stage: PlannedStage, folder: StageFolder, given: Given, decision: Decision) -> bool:
        number = self.numbers[stage.name] = self.numbers.get(stage.name, 0) + 1
        try:
            folder.begin()
        except OSError as error:
            raise CannotRun(f"{folder.root} cannot be written: {error.strerror}") from None
        verdicts = verdicts_of(self.plan.stages, self.dir.record.stages)
        memory = self._history(stage).memory
        job = make_job(self.plan, stage, folder, given, str(decision.fingerprint), memory, verdicts)
        inputs: dict[str, Any] = {}
        for source in stage.sources:
            inputs[source.need] = [*inputs.get(source.need, ()), source.text] if source.many else source.text
        passed = [text for source in stage.sources for text in source.passed_over]
        story = {"inputs": inputs, "passed_over": passed} if passed else {"inputs": inputs}
        cause = "; ".join(decision.reasons)
        if stage.traits.in_process and stage.environment is None:
            self._teller.tell("stage.started", stage.name, attempt=number, cause=cause, **story)
            self._run_light(stage, folder, given, job, number)
            return True
        argv = (self._python(stage), "-m", "stagerun.worker")
        running = self.executor.start(argv, environ(self.plan, stage), self.plan.spec.file.parent, folder.log)
        folder.remember_worker(running.identity)
        attempt = Attempt(stage, given, job, number, running, ooms_before=system_ooms())
        self.running[stage.name] = attempt
        self._selector.register(running.reader, selectors.EVENT_READ, stage.name)
        self._teller.tell(
            "stage.started", stage.name, attempt=number, pid=running.identity.get("pid"), cause=cause, **story
        )
        running.write(job.to_line())
        return False

    def _python(self, stage: PlannedStage) -> str:
        wanted = stage.environment
        if wanted is None:
            return sys.executable
        if wanted.name not in self._interpreters:  # planned as up to date, and damaged since
            folder = self.plan.spec.file.parent
            self._interpreters[wanted.name] = prepare_interpreter(wanted, folder, stage.name, self._teller.tell)
        return self._interpreters[wanted.name]

    def _run_light(self, stage: PlannedStage, folder: StageFolder, given: Given, job: Any, number: int) -> None:
        started = time.time()

        def hear(message: dict[str, Any]) -> None:
            self._hear(stage.name, message)

        here = os.getcwd()  # noqa: PTH109 - restored below
        os.chdir(self.plan.spec.file.parent)  # where a worker would run
        try:
            outcome = execute(job, make_context(job, hear), self.registry)
        finally:
            os.chdir(here)
        self._conclude(stage, folder, given, outcome, started, number)

    # ---- waiting and taking in

    def _wait(self) -> None:
        for key, _ in self._selector.select(TICK):
            name = str(key.data)
            for message in self.running[name].read():
                self._hear(name, message)
        for name, attempt in list(self.running.items()):
            code = attempt.running.poll()
            if code is None:
                continue
            for message in attempt.read():
                self._hear(name, message)
            self._selector.unregister(attempt.running.reader)
            attempt.running.close()
            del self.running[name]
            folder = self.dir.stage(name)
            folder.forget_worker()
            self._conclude(attempt.stage, folder, attempt.given, attempt.outcome(code), attempt.started, attempt.number)

    def _hear(self, name: str, message: dict[str, Any]) -> None:
        kind = str(message.pop("kind"))
        if kind not in QUIET:
            self._teller.tell(kind, name, **message)

    def _conclude(
        self, stage: PlannedStage, folder: StageFolder, given: Given, outcome: Outcome, started: float, number: int
    ) -> None:
        seconds = round(time.time() - started, 3)
        if outcome is None:
            self.dir.record.stages[stage.name].status = "interrupted"
            return
        if isinstance(outcome, Failure):
            folder.discard()
            self._fail(stage, folder, outcome, seconds, number)
            return
        self._commit(stage, folder, given, outcome, seconds)

    def _commit(self, stage: PlannedStage, folder: StageFolder, given: Given, done: Done, seconds: float) -> None:
        try:
            folder.commit()
            result = folder.adopt(self.dir.digests)
        except OSError as error:
            raise CannotRun(
                f"{folder.root} cannot be written: {error.strerror}; the result waits in .partial"
            ) from None
        story = {"attempts": self.numbers[stage.name], "seconds": seconds, "libraries": done.libraries}
        self._announce(stage, result, given, story, seconds)
        if not stage.traits.in_process:
            self.dir.digests.save()
        self._judge(stage, result)

    def _announce(
        self, stage: PlannedStage, result: Result, given: Given, story: Mapping[str, Any], seconds: float
    ) -> None:
        folder = self.dir.stage(stage.name)
        folder.write_stage_json(stage_json(self.plan, stage, result, given, story))
        outputs = {name: _shown(made, self.dir.root) for name, made in result.outputs.items()}
        self._teller.tell(
            "stage.finished",
            stage.name,
            fingerprint=result.fingerprint,
            seconds=seconds,
            metrics=dict(result.metrics),
            outputs=outputs,
        )

    def _fail(self, stage: PlannedStage, folder: StageFolder, failure: Failure, seconds: float, number: int) -> None:
        self._teller.tell(
            "stage.failed",
            stage.name,
            attempt=number,
            reason=failure.reason,
            message=failure.message,
            step=failure.step,
            seconds=seconds,
            log=str(folder.log) if folder.log.exists() else None,
        )
        answers = self.registry.ask("stagerun_on_failure", stage=stage.name, failure=failure)
        said = next((answer for answer in answers if answer is not None), None)
        retries = stage.spec.retries if stage.spec.retries is not None else self.plan.spec.retries
        verdict = self._history(stage).add(failure, retries, said, shrinks=stage.traits.shrinks)
        if verdict == "retry":
            self._teller.tell("stage.retrying", stage.name, attempt=number + 1, why=failure.message)
            self.queue.again(stage.name)
            return
        if verdict == "crash_loop":
            self.crash_loop = True
            step = f"at step {failure.step}" if failure.step is not None else "before its first step"
            text = f"crash loop: it failed three times {step} in the same way ({failure.reason})"
            self._teller.tell("stage.warning", stage.name, text=text)
        self.queue.settle(stage.name, failed=f"{stage.name} failed")

    def _history(self, stage: PlannedStage) -> FailureHistory:
        return self._failures.setdefault(stage.name, FailureHistory())

    # ---- settling

    def _judge(self, stage: PlannedStage, result: Result) -> None:
        self.results[stage.name] = result
        record = self.dir.record.stages.setdefault(stage.name, StageRecord(stage.name))
        history = read_history(self.dir.stage(stage.name).final / "metrics.jsonl") if stage.gates else []
        others = {name: one.metrics for name, one in self.results.items()}
        for event in list(judge_gates(stage, result, history, others, record)):
            self._teller.tell(event.kind, stage.name, **event.data)
        for event in list(accept(record, self.acceptances)):
            self._teller.tell(event.kind, stage.name, **event.data)
        blockers = blocking(record, stage)
        why = ", ".join(f"{gate.gate} ({gate.text})" for gate in blockers)
        self.queue.settle(stage.name, failed=f"gate {stage.name}.{why} did not pass" if blockers else None)

    def _stop_workers(self) -> None:
        now = time.monotonic()
        for attempt in self.running.values():
            if attempt.stopping_since is None:
                attempt.stopping_since = now
                attempt.running.write(b'{"do": "stop"}\n')
            elif not attempt.forced and (self.stop_level() > 1 or now - attempt.stopping_since > GRACE):
                attempt.forced = True
                attempt.running.end(force=True)


def _shown(made: Artifact, run: Path) -> dict[str, Any]:
    """An output in events and summary; the path is relative to the run directory."""
    path = str(made.path.relative_to(run)) if made.path is not None else made.source
    return {"kind": made.kind, "digest": made.digest, "bytes": made.bytes, "path": path}
