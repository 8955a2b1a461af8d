"""Proves that the documents of a packed row do not see each other.

Some architectures build their masks without the positions that mark where a document begins, or carry a state over from one to
the next; the loss looks healthy and the model learns from its neighbours. Two texts are put into one row as the trainer's
collator does it, and compared with each of them alone. The second must come out the same. The first cannot see what follows
it in any causal model, so that what it differs by is rounding, and says what rounding amounts to on this device.
"""

from __future__ import annotations

from typing import Any

from attrs import frozen

from stagerun import Ctx, StageError
from stagerun_stages.models.parity import divergence, token_rows

EXACT = 1e-6  # of the largest logit, in float32
ROUNDING = 4.0  # how much more than the first document the second may differ; its place in the row is another one
LIMIT = 0.01  # in lower precision, of what joining the two texts would do


@frozen
class Isolation:
    """How far each document is from itself alone: the largest difference of a logit, as a share of the largest logit.

    `leak` is the divergence of the second document's predictions as a share of what joining the texts does to them: 0 for
    perfect isolation, about 1 for none.
    """

    first: float
    second: float
    leak: float
    dtype: str

    @property
    def holds(self) -> bool:
        """Whether the difference is rounding."""
        if self.dtype != "float32":
            return self.leak <= LIMIT
        return self.leak <= LIMIT and self.second <= max(EXACT, ROUNDING * self.first)


def prove_isolation(ctx: Ctx, model: Any, tokenizer: Any) -> None:
    """Measure; raises StageError when documents see each other with this model and this backend's attention."""
    kind, todo = model.config.model_type, "give the rows unpacked and set packing = false"
    try:
        found = measure(model, tokenizer)
    except (ValueError, NotImplementedError) as error:  # transformers refuses where it knows that it cannot
        raise StageError(f"{kind} cannot train on packed rows here: {error}".splitlines()[0], todo) from error
    if not found.holds:
        raise StageError(
            f"packed conversations see each other in {kind} with the attention of this backend "
            f"({found.leak:.0%} of what joining them would do)",
            todo,
        )
    ctx.prove("isolation", True, first=found.first, second=found.second, leak=found.leak, limit=EXACT)


def measure(model: Any, tokenizer: Any) -> Isolation:
    """Compare two of the fixed texts in one row with the same texts alone."""
    first, second = token_rows(tokenizer)[:2]
    alone = [_logits(model, _row(first)), _logits(model, _row(second))]
    packed = _logits(model, _row(first, second))
    joined = _logits(model, _row(first + second))[len(first) :]
    share = _divergence(alone[1], packed[len(first) :]) / _divergence(alone[1], joined)
    dtype = str(model.dtype).removeprefix("torch.")
    return Isolation(_apart(alone[0], packed[: len(first)]), _apart(alone[1], packed[len(first) :]), share, dtype)


def _row(*documents: list[int]) -> dict[str, Any]:
    """Documents as the collator of TRL's SFTTrainer packs them: positions, and boundaries for kernels that want these."""
    from trl.trainer.sft_trainer import DataCollatorForLanguageModeling

    lengths = [len(each) for each in documents]
    row = {"input_ids": [token for each in documents for token in each], "seq_lengths": lengths}
    made: dict[str, Any] = DataCollatorForLanguageModeling(pad_token_id=0, padding_free=True)([row])
    del made["labels"]
    return made


def _logits(model: Any, row: dict[str, Any]) -> Any:
    """(tokens, vocabulary) in float64 on the CPU."""
    import torch

    there = {name: value.to(model.device) if hasattr(value, "to") else value for name, value in row.items()}
    was_training = model.training
    model.eval()
    with torch.inference_mode():
        out = model(**there, use_cache=False)
    model.train(was_training)
    return out.logits[0].double().cpu()


def _apart(one: Any, other: Any) -> float:
    return float((one - other).abs().max() / one.abs().max())


def _divergence(one: Any, other: Any) -> float:
    import torch

    return abs(divergence([torch.log_softmax(one, -1)], [torch.log_softmax(other, -1)]))
