"""`model.merge`: an adapter becomes part of its base model. Only the options; the work is in merging.py."""

from __future__ import annotations

from collections.abc import Iterator, Mapping
from typing import Any, ClassVar

from attrs import frozen

from stagerun import Ctx, Estimate, Need, Output, Policy, Space, option
from stagerun_stages.models.formats import SAFETENSORS


@frozen(kw_only=True)
class Merge:
    """Merges an adapter into the model it was trained on, and proves that the result answers like the two together."""

    needs: ClassVar[Mapping[str, Need]] = {
        "model": Need(("model", "adapter"), about="the adapter, with its base; a model is passed on as it is"),
    }
    produces: ClassVar[Mapping[str, Output]] = {"model": Output("model", "model", like="model")}
    metrics: ClassVar[tuple[str, ...]] = ("size_gb", "kl_ratio", "parameters")
    resources: ClassVar[Mapping[str, int]] = {"accelerator": 1, "cpu": 1}

    max_kl_ratio: float = option(
        0.01, about="largest divergence from the adapter, as a share of what the adapter changes"
    )
    shard_gb: float = option(5.0, about="largest weight file, in GB")

    def estimate(self, origins: Mapping[str, Any], policy: Policy) -> Estimate | None:
        """What the weights take of the device, from the model's configuration alone."""
        from stagerun_stages.models.needs import of_weights

        return of_weights(origins["model"], policy)

    def space(self, origins: Mapping[str, Any], policy: Policy, keep: int) -> Iterator[Space]:  # noqa: ARG002 - the contract's
        """The files it writes, and the model if it must be downloaded."""
        from stagerun_stages.models.space import of_model

        yield from of_model(self.estimate(origins, policy), origins["model"], policy, (SAFETENSORS,))

    def run(self, ctx: Ctx) -> None:
        """Merge; writes `model/` with weights, tokenizer and chat template."""
        from stagerun_stages.models.merging import run

        run(self, ctx)
