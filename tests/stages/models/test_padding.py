"""Padding on the left is proven to change nothing, and a model that reads its padding is seen."""

from __future__ import annotations

import pytest

from stagerun import StageError
from stagerun.worker.plain import PlainBackend
from stagerun_stages.models.loading import load
from stagerun_stages.models.padding import LIMIT, measure, prove_left_padding


@pytest.mark.parametrize("kind", ["llama", "gpt_oss"])
def test_transformers_models_pass(kind: str, model) -> None:
    loaded = load(model(kind), PlainBackend().policy())
    assert measure(loaded.model, loaded.tokenizer) < LIMIT / 100


def test_a_model_that_ignores_the_mask_does_not(model, monkeypatch) -> None:
    loaded = load(model("llama"), PlainBackend().policy())
    whole = loaded.model.generate

    def blind(**named):
        return whole(**{**named, "attention_mask": named["attention_mask"] * 0 + 1})

    monkeypatch.setattr(loaded.model, "generate", blind)

    class Ctx:
        def prove(self, name: str, passed: bool, **evidence) -> None:
            assert not passed
            assert evidence["share"] == pytest.approx(1.0)
            raise StageError(name)

    with pytest.raises(StageError, match="left padding"):
        prove_left_padding(Ctx(), loaded.model, loaded.tokenizer)
