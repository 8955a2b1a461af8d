"""The judge on this machine. Implements `contracts.Judge`.

Candidates are taken as there is room, a few at a time; what was judged before comes from the cache, equal ones are judged once,
the rest goes to a pool of benches: servers are asked about a batch, then each candidate runs at whichever bench is free next, so
that none idles while there is work. Not covered: what happens at a bench (`settle`), what a verdict is (`verdict`).
"""

from __future__ import annotations

import os
import weakref
from collections.abc import Callable, Iterable, Iterator, Mapping, Sequence
from concurrent.futures import ThreadPoolExecutor
from itertools import islice
from queue import SimpleQueue

import attrs

from stagerun.contracts import Candidate, Command, Completed, Evaluator, Judgement, Seed, Task
from stagerun.errors import StageError
from stagerun.registry.index import cache_folder
from stagerun_evaluators.judge import seeding
from stagerun_evaluators.judge.admission import admitted
from stagerun_evaluators.judge.cache import Cache, key_of
from stagerun_evaluators.judge.languages import Languages, ToolReport
from stagerun_evaluators.judge.pool import LocalPool, Pool
from stagerun_evaluators.judge.settle import Given, Settler, cached
from stagerun_evaluators.judge.verdict import rank, refused
from stagerun_evaluators.judge.work import Refusal, Work, command_row
from stagerun_evaluators.keeper.wire import Answer, CommandRow, Job
from stagerun_evaluators.sandbox.choosing import choose

BATCH = 16  # candidates that a server is asked about at once, at most
SHARE = 2  # batches a worker should get, so that all have something to ask
AHEAD = 3  # batches taken for every worker before a judgement must be fetched
Found = tuple[int, Judgement]
Made = tuple[str, Judgement] | BaseException  # by key


class Local:
    """`evaluators` gives the language of a name; `workers` candidates run side by side (default: the cores we may use).

    `sandbox` is `auto` or a tier, `min_tier` the weakest that will do; `none` needs `allow_unsandboxed`. `cache` keeps judgements
    in the user's cache. `pool` replaces the keepers of this machine. `say` is told what takes long before the first judgement; it
    may be set later. Raises StageError when there is no tier that will do.
    """

    def __init__(
        self,
        evaluators: Callable[[str], Evaluator],
        workers: int | None = None,
        *,
        sandbox: str = "auto",
        min_tier: str = "limits",
        allow_unsandboxed: bool = False,
        cache: bool = True,
        pool: Pool | None = None,
        say: Callable[[str], None] = lambda _: None,
    ) -> None:
        self.say = say
        self.isolation = choose(sandbox, min_tier, allow_unsandboxed)
        self.notice = self.isolation.notice
        self._settler = Settler(self.isolation.entry, self.isolation.tier)
        self._pool = pool or LocalPool(workers or _cores())
        self._cache = Cache(cache_folder() / "judgements.sqlite") if cache else None
        self._languages = Languages(evaluators, self._probe, self._build)
        self._metrics: dict[str, dict[str, str]] = {}
        self.close = weakref.finalize(self, _close, self._pool, self._cache)

    def judge(self, candidates: Sequence[Candidate]) -> Sequence[Judgement]:
        """One judgement for each candidate, in order. Every task is looked at before any candidate runs; raises what
        `stream` raises."""
        for candidate in {id(candidate.task): candidate for candidate in candidates}.values():
            self._ready(candidate)
        found = dict(self.stream(candidates))
        return [found[position] for position in range(len(candidates))]

    def rank(self, candidates: Sequence[Candidate]) -> Sequence[Found]:
        """Best first: passed, score, fewer complaints, less processor time; what could not be judged comes last."""
        return sorted(enumerate(self.judge(candidates)), key=lambda found: rank(found[1]))

    def stream(self, candidates: Iterable[Candidate]) -> Iterator[Found]:
        """Judgements as they come. Raises StageError when a candidate is taken whose task cannot be judged or whose language
        lacks a tool, and what the resolver raises for a language that is not installed."""
        size = _batch(len(candidates), self._pool.workers) if isinstance(candidates, Sequence) else BATCH // 2
        source, room = iter(enumerate(candidates)), AHEAD * self._pool.workers * size
        waiting: dict[str, list[int]] = {}  # by key: positions of equal candidates that are being judged
        out: SimpleQueue[Made] = SimpleQueue()
        with ThreadPoolExecutor(self._pool.workers, thread_name_prefix="judge") as pool:
            try:
                running = 0
                while True:
                    while running < room and (batch := list(islice(source, size))):
                        known, works = self._sorted(batch, waiting)
                        yield from known
                        if works:
                            pool.submit(self._ask, works, pool, out)
                            running += len(works)
                    if not running:
                        return
                    made = out.get()
                    if isinstance(made, BaseException):
                        raise made
                    running -= 1
                    first, *others = waiting.pop(made[0])
                    yield from [(first, made[1]), *((position, cached(made[1])) for position in others)]
            finally:
                pool.shutdown(wait=False, cancel_futures=True)

    def toolchains(self, language: str) -> Sequence[ToolReport]:
        """What is there of a language's tools; raises what the resolver raises."""
        return self._languages.tools(language)

    def metrics(self, language: str) -> Mapping[str, str]:
        """The metric of each check, of the checks that candidates in this language have had so far."""
        return self._metrics.get(language, {})

    def missing(self, language: str) -> Sequence[str]:
        """Optional tools of a language that are not there."""
        return self._languages.get(language).missing

    def refusals(self, tasks: Iterable[Task]) -> dict[str, str]:
        """Tasks that cannot be judged here, by id, and why; no candidate is run. Raises what `stream` raises for a language."""
        found = {}
        for task in tasks:
            self._languages.get(task.language)
            try:
                self._ready(Candidate(task))
            except StageError as error:
                found[task.id] = str(error)
        return found

    def _ready(self, candidate: Candidate) -> Work | Refusal | Judgement:
        """What there is to do, or what is known already: a language is not asked then, once it has named its checks."""
        language = self._languages.get(candidate.task.language)
        adopt = getattr(language.evaluator, "adopt", None)
        if adopt is not None and "format" in candidate.task.meta:  # read from another format than ours
            candidate = attrs.evolve(candidate, task=adopt(candidate.task))
        fit = admitted(candidate)
        plain = attrs.evolve(candidate, files={}, patch="", code="") if isinstance(fit, Refusal) else fit
        key = key_of(plain, language, self.isolation.tier) if self._cache else ""
        if self._cache and fit is plain and candidate.task.language in self._metrics and (kept := self._cache.get(key)):
            return kept
        work = Work.of(
            plain, self._languages.of(plain.task, language), key
        )  # also of a refused one: a task that cannot be judged is told in any case
        names = self._metrics.setdefault(candidate.task.language, {})
        names.update({check.name: check.metric for check in work.checks if check.metric})
        return fit if isinstance(fit, Refusal) else work

    def _sorted(
        self, batch: Sequence[tuple[int, Candidate]], waiting: dict[str, list[int]]
    ) -> tuple[list[Found], list[Work]]:
        """Those that are known, and those to judge; one that equals another which is being judged waits for it."""
        known: list[Found] = []
        works: list[Work] = []
        for position, candidate in batch:
            work = self._ready(candidate)
            if isinstance(work, Refusal):
                known.append((position, refused(work.verdict, work.score, work.detail, self.isolation.tier)))
            elif isinstance(work, Judgement):
                known.append((position, work))
            elif self._cache and (kept := self._cache.get(work.key)):
                known.append((position, kept))
            elif work.key in waiting:
                waiting[work.key].append(position)
            else:
                work = work if work.key else attrs.evolve(work, key=f"at {position}")
                waiting[work.key] = [position]
                works.append(work)
        return known, works

    def _ask(self, works: Sequence[Work], pool: ThreadPoolExecutor, out: SimpleQueue[Made]) -> None:
        """Ask servers about one batch, then line its candidates up to be run, each behind what was lined up before."""
        try:
            given = self._settler.ask(works, self._pool)
            for work in works:
                pool.submit(self._run, work, given.get(work.key), out)
        except BaseException as error:
            out.put(error)

    def _run(self, work: Work, given: Given | None, out: SimpleQueue[Made]) -> None:
        """Judge one, in a thread of the pool; every way out of here puts something into `out`."""
        try:
            with self._pool.lease() as bench:
                made = self._settler.settle(work, given, bench)
            if self._cache:
                self._cache.put(work.key, made)
            out.put((work.key, made))
        except BaseException as error:  # a language that cannot read what its tool said: the caller's to see
            out.put(error)

    def _probe(self, commands: Sequence[Command]) -> Sequence[Completed]:
        rows = [command_row(command, {}) for command in commands]
        return [self._single({}, row, "") for row in rows]

    def _build(self, language: str, seed: Seed, seeds: Mapping[str, str], versions: str) -> str:
        return seeding.build(language, seed, seeds, versions, self._single, self.say)

    def _single(self, files: Mapping[str, str], row: CommandRow, root: str) -> Completed:
        job = Job(files=dict(files), commands=[row], chains=[[0]], given={}, root=root)
        with self._pool.lease() as bench:
            answer: Answer = bench.request(self._settler.purpose(), job)
        done = answer["done"][0]
        assert done is not None
        return Completed(**done)


def _batch(count: int, workers: int) -> int:
    return max(1, min(BATCH, count // (SHARE * workers)))


def _cores() -> int:
    return len(os.sched_getaffinity(0)) if hasattr(os, "sched_getaffinity") else os.cpu_count() or 1


def _close(pool: Pool, cache: Cache | None) -> None:
    pool.close()
    if cache is not None:
        cache.close()
