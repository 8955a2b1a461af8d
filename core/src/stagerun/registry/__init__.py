"""Finds plugins by name. Only what is named gets loaded; listing loads nothing.

The names below load when first used: a run that is up to date needs the index and nothing else of this package.
"""

from __future__ import annotations

from stagerun.registry.index import GROUPS, Entry, read_index

TYPE_CHECKING = False
if TYPE_CHECKING:
    from stagerun.registry.registry import Found, NotFound, Registry

__all__ = ["GROUPS", "Entry", "Found", "NotFound", "Registry", "read_index"]


def __getattr__(name: str) -> object:
    if name not in __all__:
        raise AttributeError(f"module 'stagerun.registry' has no attribute {name!r}")
    from stagerun.registry import registry

    return getattr(registry, name)
