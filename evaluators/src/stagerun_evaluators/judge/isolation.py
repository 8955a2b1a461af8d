"""The isolation a judge works in; chosen in `sandbox.choosing`."""

from __future__ import annotations

from stagerun_evaluators.sandbox.choosing import Isolation, choose

__all__ = ["Isolation", "choose"]
