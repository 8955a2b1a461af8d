"""`model.export`: a folder that anyone can load and serve. Only the options; the work is in exporting.py."""

from __future__ import annotations

from collections.abc import Mapping
from typing import Any, ClassVar

from attrs import frozen

from stagerun import Ctx, Estimate, Need, Output, Policy, option


@frozen(kw_only=True)
class Export:
    """Writes safetensors, tokenizer, chat template and model card, loads them again and proves that they answer the same."""

    needs: ClassVar[Mapping[str, Need]] = {
        "model": Need(("model", "adapter"), about="what is exported; an adapter is merged into its base first"),
    }
    produces: ClassVar[Mapping[str, Output]] = {"model": Output("model", "model", like="model")}
    metrics: ClassVar[tuple[str, ...]] = ("size_gb", "kl_ratio", "kl_reload", "parameters")
    resources: ClassVar[Mapping[str, int]] = {"accelerator": 1, "cpu": 1}

    name: str = option("", about="title of the model card; empty: the stage's name")
    max_kl_ratio: float = option(
        0.01, about="largest divergence from the adapter, as a share of what the adapter changes"
    )
    shard_gb: float = option(5.0, about="largest weight file, in GB")

    def estimate(self, origins: Mapping[str, Any], policy: Policy) -> Estimate | None:
        """What the weights take of the device, from the model's configuration alone."""
        from stagerun_stages.models.needs import of_weights

        return of_weights(origins["model"], policy)

    def run(self, ctx: Ctx) -> None:
        """Export; writes `model/`."""
        from stagerun_stages.models.exporting import run

        run(self, ctx)
