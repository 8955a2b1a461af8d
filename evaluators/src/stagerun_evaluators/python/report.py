"""The harness's report, read with suspicion: which lines are signed, what they say, whether they add up."""

from __future__ import annotations

from collections.abc import Sequence

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
    def failed(self) -> dict[str, str]:
        """Failed tests and why."""
        return {name: why for name, _, why in (rest.partition(" ") for rest in self.said("failed"))}

    def adds_up(self, names: Sequence[str], canary: str) -> bool:
        """Whether every name has exactly one outcome and the canary, which must fail, did."""
        outcomes = self.said("passed") + [rest.partition(" ")[0] for rest in self.said("failed")]
        return sorted(outcomes) == sorted(names) and canary in self.failed
