"""The sources of Rust's crates, for tests."""

from __future__ import annotations

from borrowed import borrow

from stagerun import StageError
from stagerun_evaluators.rust import vendor


def provide() -> str:
    """Why there are none, or nothing."""
    try:
        return borrow(vendor.CRATES, "cargo", vendor.install)
    except StageError as error:
        return str(error)
