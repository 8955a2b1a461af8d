"""The packages that TypeScript is judged with, for tests."""

from __future__ import annotations

from borrowed import borrow

from stagerun_evaluators.typescript import toolchain


def provide() -> None:
    """Have them if that can be; tests that need them tell by themselves when they are missing."""
    borrow(toolchain.PACKAGES, "npm", toolchain.install)
