"""Answers do not depend on who else is asked."""

from __future__ import annotations

import pytest

from stagerun import Policy
from stagerun_stages.models.loading import load, prepare
from stagerun_stages.train.answers import answer

POLICY = Policy(device="cpu", dtype="float32", attention={"*": "eager"}, threads=1)
QUESTIONS = ["hi", "what is in lines 3 to 9?", "say it", "x" * 70]


@pytest.mark.parametrize("kind", ["gpt_oss", "llama"])
def test_a_batch_of_unequal_questions_is_answered_as_each_alone(kind, model, chat) -> None:
    prepare(POLICY, 0)
    loaded = load(model(kind), POLICY)
    prompts = [chat.prompt([{"role": "user", "content": text}]) for text in QUESTIONS]
    batches = []
    together, alone = (
        answer(loaded.model, loaded.tokenizer, prompts, longest=12, batch=size, before_each=lambda: batches.append(1))
        for size in (3, 1)
    )
    assert together == alone
    assert all(0 < len(tokens) <= 12 for tokens in together)
    assert len(batches) == 2 + 4


def test_whoever_asks_may_leave_between_batches(model, chat) -> None:
    loaded = load(model("llama"), POLICY)

    def leave() -> None:
        raise KeyboardInterrupt

    with pytest.raises(KeyboardInterrupt):
        answer(loaded.model, loaded.tokenizer, [[1, 2]], longest=2, batch=1, before_each=leave)
