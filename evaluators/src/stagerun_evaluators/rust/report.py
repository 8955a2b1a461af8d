"""The host's report, read with suspicion: which lines are signed with this run's key, in order, and whether they add up."""

from __future__ import annotations

from collections.abc import Sequence

from attrs import frozen

_MASK = (1 << 64) - 1


@frozen
class Report:
    """Lines of (verb, rest) that were signed in their place. `foreign`: something else came over the channel as well."""

    lines: tuple[tuple[str, str], ...]
    foreign: bool

    @classmethod
    def read(cls, text: str, key: str) -> Report:
        """Take signed lines as long as they are whole and in order; anything else is foreign."""
        *whole, rest = text.split("\n")
        lines: list[tuple[str, str]] = []
        foreign = bool(rest)
        for line in whole:
            tag, _, said = line.partition(" ")
            number, _, what = said.partition(" ")
            if number != str(len(lines)) or tag != f"{siphash(key, said.encode()):016x}":
                foreign = True
                continue
            verb, _, more = what.partition(" ")
            lines.append((verb, more))
        return cls(tuple(lines), foreign)

    @property
    def ended(self) -> bool:
        """Whether the host came to its end, once."""
        return self.lines[-1:] == (("end", ""),) and len(self.said("end")) == 1

    def said(self, verb: str) -> list[str]:
        """What was said with a verb, in order."""
        return [rest for kind, rest in self.lines if kind == verb]

    @property
    def failed(self) -> dict[str, str]:
        """Failed tests and why."""
        return {name: why for name, _, why in (rest.partition(" ") for rest in self.said("failed"))}

    def adds_up(self, canaries: Sequence[str]) -> bool:
        """Whether each listed test, and no other, has one outcome, and the canaries, which must fail, came first and last."""
        listed = self.said("list")
        outcomes = [rest.partition(" ")[0] for kind, rest in self.lines if kind in {"passed", "failed"}]
        ends = [listed[0], listed[-1]] if listed else []
        at_ends = [name.rpartition("::")[2] for name in ends] == list(canaries) and set(ends) <= set(self.failed)
        return at_ends and outcomes == listed and len(set(listed)) == len(listed)


def siphash(key: str, data: bytes) -> int:
    """SipHash-2-4 of the data under a key of 32 hexadecimal digits."""
    k0, k1 = int(key[:16], 16), int(key[16:], 16)
    state = [k0 ^ 0x736F6D6570736575, k1 ^ 0x646F72616E646F6D, k0 ^ 0x6C7967656E657261, k1 ^ 0x7465646279746573]
    padded = data + bytes(7 - len(data) % 8) + bytes([len(data) & 0xFF])
    for at in range(0, len(padded), 8):
        word = int.from_bytes(padded[at : at + 8], "little")
        state[3] ^= word
        _round(state)
        _round(state)
        state[0] ^= word
    state[2] ^= 0xFF
    for _ in range(4):
        _round(state)
    return state[0] ^ state[1] ^ state[2] ^ state[3]


def _round(v: list[int]) -> None:
    a, b, c, d = v
    a = (a + b) & _MASK
    b = ((b << 13 | b >> 51) & _MASK) ^ a
    a = (a << 32 | a >> 32) & _MASK
    c = (c + d) & _MASK
    d = ((d << 16 | d >> 48) & _MASK) ^ c
    a = (a + d) & _MASK
    d = ((d << 21 | d >> 43) & _MASK) ^ a
    c = (c + b) & _MASK
    b = ((b << 17 | b >> 47) & _MASK) ^ c
    c = (c << 32 | c >> 32) & _MASK
    v[:] = [a, b, c, d]
