"""Where a value of the finished pipeline was written: its file and line, the profile or the `--set` it came from.

Nothing is looked up until a problem is made, so that a file without problems is never scanned a second time.
"""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from functools import cached_property
from typing import Any

from attrs import define, frozen

from stagerun.errors import Problem
from stagerun.spec.locate import Lines, locate
from stagerun.spec.words import dotted

Place = tuple[str, ...]

_ABSENT, _INSIDE, _TABLE = range(3)


@frozen
class Layer:
    """One table that was laid down: the pipeline itself, a profile, or a `--set`.

    `prefix` is the table's place in the file; None for what has no place in a file.
    """

    origin: str  # how the file is shown, or "--set"
    prefix: Place | None
    tree: Mapping[str, Any]

    def holds(self, path: Place) -> int:
        """Whether this layer gives the value at `path`, only a table there to merge with others, or nothing."""
        value: Any = self.tree
        for part in path:
            if not isinstance(value, Mapping):
                return _INSIDE
            if part not in value:
                return _ABSENT
            value = value[part]
        return _TABLE if isinstance(value, Mapping) else _INSIDE


@define(slots=False, eq=False)
class Places:
    """Makes located problems. `layers` stand in the order in which they were laid down."""

    text: str
    layers: Sequence[Layer]

    def __call__(self, path: Place, what: str, found: str = "", expected: str = "", hint: str = "") -> Problem:
        """A problem with the value at `path`; a path that was written nowhere is placed at the nearest table around it."""
        layer = self.layer(tuple(path))
        if layer.prefix is None:
            return Problem(what, layer.origin, None, dotted(path), found, expected, hint)
        written = (*layer.prefix, *path)
        return Problem(what, layer.origin, self.line(written), dotted(written), found, expected, hint)

    def layer(self, path: Place) -> Layer:
        """The last layer that gives the value at `path`; for a table the first that opens it."""
        for end in range(len(path), 0, -1):
            held = [(layer, layer.holds(path[:end])) for layer in self.layers]
            given = [layer for layer, how in held if how == _INSIDE]
            opened = [layer for layer, how in held if how == _TABLE]
            if given or opened:
                return given[-1] if given else opened[0]
        return self.layers[0]

    def line(self, written: Place) -> int | None:
        """The line of a place in the file, or of the nearest place around it."""
        for end in range(len(written), 0, -1):
            if written[:end] in self.lines:
                return self.lines[written[:end]]
        return None

    @cached_property
    def lines(self) -> Lines:
        """Every place of the file; scanned when the first problem asks."""
        return locate(self.text)
