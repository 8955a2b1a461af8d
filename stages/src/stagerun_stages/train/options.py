"""The options that the training stages share. Plain data: importing this loads no training library.

Not covered: what an option becomes in TRL's words, see arguments.py.
"""

from __future__ import annotations

from collections.abc import Iterator, Mapping
from typing import Any, ClassVar, Literal

from attrs import evolve, frozen

from stagerun import Ctx, Estimate, Hardware, Policy, Room, Space, option
from stagerun_stages.train import templates
from stagerun_stages.train.kernels import Compile, Kernels
from stagerun_stages.train.launch import Launch
from stagerun_stages.train.precision import Precision, in_force


@frozen(kw_only=True)
class Lora:
    """The adapter. Targets are checked against the model before training: a name that matches nothing is refused."""

    rank: int = option(16, about="rank of the two factors")
    alpha: float = option(32.0, about="scale of the adapter; its weight is alpha / rank")
    dropout: float = option(0.0, about="dropout before the adapter; must be 0 with experts")
    targets: tuple[str, ...] = option((), about="names of linear layers, such as q_proj; empty: every one but the head")
    experts: bool = option(False, about="also adapt the experts of a mixture-of-experts model")
    use_rslora: bool = option(False, about="divide alpha by the square root of the rank instead (rsLoRA)")
    use_dora: bool = option(False, about="train direction and size of the weights apart (DoRA); not with experts")
    loraplus_lr_ratio: float = option(0.0, about="learning rate of the second factor over the first (LoRA+); 0: off")
    peft: Mapping[str, Any] = option(factory=dict, about="passed to PEFT's LoraConfig under its own names")

    def complaints(self) -> Iterator[str]:
        """What is wrong with these options whatever the model."""
        if self.rank < 1:
            yield f"lora.rank is {self.rank}; it must be at least 1"
        if not 0 <= self.dropout < 1:
            yield f"lora.dropout is {self.dropout}; it must be at least 0 and below 1"
        if self.experts and self.dropout:
            yield "lora.dropout must be 0 with lora.experts: experts are adapted as parameters, which have no dropout"
        if self.experts and self.use_dora:
            yield "lora.use_dora cannot go with lora.experts: experts are adapted as parameters, which have no DoRA"
        if self.loraplus_lr_ratio and self.loraplus_lr_ratio < 1:
            yield f"lora.loraplus_lr_ratio is {self.loraplus_lr_ratio}; it must be at least 1, or 0"


@frozen(kw_only=True)
class Evaluation:
    """The held-out questions asked before and after training, answered greedily."""

    limit: int = option(200, about="rows used of each set; 0 for all")
    max_new_tokens: int = option(256, about="longest answer, in tokens")
    batch_size: int = option(16, about="questions answered at once", affects_result=False)


@frozen(kw_only=True)
class Training:
    """Options of every training stage. Lengths are in tokens, steps are optimizer steps."""

    rows_for_each: ClassVar[int] = 1  # rows in memory for each row of a batch
    keeps_reference: ClassVar[bool] = False  # whether an adapter that is continued is kept a second time, as it was
    judges_in_each: ClassVar[bool] = False  # of several processes: whether each judges, or the first alone
    kernels_known: ClassVar[tuple[Kernels, ...]] = ("none", "liger")

    lora: Lora = option(factory=Lora, about="the adapter that is trained; ignored when an adapter is continued")
    learning_rate: float = option(2e-4, about="peak learning rate")
    epochs: float = option(1.0, about="passes over the data")
    max_steps: int = option(0, about="stop after so many steps; 0: as many as the epochs take")
    batch_size: int = option(1, about="rows in one forward pass")
    accumulation: int = option(1, about="forward passes to one optimizer step")
    micro_batch: int = option(
        0,
        about="rows of a batch in memory at once, at most: the same batch in smaller pieces; 0: all",
        affects_result=False,
    )
    max_length: int = option(1024, about="longest row in tokens; what is beyond is cut off")
    max_cut: float = option(
        0.1, about="largest share of rows that may lose something to max_length", affects_result=False
    )
    warmup: float = option(0.0, about="steps of rising learning rate; below 1, a share of all steps")
    schedule: str = option("linear", about="learning rate schedule, by its name in transformers")
    weight_decay: float = option(0.0, about="AdamW's weight decay")
    max_grad_norm: float = option(1.0, about="gradients are clipped to this norm")
    router_balance: float = option(
        0.0, about="weight of a mixture of experts' load-balancing loss; its router is frozen"
    )
    gradient_checkpointing: bool = option(False, about="recompute activations to save memory")
    precision: Precision = option(
        "auto", about="number format; auto: the backend's; fp8: products in 8 bits where layers allow, weights bfloat16"
    )
    quantize: Literal["none", "4bit"] = option(
        "none", about="4bit: frozen weights are kept in 4 bits (bitsandbytes NF4, QLoRA)"
    )
    attention: str = option(
        "auto", about="attention by its name in transformers; auto: the backend's for the model", affects_result=False
    )
    compile: Compile = option(
        "auto", about="compile the layers with torch.compile; auto: where the backend does", affects_result=False
    )
    kernels: Kernels = option(
        "none", about="liger: Liger's kernels in the layers; cce: cut cross-entropy for the loss", affects_result=False
    )
    chat: Mapping[str, Any] = option(factory=dict, about="passed to the chat template, such as reasoning_effort")
    chat_template: str = option(
        "", about='one that TRL ships, such as "qwen3", or a .jinja file, in place of the model\'s own'
    )
    date: str = option(
        "2025-08-01", about="the day a chat template that prints the date is told; fixed, so a rerun agrees"
    )
    evaluation: Evaluation = option(factory=Evaluation, about="the held-out questions")
    save_steps: int = option(100, about="a checkpoint every so many steps; 0: only at the end", affects_result=False)
    logging_steps: int = option(1, about="a row of metrics every so many steps", affects_result=False)
    longest_first: bool = option(
        True, about="try the longest batch once before training, so that memory fails at once", affects_result=False
    )
    early_stopping: Mapping[str, Any] = option(
        factory=dict, about="passed to transformers' EarlyStoppingCallback; needs validation and trainer.eval_strategy"
    )
    trainer: Mapping[str, Any] = option(factory=dict, about="passed to TRL's configuration under its own names")
    launch: Launch = option(factory=Launch, about="several processes on this machine", affects_result=False)

    @property
    def rows_at_once(self) -> int:
        """Rows of a batch that are in a process's memory together, before any shrinking."""
        from stagerun_stages.train.memory import split

        return split(self.batch_size // self.launch.processes, 1, 0, self.micro_batch).micro

    def claims(self) -> Iterator[tuple[str, int]]:
        """As many accelerators and processors as there are processes."""
        if self.launch.processes > 1:
            yield "accelerator", self.launch.processes
            yield "cpu", self.launch.processes

    def run(self, ctx: Ctx) -> None:
        """Train, in as many processes as `launch` says; writes `adapter/` with its lineage."""
        from stagerun_stages.train.launching import run

        run(self, ctx)

    def train(self, ctx: Ctx) -> None:
        """Train in this process, which may be one of several."""
        raise NotImplementedError

    @property
    def generates(self) -> tuple[int, int, int]:
        """How many answers it generates at once, with the longest prompt and the longest answer in tokens; zeros for none."""
        return 0, 0, 0

    def estimate(self, origins: Mapping[str, Any], policy: Policy) -> Estimate | None:
        """What training takes of the device, from the model's configuration alone."""
        from stagerun_stages.models.needs import of_training

        return of_training(self, origins, self.in_force(policy))

    def room(self, origins: Mapping[str, Any], hardware: Hardware) -> Room | None:
        """How many rows of a batch fit the device at once."""
        from stagerun_stages.models.room import of_training

        return of_training(self, origins, hardware)

    def in_force(self, policy: Policy) -> Policy:
        """The backend's policy as the options bend it."""
        policy = in_force(self.precision, policy)
        return policy if self.attention == "auto" else evolve(policy, attention={"*": self.attention})

    def fits(self, origins: Mapping[str, Any], hardware: Hardware) -> Iterator[tuple[str, str]]:
        """What cannot work on this machine, each with its option."""
        from stagerun_stages.models.room import too_large
        from stagerun_stages.train import optimizers
        from stagerun_stages.train.fit import misfits

        yield from misfits(self, origins, hardware)
        yield from optimizers.misfits(self.trainer, hardware)
        yield from too_large(self, origins, hardware)

    def space(self, origins: Mapping[str, Any], policy: Policy, keep: int) -> Iterator[Space]:
        """What training puts on a disk: `keep` checkpoints, the adapter, the model if it must be downloaded."""
        from stagerun_stages.models.space import of_training

        yield from of_training(self.estimate(origins, policy), origins["model"], keep)

    def reads(self) -> Iterator[str]:
        """The chat template, where it is a file."""
        if self.chat_template.endswith(templates.ENDING):
            yield self.chat_template

    def check(self) -> Iterator[str]:
        """Mistakes that types cannot say; found while planning."""
        from stagerun_stages.train.fit import complaints

        yield from self.lora.complaints()
        yield from complaints(self)
        yield from templates.complaints(self.chat_template)
        for name in ("batch_size", "accumulation", "max_length", "logging_steps"):
            if getattr(self, name) < 1:
                yield f"{name} is {getattr(self, name)}; it must be at least 1"
        if not 0 <= self.max_cut <= 1:
            yield f"max_cut is {self.max_cut}; it must be between 0 and 1"
        evaluates = self.trainer.get("eval_strategy", "no") != "no"
        if self.early_stopping and not evaluates:
            yield 'early_stopping needs trainer = { eval_strategy = "steps", eval_steps = 50 } or the like'
        for name in ("learning_rate", "epochs"):
            if getattr(self, name) <= 0:
                yield f"{name} is {getattr(self, name)}; it must be above 0"
        for name in ("max_steps", "save_steps", "warmup", "weight_decay", "max_grad_norm", "micro_batch"):
            if getattr(self, name) < 0:
                yield f"{name} is {getattr(self, name)}; it must not be negative"
