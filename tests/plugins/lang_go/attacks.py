"""Hostile Go, one attack an entry: what must come of it on every tier that can hold it, and honest code that looks like it."""

from __future__ import annotations

from attacks import Attack

from .attacks_on_machines import ESCAPING, RESOURCES
from .attacks_on_reach import REACH
from .attacks_on_rewards import HONEST, REWARD
from .lookalikes import LOOKALIKES

ATTACKS: dict[str, Attack] = {**REWARD, **REACH, **RESOURCES, **ESCAPING, **HONEST, **LOOKALIKES}
