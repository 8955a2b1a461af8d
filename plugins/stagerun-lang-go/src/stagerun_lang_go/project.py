"""A candidate and its task as one Go module: which files are laid first, which tests last, what packages there are.

The task's files win. Of a candidate everything is left out that steers the toolchain or is no Go: its tests, go.mod, vendor
folder, linter configuration, assembly and C.
"""

from __future__ import annotations

import re
from collections.abc import Iterator, Mapping
from pathlib import PurePosixPath

from attrs import frozen

from stagerun.contracts import Candidate, Task
from stagerun_lang_go.conditions import holds
from stagerun_lang_go.module import Module, external, module_of, vendored
from stagerun_lang_go.names import BUILT
from stagerun_lang_go.source import Source, constrained, read

TEST = "_test.go"
ENTRY = "solution.go"
STEERS = frozenset({"go.mod", "go.sum", "go.work", "go.work.sum"})
_FOREIGN = ".s .S .c .cc .cpp .cxx .h .hh .hpp .hxx .m .f .F .for .f90 .swig .swigcxx .syso .a .o"
FOREIGN = frozenset(_FOREIGN.split())
_FOLDER = re.compile(r"[\w~+-][\w.~+-]*$", re.ASCII)


@frozen
class Project:
    """`files` are laid before everything, `tests` after the candidate has been compiled. Paths are relative to the root."""

    module: Module
    files: Mapping[str, str]
    tests: Mapping[str, str]
    foreign: frozenset[str]  # paths in `files` that the candidate wrote

    @property
    def sources(self) -> dict[str, Source]:
        """Go files that make packages, tests left out."""
        return {path: read(text) for path, text in self.files.items() if in_package(path)}

    @property
    def test_sources(self) -> dict[str, Source]:
        """The task's test files."""
        return {path: read(text) for path, text in self.tests.items()}

    def special(self) -> str:
        """Why only the go command can build this; empty when compiler and linker are enough."""
        if self.module.special:
            return "go.mod does more than name a module"
        if any(path.startswith("vendor/") for path in self.files):
            return "there is a vendor folder"
        every = {**self.sources, **self.test_sources}
        return next(filter(None, (self._unusual(path, source) for path, source in every.items())), "")

    def _unusual(self, path: str, source: Source) -> str:
        """What the compiler alone would get wrong about a file."""
        if constrained(path, source):
            return f"{path} is built under conditions"
        if source.directives & {"go:embed", "go:debug"}:
            return f"{path} embeds files or sets GODEBUG"
        if not all(_FOLDER.match(part) for part in PurePosixPath(path).parts):
            return f"{path} has a name that the compiler is not given"
        if any(self._forbidden(folder_of(path), each.path) for each in source.imports):
            return f"{path} imports what only its neighbours may import"
        return ""

    def _forbidden(self, folder: str, path: str) -> bool:
        """Whether Go, not the compiler, refuses an import of the module's own: a program, or an internal package of others."""
        if not self.module.owns(path):
            return False
        above, internal, _ = f"/{path}/".partition("/internal/")
        home = f"/{self.module.package(folder)}/"
        programs = {
            self.module.package(folder_of(at)) for at, source in self.sources.items() if source.package == "main"
        }
        return (bool(internal) and not home.startswith(f"{above}/")) or (path in programs and f"/{path}/" != home)


def project_of(candidate: Candidate, minor: int) -> Project:
    """Sort the files; raises StageError for a task that cannot be built."""
    task = candidate.task
    tests = {path: text for path, text in test_files(task).items() if holds(read(text), minor)}
    own = {path: text for path, text in {**task.repo, **task.files}.items() if not path.endswith(TEST)}
    kept = {path: text for path, text in _code(candidate, tests).items() if _admitted(path, own)}
    theirs = frozenset(path for path, text in kept.items() if path not in task.files and task.repo.get(path) != text)
    module = module_of(task, minor)
    steering = {path: text for path, text in own.items() if _steers(path)}
    files = {
        **kept,
        **steering,
        **{path: text for path, text in own.items() if path in task.files},
        "go.mod": module.text,
    }
    return Project(module, {**files, **_mains(files, tests)}, tests, theirs)


def test_files(task: Task) -> dict[str, str]:
    """Where each test file goes: those of the repository as it was, and the task's own."""
    entry = PurePosixPath(task.entry or ENTRY)
    files = {path: text for path, text in {**task.repo, **task.files}.items() if path.endswith(TEST)}
    if task.tests:
        files[str(entry.with_name(f"{entry.stem}{TEST}"))] = _with_package(
            task.tests, str(task.meta.get("test_setup", ""))
        )
    return files


def folder_of(path: str) -> str:
    """The folder of a path, empty for the root."""
    return path.rpartition("/")[0]


def in_package(path: str) -> bool:
    """Whether the go command would look at a file."""
    parts = PurePosixPath(path).parts
    hidden = any(part[0] in "._" or part == "testdata" for part in parts) or parts[0] == "vendor"
    return path.endswith(".go") and not path.endswith(TEST) and not hidden


def missing(project: Project, task: Task) -> Iterator[str]:
    """Modules from elsewhere that the task's own code imports and does not bring along."""
    own = {path: read(text) for path, text in {**task.repo, **task.files}.items() if path.endswith(".go")}
    for source in {**own, **project.test_sources}.values():
        for each in source.imports:
            if external(each.path) and not project.module.owns(each.path) and not vendored(project.files, each.path):
                yield each.path


def _code(candidate: Candidate, tests: Mapping[str, str]) -> dict[str, str]:
    """The candidate's files; a text without a package clause gets the one that its tests have."""
    entry = str(PurePosixPath(candidate.task.entry or ENTRY))
    code = {entry: candidate.code} if candidate.code or not candidate.files else {}
    files = {**candidate.files, **code}
    if code and entry.endswith(".go") and not read(candidate.code).package:
        beside = [read(text).package for path, text in tests.items() if folder_of(path) == folder_of(entry)]
        name = next((each.removesuffix("_test") for each in beside if each), "main")
        files[entry] = f"package {name}; {candidate.code}"
    return files


def _with_package(tests: str, setup: str) -> str:
    """A test text that is only functions gets a head."""
    if read(tests).package:
        return tests
    return f"{setup}\n{tests}" if setup else f'package main; import "testing"; {tests}'


def _admitted(path: str, own: Mapping[str, str]) -> bool:
    name = PurePosixPath(path).name
    foreign = PurePosixPath(path).suffix in FOREIGN and path not in own
    return not (path.endswith(TEST) or _steers(path) or foreign or path.partition("/")[0] == BUILT) and bool(name)


def _steers(path: str) -> bool:
    """Whether a file tells Go or the linter what to do."""
    name = PurePosixPath(path).name
    return name in STEERS or name.startswith(".golangci") or "vendor" in PurePosixPath(path).parts[:-1]


def _mains(files: Mapping[str, str], tests: Mapping[str, str]) -> dict[str, str]:
    """A `main` for programs that have none: functions to be tested are often written as `package main`."""
    sources = {path: read(text) for path, text in files.items() if in_package(path)}
    every = {**sources, **{path: read(text) for path, text in tests.items()}}
    folders = {folder_of(path) for path, source in sources.items() if source.package == "main"}
    have = {folder_of(path) for path, source in every.items() if source.package == "main" and "main" in source.declared}
    return {f"{folder}/stagerun_main.go".lstrip("/"): "package main\n\nfunc main() {}\n" for folder in folders - have}
