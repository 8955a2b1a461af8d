"""Languages as the judge knows them: what their tools said, what is missing, their seeds, and all that a verdict depends on.

Each language is looked at once, when the first candidate in it comes: probes run in the sandbox like any command.
"""

from __future__ import annotations

import hashlib
import json
import sys
from collections.abc import Callable, Mapping, Sequence
from pathlib import Path
from threading import Lock
from typing import Any

import attrs
from attrs import field, frozen

from stagerun.contracts import Command, Completed, Evaluator, Seed, Task, Tool
from stagerun.errors import StageError

Run = Callable[[Sequence[Command]], Sequence[Completed]]
Build = Callable[[str, Any, Mapping[str, str], str], str]  # language, seed, seeds so far, versions -> its folder


@frozen
class ToolReport:
    """What is known of a tool: whether it is there, the first line its probe printed, the line that installs it, what is
    lacking without it where that is not a check."""

    name: str
    found: bool
    version: str
    install: str
    optional: bool
    lack: str = ""


@frozen
class Language:
    """An evaluator that is ready, the folders of its seeds, a digest of code and tools, and what its tools said of themselves."""

    evaluator: Evaluator
    tools: tuple[ToolReport, ...] = ()
    seeds: Mapping[str, str] = field(factory=dict)
    digest: str = ""
    versions: str = ""

    @property
    def missing(self) -> tuple[str, ...]:
        """Names of optional tools that are not there and cost a check."""
        return tuple(tool.name for tool in self.tools if not tool.found and not tool.lack)


class Languages:
    """Finds languages by name. `run` runs probes, `build` makes a seed's folder."""

    def __init__(self, resolve: Callable[[str], Evaluator], run: Run, build: Build) -> None:
        self._resolve, self._run, self._build = resolve, run, build
        self._known: dict[str, Language] = {}
        self._made: dict[
            tuple[str, str], str | StageError
        ] = {}  # by language and seed: its folder, or why there is none
        self._lock = Lock()

    def get(self, name: str) -> Language:
        """A language that can be judged; raises StageError when a tool it needs is missing, and what the resolver raises."""
        with self._lock:
            if name not in self._known:
                self._known[name] = self._ready(name)
            return self._known[name]

    def of(self, task: Task, language: Language) -> Language:
        """The language with the seeds that only some tasks need, built with the first of them; raises StageError."""
        needed = getattr(language.evaluator, "seeds_of", lambda _: ())(task)
        if not needed:
            return language
        with self._lock:
            more = {seed.name: self._built(seed, task.language, language) for seed in needed}
        return attrs.evolve(language, seeds={**language.seeds, **more})

    def _built(self, seed: Seed, name: str, language: Language) -> str:
        """Its folder. One that cannot be built is not tried again with the next task."""
        key = (name, seed.name)
        if key not in self._made:
            try:
                self._made[key] = self._build(name, seed, language.seeds, language.versions)
            except StageError as error:
                self._made[key] = error
        made = self._made[key]
        if isinstance(made, StageError):
            raise made
        return made

    def tools(self, name: str) -> Sequence[ToolReport]:
        """What is there of a language's tools; raises what the resolver raises."""
        return self._probed(self._resolve(name))[0]

    def _probed(self, evaluator: Evaluator) -> tuple[tuple[ToolReport, ...], dict[str, Completed]]:
        tools = evaluator.tools()
        said = dict(zip((tool.name for tool in tools), self._run([tool.probe for tool in tools]), strict=True))
        return tuple(_report(tool, said[tool.name]) for tool in tools), said

    def _ready(self, name: str) -> Language:
        evaluator = self._resolve(name)
        reports, said = self._probed(evaluator)
        if gone := [report for report in reports if not report.found and not report.optional]:
            what = f"language {name}: {gone[0].name} was not found ({gone[0].version or 'its probe failed'})"
            raise StageError(what, f"install it: {gone[0].install}" if gone[0].install else "install it")
        evaluator = getattr(evaluator, "ready", lambda _: evaluator)(said)
        versions = json.dumps({tool: done.stdout for tool, done in said.items()}, sort_keys=True)
        seeds: dict[str, str] = {}
        for seed in getattr(evaluator, "seeds", tuple)():
            seeds[seed.name] = self._build(name, seed, seeds, versions)
        return Language(evaluator, reports, seeds, _digest(evaluator, versions), versions)


def _report(tool: Tool, done: Completed) -> ToolReport:
    found = done.returncode == 0
    lines = (done.stdout if found else done.stderr or done.stdout).strip().splitlines()
    return ToolReport(tool.name, found, lines[0][:200] if lines else "", tool.install, tool.optional, tool.lack)


def _digest(evaluator: Evaluator, versions: str) -> str:
    """Of everything beside the candidate that a verdict depends on: the language's code and options, its tools."""
    options = attrs.asdict(evaluator) if attrs.has(type(evaluator)) else repr(evaluator)  # type: ignore[arg-type]
    text = json.dumps([evaluator.scoring, options, versions, _code(type(evaluator))], default=str, sort_keys=True)
    return hashlib.sha256(text.encode()).hexdigest()


def _code(cls: type) -> list[object]:
    """Name, size and time of every file of the package that a class is in."""
    file = getattr(sys.modules.get(cls.__module__.partition(".")[0]), "__file__", None)
    if file is None:
        return [cls.__qualname__]
    origin = Path(file)
    files = sorted(origin.parent.rglob("*")) if origin.name == "__init__.py" else [origin]
    stats = [(path, path.stat()) for path in files if path.is_file() and path.suffix != ".pyc"]
    return [[str(path), found.st_size, found.st_mtime_ns] for path, found in stats]
