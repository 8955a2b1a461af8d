"""A machine as profiles' `when` asks about it, given as a table."""

from __future__ import annotations

from collections.abc import Collection, Mapping
from typing import Any

from attrs import frozen


@frozen
class One:
    """What one backend found, which `auto` takes; nothing is known against any other."""

    found: Mapping[str, Any]

    def backends(self) -> Collection[str]:
        """None that are known."""
        return ()

    def has(self, backend: str) -> bool:
        """Any."""
        return True

    def facts(self, backend: str) -> Mapping[str, Any]:
        """What was found, for `auto` and for that backend."""
        return self.found if backend in ("auto", self.found["backend"]) else {}

    def tells(self, backend: str) -> None:
        """Nothing is said."""
