"""Whether a verdict depends on company: warm and in batches against cold and alone, and again and again on a crowded machine.

Warm: one call with all candidates in a random order, whose servers and zygotes have seen many others. Cold: the language's
plain way, every tool started anew, one worker, one candidate a call. The verdict must be the same, and so must the tests that
passed and failed. Cold is done once for every solution; warm meets each several times, in different company.
"""

from __future__ import annotations

import itertools
import os
import random
import sys
import time
from collections import Counter
from collections.abc import Mapping, Sequence
from concurrent.futures import ThreadPoolExecutor

import attrs
from attrs import field, frozen

from benchmarks.evaluators_candidates import distinct, evaluator, solutions
from benchmarks.table import Row, Section
from stagerun.contracts import Candidate, Judgement
from stagerun.tasks import Solution
from stagerun_evaluators.judge import Local

TITLE = "The same verdict in any company"
MOST_FLIPS = 0.001
CROWD = 4  # workers for each core
SHARES = {"python": 0.4, "go": 0.3, "rust": 0.2, "typescript": 0.1}  # of the candidates
MOST = {"typescript": 30}  # different solutions, where the plain way is slow
Said = tuple[str, frozenset[str], frozenset[str]]


@frozen
class Place:
    """A candidate among the others; `key` says which solution it is made of."""

    key: str
    candidate: Candidate


@frozen
class Compared:
    """What came of it. Of those with equal verdicts and tests some have another score, others only other complaints."""

    count: int
    different: list[str]
    scores: list[str]
    complaints: list[str]
    seconds: tuple[float, float]  # warm, cold


@frozen
class Flips:
    """Candidates times repeats, and those that differed from what most repeats said."""

    judged: int
    flipped: list[str] = field(factory=list)
    workers: int = 0


def section(languages: Sequence[str], count: int, repeats: int) -> Section:
    """Both questions, over the solutions of all languages."""
    sources = {name: found for language in languages for name, found in _sources(language).items()}
    places = _mixture(languages, sources, count)
    compared = _compare(places, sources)
    flips = _repeat({place.key: place for place in places}, repeats)
    kinds = Counter(place.candidate.task.language for place in places)
    note = (
        f"{compared.count} candidates ({', '.join(f'{number} {kind}' for kind, number in kinds.most_common())}) made of "
        f"{len({place.key for place in places})} solutions: right ones,\nwrong ones, and some that end in the middle. All in "
        "one call, in a random order, warm; each solution once more cold, by the\nlanguage's plain way, alone in its call. "
        "The repeats are of every solution once, in a new order each time."
    )
    return Section(TITLE, note, [*_identity(compared), _flip_row(flips, repeats)])


def _sources(language: str) -> dict[str, Solution]:
    """Its solutions by name, and of every task one that ends in the middle of its text."""
    found = solutions(language)
    whole = {each.candidate.task.id: each for each in found if each.candidate.code}
    every = [*found, *(_cut(each) for each in whole.values())]
    random.Random(language).shuffle(every)
    named = {f"{each.candidate.task.id} {each.name}": each for each in every}
    return dict(itertools.islice(named.items(), MOST.get(language)))


def _cut(solution: Solution) -> Solution:
    code = solution.candidate.code
    return Solution(f"{solution.name}, cut", attrs.evolve(solution.candidate, code=code[: len(code) * 2 // 3]), "cut")


def _mixture(languages: Sequence[str], sources: Mapping[str, Solution], count: int) -> list[Place]:
    """Every solution about as often as another of its language, shuffled."""
    whole = sum(SHARES[language] for language in languages)
    places: list[Place] = []
    for language in languages:
        names = [name for name, each in sources.items() if each.candidate.task.language == language]
        turns = itertools.islice(itertools.cycle(names), round(count * SHARES[language] / whole))
        places += [Place(name, distinct(sources[name].candidate, f"place {at}")) for at, name in enumerate(turns)]
    random.Random(count).shuffle(places)
    return places


def _compare(places: Sequence[Place], sources: Mapping[str, Solution]) -> Compared:
    started = time.perf_counter()
    warm = _judged(places, None)
    between = time.perf_counter()
    keys = sorted({place.key for place in places})
    cold = dict(zip(keys, _cold([distinct(sources[key].candidate, "cold") for key in keys]), strict=True))
    seconds = (between - started, time.perf_counter() - between)
    compared = Compared(len(places), [], [], [], seconds)
    for place, found in zip(places, warm, strict=True):
        other = cold[place.key]
        if _said(found) != _said(other):
            compared.different.append(f"{place.key}: warm {_told(found)}, cold {_told(other)}")
        elif (found.score, found.shares) != (other.score, other.shares):
            compared.scores.append(f"{place.key}: warm {found.score} {found.shares}, cold {other.score} {other.shares}")
        elif _complaints(found) != _complaints(other):
            compared.complaints.append(f"{place.key}: {_complaints(found) ^ _complaints(other)}")
    return compared


def _judged(places: Sequence[Place], workers: int | None) -> Sequence[Judgement]:
    local = Local(evaluator, workers, cache=False)
    try:
        return local.judge([place.candidate for place in places])
    finally:
        local.close()


def _cold(candidates: Sequence[Candidate]) -> list[Judgement]:
    """One candidate a call, by the plain way; a judge with one worker for each core."""
    cores = os.cpu_count() or 1
    judges = [Local(lambda name: evaluator(name, plain=True), 1, cache=False) for _ in range(cores)]

    def share(at: int) -> list[Judgement]:
        return [judges[at].judge([each])[0] for each in candidates[at::cores]]

    try:
        with ThreadPoolExecutor(cores) as threads:
            shares = list(threads.map(share, range(cores)))
        return [shares[at % cores][at // cores] for at in range(len(candidates))]
    finally:
        for local in judges:
            local.close()


def _repeat(places: Mapping[str, Place], repeats: int) -> Flips:
    """Judge every solution once in each repeat, with far more workers than cores."""
    workers = CROWD * (os.cpu_count() or 1)
    seen: dict[str, list[Said]] = {key: [] for key in places}
    local = Local(evaluator, workers, cache=False)
    try:
        for turn in range(repeats):
            order = list(places)
            random.Random(turn).shuffle(order)
            for key, found in zip(order, local.judge([places[key].candidate for key in order]), strict=True):
                seen[key].append(_said(found))
            print(f"repeat {turn + 1} of {repeats} done", file=sys.stderr)
    finally:
        local.close()
    flips = Flips(len(places) * repeats, workers=workers)
    for key, all_said in seen.items():
        most = Counter(all_said).most_common(1)[0][0]
        flips.flipped.extend(f"{key}: {said[0]}, mostly {most[0]}" for said in all_said if said != most)
    return flips


def _said(judgement: Judgement) -> Said:
    return judgement.verdict, judgement.passed, judgement.failed


def _complaints(judgement: Judgement) -> frozenset[tuple[str, int, str, str]]:
    """In any order, and without the words of a message: tools number what they name."""
    return frozenset((each.file, each.line, each.code, each.tool) for each in judgement.diagnostics)


def _told(judgement: Judgement) -> str:
    return f"{judgement.verdict} ({len(judgement.passed)} passed, {len(judgement.failed)} failed; {judgement.detail[:100]})"


def _identity(compared: Compared) -> list[Row]:
    for what in ("different", "scores", "complaints"):
        for each in getattr(compared, what):
            print(f"{what}: {each}", file=sys.stderr)
    same = compared.count - len(compared.different)
    soft = f"{len(compared.scores)} of these with another score, {len(compared.complaints)} with other complaints"
    warm, cold = compared.seconds
    return [
        Row(
            "warm and batched as cold and alone",
            f"{same} of {compared.count} the same; {soft}",
            "all",
            passed=not compared.different,
        ),
        Row("time by the clock", f"warm {warm:.0f} s for all, cold {cold:.0f} s for each solution once"),
    ]


def _flip_row(flips: Flips, repeats: int) -> Row:
    for each in flips.flipped:
        print(f"flipped: {each}", file=sys.stderr)
    rate = len(flips.flipped) / flips.judged
    return Row(
        f"{repeats} repeats with {flips.workers} workers on {os.cpu_count()} cores",
        f"{len(flips.flipped)} of {flips.judged} flipped ({rate:.2%})",
        f"<= {MOST_FLIPS:.1%}",
        passed=rate <= MOST_FLIPS,
    )
