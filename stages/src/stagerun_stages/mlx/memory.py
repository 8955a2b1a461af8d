"""Knows what MLX says when memory runs out, so that a stage is tried again with less of it, as with torch."""

from __future__ import annotations

from collections.abc import Iterator
from contextlib import contextmanager

SAYS = ("insufficient memory", "outofmemory", "unable to allocate", "maximum allowed buffer size")  # Metal, and malloc


@contextmanager
def memory_told() -> Iterator[None]:
    """Raises MemoryError in place of the RuntimeError by which MLX 0.32 says it."""
    try:
        yield
    except RuntimeError as error:
        if any(words in str(error).lower() for words in SAYS):
            raise MemoryError(str(error)) from error
        raise
