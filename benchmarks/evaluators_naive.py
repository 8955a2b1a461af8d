"""Judging as a person would script it: a fresh folder for each candidate, one subprocess for each check, exit codes.

Nothing is kept from one candidate to the next, but for Go, whose build cache is warm: without it a single test takes half a
minute, which would flatter us. No isolation, no limits. Configuration is what `npm init`, `cargo init` and the like lead to.
"""

from __future__ import annotations

import json
import os
import shutil
import signal
import subprocess
import tempfile
from collections.abc import Mapping, Sequence
from contextlib import suppress
from pathlib import Path
from typing import Any

from attrs import field, frozen

from benchmarks import evaluators_peers as peers
from benchmarks.evaluators_candidates import files_of
from benchmarks.evaluators_cpu import Spent, measured_children
from benchmarks.evaluators_launch import lay
from benchmarks.tools import VENVS
from stagerun.contracts import Candidate

LONGEST = 60.0  # seconds for one command
ENTRY = {"python": "solution.py", "rust": "src/lib.rs", "typescript": "solution.ts", "go": "solution.go"}
TEST = "test"


@frozen
class Naive:
    """`commands` by check; `{python}` and the like are filled in already. `files` are laid unless the task has its own."""

    commands: Mapping[str, tuple[str, ...]]
    files: Mapping[str, str] = field(factory=dict)
    environ: Mapping[str, str] = field(factory=dict)
    modules: str = ""  # a node_modules folder to link
    warm: bool = False  # its caches are kept: every task is judged once before any is measured

    def described(self) -> str:
        """The command lines, for the page."""
        return ", ".join(f"`{' '.join([Path(argv[0]).name, *argv[1:]])}`" for argv in self.commands.values())


@frozen
class Outcome:
    """What one candidate cost, and which checks exited with 0."""

    spent: Spent
    clean: frozenset[str]


def judge(naive: Naive, candidate: Candidate) -> Outcome:
    """Lay out, run every check, remove."""
    clean: set[str] = set()
    with measured_children() as spent:
        folder = Path(tempfile.mkdtemp(prefix="naive-"))
        try:
            lay(folder, {**_scaffold(naive, candidate), **files_of(candidate, ENTRY[candidate.task.language])})
            if naive.modules:
                (folder / "node_modules").symlink_to(naive.modules)
            for check, argv in naive.commands.items():
                if _run(argv, folder, naive.environ) == 0:
                    clean.add(check)
        finally:
            shutil.rmtree(folder, ignore_errors=True)
    return Outcome(spent, frozenset(clean))


def _scaffold(naive: Naive, candidate: Candidate) -> Mapping[str, str]:
    if candidate.task.language != "rust":
        return naive.files
    from stagerun_evaluators.rust.crate import Crate

    return {"Cargo.toml": Crate.of(candidate.task).manifest.text}  # its name is what the tests use


def _run(argv: Sequence[str], folder: Path, environ: Mapping[str, str]) -> int:
    """The exit code; what takes too long is ended with all it started."""
    with subprocess.Popen(
        argv,
        cwd=folder,
        env={**os.environ, **environ},
        stdin=subprocess.DEVNULL,
        stdout=subprocess.PIPE,
        stderr=subprocess.STDOUT,
        start_new_session=True,
    ) as process:
        try:
            process.communicate(timeout=LONGEST)
        except subprocess.TimeoutExpired:
            with suppress(ProcessLookupError):
                os.killpg(process.pid, signal.SIGKILL)
            process.communicate()
        return process.returncode


def way(language: str) -> Naive:
    """The naive way for a language; what it needs is installed first."""
    known = {"python": _python, "rust": _rust, "typescript": _typescript, "go": _go}
    return known[language]()


def _python() -> Naive:
    python = peers.naive_python()
    ruff = str(Path(python).with_name("ruff"))
    return Naive(
        {
            TEST: (python, "-m", "pytest", "-q"),
            "types": (python, "-m", "mypy", "solution.py"),
            "lint": (ruff, "check", "."),
        }
    )


def _rust() -> Naive:
    return Naive({"compile": ("cargo", "check"), TEST: ("cargo", "test"), "lint": ("cargo", "clippy")})


def _typescript() -> Naive:
    from stagerun_evaluators.typescript.toolchain import SHIPPED

    packages = json.loads((SHIPPED / "package.json").read_text(encoding="utf-8"))["dependencies"]
    modules = peers.node_modules(packages)
    files = {
        "package.json": json.dumps(
            {"private": True, "jest": {"preset": "ts-jest", "testEnvironment": "node", "cacheDirectory": ".jest-cache"}}
        ),
        "tsconfig.json": json.dumps({"compilerOptions": _OPTIONS}),
        "eslint.config.mjs": _ESLINT,
    }
    commands = {
        "types": ("npx", "tsc", "--noEmit"),
        TEST: ("npx", "jest"),
        "lint": ("npx", "eslint", "."),
    }
    return Naive(commands, files, modules=str(modules))


_OPTIONS: Mapping[str, Any] = {
    "target": "ES2022",
    "module": "CommonJS",
    "strict": True,
    "esModuleInterop": True,
    "skipLibCheck": True,
    "resolveJsonModule": True,
    "types": ["node", "jest"],
}
_ESLINT = """import tseslint from 'typescript-eslint';
export default tseslint.config(...tseslint.configs.recommended);
"""


def _go() -> Naive:
    cache = VENVS / "naive-go"
    cache.mkdir(parents=True, exist_ok=True)
    environ = {"GOCACHE": str(cache), "GOTOOLCHAIN": "local", "GOFLAGS": "-mod=mod", "GOPROXY": "off"}
    return Naive(
        {"compile": ("go", "build", "./..."), "vet": ("go", "vet", "./..."), TEST: ("go", "test", "-json", "./...")},
        {"go.mod": "module solution\n\ngo 1.24\n"},
        environ,
        warm=True,
    )
