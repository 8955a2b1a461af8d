"""A text stream that goes quiet instead of failing: a reader who leaves (`stagerun ... | head`) must not end a run.

Not covered: what was still to be read is lost, as with any pipe.
"""

from __future__ import annotations

import os
from contextlib import suppress
from typing import Any, TextIO


class Outlet:
    """Stands in for `sys.stdout` or `sys.stderr`; `gone` is True once nobody can be written to."""

    def __init__(self, stream: TextIO) -> None:
        self.stream = stream
        self.gone = False
        reconfigure = getattr(stream, "reconfigure", None)
        if reconfigure is not None:  # a terminal that lacks a sign gets "?" and no UnicodeEncodeError
            reconfigure(errors="replace")

    def write(self, text: str) -> int:
        """Write, or drop the text when nobody reads any more."""
        if not self.gone:
            try:
                return self.stream.write(text)
            except (OSError, ValueError):
                self._leave()
        return len(text)

    def flush(self) -> None:
        """Flush; the moment a broken pipe is usually noticed."""
        if not self.gone:
            try:
                self.stream.flush()
            except (OSError, ValueError):
                self._leave()

    def _leave(self) -> None:
        """Point the descriptor at nothing, so that Python's own flush at the end does not fail either."""
        self.gone = True
        with suppress(OSError, ValueError):
            own = self.stream.fileno()
            nothing = os.open(os.devnull, os.O_WRONLY)
            os.dup2(nothing, own)
            os.close(nothing)

    def __getattr__(self, name: str) -> Any:
        return getattr(self.stream, name)
