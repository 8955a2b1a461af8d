"""Answers by MLX are those that torch gives, of prompts of many lengths at once."""

from __future__ import annotations

from typing import Any

from stagerun import Policy

CPU = Policy(device="cpu", dtype="float32", attention={"*": "eager"})


def test_a_batch_of_prompts_is_answered_as_torch_answers(mlx, model, tokenizer) -> None:
    import mlx.core as mx

    from stagerun_stages.mlx import loading
    from stagerun_stages.mlx.answers import answer as ours
    from stagerun_stages.models.loading import load
    from stagerun_stages.train.answers import answer as theirs

    mx.disable_compile()
    base = model("llama")
    prompts = [list(range(3, 3 + length)) for length in (1, 12, 30, 7, 2)]
    told: list[int] = []
    given: Any = {"longest": 24, "batch": 2, "before_each": lambda: told.append(1)}
    net = load(base, CPU).model
    expected = theirs(net, tokenizer, prompts, **given)
    stops = net.generation_config.eos_token_id
    assert ours(loading.load(base, "float32"), tokenizer, prompts, stops=stops, **given) == expected
    assert len(told) == 2 * 3  # three batches each


def test_an_answer_ends_with_its_stop_token(mlx, model, tokenizer) -> None:
    import mlx.core as mx

    from stagerun_stages.mlx import loading
    from stagerun_stages.mlx.answers import generate

    mx.disable_compile()
    net, prompts = loading.load(model("llama"), "float32"), [[5, 6, 7], [9]]
    free = generate(net, 0, prompts, [], 10)
    stop = free[0][2]
    cut = generate(net, 0, prompts, [stop], 10)
    assert [len(each) for each in free] == [10, 10]
    assert cut == [each[: each.index(stop) + 1] if stop in each else each for each in free]
