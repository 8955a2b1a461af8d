"""Attacks on the judging of Python, as data: what a skilled cheat would hand in, and what must come of it."""

from __future__ import annotations

from attacks import Attack

from .attacking import PLAIN as PLAIN
from .attacking import RIGHT as RIGHT
from .attacking import task as task
from .attacks_leaving import CONFIGURING, FORGING, LEAVING, SKIPPING
from .attacks_looking import LOOKING
from .attacks_of_values import VALUES
from .attacks_patching import EQUALITY, PATCHING
from .attacks_reaching import ODD, REACHING, RESOURCES

ATTACKS: dict[str, Attack] = (
    LEAVING | SKIPPING | CONFIGURING | FORGING | EQUALITY | PATCHING | REACHING | ODD | RESOURCES | LOOKING | VALUES
)
