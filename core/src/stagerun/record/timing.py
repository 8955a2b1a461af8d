"""Estimated and real times of a stage as the record keeps them, and what a time costs.

While a stage runs: `estimated` with its bounds `low` and `high`, all in seconds from the start of the attempt to its last step,
as told `after_step`; and `latest`, the newest estimate with the moment `ends` (seconds since the epoch) at which it puts the last
step. Once it is done: `took`, and `off`, by what share of it the first estimate was wrong (0.05: it said 5 % too much).
"""

from __future__ import annotations

from collections.abc import Mapping
from typing import Any

from stagerun.record.words import seconds

HOUR = 3600.0


def estimated(timing: dict[str, Any], data: Mapping[str, Any], now: float) -> None:
    """Take in a `stage.estimated`."""
    found = {name: data[name] for name in ("seconds", "low", "high") if name in data}
    if data.get("first") or "estimated" not in timing:
        timing.clear()
        timing.update(estimated=found.get("seconds"), low=found.get("low"), high=found.get("high"))
        timing["after_step"] = data.get("step")
    left = float(data.get("left", 0.0))
    timing["latest"] = {**found, "step": data.get("step"), "total": data.get("total"), "ends": round(now + left, 3)}


def finished(timing: dict[str, Any], data: Mapping[str, Any]) -> None:
    """Compare the first estimate with what `stage.finished` tells."""
    took = float(data.get("took") or 0.0)
    timing.pop("latest", None)
    if took and timing.get("estimated") is not None:
        timing["took"] = took
        timing["off"] = round(timing["estimated"] / took - 1, 4)


def cost(seconds: float, price_per_hour: float) -> float | None:
    """What so many seconds cost; None without a price."""
    return round(max(seconds, 0.0) / HOUR * price_per_hour, 4) if price_per_hour else None


def compared(timing: Mapping[str, Any]) -> str:
    """'12 min 05 s to its last step; at step 7, 11 min 50 s were estimated (2.1% too little; 11 min 20 s to 12 min 20 s)'."""
    word = "much" if timing["off"] >= 0 else "little"
    span = f"{seconds(timing['low'])} to {seconds(timing['high'])}"
    estimate = f"at step {timing['after_step']}, {seconds(timing['estimated'])} were estimated"
    return f"{seconds(timing['took'])} to its last step; {estimate} ({abs(timing['off']):.1%} too {word}; {span})"
