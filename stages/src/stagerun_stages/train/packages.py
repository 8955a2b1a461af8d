"""Whether a library that an option needs is there for a stage, without importing it."""

from __future__ import annotations

import re
from importlib.util import find_spec

from stagerun import Hardware

NAME = re.compile(r"[A-Za-z0-9._-]+")


def missing(hardware: Hardware, *packages: str) -> str:
    """What to say when none of the packages is there, with what to install; empty when one is or when nobody can know.

    A stage with an environment of its own has what that is built of; what is in an interpreter that somebody looks after
    themselves shows when the stage runs, and so does what is on a machine that is only described here.
    """
    if hardware.requirements is not None:
        named = {_plain(found.group()) for text in hardware.requirements if (found := NAME.match(text))}
        if not named or named & {_plain(package) for package in packages}:
            return ""
        return f'its environment has no {packages[0]}: add "{packages[0]}" to the requirements'
    if not hardware.here or any(find_spec(_plain(package)) for package in packages):
        return ""
    return f"{packages[0]} is not installed: pip install {packages[0]}"


def _plain(name: str) -> str:
    return re.sub(r"[-_.]+", "_", name).lower()
