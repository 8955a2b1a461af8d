"""A task and a candidate put together: which files make the crate, which are tests, what counts. Pure text work.

The candidate gives sources. Cargo.toml and Cargo.lock, build scripts, cargo's and clippy's configuration, toolchain files and
everything below tests/, benches/ and examples/ are the task's alone; the candidate's are left out and never looked at.
"""

from __future__ import annotations

from collections.abc import Iterator, Mapping, Sequence
from pathlib import PurePosixPath

from attrs import frozen

from stagerun.contracts import Candidate, Task
from stagerun.errors import StageError
from stagerun_evaluators.rust.manifest import Manifest, manifest
from stagerun_evaluators.rust.rewrite import TestFile, has_tests, mentions, paths_of_tests, shows_main
from stagerun_evaluators.rust.tokens import Token, edited, group_end, spells, tokens

OWNED = frozenset(
    {"Cargo.toml", "Cargo.lock", "build.rs", "clippy.toml", ".clippy.toml", "rust-toolchain", "rust-toolchain.toml"}
)
OWNED_FOLDERS = frozenset(
    {
        ".cargo",
        "tests",
        "benches",
        "examples",
        "target",
        "stagerun-out",
        "stagerun-tests",
        "stagerun-unit",
        "stagerun-libs",
    }
)
ITEMS = frozenset(
    {"fn", "struct", "enum", "union", "const", "static", "type", "trait", "mod", "use", "async", "unsafe", "extern"}
)
ONE_TEST_FILE = "tests/solution.rs"


@frozen
class Crate:
    """`tests` are the roots of test crates, `beside` what is laid with them, `unit` the task's test files inside the crate."""

    task: Task
    manifest: Manifest
    tests: tuple[TestFile, ...]
    beside: Mapping[str, str]
    unit: tuple[TestFile, ...]
    inline: bool  # tests are written to stand in the candidate's own file

    @classmethod
    def of(cls, task: Task) -> Crate:
        """Read a task; raises StageError for one that cannot be judged."""
        files = {str(PurePosixPath(path)): text for path, text in task.files.items()}
        if task.tests.strip():
            files[ONE_TEST_FILE] = task.tests
        if not any(path.endswith(".rs") and has_tests(text) for path, text in files.items()):
            files = {**{path: text for path, text in task.repo.items() if _is_test(path)}, **files}
        roots = tuple(TestFile(path, files[path]) for path in sorted(_roots(files)))
        unit = tuple(TestFile(path, text) for path, text in sorted(files.items()) if _is_unit(path, text))
        if not roots and not unit:
            raise StageError(f"task {task.id} has no test", "give it a file below tests/ with functions marked #[test]")
        found = manifest(task, {**task.repo, **files}.get("Cargo.toml", ""), {each.path: each.code for each in roots})
        beside = {path: text for path, text in {**task.repo, **files}.items() if _is_test(path)}
        inline = bool(roots) and not any(mentions(each.code, found.name) for each in roots)
        return cls(task, found, roots, beside, unit, inline)

    @property
    def own(self) -> Mapping[str, str]:
        """The task's files that a candidate neither gives nor changes, without its tests.

        A Cargo.lock would ask for other versions of crates than those that are here.
        """
        task, left = self.task, {"Cargo.lock"} if self.manifest.registry else set()
        kept = {path: text for path, text in task.repo.items() if _is_owned(path)}
        given = {str(PurePosixPath(path)): text for path, text in task.files.items()}
        own = {path: text for path, text in {**kept, **given}.items() if not _is_test(path) and path not in left}
        return own | {"Cargo.toml": self.manifest.text}

    def sources(self, candidate: Candidate) -> dict[str, str]:
        """The candidate's own files, without those it has no say in."""
        code = {self.entry: candidate.code} if candidate.code or not candidate.files else {}
        given = {str(PurePosixPath(path)): text for path, text in {**candidate.files, **code}.items()}
        kept = {path: text for path, text in given.items() if not _is_owned(path) and path not in self.own}
        if self.inline and self.manifest.root in kept:
            kept[self.manifest.root] = public(
                kept[self.manifest.root], bool(self.task.meta.get("format") == "humaneval")
            )
        return kept

    @property
    def entry(self) -> str:
        """Where a candidate of one text goes."""
        return str(PurePosixPath(self.task.entry or self.manifest.root))

    @property
    def separate(self) -> bool:
        """Whether names of tests need the name of their file: two files have one of the same name."""
        names = [name for each in self.tests for name, _ in paths_of_tests(each.code)]
        return len(set(names)) != len(names)

    @property
    def ignored_too(self) -> bool:
        """Exercism marks all tests but the first as ignored, for a person to take one by one."""
        return self.task.meta.get("format") == "exercism"

    def expected(self) -> list[str]:
        """Names of tests that must appear; raises StageError for one that the task names and no file has."""
        apart = self.separate
        shown = [
            (f"{each.stem}::{name}" if apart else name, ignored)
            for each in self.tests
            for name, ignored in paths_of_tests(each.code)
        ]
        if not self.task.expected:
            return [name for name, ignored in shown if self.ignored_too or not ignored]
        missing = [name for name in self.task.expected if name not in dict(shown)]
        if missing and not self.unit and all(paths_of_tests(each.code) for each in self.tests):
            have = ", ".join(name for name, _ in shown[:10])
            raise StageError(f"task {self.task.id}: expected test {missing[0]} is not in its tests; found {have}")
        return list(dict.fromkeys(self.task.expected))


def _is_test(path: str) -> bool:
    return path.startswith("tests/")


def _is_owned(path: str) -> bool:
    parts = PurePosixPath(path).parts
    return parts[0] in OWNED_FOLDERS or parts[-1] in OWNED


def _is_unit(path: str, text: str) -> bool:
    return path.startswith("src/") and path.endswith(".rs") and bool(paths_of_tests(text)) and not shows_main(text)


def _roots(files: Mapping[str, str]) -> Iterator[str]:
    """Files that are crates of tests: below tests/ as cargo finds them, and test files that lie elsewhere but in src/."""
    shown = {
        path for path, text in files.items() if path.endswith(".rs") and not path.startswith("src/") and has_tests(text)
    }
    real = {path for path in shown if not shows_main(files[path])} or shown
    for path in real:
        parts = PurePosixPath(path).parts
        if parts[0] != "tests" or len(parts) == 2 or (len(parts) == 3 and parts[2] == "main.rs"):
            yield path


def _stays_private(found: Sequence[Token], at: int) -> bool:
    """Items that take no `pub`."""
    return any(spells(found, at, *words) for words in (("unsafe", "impl"), ("extern", "crate"), ("const", "_")))


def public(code: str, closed: bool = False) -> str:
    """The code with every item at its top level public, for tests that were written to stand in the same file.

    `closed`: a last brace that is missing is added, as rows of the HumanEval family leave it to their tests.
    """
    found = tokens(code)
    edits: list[tuple[int, int, str]] = []
    at, fresh = 0, True
    while at < len(found):
        token = found[at]
        if spells(found, at, "#"):
            at = group_end(found, at + (2 if spells(found, at + 1, "!") else 1))
            continue
        if fresh and spells(found, at, "pub", "("):
            end = group_end(found, at + 1)
            edits.append((token.start, found[end - 1].end, "pub"))
            at, fresh = end, False
            continue
        if fresh and token.kind == "word" and token.text in ITEMS and not _stays_private(found, at):
            edits.append((token.start, token.start, "pub "))
        fresh = False
        if token.kind == "mark" and token.text in "{([":
            at = group_end(found, at)
            fresh = token.text == "{"
            continue
        fresh = token.text == ";"
        at += 1
    marks = [token.text for token in found if token.kind == "mark"]
    tail = "\n}\n" if closed and marks.count("{") == marks.count("}") + 1 else ""
    return edited(code, edits) + tail
