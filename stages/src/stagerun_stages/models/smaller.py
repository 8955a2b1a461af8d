"""How large a base a device takes, where the one that was asked for is too large whatever else is changed.

The number comes from the same estimate as the refusal, asked of the same architecture made narrower and shallower: heads, widths
and layers all by one share. A mixture of experts stands for itself only, so a dense model is shrunk in its place. Of the models
that are known here, the largest that fits is named as well. Not covered: whether that base is any good at the task.
"""

from __future__ import annotations

from collections.abc import Callable
from typing import Any

from attrs import frozen

from stagerun_stages.models.known import KNOWN
from stagerun_stages.models.shapes import DENSE, Config, shape_of

Fits = Callable[[Any], bool]  # what a stage starts from -> whether it fits
PATTERN = "Qwen/Qwen2.5-14B"  # what is made smaller where the model itself has experts
PARTS = 64  # shares of its widths that are tried
LEAST = 5e7  # parameters below which no base is advised
TUNED = "Instruct"
COUNTS = ("num_attention_heads", "num_key_value_heads", "num_hidden_layers")
WIDTHS = ("hidden_size", "intermediate_size")
MULTIPLE = 64  # of which widths are, as everybody's are


@frozen
class Imagined:
    """A model that there is only on paper."""

    config: Config

    def architecture(self) -> Config:
        """Its configuration, as a stage that makes a model has one."""
        return self.config


def base(origin: Any, config: Config, fits: Fits) -> str:
    """'a base of up to about 3.4B parameters, such as Qwen/Qwen2.5-3B-Instruct'; empty where not even a small one fits."""
    dense = config if config.get("model_type") in DENSE else KNOWN[PATTERN]
    smaller = (scaled(dense, part / PARTS) for part in range(1, PARTS))
    named = known(origin, config, fits)
    fitting = [size(each) for each in smaller if fits(Imagined(each))] + [size(KNOWN[name]) for name in named]
    most = max(fitting, default=0)
    if most < LEAST:
        return ""
    return f"a base of up to about {most / 1e9:.2g}B parameters{f', such as {named[0]}' if named else ''}"


def scaled(config: Config, share: float) -> Config:
    """The same architecture with so much of each of its heads, widths and layers."""
    heads = int(config["num_attention_heads"])
    head = int(config.get("head_dim") or int(config["hidden_size"]) // heads)
    counts = {name: max(round(int(config.get(name) or heads) * share), 1) for name in COUNTS}
    widths = {name: max(round(int(config[name]) * share / MULTIPLE), 1) * MULTIPLE for name in WIDTHS}
    return {**config, **counts, **widths, "head_dim": head, "layer_types": None}


def known(origin: Any, config: Config, fits: Fits) -> list[str]:
    """Known dense models that are smaller and fit: first those of the same kind, tuned to follow instructions or not as the
    model itself is, and the largest of these."""
    name = str(getattr(origin, "source", ""))
    tuned = TUNED in name or config.get("model_type") not in DENSE

    def order(other: str) -> tuple[bool, bool, int]:
        return KNOWN[other]["model_type"] == config.get("model_type"), (TUNED in other) == tuned, size(KNOWN[other])

    smaller = [one for one in KNOWN if KNOWN[one]["model_type"] in DENSE and size(KNOWN[one]) < size(config)]
    return [one for one in sorted(smaller, key=order, reverse=True) if fits(Imagined(KNOWN[one]))]


def size(config: Config) -> int:
    """Parameters of a model; 0 for an architecture that is not known here."""
    shape = shape_of(config)
    return shape.parameters if shape is not None else 0
