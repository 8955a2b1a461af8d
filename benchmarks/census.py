"""Counts what a training step calls, in Python and in C: a measure that no other program on the machine can disturb."""

from __future__ import annotations

import sys
from collections import Counter
from pathlib import Path
from types import CodeType
from typing import Any

from attrs import define, field

from benchmarks.taking_turns import at_each_step, without_ours


@define
class Census:
    """Of the steps `first` to `last` (the first step of a training is 1), how often each function was called."""

    first: int
    last: int
    bare: bool  # whether our part of the trainer is taken away
    steps: int = 0
    codes: Counter[CodeType] = field(factory=Counter)
    builtins: Counter[Any] = field(factory=Counter)

    def begin(self, trainer: Any) -> None:
        """Take charge of a trainer."""
        if self.bare:
            without_ours(trainer)
        at_each_step(trainer, self.over)

    def over(self) -> None:
        """A step is over."""
        self.steps += 1
        if self.steps == self.first - 1:
            sys.setprofile(self._called)
        if self.steps == self.last:
            sys.setprofile(None)

    def _called(self, frame: Any, event: str, what: Any) -> None:
        if event == "call":
            self.codes[frame.f_code] += 1
        elif event == "c_call":
            self.builtins[getattr(what, "__qualname__", str(type(what)))] += 1

    def names(self) -> Counter[str]:
        """Calls by the name of what is called; of Python functions with their file, of others without."""
        found = Counter(dict(self.builtins))
        for code, count in self.codes.items():
            if code.co_filename != __file__ and "benchmarks" not in Path(code.co_filename).parts:
                found[f"{'/'.join(Path(code.co_filename).parts[-2:])}:{code.co_qualname}"] += count
        return found
