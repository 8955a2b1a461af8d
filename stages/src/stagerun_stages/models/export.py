"""`model.export`: a folder that anyone can load and serve. Only the options; the work is in exporting.py."""

from __future__ import annotations

import re
from collections.abc import Iterator, Mapping
from typing import Any, ClassVar

from attrs import frozen

from stagerun import Ctx, Estimate, Need, Output, Policy, Space, option
from stagerun_stages.models.formats import FORMATS, SAFETENSORS, complaints


@frozen(kw_only=True)
class Export:
    """Writes a model in the formats asked for, with all that serving it takes, and proves that each answers like its source.

    Made from the first of its parents that exists, which is named in the model card: weights with tokenizer and chat template,
    GGUF files, an Ollama Modelfile, sample prompts, a note for AnythingLLM and the card.
    """

    needs: ClassVar[Mapping[str, Need]] = {
        "model": Need(("model", "adapter"), about="what is exported; an adapter is merged into its base first"),
        "heldout": Need("dataset", optional=True, many=True, about="where the questions that compare files come from"),
    }
    produces: ClassVar[Mapping[str, Output]] = {"model": Output("model", "model", like="model")}
    metrics: ClassVar[tuple[str, ...]] = (
        "size_gb",
        "kl_ratio",
        "kl_reload",
        "parameters",
        "size_gb_*",
        "divergence_*",
        "agreement_*",
        "same_answers_*",
    )
    version: ClassVar[str] = "2"
    resources: ClassVar[Mapping[str, int]] = {"accelerator": 1, "cpu": 1}

    name: str = option("", about="title of the model card, and what its files are called; empty: the stage's name")
    licence: str = option(
        "", about="licence of the exported model, as hubs name them (apache-2.0); empty: the base's, if known"
    )
    formats: tuple[str, ...] = option((SAFETENSORS,), about=f"any of {', '.join(FORMATS)}")
    max_divergence: Mapping[str, float] = option(
        factory=dict, about="for a GGUF format, the largest mean divergence from the source, in nats to a token"
    )
    questions: int = option(6, about="how many questions a GGUF file must answer like its source")
    answer_tokens: int = option(32, about="longest answer compared, in tokens")
    date: str = option(
        "2025-08-01", about="the day a chat template that prints the date is told when files are compared"
    )
    max_kl_ratio: float = option(
        0.01, about="largest divergence from the adapter, as a share of what the adapter changes"
    )
    shard_gb: float = option(5.0, about="largest weight file, in GB")

    def check(self) -> Iterator[str]:
        """Mistakes that types cannot say, and software that the formats need; found while planning."""
        yield from complaints(self.formats, self.max_divergence)
        for name in ("questions", "answer_tokens"):
            if getattr(self, name) < 1:
                yield f"{name} is {getattr(self, name)}; it must be at least 1"

    def title(self, stage: str) -> str:
        """What the model is called."""
        return self.name or stage

    def slug(self, stage: str) -> str:
        """The same as the beginning of a file's name."""
        return re.sub(r"[^\w.-]+", "-", self.title(stage)).strip("-.") or "model"

    def estimate(self, origins: Mapping[str, Any], policy: Policy) -> Estimate | None:
        """What the weights take of the device, from the model's configuration alone."""
        from stagerun_stages.models.needs import of_weights

        return of_weights(origins["model"], policy)

    def space(self, origins: Mapping[str, Any], policy: Policy, keep: int) -> Iterator[Space]:  # noqa: ARG002 - the contract's
        """The files it writes, and the model if it must be downloaded."""
        from stagerun_stages.models.space import of_model

        yield from of_model(self.estimate(origins, policy), origins["model"], policy, self.formats)

    def run(self, ctx: Ctx) -> None:
        """Export; writes `model/`."""
        from stagerun_stages.models.exporting import run

        run(self, ctx)
