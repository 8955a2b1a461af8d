"""Finds plugins by name. Only what is named gets loaded; listing loads nothing."""

from stagerun.registry.index import GROUPS, Entry, read_index
from stagerun.registry.registry import Found, NotFound, Registry

__all__ = ["GROUPS", "Entry", "Found", "NotFound", "Registry", "read_index"]
