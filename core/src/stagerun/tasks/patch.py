"""Applies a unified diff to a repository of texts: all of it or nothing, without fuzz.

A hunk's old lines must be there exactly; they may have moved, and then the nearest place counts, as with `git apply`. Every
old text is the repository's, whatever else the patch does, which is what git writes. Reading the diff is patch_text.py.
"""

from __future__ import annotations

from collections.abc import Iterator, Mapping, Sequence
from pathlib import PurePosixPath

from stagerun.tasks.patch_text import BadPatch, FileChange, Hunk, parse

__all__ = ["BadPatch", "apply"]


def apply(repo: Mapping[str, str], diff: str) -> dict[str, str]:
    """The repository with the patch applied; raises BadPatch, a ValueError, which says what does not fit where."""
    gone: set[str] = set()
    written: dict[str, str] = {}
    for change in parse(diff):
        text = _patched(_old_text(repo, change, gone), change)
        if change.old is not None and not change.keeps_old:
            gone.add(change.old)
        if change.new is None:
            if text:
                raise BadPatch(f"{change.shown}: it is deleted, but the patch leaves lines of it")
        elif change.new in written:
            raise BadPatch(f"{change.new}: the patch makes it twice")
        else:
            written[change.new] = text
    return _together(repo, gone, written)


def _old_text(repo: Mapping[str, str], change: FileChange, gone: set[str]) -> str:
    if change.old is None:
        return ""
    if change.old in gone:
        raise BadPatch(f"{change.old}: the patch changes it twice")
    if change.old not in repo:
        raise BadPatch(f"{change.old}: there is no such file to change")
    return repo[change.old]


def _together(repo: Mapping[str, str], gone: set[str], written: Mapping[str, str]) -> dict[str, str]:
    kept = {path: text for path, text in repo.items() if path not in gone}
    for path in written:
        if path in kept:
            raise BadPatch(f"{path}: the patch makes it, and it is there already")
    whole = {**kept, **written}
    for path in whole:
        for above in PurePosixPath(path).parents:
            if str(above) in whole:
                raise BadPatch(f"{above}: it would be a file and a folder at once")
    return dict(sorted(whole.items()))


def _patched(text: str, change: FileChange) -> str:
    lines = list(_lines(text))
    done: list[str] = []
    at = moved = 0  # what is copied already, and how far the last hunk was from where it said
    for hunk in change.hunks:
        expected = hunk.start - (1 if hunk.old else 0) + moved
        place = _place(lines, hunk, expected, at, change.shown)
        moved += place - expected
        done += [*lines[at:place], *hunk.new]
        at = place + len(hunk.old)
    done += lines[at:]
    if any(not line.endswith("\n") for line in done[:-1]):
        raise BadPatch(f"{change.shown}: a line without an end would stand before the last one")
    return "".join(done)


def _lines(text: str) -> Iterator[str]:
    """Lines with their ends, as git counts them: only a line feed ends one."""
    *whole, last = text.split("\n")
    yield from (f"{line}\n" for line in whole)
    if last:
        yield last


def _place(lines: Sequence[str], hunk: Hunk, expected: int, least: int, shown: str) -> int:
    """Where the hunk's old lines are, the nearest to where it says; raises BadPatch."""
    old, last = list(hunk.old), len(lines) - len(hunk.old)
    if not old:
        if least <= expected <= len(lines):
            return expected
        raise BadPatch(f"hunk {hunk.number} of {shown}: it goes behind line {hunk.start}, and there are {len(lines)}")
    for place in _nearest_first(expected, least, last):
        if lines[place] == old[0] and lines[place : place + len(old)] == old:
            return place
    raise BadPatch(f"hunk {hunk.number} of {shown} does not apply: {_difference(lines, old, expected)}")


def _nearest_first(expected: int, least: int, last: int) -> Iterator[int]:
    start = min(max(expected, least), last)
    for distance in range(max(start - least, last - start) + 1):
        if least <= start - distance <= last:
            yield start - distance
        if distance and least <= start + distance <= last:
            yield start + distance


def _difference(lines: Sequence[str], old: Sequence[str], expected: int) -> str:
    """The first line that is not as the hunk says, for whoever wrote it."""
    for offset, line in enumerate(old):
        place = expected + offset
        found = lines[place] if 0 <= place < len(lines) else None
        if found != line:
            shown = "the end of the file" if found is None else repr(found[:60])
            return f"line {place + 1} is {shown}, expected {line[:60]!r}"
    return "its lines come before those of the hunk before it"
