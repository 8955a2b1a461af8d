"""`model.merge` and `model.export`: what is written answers like adapter and base together, and loads anywhere."""

from __future__ import annotations

import json
from pathlib import Path

import pytest
from attrs import evolve

from stagerun import StageError
from stagerun.testing import run_stage
from stagerun_stages.models.export import Export
from stagerun_stages.models.merge import Merge
from stagerun_stages.train.options import Lora
from stagerun_stages.train.sft import Sft

FILES = [
    "chat_template.jinja",
    "config.json",
    "generation_config.json",
    "model.safetensors",
    "tokenizer.json",
    "tokenizer_config.json",
]


@pytest.fixture
def adapter(model, data, rows, tmp_path: Path):
    """`adapter("llama")`: an adapter that SFT made; no steps, no effect."""

    def give(kind: str, steps: int = 4, name: str = "sft"):
        lora = Lora(rank=4, alpha=8.0, experts=kind == "gpt_oss")
        stage = Sft(lora=lora, learning_rate=1e-2, max_steps=steps, batch_size=2)
        done = run_stage(stage, tmp_path / name, {"model": model(kind), "train": data(rows(6))}, name=name)
        return done.outputs["adapter"]

    return give


def logits(folder: Path):
    import torch
    from transformers import AutoModelForCausalLM

    net = AutoModelForCausalLM.from_pretrained(str(folder), attn_implementation="eager").eval()
    with torch.inference_mode():
        return net(input_ids=torch.arange(40)[None]).logits


def test_the_merged_model_answers_like_the_adapter_and_not_like_the_base(adapter, model, tmp_path: Path) -> None:
    import torch
    from peft import PeftModel
    from transformers import AutoModelForCausalLM

    made = adapter("gpt_oss")
    done = run_stage(Merge(), tmp_path / "merge", {"model": made})
    base = AutoModelForCausalLM.from_pretrained(str(made.base.path), attn_implementation="eager")
    with torch.inference_mode():
        both = PeftModel.from_pretrained(base, str(made.path)).eval()(input_ids=torch.arange(40)[None]).logits
    merged = logits(done.outputs["model"].path)
    assert torch.allclose(merged, both, atol=1e-5)
    assert not torch.allclose(merged, logits(made.base.path), atol=1e-2)
    assert done.metrics["kl_ratio"] < 1e-6
    assert done.metrics["size_gb"] == (done.outputs["model"].path / "model.safetensors").stat().st_size / 1e9


def test_a_merge_gives_the_same_bytes_again_and_says_nothing_about_the_machine(adapter, tmp_path, contents) -> None:
    made = adapter("llama")
    first, second = (
        contents(run_stage(Merge(), tmp_path / name, {"model": made}).outputs["model"].path) for name in ("a", "b")
    )
    assert first == second
    assert sorted(first) == FILES
    assert not any(str(tmp_path).encode() in text or b"is_local" in text for text in first.values())


def test_an_adapter_that_changes_nothing_is_refused(adapter, tmp_path: Path) -> None:
    from safetensors.torch import load_file, save_file

    made = adapter("llama", steps=1)
    weights = made.path / "adapter_model.safetensors"
    save_file({name: tensor * 0 for name, tensor in load_file(str(weights)).items()}, str(weights))
    with pytest.raises(StageError, match="proof adapter changes the model failed"):
        run_stage(Merge(), tmp_path / "merge", {"model": made})


def test_a_merge_that_strays_from_its_adapter_is_refused(adapter, tmp_path: Path, monkeypatch) -> None:
    from peft import PeftModel

    def half(self, **_):
        return self.unload()  # forgets the adapter, as merges have done for experts

    monkeypatch.setattr(PeftModel, "merge_and_unload", half, raising=False)
    with pytest.raises(StageError, match=r"proof merge failed: .*kl_ratio 1\.0"):
        run_stage(Merge(), tmp_path / "merge", {"model": adapter("llama")})


def test_a_merge_that_was_written_short_is_refused(adapted, tmp_path: Path, monkeypatch) -> None:
    from stagerun_stages.models import merging

    write = merging.write_model

    def short(model, tokenizer, folder, shard_gb) -> None:
        write(model, tokenizer, folder, shard_gb)
        with (folder / "model.safetensors").open("r+b") as stream:
            stream.truncate(1000)

    monkeypatch.setattr(merging, "write_model", short)
    with pytest.raises(StageError, match=r"proof size failed: size_gb 1e-06, expected_gb"):
        run_stage(Merge(), tmp_path / "merge", {"model": adapted("llama")})


def test_a_merge_records_how_far_it_is_from_its_base(adapted, tmp_path: Path) -> None:
    done = run_stage(Merge(), tmp_path / "merge", {"model": adapted("gpt_oss")})
    proofs = {event["name"]: event["evidence"] for event in done.kinds("stage.proof")}
    assert proofs["merge"]["kl_ratio"] <= proofs["merge"]["limit"] == 0.01
    assert proofs["merged differs from its base"]["kl_base"] > 1e-3


def test_an_adapter_of_another_base_is_not_merged(adapter, model, tmp_path: Path) -> None:
    moved = evolve(adapter("llama"), base=model("llama", seed=1))
    with pytest.raises(StageError, match="was trained on llama_0"):
        run_stage(Merge(), tmp_path / "merge", {"model": moved})


def test_the_next_adapter_builds_on_the_merged_model(adapter, data, rows, tmp_path: Path) -> None:
    merged = run_stage(Merge(), tmp_path / "merge", {"model": adapter("llama")}).outputs["model"]
    stage = Sft(lora=Lora(rank=4), max_steps=1)
    done = run_stage(stage, tmp_path / "next", {"model": merged, "train": data(rows(2))})
    recorded = json.loads((done.outputs["adapter"].path / "lineage.json").read_text())
    assert recorded["base"]["digest"] == merged.digest


@pytest.mark.parametrize("kind", ["gpt_oss", "llama"])
def test_an_export_loads_and_answers_the_same(kind, adapter, tmp_path: Path, contents) -> None:
    done = run_stage(Export(name="tiny"), tmp_path / "export", {"model": adapter(kind)})
    folder = done.outputs["model"].path
    assert sorted(contents(folder)) == ["README.md", *FILES]
    assert done.metrics["kl_reload"] == 0.0
    assert json.loads((folder / "generation_config.json").read_text())["eos_token_id"] == [262, 263]
    assert logits(folder).shape == (1, 40, 264)


def test_the_card_tells_how_the_model_was_made(adapter, data, rows, tmp_path: Path) -> None:
    merged = run_stage(Merge(), tmp_path / "merge", {"model": adapter("llama")}, name="merge").outputs["model"]
    stage = Sft(lora=Lora(rank=4), learning_rate=1e-2, max_steps=2)
    second = run_stage(stage, tmp_path / "next", {"model": merged, "train": data(rows(2))}, name="agent_sft")
    done = run_stage(Export(), tmp_path / "export", {"model": second.outputs["adapter"]}, name="export")
    card = (done.outputs["model"].path / "README.md").read_text()
    assert "made from `llama_0`" in card
    assert [line.split("**")[1] for line in card.splitlines() if "**" in line] == ["sft", "merge", "agent_sft"]
    assert '"max_steps": 2' in card
    assert str(tmp_path) not in card


def test_an_export_that_reads_back_different_is_refused(adapter, tmp_path: Path, monkeypatch) -> None:
    from stagerun_stages.models import exporting

    write = exporting.write_model

    def spoiled(model, tokenizer, folder, shard_gb) -> None:
        for parameter in model.parameters():
            parameter.data.mul_(1.01)
        write(model, tokenizer, folder, shard_gb)

    monkeypatch.setattr(exporting, "write_model", spoiled)
    with pytest.raises(StageError, match="proof export failed"):
        run_stage(Export(), tmp_path / "export", {"model": adapter("llama")})


def test_large_models_are_written_in_shards(adapter, tmp_path: Path) -> None:
    done = run_stage(Export(shard_gb=0.00005), tmp_path / "export", {"model": adapter("gpt_oss")})
    shards = list(done.outputs["model"].path.glob("model-*.safetensors"))
    assert len(shards) > 1
    assert done.metrics["size_gb"] == pytest.approx(sum(shard.stat().st_size for shard in shards) / 1e9)
