"""Versions and ranges of them, as Python packages write them: as much as our checks need, without a library for it.

After the Python packaging specifications "Version specifiers" and "Dependency specifiers". Not covered: pre-releases (they count
as what they lead to), epochs, and requirements with a marker (`; sys_platform == ...`), which are left out.
"""

from __future__ import annotations

import re
from collections.abc import Iterator
from contextlib import suppress

Release = tuple[int, ...]
_REQUIREMENT = re.compile(r"(?P<name>[A-Za-z0-9][\w.-]*)\s*(\[[^\]]*\])?\s*\(?(?P<range>[^;()]*)\)?")
_CLAUSE = re.compile(r"(?P<op>~=|===?|!=|<=|>=|<|>)\s*(?P<version>[\w.+!*-]+)")


def release(text: str) -> Release | None:
    """The numbers of a version: '2.15.0+cu130' is (2, 15, 0); None when it begins with none."""
    found = re.match(r"v?(\d+(?:\.\d+)*)", text.strip())
    return tuple(int(part) for part in found[1].split(".")) if found else None


def meets(text: str, wanted: str) -> bool | None:
    """Whether a version is in a range such as '>=5.2,<6'; None when that cannot be said."""
    here = release(text)
    clauses = [_CLAUSE.fullmatch(part.strip()) for part in wanted.split(",") if part.strip()]
    if here is None or None in clauses:
        return None
    return all(_holds(here, clause["op"], clause["version"]) for clause in clauses if clause)


def _holds(here: Release, op: str, bound: str) -> bool:
    there = release(bound) or ()
    if op in ("==", "===", "!=") and bound.endswith(".*"):
        return (here[: len(there)] == there) is (op != "!=")
    if op == "~=" and here[: len(there) - 1] != there[:-1]:
        return False
    width = max(len(here), len(there))
    left, right = (numbers + (0,) * (width - len(numbers)) for numbers in (here, there))
    return {
        "==": left == right,
        "===": left == right,
        "!=": left != right,
        "<": left < right,
        "<=": left <= right,
        ">": left > right,
        ">=": left >= right,
        "~=": left >= right,
    }[op]


def requirements(dist: str) -> Iterator[tuple[str, str]]:
    """Name and range of what a distribution always needs; nothing for one that is not installed."""
    from importlib.metadata import PackageNotFoundError, requires

    with suppress(PackageNotFoundError):
        for text in requires(dist) or ():
            found = _REQUIREMENT.match(text)
            if found and ";" not in text:
                yield found["name"], found["range"].strip()


def installed(name: str) -> str | None:
    """The installed version; None where there is none. Reads metadata, imports nothing."""
    from importlib.metadata import PackageNotFoundError, version

    try:
        return version(name)
    except PackageNotFoundError:
        return None


def canonical(name: str) -> str:
    """A distribution's name as indexes compare it: 'Huggingface_Hub' is 'huggingface-hub'."""
    return re.sub(r"[-_.]+", "-", name).lower()
