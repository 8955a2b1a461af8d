"""Reads what came through the private channel: two lines, the first before the candidate's code ran, the last signed.

What is believed is a report of exactly these lines, the second under this run's secret. Everything else on the channel was
written by the candidate.
"""

from __future__ import annotations

import json
from collections.abc import Mapping, Sequence
from typing import Any

from attrs import field, frozen

SHOWN = 20  # failures told


@frozen
class Report:
    """`names` of the tests of each file as they are without the candidate; `results` at the end; `foreign`: not all is ours."""

    names: Sequence[Sequence[str] | None] = ()
    results: Sequence[Mapping[str, Any]] | None = None  # None: it did not get to its end
    tampered: tuple[str, ...] = field(default=(), converter=tuple)
    foreign: bool = False

    @classmethod
    def read(cls, text: str, first: str, secret: str) -> Report:
        """Never raises; a line that is not ours makes the report foreign."""
        lines = text.split("\n")
        ended = len(lines) == 3 and not lines[2]
        start = _signed(lines[0], first) if text else None
        finish = _signed(lines[1], secret) if ended else None
        whole = text == "" or (start is not None and (finish is not None or lines[1:] == [""]))
        if start is None:
            return cls(foreign=not whole)
        told = finish or {}
        return cls(start.get("names", ()), told.get("results"), told.get("tampered", ()), not whole)

    def outcome(self, paths: Sequence[str]) -> dict[str, str]:
        """Why each test failed (the empty string: it passed), those included that were known beforehand and did not run.

        With several test files a name begins with its file's. A file that could not be run is its own failed test when the
        names of its tests are not known.
        """
        why: dict[str, str] = {}
        for place, path in enumerate(paths):
            prefix = f"{path}: " if len(paths) > 1 else ""
            known = self.names[place] if place < len(self.names) else None
            names = [f"{prefix}{name}" for name in known or ()]
            result = self._result(place)
            problem = str(result["problem"] or "")
            for name, error in result["tests"]:
                why[f"{prefix}{name}"] = "" if error is None else str(error or "failed")
            missing = [name for name in names if name not in why]
            why |= dict.fromkeys(missing, problem or "it did not run")
            if not result["tests"] and not missing:
                why[path] = problem or ("it did not run" if self.results is None else "no test was found")
        return why

    def _result(self, place: int) -> Mapping[str, Any]:
        return self.results[place] if self.results and place < len(self.results) else {"problem": "", "tests": []}


def _signed(line: str, signature: str) -> dict[str, Any] | None:
    """The object of a line that begins with the signature."""
    if not signature or not line.startswith(f"{signature} "):
        return None
    try:
        found = json.loads(line[len(signature) + 1 :])
    except (ValueError, RecursionError):
        return None
    return found if isinstance(found, dict) else None
