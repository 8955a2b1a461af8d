"""What Go's tools say, as diagnostics: compiler and linker, vet's JSON, the output of a test program. Hostile text throughout."""

from __future__ import annotations

import json
import re
from collections.abc import Iterator

from stagerun.contracts import Diagnostic

MOST = 20  # diagnostics of one check
LONGEST = 300  # characters of a message
_PLACE = re.compile(r"^\s*(?:vet: )?(?P<file>[^\s:][^:\n]*\.go):(?P<line>\d+)(?::\d+)?: (?P<message>.+)$")
_MEMORY = re.compile(r"^(runtime|fatal error): .*(out of memory|cannot allocate memory|cannot map pages)", re.MULTILINE)
_FAILED = re.compile(r"^\s*--- FAIL: (\S+)")


def compiled(text: str, tool: str) -> tuple[Diagnostic, ...]:
    """Complaints with a place; when there is none, the last line there is."""
    found = [_diagnostic(match, tool, "error") for match in map(_PLACE.match, text.splitlines()) if match]
    if found:
        return tuple(found[:MOST])
    last = next((line for line in reversed(text.splitlines()) if line.strip()), "no output")
    return (Diagnostic(file="", line=0, message=last.strip()[:LONGEST], tool=tool),)


def vetted(text: str) -> tuple[Diagnostic, ...] | None:
    """What `vet -json` found; None when this is not what it prints."""
    objects = list(_objects(text))
    if not objects or not all(isinstance(each, dict) for each in objects):
        return None
    return tuple(diagnostic for each in objects if isinstance(each, dict) for diagnostic in _of_vet(each))[:MOST]


def tested(text: str, names: frozenset[str]) -> tuple[Diagnostic, ...]:
    """What failing tests of these names printed, subtests included."""
    found: list[Diagnostic] = []
    test = ""
    for line in text.splitlines():
        if failed := _FAILED.match(line):
            test = failed.group(1) if failed.group(1).partition("/")[0] in names else ""
        elif test and (match := _PLACE.match(line)):
            found.append(_diagnostic(match, "go test", "error", test[:LONGEST]))
    return tuple(found[:MOST])


def crash(text: str) -> str:
    """The first line of a crash: `panic: ...` or `fatal error: ...`."""
    lines = (line.strip() for line in text.splitlines())
    return next((line[:LONGEST] for line in lines if line.startswith(("panic:", "fatal error:"))), "")


def out_of_memory(text: str) -> bool:
    """Whether Go's runtime gave up for want of memory."""
    return _MEMORY.search(text) is not None


def _objects(text: str) -> Iterator[object]:
    """JSON objects one after another; the go command puts comment lines between them."""
    decoder, rest = (
        json.JSONDecoder(),
        "\n".join(line for line in text.splitlines() if not line.startswith("#")).strip(),
    )
    while rest:
        try:
            value, end = decoder.raw_decode(rest)
        except (ValueError, RecursionError):
            yield None
            return
        yield value
        rest = rest[end:].strip()


def _of_vet(packages: dict[str, object]) -> Iterator[Diagnostic]:
    for analyzers in packages.values():
        for code, complaints in analyzers.items() if isinstance(analyzers, dict) else ():
            for each in complaints if isinstance(complaints, list) else [complaints]:
                yield _complaint(str(code), each if isinstance(each, dict) else {})


def _complaint(code: str, said: dict[str, object]) -> Diagnostic:
    file, line, *_ = [*str(said.get("posn", "")).split(":"), "", ""]
    message = str(said.get("message", said.get("error", "")))[:LONGEST]
    return Diagnostic(file, int(line) if line.isdigit() else 0, message, "warning", code, "go vet")


def _diagnostic(match: re.Match[str], tool: str, severity: str, code: str = "") -> Diagnostic:
    file = match["file"].removeprefix("./")
    return Diagnostic(file, int(match["line"][:9]), match["message"].strip()[:LONGEST], severity, code, tool)
