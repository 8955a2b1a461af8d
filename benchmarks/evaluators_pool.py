"""What is kept and what is shared out: a hit in the cache of judgements, and two workers beside one.

Two workers can only be twice as fast where two cores are free. So two busy processes take their turn beside one as well, and
processor time says what two workers would reach with the machine to themselves.
"""

from __future__ import annotations

import statistics
import subprocess
import sys
import time
from collections.abc import Sequence

from attrs import field, frozen

from benchmarks.evaluators_candidates import evaluator, mixed
from benchmarks.evaluators_cpu import Spent, measured
from benchmarks.table import Row, Section, milliseconds
from stagerun.contracts import Candidate
from stagerun_evaluators.judge import Local

TITLES = ("A hit in the cache", "Two workers beside one")
MOST_HIT = 0.002  # seconds
LEAST_FASTER = 1.6  # times
LEAST_GIVEN = 1.8  # times as fast two busy processes must be for a verdict: below that there were no two cores
HITS = 200  # of each language
SHARED = {"python": 128, "rust": 64, "typescript": 128, "go": 64}  # candidates of a round
WARMING = 64  # candidates for each worker before the first round
BUSY = "n = 0\nfor i in range(10_000_000): n += i"  # some tenths of a second


@frozen
class Faster:
    """Rounds with one worker and with two."""

    name: str
    one: list[Spent] = field(factory=list)
    two: list[Spent] = field(factory=list)

    @property
    def by_clock(self) -> float:
        """How many times as fast two are: the median of the rounds."""
        return statistics.median(first.wall / second.wall for first, second in zip(self.one, self.two, strict=True))

    @property
    def by_cpu(self) -> float:
        """The same if each of two workers had a core to itself all the time: twice, less what working together costs."""
        return 2 * statistics.median(first.cpu / second.cpu for first, second in zip(self.one, self.two, strict=True))


def hits(languages: Sequence[str]) -> Section:
    """Judge some candidates, then ask for each of them again, one call each."""
    rows = [_hit(language) for language in languages]
    note = f"One call for one candidate that was judged before, by the clock; the median of {HITS}."
    return Section(TITLES[0], note, rows)


def _hit(language: str) -> Row:
    local = Local(evaluator, cache=True)
    try:
        known = [each.candidate for each in mixed(language, 20, seed=3)]
        local.judge(known)
        taken = [_timed(local, known[turn % len(known)]) for turn in range(HITS)]
    finally:
        local.close()
    median = statistics.median(taken)
    return Row(language, milliseconds(median), f"<= {milliseconds(MOST_HIT)}", passed=median <= MOST_HIT)


def _timed(local: Local, candidate: Candidate) -> float:
    started = time.perf_counter()
    found = local.judge([candidate])[0]
    taken = time.perf_counter() - started
    if not found.cached and found.verdict in {"passed", "failed", "tampered"}:
        raise RuntimeError(f"{candidate.task.id}: its judgement was not kept")
    return taken


def sharing(languages: Sequence[str], rounds: int) -> Section:
    """One worker and two in turns, for each language, and the machine itself."""
    machine = Faster("the machine: busy processes")
    found = [_faster(language, rounds, machine) for language in languages]
    return Section(TITLES[1], _NOTE, [_machine(machine), *(_row(each, machine) for each in found)])


_NOTE = (
    "How many candidates a second, by the clock; the median of rounds that take turns. The first row is what two processes that\n"
    "only count reach beside one, in the same rounds: what the machine had to give. Where that is below "
    f"{LEAST_GIVEN:g} x there is no\nverdict. By CPU: were two cores free all the time."
)


def _faster(language: str, rounds: int, machine: Faster) -> Faster:
    found = Faster(language)
    one, two = Local(evaluator, 1, cache=False), Local(evaluator, 2, cache=False)
    try:
        for local in (one, two):  # as warm as in a long run: a server's code is compiled while it is used
            local.judge([each.candidate for each in mixed(language, WARMING * (1 if local is one else 2), seed=4)])
        for turn in range(rounds):
            candidates = [each.candidate for each in mixed(language, SHARED[language], seed=10 + turn)]
            for local, taken in ((one, found.one), (two, found.two)):
                with measured() as spent:
                    local.judge(candidates)
                taken.append(spent)
            machine.one.append(_busy(1))
            machine.two.append(_busy(2))
    finally:
        one.close()
        two.close()
    return found


def _busy(count: int) -> Spent:
    """Two jobs of counting, by one process after the other or by two at once."""
    with measured() as spent:
        for _ in range(2 // count):
            running = [subprocess.Popen([sys.executable, "-I", "-S", "-c", BUSY]) for _ in range(count)]
            for process in running:
                process.wait()
    return spent


def _machine(found: Faster) -> Row:
    return Row(found.name, f"by CPU {found.by_cpu:.2f} x", ratio=found.by_clock, to="one")


def _row(found: Faster, machine: Faster) -> Row:
    cores = [statistics.median(spent.cpu / spent.wall for spent in taken) for taken in (found.one, found.two)]
    decided = machine.by_clock >= LEAST_GIVEN
    said = "" if decided else "; not decided, two cores were not free"
    return Row(
        found.name,
        f"by CPU {found.by_cpu:.2f} x; cores in use {cores[0]:.2f} and {cores[1]:.2f}{said}",
        f">= {LEAST_FASTER:g} x",
        found.by_clock,
        "one",
        found.by_clock >= LEAST_FASTER if decided else None,
    )
