"""Whether a file's `//go:build` line holds on this machine, for test files: one that is left out has no tests to wait for."""

from __future__ import annotations

import platform
import re
import sys

from stagerun_lang_go.lexer import COMMENT
from stagerun_lang_go.source import Source

_MACHINES = {"x86_64": "amd64", "aarch64": "arm64"}
_WORD = re.compile(r"\s*([\w.]+|\|\||&&|[!()])")


def holds(source: Source, minor: int) -> bool:
    """Whether the build takes the file; a line that cannot be read does not hold. Endings of file names are not looked at."""
    lines = (token.text for token in source.all if token.kind == COMMENT and token.text.startswith("//go:build "))
    line = next(lines, "")
    words = _WORD.findall(line.removeprefix("//go:build "))
    return not line or (_either(words, minor) and not words)


def _either(words: list[str], minor: int) -> bool:
    """Alternatives; what is read is taken off the front of the list."""
    found = _both(words, minor)
    while words[:1] == ["||"]:
        words.pop(0)
        found = _both(words, minor) or found
    return found


def _both(words: list[str], minor: int) -> bool:
    found = _one(words, minor)
    while words[:1] == ["&&"]:
        words.pop(0)
        found = _one(words, minor) and found
    return found


def _one(words: list[str], minor: int) -> bool:
    word = words.pop(0) if words else ""
    if word == "!":
        return not _one(words, minor)
    if word == "(":
        found = _either(words, minor)
        return bool(words) and words.pop(0) == ")" and found
    return _tag(word, minor)


def _tag(word: str, minor: int) -> bool:
    release = re.fullmatch(r"go1\.(\d+)", word)
    machine = platform.machine().lower()
    there = {sys.platform, "gc", "unix", _MACHINES.get(machine, machine)}
    return int(release.group(1)) <= minor if release else word in there
