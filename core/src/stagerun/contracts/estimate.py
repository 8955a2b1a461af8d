"""What a stage expects to need, told by the plan before anything is loaded."""

from __future__ import annotations

from collections.abc import Mapping

from attrs import field, frozen


@frozen
class Estimate:
    """`parameters`: counts by group, those that are trained; `memory`: bytes of the device by what takes them.

    `model_parameters` is the whole model's count. `note` says what the numbers leave out. `peak` says at which moment it is
    that much, and `phases` how much it is at each of the moments that were looked at, in bytes.
    """

    model_parameters: int = 0
    parameters: Mapping[str, int] = field(factory=dict)
    memory: Mapping[str, float] = field(factory=dict)
    note: str = ""
    peak: str = ""
    phases: Mapping[str, float] = field(factory=dict)

    @property
    def memory_bytes(self) -> float:
        """All of it."""
        return sum(self.memory.values())


@frozen
class Room:
    """What of a stage fits a device: `asked` rows at once, and the `largest` number of rows that does (0: not even one).

    `advice` says what else would fit, each an option and its value: 'max_length = 24576'.
    """

    asked: int
    largest: int
    advice: tuple[str, ...] = ()
