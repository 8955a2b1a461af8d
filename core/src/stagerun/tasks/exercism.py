"""Folders in Exercism's shape: `.meta/config.json` says which files are the solution, the tests, and the example.

The stub that a person would begin from is shown in the statement and kept in `meta`; the rest is for a language's `adopt`.
"""

from __future__ import annotations

import json
import re
from collections.abc import Iterator, Mapping
from contextlib import suppress
from pathlib import Path, PurePosixPath
from typing import Any

from stagerun.contracts.task import Task
from stagerun.errors import StageError
from stagerun.tasks.files import fault_of_path, read_below, read_text

FORMAT = "exercism"
CONFIG = ".meta/config.json"
_FILES = re.compile(r'"files"\s*:\s*(?=\{)')
STATEMENT = ("introduction.md", "introduction.append.md", "instructions.md", "instructions.append.md")


def is_exercise(folder: Path) -> bool:
    """Whether a folder is an exercise."""
    return (folder / CONFIG).is_file()


def exercises_of(track: Path) -> list[Path]:
    """The practice exercises of a whole track, in order; empty when the folder is none."""
    practice = track / "exercises" / "practice"
    return sorted(each for each in practice.iterdir() if is_exercise(each)) if practice.is_dir() else []


def read_exercise(folder: Path, name: str, language: str = "") -> Task:
    """The task. Its language is the track's slug where none is given; raises StageError."""
    named = files_named(folder, name)
    language = language or _slug(folder)
    if not language:
        raise StageError(f"{name} does not say its language", "give the stage's `language`")
    beside = ("test", "editor")
    helpers = _helpers(folder, named)
    stubs = {path: read_below(folder, path, name) for path in named["solution"] if (folder / path).exists()}
    return Task(
        id=f"{language}/{folder.name}",
        language=language,
        statement=_statement(folder, name, stubs),
        entry=named["solution"][0],
        files={path: read_below(folder, path, name) for path in (*named["test"], *named["editor"], *helpers)},
        meta={"format": FORMAT, "stubs": stubs, **{key: list(named[key]) for key in ("solution", *beside)}},
    )


def files_named(folder: Path, name: str) -> dict[str, tuple[str, ...]]:
    """What the configuration lists under solution, test, example (or exemplar) and editor; raises StageError."""
    place = f"{name}/{CONFIG}"
    files = _files(read_below(folder, CONFIG, name), place)
    if not isinstance(files, Mapping):
        raise StageError(f"{place} has no `files`", "expected files.solution, files.test and files.example")
    named = {key: _paths(files.get(key, []), f"{place}: files.{key}") for key in ("solution", "test", "editor")}
    named["example"] = _paths(files.get("example", files.get("exemplar", [])), f"{place}: files.example")
    for key in ("solution", "test"):
        if not named[key]:
            raise StageError(f"{place} has no files.{key}", "expected a list of at least one path")
    return named


def _helpers(folder: Path, named: Mapping[str, tuple[str, ...]]) -> list[str]:
    """Sources beside a solution that the configuration forgets, as Rust's `src/pre_implemented.rs`; never tests elsewhere."""
    known = {path for paths in named.values() for path in paths}
    found = []
    for path in map(PurePosixPath, named["solution"]):
        for other in sorted((folder / path.parent).glob(f"*{path.suffix}")) if path.suffix not in {"", ".toml"} else ():
            inner = (path.parent / other.name).as_posix()
            if inner not in known and not other.name.startswith(".") and other.is_file():
                found.append(inner)
    return list(dict.fromkeys(found))


def _files(text: str, place: str) -> Any:
    """The `files` table. Real tracks have configurations with a comma missing elsewhere; that table alone is read then."""
    try:
        config = json.loads(text)
        return config.get("files") if isinstance(config, dict) else None
    except (ValueError, RecursionError) as error:
        alone = _FILES.search(text)
        with suppress(ValueError, RecursionError):
            return json.JSONDecoder().raw_decode(text, alone.end())[0] if alone else None
        raise StageError(f"{place} is not JSON ({error})", "expected Exercism's config.json") from None


def _paths(value: Any, place: str) -> tuple[str, ...]:
    if not isinstance(value, list) or not all(isinstance(each, str) for each in value):
        raise StageError(f"{place} is no list of paths", 'expected something like ["src/lib.rs"]')
    for path in value:
        if fault := fault_of_path(path):
            raise StageError(f"{place} has {path!r}: {fault}", "expected paths below the exercise")
    return tuple(value)


def _slug(folder: Path) -> str:
    """What the track's own configuration calls it: the folder above `exercises/practice`."""
    for above in folder.absolute().parents[2:3]:
        path = above / "config.json"
        if path.is_file():
            try:
                return str(json.loads(read_text(path, str(path))).get("slug", ""))
            except (ValueError, AttributeError, RecursionError, StageError):
                return ""
    return ""


def _statement(folder: Path, name: str, stubs: Mapping[str, str]) -> str:
    docs = folder / ".docs"
    parts = [read_below(folder, f".docs/{each}", name).strip() for each in STATEMENT if (docs / each).is_file()]
    return "\n\n".join([*parts, *_shown(stubs)]) + "\n"


def _shown(stubs: Mapping[str, str]) -> Iterator[str]:
    for path, text in stubs.items():
        fence = "`" * max(3, 1 + max((len(run) for run in _ticks(text)), default=0))
        yield f"`{path}` begins as:\n\n{fence}\n{text.strip()}\n{fence}"


def _ticks(text: str) -> list[str]:
    return [run for run in "".join(each if each == "`" else " " for each in text).split() if run]


def example_of(folder: Path, name: str) -> dict[str, str]:
    """The exercise's own solution by the path it is laid at; empty when it has none.

    Each example goes to the solution file of the same ending that comes next; `Cargo-example.toml` and the like count.
    """
    named = files_named(folder, name)
    left, found = list(named["solution"]), {}
    for path in named["example"]:
        place = next((each for each in left if PurePosixPath(each).suffix == PurePosixPath(path).suffix), None)
        if place is None:  # a helper beside the solution: it keeps its own name
            place = PurePosixPath(path).name
        else:
            left.remove(place)
        found[place] = read_below(folder, path, name)
    return found
