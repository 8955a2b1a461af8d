"""A keeper for every tier that can be had here, as root and as an ordinary user."""

from __future__ import annotations

from collections.abc import Iterator

import pytest

from .boxes import Box, can_be_somebody

KINDS = [(tier, user) for tier in ("limits", "landlock", "namespaces") for user in (False, True)]
STRONG = [kind for kind in KINDS if kind[0] != "limits"]


def named(kind: tuple[str, bool]) -> str:
    """How a test that gets this kind is called."""
    return f"{kind[0]}{'-as-somebody' if kind[1] else ''}"


def _box(kind: tuple[str, bool]) -> Iterator[Box]:
    tier, user = kind
    if user and not can_be_somebody():
        pytest.skip("only root can be somebody else, with a Python and sources that others can read")
    box = Box(tier, user=user)
    if box.process.poll() is not None:
        pytest.skip(f"no {tier} here: {box.reason()}")
    yield box
    box.close()


@pytest.fixture(scope="module", params=KINDS, ids=named)
def box(request: pytest.FixtureRequest) -> Iterator[Box]:
    """Any tier but none."""
    yield from _box(request.param)


@pytest.fixture(scope="module", params=STRONG, ids=named)
def strong(request: pytest.FixtureRequest) -> Iterator[Box]:
    """A tier that keeps commands from the rest of the machine."""
    yield from _box(request.param)
