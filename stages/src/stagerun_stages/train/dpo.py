"""`train.dpo`: preference training of a LoRA adapter, IPO or DPO. Only the options; the work is in run_dpo.py."""

from __future__ import annotations

from collections.abc import Iterator, Mapping
from typing import ClassVar

from attrs import frozen

from stagerun import Ctx, Need, Output, option
from stagerun_stages.train.options import Training

LOSSES = ("ipo", "sigmoid")


@frozen(kw_only=True)
class Dpo(Training):
    """Prefers one answer over another: rows of `{"prompt", "chosen", "rejected"}`, each messages or text."""

    needs: ClassVar[Mapping[str, Need]] = {
        "model": Need(("model", "adapter"), about="what is trained; an adapter is continued, and is the reference"),
        "train": Need("dataset", about="rows with prompt, chosen and rejected; the answers do not repeat the prompt"),
        "validation": Need("dataset", optional=True, about="rows like train's, measured after training"),
        "heldout": Need("dataset", optional=True, many=True, about="questions asked before and after training"),
    }
    produces: ClassVar[Mapping[str, Output]] = {"adapter": Output("adapter", "adapter", base="model")}
    metrics: ClassVar[tuple[str, ...]] = (
        "loss",
        "first_loss",
        "margin",
        "accuracy",
        "grad_norm",
        "learning_rate",
        "eval_loss",
        "eval_margin",
        "eval_accuracy",
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

    rows_for_each: ClassVar[int] = 2  # the chosen and the rejected answer
    keeps_reference: ClassVar[bool] = True

    learning_rate: float = option(5e-6, about="peak learning rate")
    loss: str = option("ipo", about="ipo (token-averaged, Azar et al. 2023) or sigmoid (DPO, Rafailov et al. 2023)")
    beta: float = option(0.1, about="how closely the reference is kept to; IPO's tau")

    def check(self) -> Iterator[str]:
        """Mistakes that types cannot say; found while planning."""
        yield from super().check()
        if self.loss not in LOSSES:
            yield f'loss is "{self.loss}"; it must be one of {", ".join(LOSSES)}'
        if self.beta <= 0:
            yield f"beta is {self.beta}; it must be above 0"

    def train(self, ctx: Ctx) -> None:
        """Train in this process; writes `adapter/` with its lineage."""
        from stagerun_stages.train.run_dpo import run

        run(self, ctx)
