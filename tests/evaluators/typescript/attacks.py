"""Attacks on the TypeScript language: what a skilled reward hacker would hand in, and honest code that looks like it.

Each is tried on every tier of isolation by the test of all tables; the test beside this file tries them on the default one.
"""

from __future__ import annotations

from attacks import Attack

from .attacks_of_values import VALUES
from .attacks_on_language import LANGUAGE
from .attacks_on_machine import MACHINE
from .attacks_on_runner import RUNNER
from .looks_hostile import HONEST

ATTACKS: dict[str, Attack] = {**RUNNER, **LANGUAGE, **VALUES, **MACHINE, **HONEST}
