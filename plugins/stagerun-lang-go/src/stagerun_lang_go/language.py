"""Go: a candidate is compiled, vetted, tested and, where golangci-lint is there, linted.

A task's tests are `*_test.go` files among its `files`, or the text in `tests`; what a candidate brings of that kind is left out.
What is believed is only what came over the private channel from a test program in which the harness starts before the candidate:
every named test passed once, canaries failed. `go test` itself would call a test passed whose process ended with code 0.
Benchmarks and fuzz tests are not run; tests count as a whole, their subtests show in diagnostics.
"""

from __future__ import annotations

import re
from collections.abc import Iterator, Mapping, Sequence

import attrs
from attrs import field, frozen

from stagerun.contracts import Candidate, Check, Command, Completed, Diagnostic, Seed, SuiteResult, Tool
from stagerun.errors import StageError
from stagerun_lang_go import lint, said
from stagerun_lang_go.direct import Direct
from stagerun_lang_go.names import program
from stagerun_lang_go.order import Cycle
from stagerun_lang_go.plain import Plain
from stagerun_lang_go.policy import Rules, refusals
from stagerun_lang_go.project import Project, folder_of, missing, project_of
from stagerun_lang_go.report import FAILED, PASSED, SKIPPED, Report, key_of, secret_words
from stagerun_lang_go.source import read
from stagerun_lang_go.suite import Suite, suites_of
from stagerun_lang_go.toolchain import Toolchain, found, seed, tools

WEIGHTS = {"compile": 0.1, "vet": 0.05, "test": 0.8, "lint": 0.05}
SCORING = "go-1"  # raise when WEIGHTS or the meaning of a share change: scores of two versions are not comparable
NO_LINT = "go-1-nolint"  # golangci-lint is not there: its weight goes to the others
METRICS = {
    "compile": "go_build_pass_rate",
    "vet": "go_vet_clean_rate",
    "test": "go_test_pass_rate",
    "lint": "golangci_clean_rate",
}
TOOL_SECONDS, TOOL_MEMORY = 30.0, 2048  # of compiler, linker, vet
LATEST = 26  # the Go that is assumed until the real one has been asked
_NUMBER = re.compile(r"tests(\d+)$")


@frozen
class Go:
    """`timeout` is in CPU seconds and `memory_mb` in MiB for each test program; a task's `meta` may set either for itself.

    `plain`: always the go command itself, never compiler and linker directly; the same verdicts, more slowly.
    """

    name: str = "go"
    suffixes: tuple[str, ...] = (".go",)
    timeout: float = 10.0
    memory_mb: int = 1024
    plain: bool = False
    toolchain: Toolchain = field(factory=Toolchain)

    @property
    def scoring(self) -> str:
        """The version of its weights, which differ without golangci-lint."""
        return SCORING if self.toolchain.lint else NO_LINT

    def tools(self) -> Sequence[Tool]:
        """go, and golangci-lint, which is optional."""
        return tools()

    def ready(self, found_by_probes: Mapping[str, Completed]) -> Go:
        """The same with the toolchain that is there."""
        return attrs.evolve(self, toolchain=found(found_by_probes))

    def seeds(self) -> Sequence[Seed]:
        """The compiled standard library."""
        return (seed(self.toolchain),)

    def layout(self, candidate: Candidate) -> Mapping[str, str]:
        """The candidate's files, what steers the toolchain left out, then the task's, which win; tests come later."""
        return self._project(candidate).files

    def checks(self, candidate: Candidate) -> Sequence[Check]:
        """Compile, vet, lint, and a test check for each folder with tests; raises StageError for a task that cannot be judged."""
        project = self._project(candidate)
        suites = suites_of(candidate.task, project)
        for path in missing(project, candidate.task):
            raise StageError(
                f"task {candidate.task.id} needs the module {path}", "vendor it: files below vendor/, and go.mod"
            )
        try:
            return list(self._checks(candidate, project, suites))
        except Cycle as cycle:
            return list(self._nothing(suites, f"import cycle not allowed: {cycle}"))

    def parse(self, check: Check, done: Completed, candidate: Candidate) -> SuiteResult:
        """Believe a compiler's exit code, as no candidate's code runs in it, and of a test program the report only."""
        project = self._project(candidate)
        refused = tuple(self._refused(project, candidate))
        if check.name == "test":
            return self._tested(check, done, candidate, project, refused)
        if refused or done.returncode != 0 or done.step < len(check.before):
            told = said.compiled(done.stdout + done.stderr, "go build")
            return SuiteResult(built=False, diagnostics=refused or told, out_of_memory=said.out_of_memory(done.stderr))
        silencers = tuple(lint.silencers(project)) if check.name == "lint" else ()
        return _static(check, done, silencers) if check.name != "compile" else SuiteResult()

    def _project(self, candidate: Candidate) -> Project:
        return project_of(candidate, self.toolchain.minor or LATEST)

    def _checks(self, candidate: Candidate, project: Project, suites: Sequence[Suite]) -> Iterator[Check]:
        maker = self._maker(project)
        compiling = maker.compile()
        yield self._check("compile", 1.0, compiling[:-1], compiling[-1]) if compiling else self._empty()
        yield self._check("vet", 1.0, compiling, maker.vet())
        if self.toolchain.lint:
            yield self._check("lint", 1.0, compiling, lint.command(self.toolchain, TOOL_SECONDS, TOOL_MEMORY))
        total = sum(len(suite.cases) for suite in suites)
        for number, suite in enumerate(suites):
            words = secret_words(len(suite.cases))
            before = (*compiling, *maker.test_program(suite, number, key_of(words)))
            yield self._check("test", len(suite.cases) / total, before, self._run(candidate, project, number, words))

    def _maker(self, project: Project) -> Direct | Plain:
        plain = self.plain or project.special()
        return (Plain if plain else Direct)(self.toolchain, project, TOOL_SECONDS, TOOL_MEMORY)

    def _check(self, name: str, part: float, before: Sequence[Command], command: Command) -> Check:
        kept = 1.0 if self.toolchain.lint else 1.0 - WEIGHTS["lint"]
        return Check(
            name,
            WEIGHTS[name] / kept * part,
            command,
            tuple(before),
            required=name in {"compile", "test"},
            metric=METRICS[name],
        )

    def _run(self, candidate: Candidate, project: Project, number: int, words: str) -> Command:
        """The test program; the texts of the tests are laid over with nothing, as a candidate could read them by then."""
        meta = candidate.task.meta
        memory = int(meta.get("memory_mb", self.memory_mb))
        return Command(
            argv=(program(number),),
            timeout=float(meta.get("timeout", self.timeout)),
            memory_mb=memory,
            environ={"GOMAXPROCS": "2", "GOMEMLIMIT": f"{memory * 3 // 4}MiB"},
            stdin=words,
            files=dict.fromkeys(project.tests, ""),
        )

    def _nothing(self, suites: Sequence[Suite], why: str) -> Iterator[Check]:
        """Checks that fail with a reason, for what no compiler is asked about."""
        command = Command(("sh", "-c", 'echo "$0" >&2; exit 1', why))
        for name in ("compile", "vet", *(("lint",) if self.toolchain.lint else ())):
            yield self._check(name, 1.0, (), command)
        for number in range(len(suites)):
            last = Command((program(number),), stdin=secret_words(len(suites[number].cases)))
            yield self._check("test", 1.0 / len(suites), (command,), last)

    def _empty(self) -> Check:
        return self._check("compile", 1.0, (), Command(("sh", "-c", 'echo "no Go files" >&2; exit 1')))

    def _refused(self, project: Project, candidate: Candidate) -> Iterator[Diagnostic]:
        """What the policy has against the candidate's own files."""
        tested: dict[str, frozenset[str]] = {}
        for path, source in project.test_sources.items():
            tested[folder_of(path)] = tested.get(folder_of(path), frozenset()) | source.leans_on
        theirs = {path: read(project.files[path]) for path in sorted(project.foreign) if path.endswith(".go")}
        reflects = any(each.path == "reflect" for source in theirs.values() for each in source.imports)
        unsafe, tests = bool(candidate.task.meta.get("unsafe")), frozenset(project.tests)
        rules = Rules(unsafe, project.module.path, tested, tests, reflects)
        for path, source in theirs.items():
            yield from refusals(path, source, rules)

    def _tested(
        self, check: Check, done: Completed, candidate: Candidate, project: Project, refused: tuple[Diagnostic, ...]
    ) -> SuiteResult:
        suite = suites_of(candidate.task, project)[_number(check)]
        names = [case.name for case in suite.cases]
        special = project.special()
        note = (Diagnostic("", 0, f"built by the go command: {special}", "note", tool="go"),) if special else ()
        if refused or done.step < len(check.before):
            told = refused or said.compiled(done.stdout + done.stderr, "go build")
            return SuiteResult(failed=frozenset(names), built=False, diagnostics=(*told, *note))
        report = Report.read(done.report, check.command.stdin, len(names))
        left = done.returncode == 0 and not report.whole
        passed = report.names(names, PASSED) if report.canary and not report.forged else frozenset()
        return SuiteResult(
            passed=passed,
            failed=frozenset(names) - passed,
            built=bool(report.outcomes),
            tampered=report.forged or left,
            out_of_memory=said.out_of_memory(done.stderr),
            diagnostics=(*_why(report, names, done, left=left), *note),
        )


def _why(report: Report, names: Sequence[str], done: Completed, *, left: bool) -> tuple[Diagnostic, ...]:
    """Why tests did not pass: what they printed, what was skipped, how the program ended."""
    found = list(said.tested(done.stdout, report.names(names, FAILED)))
    found += [Diagnostic("", 0, f"{name} was skipped", tool="go test") for name in sorted(report.names(names, SKIPPED))]
    ended = said.crash(done.stderr) or said.crash(done.stdout)
    if report.forged:
        found.insert(0, Diagnostic("", 0, "the report was forged, or the program's code was changed", tool="go test"))
    elif left:
        found.insert(0, Diagnostic("", 0, "the program ended itself before its tests had reported", tool="go test"))
    elif not report.whole:
        found.append(Diagnostic("", 0, ended or "the program ended before its tests had reported", tool="go test"))
    return tuple(found)


def _static(check: Check, done: Completed, silencers: tuple[Diagnostic, ...]) -> SuiteResult:
    """What vet or golangci-lint found, and what would keep it from finding more."""
    told = said.vetted(done.stdout or done.stderr) if check.name == "vet" else lint.linted(done.stdout)
    if told is None:
        return SuiteResult(built=False, diagnostics=said.compiled(done.stderr or done.stdout, f"go {check.name}"))
    told = (*told, *silencers)
    return SuiteResult(built=not told, diagnostics=told)  # names in `failed` are those of tests


def _number(check: Check) -> int:
    match = _NUMBER.search(check.command.argv[-1])
    return int(match.group(1)) if match else 0
