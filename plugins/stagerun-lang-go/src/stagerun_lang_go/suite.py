"""The tests of a task, by folder: one test program each, and the names that must be seen to pass."""

from __future__ import annotations

from collections import Counter
from collections.abc import Mapping

import attrs
from attrs import frozen

from stagerun.contracts import Task
from stagerun.errors import StageError
from stagerun_lang_go.examples import Example, examples
from stagerun_lang_go.project import TEST, Project, folder_of
from stagerun_lang_go.source import Source


@frozen
class Case:
    """One test. `name` is what it is called in verdicts, `function` in Go; `outer`: it is in package x_test."""

    name: str
    function: str
    outer: bool
    example: Example | None = None


@frozen
class Suite:
    """What is tested in one folder. `inner` files are of the package itself, `outer` ones of package x_test."""

    folder: str
    package: str  # the name in the package clause, without _test
    inner: tuple[str, ...]
    outer: tuple[str, ...]
    cases: tuple[Case, ...]
    main: str = ""  # the file with a TestMain
    main_outer: bool = False


def suites_of(task: Task, project: Project) -> list[Suite]:
    """Every folder with tests that count; raises StageError when there is none or one that is expected is not there."""
    sources = project.test_sources
    for path, source in sources.items():
        if source.broken:
            raise StageError(f"task {task.id}: its test file {path} is not Go", "mend the task")
    folders = sorted({folder_of(path) for path in sources})
    cases = _named({folder: _cases(folder, sources) for folder in folders})
    wanted = _wanted(task, {case.name: folder for folder, each in cases.items() for case in each})
    chosen = {folder: [case for case in each if case.name in wanted] for folder, each in cases.items()}
    return [_suite(folder, sources, each) for folder, each in chosen.items() if each]


def _named(cases: Mapping[str, list[Case]]) -> dict[str, list[Case]]:
    """The same, but a name that stands in two folders has its folder in front."""
    counts = Counter(case.name for each in cases.values() for case in each)

    def name(case: Case, folder: str) -> str:
        return f"{folder or '.'}/{case.name}" if counts[case.name] > 1 else case.name

    return {folder: [attrs.evolve(case, name=name(case, folder)) for case in each] for folder, each in cases.items()}


def _wanted(task: Task, named: Mapping[str, str]) -> frozenset[str]:
    if task.expected:
        for name in task.expected:
            if name not in named:
                there = ", ".join(named) or "none"
                raise StageError(
                    f"task {task.id}: expected test {name} is not in its tests; found {there}", "mend `expected`"
                )
        return frozenset(task.expected)
    own = {folder_of(path) for path in task.files if path.endswith(TEST)} | (
        {folder_of(task.entry)} if task.tests else set()
    )
    wanted = frozenset(name for name, folder in named.items() if folder in own or not own)
    if not wanted:
        raise StageError(
            f"task {task.id} has no test", "give it functions `func TestX(t *testing.T)` in files *_test.go"
        )
    return wanted


def _cases(folder: str, sources: Mapping[str, Source]) -> list[Case]:
    found = []
    for path, source in sources.items():
        if folder_of(path) == folder:
            outer = source.package.endswith("_test")
            found += [Case(name, name, outer) for name in source.tests()]
            found += [Case(each.name, each.name, outer, each) for each in examples(source)]
    return found


def _suite(folder: str, sources: Mapping[str, Source], cases: list[Case]) -> Suite:
    here = {path: source for path, source in sources.items() if folder_of(path) == folder}
    outer = tuple(path for path, source in here.items() if source.package.endswith("_test"))
    inner = tuple(path for path in here if path not in outer)
    names = [source.package.removesuffix("_test") for source in here.values()]
    main = next((path for path, source in here.items() if source.has_main), "")
    return Suite(folder, names[0], inner, outer, tuple(cases), main, main in outer)
