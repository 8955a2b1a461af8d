"""How findings are shown: one table in a terminal, plain lines elsewhere."""

from __future__ import annotations

from collections.abc import Callable, Iterator, Sequence

from stagerun.contracts import Finding
from stagerun.record.words import clean

COLUMN = 36  # of names, at most
COLOURS = {"pass": "green", "warn": "yellow", "fail": "red"}
Paint = Callable[[str, str], str]  # text, colour -> text


def failed(findings: Sequence[Finding]) -> bool:
    """Whether something that is needed is not there."""
    return any(finding.status == "fail" for finding in findings)


def plain(findings: Sequence[Finding]) -> Iterator[str]:
    """One finding to a line: '[fail] rust cargo: not found; to mend it: https...'."""
    for one in findings:
        fix = f"; to mend it: {clean(one.fix)}" if one.fix and one.status != "pass" else ""
        yield f"[{one.status}] {one.check} {one.item}: {one.words}{fix}"
    yield tally(findings)


def table(findings: Sequence[Finding], width: int, paint: Paint) -> Iterator[str]:
    """Columns for a terminal; what mends a thing stands below it."""
    names = [f"{one.check} {one.item}" for one in findings]
    column = min(max((len(name) for name in names), default=0), COLUMN)
    before = column + 8
    for name, one in zip(names, findings, strict=True):
        first, *rest = list(_wrapped(one.words, width - before)) or [""]
        if len(name) > column:  # one long name must not push all others' words against the edge
            first, rest = "", [first, *rest]
        yield f"{paint(one.status, COLOURS[one.status])}  {name:<{column}}  {first}".rstrip()
        yield from (f"{'':<{before}}{line}" for line in rest)
        if one.fix and one.status != "pass":
            yield from (f"{'':<{before}}{line}" for line in _wrapped(f"-> {clean(one.fix)}", width - before))
    yield ""
    yield tally(findings)


def tally(findings: Sequence[Finding]) -> str:
    """'9 checks: 7 pass, 1 warn, 1 fail'."""
    counts = [(status, sum(one.status == status for one in findings)) for status in COLOURS]
    told = ", ".join(f"{count} {status}" for status, count in counts if count)
    return f"{len(findings)} {'check' if len(findings) == 1 else 'checks'}" + (f": {told}" if told else "")


def _wrapped(text: str, width: int) -> Iterator[str]:
    import textwrap

    yield from textwrap.wrap(text, max(width, 20), break_long_words=False, break_on_hyphens=False)
