"""Hostile Rust, one attack an entry: what must come of it on every tier that can hold it, and honest code that looks like it."""

from __future__ import annotations

from attacks import Attack

from .attacks_on_machines import COMPILING, ESCAPING, FILES, LOOKALIKES, RESOURCES
from .attacks_on_rewards import FORGING, LEAVING, LINKING, LYING, SHADOWING
from .attacks_on_trust import TRUST
from .lookalikes import UNUSUAL

ATTACKS: dict[str, Attack] = {
    **LEAVING,
    **FORGING,
    **SHADOWING,
    **LYING,
    **LINKING,
    **TRUST,
    **FILES,
    **COMPILING,
    **RESOURCES,
    **ESCAPING,
    **LOOKALIKES,
    **UNUSUAL,
}
