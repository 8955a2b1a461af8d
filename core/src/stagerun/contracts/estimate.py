"""What a stage expects to need, told by the plan before anything is loaded."""

from __future__ import annotations

from collections.abc import Mapping

from attrs import field, frozen


@frozen
class Estimate:
    """`parameters`: counts by group, those that are trained; `memory`: bytes of the device by what takes them.

    `model_parameters` is the whole model's count. `note` says what the numbers leave out.
    """

    model_parameters: int = 0
    parameters: Mapping[str, int] = field(factory=dict)
    memory: Mapping[str, float] = field(factory=dict)
    note: str = ""

    @property
    def memory_bytes(self) -> float:
        """All of it."""
        return sum(self.memory.values())
