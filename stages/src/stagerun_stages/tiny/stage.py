"""`model.tiny`: the base model of the embedded default, built from nothing but a seed."""

from __future__ import annotations

from collections.abc import Iterator, Mapping
from typing import Any, ClassVar

from attrs import frozen

from stagerun import Ctx, Output, option
from stagerun_stages.tiny.architecture import PAIR, ModelType, architecture


@frozen(kw_only=True)
class Tiny:
    """Makes a model with its tokenizer, small enough for a CPU, that can copy and little else: a mixture of experts, or dense."""

    produces: ClassVar[Mapping[str, Output]] = {"model": Output("model", "model")}
    metrics: ClassVar[tuple[str, ...]] = ("loss", "copy_accuracy", "parameters", "tokens")
    resources: ClassVar[Mapping[str, int]] = {"accelerator": 1, "cpu": 1}

    steps: int = option(300, about="training steps from the random start")
    batch_size: int = option(32, about="conversations to a step")
    learning_rate: float = option(4e-3, about="peak learning rate")
    hidden_size: int = option(96, about="width of the model")
    layers: int = option(2, about="number of layers; every second one of gpt_oss attends to the whole text")
    experts: int = option(4, about="experts in each layer of gpt_oss; two answer for each token")
    model_type: ModelType = option(
        "gpt_oss", about="its shape: a mixture of experts, or dense, with a width that is a multiple of 64"
    )

    def check(self) -> Iterator[str]:
        """Mistakes that types cannot say; found while planning."""
        for name, least in (("steps", 0), ("batch_size", 1), ("hidden_size", 8), ("layers", 1), ("experts", 2)):
            if getattr(self, name) < least:
                yield f"{name} is {getattr(self, name)}; it must be at least {least}"
        if self.learning_rate <= 0:
            yield f"learning_rate is {self.learning_rate}; it must be above 0"
        if self.model_type != "gpt_oss" and self.hidden_size % PAIR:
            yield f"hidden_size is {self.hidden_size}; it must be a multiple of {PAIR} for {self.model_type}"

    def architecture(self) -> dict[str, Any]:
        """The configuration of the model that will be made, for the plan's estimates."""
        shape = architecture(self.model_type, self.hidden_size, self.layers, self.experts)
        return {"model_type": self.model_type, **shape}

    def run(self, ctx: Ctx) -> None:
        """Build; writes `model/` with weights, tokenizer and chat template."""
        from stagerun_stages.tiny.building import run

        run(self, ctx)
