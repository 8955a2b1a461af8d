"""FP8 training by accelerate and torchao: which layers it takes, and the proof that it is in force.

TRL sets bf16 unless told otherwise, and then accelerate's "fp8" is dropped without a word; so the trainer's own accelerator is
asked, and the converted layers are counted, before the first step. Matrix products of the frozen linear layers run in 8 bits with
a scale for each tensor; the adapter's small matrices and the output head stay as they are. Not by transformer-engine: accelerate
1.15 puts its layers with new, trainable weights in the place of the frozen ones.

torchao also computes the gradient of frozen weights unless the layer is compiled, which leaves out what nobody asks for
(`matmul_with_hp_or_float8_args.backward` of torchao 0.18); so FP8 without `compile` may well be slower.
"""

from __future__ import annotations

from typing import Any

from transformers import TrainerCallback

from stagerun import Ctx, StageError
from stagerun_stages.train.callbacks import leave

CONVERTED = "Float8Linear"
MULTIPLE = 16  # sizes that the hardware's FP8 product takes


def takes(module: Any, name: str) -> bool:
    """Whether a layer is converted: a linear one of the base, of sizes that FP8 takes, and not the head."""
    import torch

    if not isinstance(module, torch.nn.Linear) or "lora_" in name or name.rpartition(".")[2] in ("lm_head", "score"):
        return False
    return module.in_features % MULTIPLE == 0 and module.out_features % MULTIPLE == 0


def recipe() -> Any:
    """What the accelerator is given. Where there is no GPU, as in tests, the same layers round to 8 bits and multiply in 32.

    Raises StageError when torchao is missing.
    """
    import torch
    from accelerate.utils import AORecipeKwargs

    try:
        from torchao.float8 import Float8LinearConfig
    except ImportError as error:
        raise StageError('precision is "fp8", and torchao is not installed', "pip install torchao") from error
    # accelerate's own default makes every weight a tensor of another class, for FSDP2
    config = Float8LinearConfig(pad_inner_dim=True, emulate=not torch.cuda.is_available())
    return AORecipeKwargs(config=config, module_filter_func=takes)


def converted(model: Any) -> int:
    """How many layers multiply in FP8."""
    return sum(type(module).__name__ == CONVERTED for module in model.modules())


class ProveFp8(TrainerCallback):
    """Proves when the training begins, after accelerate has prepared the model and before the first step."""

    def __init__(self, ctx: Ctx, trainer: Any) -> None:
        self.ctx, self.trainer = ctx, trainer

    def on_train_begin(self, _args: Any, _state: Any, _control: Any, **_: Any) -> None:
        """Ask the accelerator, count the layers."""
        import torch

        found = str(self.trainer.accelerator.mixed_precision)
        count = converted(self.trainer.model)
        emulated = not torch.cuda.is_available()
        self.ctx.prove("fp8", found == "fp8" and count > 0, mixed_precision=found, layers=count, emulated=emulated)
        leave(self.trainer, self)
