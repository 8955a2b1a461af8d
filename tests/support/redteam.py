"""Tries a language's table of attacks, a good solution after each; on one tier, also what it leaves behind."""

from __future__ import annotations

import time
from collections.abc import Collection, Iterator, Mapping
from pathlib import Path

import attrs
import pytest
from attacks import TIERS, Attack

from stagerun import Candidate, Evaluator, Judgement
from stagerun_evaluators.judge import Local

FIRST_USER, LAST_USER = 20_000, 65_000  # ids that keepers give to candidates
PATIENCE = 20.0  # seconds; longer than any candidate here lives


def holes(evaluator: Evaluator, attacks: Mapping[str, Attack], good: Candidate, tier: str) -> list[str]:
    """A line for each attack that got through, for each good solution that suffered, and for what is still running."""
    held = {name: attack for name, attack in attacks.items() if TIERS.index(attack.least) <= TIERS.index(tier)}
    before = running()
    judge = Local(lambda _: evaluator, workers=2, sandbox=tier, cache=False, allow_unsandboxed=tier == "none")
    try:
        found = judged(judge, held, good)
    finally:
        judge.close()
    told = [line for name, (made, _) in found.items() for line in _wrong(name, held[name], made)]
    told += [
        f"after {name}: {made.verdict}: {made.detail}" for name, (_, made) in found.items() if made.verdict != "passed"
    ]
    return told + [f"still running: {line}" for line in left_running(before)]


def judged(judge: Local, attacks: Mapping[str, Attack], good: Candidate) -> dict[str, tuple[Judgement, Judgement]]:
    """How each attack was judged, and the good solution after it: each time another text, as equal ones are judged once."""
    goods = [attrs.evolve(good, code=good.code + "\n" * number) for number in range(len(attacks))]
    asked = [each for attack, after in zip(attacks.values(), goods, strict=True) for each in (attack.candidate, after)]
    found = judge.judge(asked)
    return dict(zip(attacks, zip(found[::2], found[1::2], strict=True), strict=True))


def selected(request: pytest.FixtureRequest, attacks: Mapping[str, Attack]) -> dict[str, Attack]:
    """Those attacks of the table that the tests of this module which are to be run have as their parameter `name`."""
    tests = [item for item in request.session.items if item.path == request.path and hasattr(item, "callspec")]
    names = {item.callspec.params.get("name") for item in tests}
    return {name: attack for name, attack in attacks.items() if name in names}


def _wrong(name: str, attack: Attack, made: Judgement) -> Iterator[str]:
    says = f"{name}: {made.verdict} {made.score}, passed {sorted(made.passed)}: {made.detail}"
    honest = attack.verdicts == ("passed",)
    if made.verdict not in attack.verdicts or (honest and made.verdict != "passed"):
        yield f"{says}; expected {' or '.join(attack.verdicts)}"
    elif made.verdict == "failed" and not made.passed <= attack.earned:
        yield f"{says}; it should have earned {sorted(attack.earned)} at most"


def left_running(before: Collection[str] = ()) -> list[str]:
    """Command lines of processes that run as a candidate's user and go on doing so, but for those that ran `before`: servers of
    judges that tests share. Candidates of another judge come and go."""
    found, deadline = _new(before), time.monotonic() + PATIENCE
    while found and time.monotonic() < deadline:
        time.sleep(0.2)
        now = _new(before)
        found = {pid: line for pid, line in found.items() if pid in now}
    return list(found.values())


def _new(before: Collection[str]) -> dict[str, str]:
    return {pid: line for pid, line in running().items() if pid not in before}


def running() -> dict[str, str]:
    """Every process that runs as a candidate's user: its number and command line."""
    found = {}
    for process in Path("/proc").glob("[0-9]*"):
        try:
            if FIRST_USER <= process.stat().st_uid < LAST_USER:
                line = (process / "cmdline").read_bytes().replace(b"\0", b" ").decode(errors="replace")
                found[process.name] = line
        except OSError:  # it ended meanwhile
            continue
    return found
