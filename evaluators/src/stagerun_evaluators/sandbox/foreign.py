"""An isolation from another distribution, inside a keeper: the tier `limits` below it, and its own `wrap` and `confine`."""

from __future__ import annotations

from collections.abc import Sequence
from typing import Any

from stagerun_evaluators.sandbox.base import Limits


class Foreign(Limits):
    """`own` is as `stagerun.Sandbox` says."""

    tier = ""

    def __init__(self, own: Any) -> None:
        super().__init__()
        self._own = own
        self.forks = bool(own.forks)

    def wrap(self, argv: Sequence[str], **room: Any) -> Sequence[str]:
        """The launcher's command line."""
        wrapped: Sequence[str] = self._own.wrap(argv, **room | {"reads": [*self.reads, *room["reads"]]})
        return wrapped

    def confine(self, *, root: str, reads: Sequence[str], memory_mb: int, seconds: int) -> None:
        """Limits first, then what it does itself."""
        super().confine(root=root, reads=reads, memory_mb=memory_mb, seconds=seconds)
        self._own.confine(root=root, reads=[*self.reads, *reads], memory_mb=memory_mb, seconds=seconds)
