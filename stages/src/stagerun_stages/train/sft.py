"""`train.sft`: supervised fine-tuning of a LoRA adapter on conversations. Only the options; the work is in run_sft.py."""

from __future__ import annotations

from collections.abc import Iterator, Mapping
from typing import Any, ClassVar

from attrs import frozen

from stagerun import Ctx, Hardware, Need, Output, option
from stagerun_stages.train import engines
from stagerun_stages.train.kernels import Kernels
from stagerun_stages.train.options import Training


@frozen(kw_only=True)
class Sft(Training):
    """Teaches by example: rows of `{"messages": [...], "tools": [...]}`, loss on what the assistant says."""

    needs: ClassVar[Mapping[str, Need]] = {
        "model": Need(("model", "adapter"), about="what is trained; an adapter is continued"),
        "train": Need("dataset", about="rows with messages and, if any, tools; or what data.pack made"),
        "validation": Need("dataset", optional=True, about="rows like train's, measured after training"),
        "heldout": Need("dataset", optional=True, many=True, about="questions asked before and after training"),
    }
    produces: ClassVar[Mapping[str, Output]] = {"adapter": Output("adapter", "adapter", base="model")}
    metrics: ClassVar[tuple[str, ...]] = (
        "loss",
        "first_loss",
        "token_accuracy",
        "grad_norm",
        "learning_rate",
        "eval_loss",
        "eval_token_accuracy",
        "rows",
        "rows_cut",
        "share_cut",
        "trainable_parameters",
        "micro_batch",
        "exact_match",
        "exact_match_before",
        "pass_rate",
        "pass_rate_before",
    )
    resources: ClassVar[Mapping[str, int]] = {"accelerator": 1, "cpu": 1}
    shrinks: ClassVar[bool] = True
    kernels_known: ClassVar[tuple[Kernels, ...]] = ("none", "liger", "cce")

    assistant_only: bool = option(True, about="loss on the assistant's tokens only")
    completion_only: bool = option(False, about="loss on the last answer only; what is before it is the question")
    turn_by_turn: bool = option(
        True, about="an answer whose thoughts the chat template drops once another follows is learned by itself"
    )
    packing: bool = option(False, about="fill each row with several conversations")
    engine: str = option(
        "auto", about="the library that trains: trl, mlx or unsloth; auto: mlx on backend mlx, else trl"
    )
    tiled_mlp: bool = option(
        False, about="feed-forward by pieces of the row, for long rows; engine unsloth alone", affects_result=False
    )

    def check(self) -> Iterator[str]:
        """Mistakes that types cannot say; found while planning."""
        yield from super().check()
        if self.completion_only and not self.assistant_only:
            yield "completion_only needs assistant_only: the last answer is what the assistant says last"
        yield from engines.complaints(self.engine)

    def fits(self, origins: Mapping[str, Any], hardware: Hardware) -> Iterator[tuple[str, str]]:
        """What the engine cannot do of what is asked on this machine."""
        yield from engines.misfits(self, origins, hardware)
        if engines.engine_of(self.engine, hardware.backend) != "mlx":
            yield from super().fits(origins, hardware)
            return
        from stagerun_stages.models.room import too_large

        yield from too_large(self, origins, hardware)  # the rest of what trl asks is not MLX's

    def train(self, ctx: Ctx) -> None:
        """Train in this process; writes `adapter/` with its lineage."""
        engines.run_sft(self, ctx)
