"""The plain way: the real tsc, eslint and jest, one cold process each, with the harness's configuration.

For comparison with the quick way, and for tests that only the real jest can run. Nothing that the candidate brings configures
a tool.
"""

from __future__ import annotations

import json
import re

from stagerun.contracts import Command, Completed, Diagnostic
from stagerun_evaluators.typescript.files import SOURCES, Files

TIME = 60.0  # CPU seconds for tsc and eslint each
MEMORY = 2048
CHECKED = ".stagerun-check"  # a folder with the code as tsc reads it
_SUPPRESSING = re.compile(r"@ts-(?=nocheck|ignore|expect-error)")
_TSC = re.compile(
    r"^(?:\.stagerun-check/)?(?P<file>[^\n(]+)\((?P<line>\d+),\d+\): error (?P<code>TS\d+): (?P<message>.*)$",
    re.MULTILINE,
)
_SYNTAX = re.compile(r"^TS1\d{3}$")


def reading(files: Files, node: str, packages: str, reads: tuple[str, ...]) -> tuple[Command, Command, Command]:
    """The commands for syntax, types and style."""
    laid = {
        f"{CHECKED}/{path}": text if path in files.helpers else _SUPPRESSING.sub("@ts_", text)
        for path, text in _all(files).items()
    }
    mine = [f"{CHECKED}/{path}" for path in files.code if path.endswith(SOURCES)]
    tsc = ("node", f"{node}/tsc.js", packages, *mine)
    syntax = Command((*tsc, "--syntax"), TIME, MEMORY, files=laid, reads=reads)
    types = Command(tsc, TIME, MEMORY, files=laid, reads=reads)
    eslint = (
        "node",
        f"{packages}/node_modules/eslint/bin/eslint.js",
        "--config",
        f"{node}/eslint.config.js",
        "--no-inline-config",
        "--no-warn-ignored",
        "--format",
        "json",
        *files.lint,
    )
    return syntax, types, Command(eslint, TIME, MEMORY, {"STAGERUN_TOOLCHAIN": packages}, reads=reads)


def jest(
    files: Files, node: str, packages: str, reads: tuple[str, ...], job: str, timeout: float, memory_mb: int
) -> Command:
    """The command that runs the tests in the real jest, whose reporter signs what it says."""
    config = {
        "rootDir": "{root}",
        "testMatch": [f"<rootDir>/{path}" for path in files.tests],
        "testEnvironment": f"{packages}/node_modules/jest-environment-node",
        "transform": {
            r"\.[cm]?[jt]sx?$": [f"{node}/transform.js", {"packages": packages, "skips": json.loads(job[32:])["skips"]}]
        },
        "moduleNameMapper": {r"^(\.{1,2}/.*)\.[cm]?js$": "$1"},
        "moduleFileExtensions": ["ts", "tsx", "mts", "cts", "js", "json", "node"],
        "modulePaths": [f"{packages}/node_modules"],
        "reporters": [f"{node}/reporter.js"],
        "watchman": False,
        "haste": {"forceNodeFilesystemAPI": True},
        "cacheDirectory": "{root}/.stagerun-jest",
    }
    argv = (
        "node",
        f"{packages}/node_modules/jest/bin/jest.js",
        "--config",
        json.dumps(config),
        "--runInBand",
        "--ci",
        "--no-cache",
    )
    return Command(argv, max(timeout, 30.0), max(memory_mb, MEMORY), stdin=job, files=dict(files.tests), reads=reads)


def told(name: str, done: Completed) -> list[Diagnostic] | None:
    """What tsc or eslint complained about; None when it said nothing of use."""
    return _of_eslint(done) if name == "lint" else _of_tsc(done)


def _of_tsc(done: Completed) -> list[Diagnostic] | None:
    found = [
        Diagnostic(each["file"], int(each["line"]), each["message"], "error", each["code"], "tsc")
        for each in _TSC.finditer(done.stdout)
    ]
    return found if found or done.returncode == 0 else None


def _of_eslint(done: Completed) -> list[Diagnostic] | None:
    try:
        rows = json.loads(done.stdout)
        return [_complaint(row["filePath"], said) for row in rows for said in row["messages"] if said["severity"] == 2]
    except (ValueError, TypeError, KeyError, AttributeError, RecursionError):
        return None


def _complaint(path: str, said: dict[str, object]) -> Diagnostic:
    code = str(said.get("ruleId") or "parse")
    return Diagnostic(
        path.rpartition("/")[2], int(str(said.get("line", 0))), str(said["message"]), "error", code, "eslint"
    )


def _all(files: Files) -> dict[str, str]:
    return {path: text for path, text in {**files.code, **files.helpers}.items() if path.endswith((*SOURCES, ".json"))}
