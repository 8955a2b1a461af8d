"""golangci-lint: the command that runs it without anybody's configuration, and its JSON.

The format is the one that golangci-lint publishes: an object with `Issues`, null or a list of
`{FromLinter, Text, Severity, Pos: {Filename, Line, Column}}`. Version 1 is asked with other flags than version 2.
"""

from __future__ import annotations

import json
import re
from collections.abc import Iterator

from stagerun.contracts import Command, Diagnostic
from stagerun_lang_go.lexer import COMMENT
from stagerun_lang_go.names import BUILT, CACHE
from stagerun_lang_go.project import Project
from stagerun_lang_go.said import LONGEST, MOST
from stagerun_lang_go.source import read
from stagerun_lang_go.toolchain import Toolchain, environ

_COMMON = ("run", "--no-config", "--issues-exit-code=0", "--tests=false")
_ONE = ("--out-format=json",)
_TWO = ("--output.json.path=stdout", "--show-stats=false")
_SILENCES = re.compile(r"//\s*nolint\b|//lint:(file-)?ignore\b|// Code generated .* DO NOT EDIT\.$")
_SEVERITIES = {"error": "error", "err": "error", "info": "note", "information": "note", "note": "note", "hint": "note"}


def command(toolchain: Toolchain, timeout: float, memory_mb: int) -> Command:
    """Lint the whole module; the cache is a private one, as theirs knows files by their time."""
    first = f'mkdir -p {BUILT} && {{ [ -d {BUILT}/cache ] || cp -rs "$0" {BUILT}/cache; }} && exec "$@"'
    flags = _ONE if toolchain.lint.startswith("1.") else _TWO
    variables = environ(f"{{root}}/{BUILT}/cache")
    variables |= {"GOLANGCI_LINT_CACHE": f"{{root}}/{BUILT}/lint", "PATH": f"{toolchain.root}/bin:/usr/bin:/bin"}
    argv = ("sh", "-c", first, CACHE, toolchain.linter or "golangci-lint", *_COMMON, *flags, "./...")
    return Command(argv, timeout, memory_mb, variables, reads=toolchain.reads)


def linted(text: str) -> tuple[Diagnostic, ...] | None:
    """What it found; None when this is not its JSON."""
    begin = text.find("{")
    try:
        said, _ = json.JSONDecoder().raw_decode(text[begin:]) if begin >= 0 else (None, 0)
    except (ValueError, RecursionError):
        return None
    if not isinstance(said, dict) or "Issues" not in said:
        return None
    issues = said["Issues"] or []
    return tuple(_issue(each) for each in issues[:MOST] if isinstance(each, dict)) if isinstance(issues, list) else None


def silencers(project: Project) -> Iterator[Diagnostic]:
    """Comments in a candidate's own files that keep the linter quiet; with one of them nothing counts as clean."""
    for path in sorted(path for path in project.foreign if path.endswith(".go")):
        for token in read(project.files[path]).all:
            if token.kind == COMMENT and _SILENCES.match(token.text):
                yield Diagnostic(path, token.line, f"{token.text[:60]!r} silences the linter", "warning", "nolint")


def _issue(said: dict[str, object]) -> Diagnostic:
    place = said.get("Pos")
    place = place if isinstance(place, dict) else {}
    line = place.get("Line", 0)
    return Diagnostic(
        file=str(place.get("Filename", "")),
        line=line if isinstance(line, int) else 0,
        message=str(said.get("Text", ""))[:LONGEST],
        severity=_SEVERITIES.get(str(said.get("Severity", "")).lower(), "warning"),
        code=str(said.get("FromLinter", "")),
        tool="golangci-lint",
    )
