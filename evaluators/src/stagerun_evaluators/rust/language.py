"""Rust: what to lay, what to run and what to believe. Starts nothing itself.

The candidate's crate is compiled and linted alone; then the task's tests are laid, compiled against it as libraries and run by
a host that was built beforehand. What is believed is only the host's report, signed under a key of this run, in which every
expected test stands exactly once and two canaries, which must fail, came first and last and did fail. Exit codes of a process
that candidate code has run in, and all output, are never believed.

Not covered: documentation tests, benchmarks, `async` tests, programs (`src/main.rs`), macOS and Windows.
A candidate may use `unsafe`; one that searches the memory of the host's process for the key, or changes its code, is not
stopped by anything here.
"""

from __future__ import annotations

import secrets
import shutil
from collections.abc import Callable, Mapping, Sequence
from functools import lru_cache

import attrs
from attrs import frozen

from stagerun.contracts import Candidate, Check, Command, Completed, Seed, SuiteResult, Task, Tool
from stagerun.errors import StageError
from stagerun_evaluators.rust import vendor, verdict
from stagerun_evaluators.rust.adopt import adopted
from stagerun_evaluators.rust.commands import OUT, Built, Limits, Plain, Quick, host
from stagerun_evaluators.rust.crate import Crate
from stagerun_evaluators.rust.manifest import Manifest
from stagerun_evaluators.rust.refusing import absent
from stagerun_evaluators.rust.rewrite import canaries, library
from stagerun_evaluators.rust.seed import crates, harness
from stagerun_evaluators.rust.suspect import Suspicions, asked_for, suspicions
from stagerun_evaluators.rust.tokens import tokens
from stagerun_evaluators.rust.toolchain import INSTALL, Toolchain, find, told, version

WEIGHTS = {"compile": 0.1, "test": 0.8, "lint": 0.1}
METRICS = {"compile": "cargo_check_pass_rate", "test": "cargo_test_pass_rate", "lint": "clippy_clean_rate"}
SCORING = "rust-1"  # raise when WEIGHTS or the meaning of a share change: scores of two versions are not comparable
OLDEST = (1, 82)  # `#[unsafe(link_section)]`
Texts = tuple[tuple[str, str], ...]
PROGRAMS = ("rustc", "cargo", "clippy-driver")


@frozen
class Rust:
    """`timeout` (CPU seconds) and `memory_mb` (MiB) are for running tests; a task's `meta` may set either for itself.

    `build_timeout` and `build_memory_mb` are for each compilation. `plain` has cargo do everything. `vendor` is a folder that
    `cargo vendor` made, for tasks that need crates of others; empty: the one that `stagerun toolchains install` made, if it is
    there. Tasks whose crates are not in it are refused.
    """

    name: str = "rust"
    suffixes: tuple[str, ...] = (".rs",)
    timeout: float = 20.0
    memory_mb: int = 512
    build_timeout: float = 20.0
    build_memory_mb: int = 1024
    plain: bool = False
    vendor: str = ""
    chain: Toolchain | None = None

    @property
    def scoring(self) -> str:
        """The version of its weights."""
        return SCORING

    def tools(self) -> Sequence[Tool]:
        """rustc, cargo and clippy of the toolchain in force, and the C compiler that rustc links with."""
        chain = self.chain or find()
        probes = {name: Command((chain.program(name), "-vV"), reads=chain.reads) for name in PROGRAMS}
        linker = Tool("cc", Command(("cc", "--version")), "install gcc or clang: rustc links with it")
        return (*(Tool(name, probe, INSTALL) for name, probe in probes.items()), linker, vendor.tool())

    def ready(self, found: Mapping[str, Completed]) -> Rust:
        """Knows the target, the linker and whether there are crates; raises StageError for a toolchain that is too old."""
        said = found["rustc"].stdout
        if version(said) < OLDEST:
            first = said.splitlines()[0] if said.strip() else "it said nothing"
            raise StageError(f"language rust: rustc is too old or unknown ({first})", "install Rust 1.82 or newer")
        there = vendor.NAME in found and found[vendor.NAME].returncode == 0
        sources = self.vendor or (str(vendor.sources()) if there else "")
        return attrs.evolve(self, chain=told((self.chain or find()).home, said), vendor=sources)

    def install(self, say: Callable[[str], None]) -> None:
        """Fetch the sources of prebuilt crates into the user's cache; needs cargo and the network, once. Raises StageError."""
        if shutil.which("cargo") is None:
            say(f"rust: no cargo, so no crates are fetched; {INSTALL}")
            return
        vendor.install(say)

    def seeds(self) -> Sequence[Seed]:
        """The host and the runtime of tests."""
        return (harness(self._chain, 6 * self.build_timeout, self.build_memory_mb),)

    def seeds_of(self, task: Task) -> Sequence[Seed]:
        """The crates that a task lists, compiled; nothing where there are none, or where cargo compiles them."""
        made = _crate(task).manifest
        wanted = (*made.externs, *made.more)
        if not wanted or not self.vendor or self._is_plain(made):
            return ()
        return (crates(self._chain, wanted, self.vendor, 15 * self.build_timeout, 2 * self.build_memory_mb),)

    def adopt(self, task: Task) -> Task:
        """A task of the HumanEval family or an Exercism exercise as ours."""
        return adopted(task)

    def layout(self, candidate: Candidate) -> Mapping[str, str]:
        """The candidate's sources and the task's files; tests are laid later, by the commands that compile them."""
        crate = _crate(candidate.task)
        return {**crate.sources(candidate), **crate.own}

    def checks(self, candidate: Candidate) -> Sequence[Check]:
        """compile, test and lint; raises StageError for a task that cannot be judged."""
        crate = _crate(candidate.task)
        crate.expected()
        self._refuse_absent(crate)
        seen = _seen(crate, candidate)
        limits = Limits(self.build_timeout, self.build_memory_mb)
        plain = self._is_plain(crate.manifest)
        way = Plain(self._chain, limits, self._sources(crate)) if plain else Quick(self._chain, limits)
        build, lint = way.build(crate, seen)
        marks = (f"canary_{secrets.token_hex(8)}", f"canary_{secrets.token_hex(8)}")
        built = list(_built(crate, candidate, marks, seen))
        run = host(self._chain, crate.manifest, built, _told(crate, marks), self._limits(candidate.task))
        before = (build, *(way.tests(crate, each) for each in built))
        commands = {"compile": ((), build), "test": (before, run), "lint": ((), lint)}
        if seen.refused:
            commands["test"] = ((), build)
        return [
            Check(name, weight, commands[name][1], commands[name][0], name != "lint", METRICS[name])
            for name, weight in WEIGHTS.items()
        ]

    def parse(self, check: Check, done: Completed, candidate: Candidate) -> SuiteResult:
        """What is to be believed of a command's outcome."""
        crate = _crate(candidate.task)
        seen = _seen(crate, candidate)
        names = frozenset(crate.expected()) if check.name == "test" else frozenset()
        if seen.refused:
            return verdict.refused(seen.refused, names)
        if check.name != "test":
            return verdict.compiled(done, strict=check.name == "lint")
        if done.step < len(check.before):
            return attrs.evolve(verdict.compiled(done), built=False, failed=names)
        return verdict.of_host(done, check.command.stdin, names, only=bool(candidate.task.expected))

    @property
    def _chain(self) -> Toolchain:
        return self.chain or find()

    def _is_plain(self, made: Manifest) -> bool:
        """Whether cargo builds it. The prebuilt crates are made of our sources, not of those that somebody chose."""
        ours = self.vendor in {"", str(vendor.sources())}
        return self.plain or made.plain or bool(made.registry and not ours)

    def _sources(self, crate: Crate) -> str:
        return self.vendor if crate.manifest.registry else ""

    def _refuse_absent(self, crate: Crate) -> None:
        if crate.manifest.registry:
            why, todo = absent(crate.manifest.registry, self.vendor)
            if why:
                raise StageError(f"task {crate.task.id} needs the crate {why}; candidates never download", todo)

    def _limits(self, task: Task) -> Limits:
        meta = task.meta
        return Limits(float(meta.get("timeout", self.timeout)), int(meta.get("memory_mb", self.memory_mb)))


def _told(crate: Crate, marks: tuple[str, str]) -> str:
    """What the host reads: this run's key, whether ignored tests count, and the canaries."""
    ignored = "ignored" if crate.ignored_too or crate.task.expected else "plain"
    return "\n".join([secrets.token_hex(16), ignored, *marks, ""])


def _crate(task: Task) -> Crate:
    """A task is read once for all its candidates; known by what it says, as one that is adopted is made anew each time."""
    files, repo = tuple(sorted(task.files.items())), tuple(sorted(task.repo.items()))
    kind, linkage = str(task.meta.get("format", "")), bool(task.meta.get("linkage", False))
    return _read(task.id, task.tests, tuple(task.expected), task.entry, files, repo, kind, linkage)


@lru_cache(maxsize=256)
def _read(
    name: str, tests: str, expected: tuple[str, ...], entry: str, files: Texts, repo: Texts, kind: str, linkage: bool
) -> Crate:
    meta = {"format": kind, "linkage": linkage}
    return Crate.of(Task(name, "rust", "", tests, expected, entry, dict(files), dict(repo), meta))


def _seen(crate: Crate, candidate: Candidate) -> Suspicions:
    """What the candidate's own text says; what the task's repository has already is not looked at.

    A trait that is asked before the standard methods that the tests call is refused, but where the task asks for the trait.
    """
    own, repo = crate.sources(candidate), crate.task.repo
    changed = tuple((path, text) for path, text in sorted(own.items()) if repo.get(path) != text)
    tests = {each.path for each in crate.unit}  # lie there from the start, but are nobody's to include
    seen = _suspicions(changed, frozenset({*own, *crate.own}) - tests, bool(crate.task.meta["linkage"]))
    tested = [each.code for each in (*crate.tests, *crate.unit)]
    for trait, methods in seen.traits.items():
        called = [name for name in sorted(methods) if any(f".{name}(" in text for text in tested)]
        if called and not asked_for(trait, candidate.task.statement, tested):
            why = f"trait {trait} gives standard types a `{called[0]}` that the tests would call instead of theirs"
            return attrs.evolve(seen, refused=seen.refused or why)
    words = (
        {token.name for text in (*tested, candidate.task.statement) for token in tokens(text)} if seen.makers else set()
    )
    for function, kind in seen.makers.items():
        if function in words and kind not in words:
            why = f"{function} gives a {kind}, a type with operators of its own that the task does not ask for"
            return attrs.evolve(seen, refused=seen.refused or why)
    return seen


@lru_cache(maxsize=64)
def _suspicions(files: Texts, known: frozenset[str], linkage: bool) -> Suspicions:
    return suspicions(dict(files), known, linkage)


def _built(crate: Crate, candidate: Candidate, marks: tuple[str, str], seen: Suspicions) -> Sequence[Built]:
    """Each file of tests as a library, with all that is laid for it. The canaries are in the first."""
    made: list[Built] = []
    for place, each in enumerate((*crate.tests, *crate.unit)):
        inside = each in crate.unit
        old = crate.manifest.edition == "2015"
        made_of = crate.manifest
        text = _library(each.code, made_of.name, seen.wary, seen.wary and seen.blind, inside, old, made_of.names)
        text += "" if place else canaries(marks)
        text += "extern crate stagerun_rt;\n" if old and not inside else ""
        files = {f"stagerun-unit/{path}": code for path, code in {**crate.sources(candidate), **crate.own}.items()}
        beside = {**files, f"stagerun-unit/{each.path}": text} if inside else {**crate.beside, each.path: text}
        made.append(Built(each, beside, f"{OUT}/stagerun_{place}.so", each.stem if crate.separate else "-"))
    return made


@lru_cache(maxsize=512)
def _library(
    code: str, crate: str, wary: bool, blind: bool, inside: bool, old: bool, crates_of_tests: tuple[str, ...]
) -> str:
    return library(code, crate, wary, blind, inside, old, crates_of_tests)
