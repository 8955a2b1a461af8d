"""Cargo's version requirements: whether a version fits one.

`1.2`, `^1.2`, `~1.2`, `=1.2.3`, `1.*`, `*`, `>=1, <2`, as "Specifying Dependencies" in the Cargo Book tells them. Versions before
a release (`1.0.0-rc.1`) fit nothing: none are ever installed. What is not a requirement fits nothing.
"""

from __future__ import annotations

import re

_PART = re.compile(r"(\^|~|=|>=|<=|>|<)?\s*v?(\d+)(?:\.(\d+|[*xX]))?(?:\.(\d+|[*xX]))?(?:\+[\w.-]+)?")
_VERSION = re.compile(r"(\d+)\.(\d+)\.(\d+)(?:\+[\w.-]+)?")
_ANY = frozenset("*xX")
Numbers = tuple[int, ...]


def numbers(version: str) -> Numbers:
    """Three numbers to sort a version by; none for one that is not whole or comes before a release."""
    found = _VERSION.fullmatch(version)
    return tuple(int(each) for each in found.groups()) if found else ()


def fits(requirement: str, version: str) -> bool:
    """Whether a version satisfies every part of a requirement."""
    found = numbers(version)
    return bool(found) and all(_fits(part.strip(), found) for part in requirement.split(","))


def _fits(part: str, version: Numbers) -> bool:
    if part in _ANY:
        return True
    read = _PART.fullmatch(part)
    if read is None:
        return False
    sign, *said = read.groups()
    wild = any(each in _ANY for each in said if each)
    least = tuple(int(each) for each in said if each and each not in _ANY)
    return _compares("~" if wild and not sign else sign or "^", least, version)


def _compares(sign: str, least: Numbers, version: Numbers) -> bool:
    """`least` has as many numbers as were written: `=1.2` and `<=1.2` mean every 1.2, `>1.2` none of them."""
    same = version[: len(least)]
    answers = {
        "=": same == least,
        ">": same > least,
        "<": version < least,
        "<=": same <= least,
        ">=": same >= least,
        "~": same >= least and version[: min(2, len(least))] == least[:2],
        "^": same >= least and version[: _fixed(least)] == least[: _fixed(least)],
    }
    return answers[sign]


def _fixed(least: Numbers) -> int:
    """How many numbers a caret holds fast: to the first that is not zero, or all that were written."""
    return next((place for place, each in enumerate(least, 1) if each), len(least))
