"""What isolation costs: one command, and one pytest run, in each tier and in the peers, beside a plain subprocess.

By the clock, as the goal is about waiting; processor time stands beside it. All take turns, round after round.
"""

from __future__ import annotations

import statistics
from collections.abc import Mapping, Sequence

from attrs import field, frozen

from benchmarks.evaluators_cpu import measured
from benchmarks.evaluators_launch import Launcher, launchers
from benchmarks.evaluators_peers import naive_python
from benchmarks.table import Row, Section, milliseconds
from stagerun.errors import StageError
from stagerun_evaluators.sandbox.choosing import ORDER, choose

TITLES = ("Starting one command", "One pytest run")
MOST_LAUNCH = 0.008  # seconds over a plain subprocess
MOST_PYTEST = 1.10  # times a plain one
PLAIN, BWRAP = "plain subprocess", "bwrap --unshare-all"
TESTS = "".join(f"def test_{n}():\n    assert sorted([{n}, 2, 1])[0] == min({n}, 1)\n\n\n" for n in range(9))


@frozen
class Times:
    """Of one launcher: seconds by the clock of each round, and of processor time."""

    wall: list[float] = field(factory=list)
    cpu: list[float] = field(factory=list)

    @property
    def median(self) -> float:
        """By the clock."""
        return statistics.median(self.wall)

    @property
    def mean_cpu(self) -> float:
        """A mean, as single readings come in ticks of 10 ms."""
        return statistics.fmean(self.cpu)


def sections(launches: int, runs: int) -> list[Section]:
    """Measure `launches` rounds of /bin/true and `runs` rounds of pytest."""
    python = naive_python()
    tiers, absent = _tiers()
    every = launchers(tiers, python)
    try:
        empty = _times(every, launches, ["/bin/true"], {})
        suite = _times(every, runs, [python, "-m", "pytest", "-q", "test_bench.py"], {"test_bench.py": TESTS})
    finally:
        for launcher in every:
            launcher.close()
    return [_launch(empty, absent), _pytest(suite)]


def _tiers() -> tuple[dict[str, str], dict[str, str]]:
    """Our tiers by name: those that this machine allows, with their classes, and why the others are not there."""
    found, absent = {}, {}
    for tier in ORDER:
        try:
            found[tier] = choose(tier).entry
        except StageError as error:
            absent[tier] = str(error)
    return found, absent


def _times(every: Sequence[Launcher], rounds: int, argv: Sequence[str], files: Mapping[str, str]) -> dict[str, Times]:
    found = {launcher.name: Times() for launcher in every}
    for launcher in every:
        launcher.run(argv, files)  # warm
    for turn in range(rounds):
        first = turn % len(every)
        for launcher in [*every[first:], *every[:first]]:
            with measured() as spent:
                wall = launcher.run(argv, files)
            found[launcher.name].wall.append(wall)
            found[launcher.name].cpu.append(spent.cpu)
    return found


def _launch(found: Mapping[str, Times], absent: Mapping[str, str]) -> Section:
    plain = found[PLAIN].median
    rows = [Row(PLAIN, _value(PLAIN, found[PLAIN]))]
    for name, times in found.items():
        if name != PLAIN:
            over, ours = times.median - plain, name.startswith("stagerun")
            rows.append(
                Row(
                    name,
                    f"{milliseconds(over)} over plain; {_value(name, times)}",
                    f"<= {milliseconds(MOST_LAUNCH)} over plain" if ours else "",
                    passed=over <= MOST_LAUNCH if ours else None,
                )
            )
    rows += [Row(f"stagerun, {tier}", f"not measured: {why}") for tier, why in absent.items()]
    note = (
        "`/bin/true` in a fresh folder that is removed afterwards; median by the clock, mean of processor time. Ours is a\n"
        "request to a keeper that is up: folder, process, output, the end of all that it started. bwrap leaves before its\n"
        "child, whose processor time nobody is told then."
    )
    return Section(TITLES[0], note, rows)


def _pytest(found: Mapping[str, Times]) -> Section:
    plain = found[PLAIN].median
    rows = [Row(PLAIN, _value(PLAIN, found[PLAIN]))]
    for name, times in found.items():
        if name != PLAIN:
            ours, ratio = name.startswith("stagerun"), times.median / plain
            rows.append(
                Row(
                    name,
                    _value(name, times),
                    f"<= {MOST_PYTEST:.2f} x" if ours else "",
                    ratio,
                    "plain",
                    ratio <= MOST_PYTEST if ours else None,
                )
            )
    return Section(TITLES[1], "`python -m pytest` over nine small tests, a fresh interpreter each time.", rows)


def _value(name: str, times: Times) -> str:
    """The quickest rounds are what a machine to itself would give."""
    quick = statistics.quantiles(times.wall, n=10)[0]
    cpu = "not seen" if name == BWRAP else milliseconds(times.mean_cpu)
    return f"{milliseconds(times.median)}, the quickest tenth {milliseconds(quick)}, CPU {cpu}"
