"""The harness's report, read with suspicion: which lines are signed, what they say, whether they add up."""

from __future__ import annotations

import json
from collections import Counter
from collections.abc import Mapping
from typing import Any

from attrs import frozen


@frozen
class Report:
    """Lines of `VERB REST` that carried the nonce. `foreign`: something without it came over the channel as well."""

    lines: tuple[tuple[str, str], ...]
    foreign: bool

    @classmethod
    def read(cls, text: str, nonce: str) -> Report:
        """Sort signed lines from foreign ones; a last line that does not end is foreign."""
        *whole, rest = text.split("\n")
        signed = [line.removeprefix(f"{nonce} ").partition(" ") for line in whole if line.startswith(f"{nonce} ")]
        return cls(tuple((verb, said) for verb, _, said in signed), bool(rest) or len(signed) != len(whole))

    @property
    def ended(self) -> bool:
        """Whether the harness came to its end, once."""
        return self.lines[-1:] == (("end", ""),) and len(self.said("end")) == 1

    def said(self, verb: str) -> list[str]:
        """What was said with a verb, in order."""
        return [rest for kind, rest in self.lines if kind == verb]

    @property
    def passed(self) -> list[str]:
        """Tests that passed."""
        return [json.loads(rest) for rest in self.said("passed")]

    @property
    def failed(self) -> dict[str, str]:
        """Failed tests and why."""
        return dict(self._failures)

    @property
    def _failures(self) -> list[tuple[str, str]]:
        rows: list[Any] = [json.loads(rest) for rest in self.said("failed")]
        return [(str(name), str(why)) for name, why in rows]

    def adds_up(self, canary: str) -> bool:
        """Whether no test has two outcomes, and the canary, which must fail, did."""
        names = Counter([*self.passed, *(name for name, _ in self._failures)])
        return all(times == 1 for times in names.values()) and canary in self.failed

    def absent(self, wanted: Mapping[str, int | None]) -> set[str]:
        """Tests without an outcome, or with fewer or more cases than they have."""
        counts = Counter(name.partition("[")[0] for name in (*self.passed, *self.failed))
        exact = {*self.passed, *self.failed}
        return {
            name
            for name, times in wanted.items()
            if name not in exact and ("[" in name or not counts[name] or (times is not None and counts[name] != times))
        }
