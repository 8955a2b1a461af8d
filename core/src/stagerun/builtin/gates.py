"""The gates that come with core: a metric against thresholds, an output's size, a metric against another stage's."""

from __future__ import annotations

import math
from collections.abc import Iterable, Sequence
from typing import Literal

from attrs import field, frozen, validators

from stagerun.contracts import GateInput, Verdict, option

GB = 1e9


@frozen
class Metric:
    """A metric within `min` and `max`; `window` takes the mean of the last rows of its history instead of the final value."""

    metric: str = option(about="which metric")
    min: float | None = option(None, about="smallest value that passes")
    max: float | None = option(None, about="largest value that passes")
    window: int | None = option(
        None, about="mean of the last N logged values", validator=validators.optional(validators.ge(1))
    )

    def __attrs_post_init__(self) -> None:
        if self.min is None and self.max is None:
            raise ValueError("a metric gate needs min or max")
        if self.min is not None and self.max is not None and self.min > self.max:
            raise ValueError(f"min {self.min:g} is above max {self.max:g}: nothing could pass")

    def wants(self) -> Iterable[str]:
        return (self.metric,)

    def judge(self, given: GateInput) -> Verdict:
        value, how = self._value(given)
        limits = {"min": self.min, "max": self.max}
        evidence = {
            "metric": self.metric,
            "value": value,
            **{key: limit for key, limit in limits.items() if limit is not None},
        }
        if value is None or not math.isfinite(value):
            return Verdict(
                False,
                {**evidence, "value": None},
                f"{self.metric} {'is missing' if value is None else 'is not a number'}",
            )
        low, high = self.min is None or value >= self.min, self.max is None or value <= self.max
        shown = [f"{'>=' if low else '<'} {self.min:g}"] if self.min is not None else []
        shown += [f"{'<=' if high else '>'} {self.max:g}"] if self.max is not None else []
        return Verdict(low and high, evidence, f"{self.metric} {value:.4g} {' and '.join(shown)}{how}")

    def _value(self, given: GateInput) -> tuple[float | None, str]:
        if self.window is None:
            return given.metrics.get(self.metric), ""
        return mean_of_last([row[self.metric] for row in given.history if self.metric in row], self.window)


def mean_of_last(values: Sequence[float], window: int) -> tuple[float | None, str]:
    """The mean of the last `window` values and words that say so; None when there is none."""
    last = values[-window:]
    if not last:
        return None, ""
    return math.fsum(last) / len(last), f" (mean of the last {len(last)})"


@frozen
class Size:
    """The size of an output in GB (1e9 bytes)."""

    output: str | None = option(None, about="which output; needed when the stage makes several")
    min_gb: float | None = option(None, about="smallest size that passes, GB")
    max_gb: float | None = option(None, about="largest size that passes, GB")

    def __attrs_post_init__(self) -> None:
        if self.min_gb is None and self.max_gb is None:
            raise ValueError("a size gate needs min_gb or max_gb")

    def judge(self, given: GateInput) -> Verdict:
        name = self.output or next(iter(given.outputs), "")
        made = given.outputs.get(name)
        evidence = {"output": name, "min_gb": self.min_gb, "max_gb": self.max_gb}
        if made is None or (self.output is None and len(given.outputs) > 1):
            return Verdict(False, evidence, f"say which output: {', '.join(given.outputs)}")
        size = made.bytes / GB
        passed = (self.min_gb is None or size >= self.min_gb) and (self.max_gb is None or size <= self.max_gb)
        limits = [f"at least {self.min_gb:g}"] if self.min_gb is not None else []
        limits += [f"at most {self.max_gb:g}"] if self.max_gb is not None else []
        return Verdict(
            passed, {**evidence, "size_gb": size}, f"{name} has {size:.3g} GB, wanted {' and '.join(limits)}"
        )


@frozen
class Compare:
    """A metric not worse than another stage's, by more than `margin`."""

    metric: str = option(about="this stage's metric")
    to: str = field(kw_only=True, metadata={"about": "STAGE.METRIC to compare with"})
    margin: float = option(0.0, about="by how much it may be worse", validator=validators.ge(0.0))
    better: Literal["higher", "lower"] = option("higher", about="which direction is better")

    @to.validator
    def _check_to(self, _: object, value: str) -> None:
        if value.count(".") != 1 or not all(value.split(".")):
            raise ValueError(f'"{value}" is not of the form stage.metric')

    def wants(self) -> Iterable[str]:
        return (self.metric, self.to)

    def judge(self, given: GateInput) -> Verdict:
        stage, _, metric = self.to.partition(".")
        mine, theirs = given.metrics.get(self.metric), given.others.get(stage, {}).get(metric)
        evidence = {"metric": self.metric, "value": mine, "to": self.to, "other": theirs, "margin": self.margin}
        if mine is None or theirs is None or not (math.isfinite(mine) and math.isfinite(theirs)):
            lost = self.metric if mine is None or not math.isfinite(mine) else self.to
            return Verdict(False, {**evidence, "value": None}, f"{lost} is missing or not a number")
        worse = theirs - mine if self.better == "higher" else mine - theirs
        word = "not worse than" if worse <= self.margin else "worse than"
        return Verdict(worse <= self.margin, evidence, f"{self.metric} {mine:.4g} is {word} {self.to} {theirs:.4g}")
