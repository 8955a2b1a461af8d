"""Keeps secrets out of what is written: values of environment variables that are named like one are masked.

Named like one: TOKEN, SECRET, KEY or PASSWORD anywhere in the name. Values shorter than `SHORTEST` are left alone (masking "1" or
"true" would only tear texts apart), and so are paths that exist. Not covered: what a library prints into log.txt, and a secret
that somebody has written into the pipeline file and nowhere else.
"""

from __future__ import annotations

import os
from collections.abc import Callable, Iterable, Mapping
from pathlib import Path
from typing import Any

MASK = "***"
SHORTEST = 8  # characters
NAMES = ("TOKEN", "SECRET", "KEY", "PASSWORD")


def secrets(environ: Mapping[str, str]) -> tuple[str, ...]:
    """The values to mask, longest first, so that one that holds another is masked whole."""
    named = (value for name, value in environ.items() if any(word in name.upper() for word in NAMES))
    return tuple(sorted({value for value in named if _hidden(value)}, key=lambda value: (-len(value), value)))


def _hidden(value: str) -> bool:
    if len(value) < SHORTEST:
        return False
    return not (value.startswith(("/", "~", ".")) and Path(value).expanduser().exists())


def masker(environ: Mapping[str, str] | None = None) -> Callable[[Any], Any]:
    """A function that gives a JSON value with every secret in its texts, keys included, replaced by `***`."""
    hidden = secrets(os.environ if environ is None else environ)

    def mask(value: Any) -> Any:
        return _masked(value, hidden) if hidden else value

    return mask


def _masked(value: Any, hidden: Iterable[str]) -> Any:
    if isinstance(value, str):
        for secret in hidden:
            value = value.replace(secret, MASK)
        return value
    if isinstance(value, Mapping):
        return {_masked(key, hidden): _masked(inner, hidden) for key, inner in value.items()}
    if isinstance(value, (list, tuple)):
        return [_masked(inner, hidden) for inner in value]
    return value
