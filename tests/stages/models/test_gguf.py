"""GGUF files are written, run by llama.cpp, and answer as the model does; one that does not is refused, whatever the reason."""

from __future__ import annotations

import json
import shutil
from pathlib import Path

import pytest
from attrs import evolve

from stagerun import StageError
from stagerun.testing import dataset, run_stage
from stagerun_stages.models import ggufs
from stagerun_stages.models.export import Export
from stagerun_stages.models.pretokenizers import pretokenizer

pytest.importorskip("conversion", reason="the gguf extra is not installed")
pytest.importorskip("xllamacpp", reason="the gguf extra is not installed")

F16 = ("safetensors", "gguf-f16")
QUANTISED = ("gguf-q8_0", "gguf-q4_0", "gguf-mxfp4")
SHORT = {"questions": 2, "answer_tokens": 8}


def export(given, root: Path, formats=F16, many=None, **options):
    return run_stage(Export(name="tiny", formats=formats, **options), root, {"model": given}, many, name="export")


def proof(done, name: str) -> dict:
    (found,) = [event["evidence"] for event in done.kinds("stage.proof") if event["name"] == name]
    return found


def another(model, monkeypatch) -> None:
    """The converter is handed another model of the same shape, as when a base is exported in place of what was trained."""
    convert = ggufs.convert
    monkeypatch.setattr(ggufs, "convert", lambda folder, *rest: convert(model.path, *rest))


def test_a_gpt_oss_answers_the_same_in_llama_cpp_as_in_transformers(readable, tmp_path: Path) -> None:
    done = export(readable("gpt_oss"), tmp_path, (*F16, *QUANTISED))
    exact = proof(done, "gguf-f16")
    assert exact["same"] == exact["questions"] == 6
    assert exact["agreement"] == 1.0
    assert exact["tokens"] > 100
    assert exact["divergence"] < 1e-3
    assert [proof(done, f"{kind} weights")["wanted"] for kind in QUANTISED] == ["Q8_0", "Q4_0", "MXFP4"]
    assert (
        0 < done.metrics["divergence_q8_0"] < done.metrics["divergence_mxfp4"] < done.metrics["divergence_q4_0"] < 0.1
    )
    assert done.metrics["size_gb_q4_0"] < done.metrics["size_gb_q8_0"] < done.metrics["size_gb_f16"]


def test_a_llama_answers_the_same_too(readable, tmp_path: Path) -> None:
    done = export(readable("llama"), tmp_path)
    assert done.metrics["same_answers_f16"] == 1.0
    assert done.metrics["divergence_f16"] < 1e-3


def test_llama_cpp_cuts_text_as_the_tokenizer_does(readable, tmp_path: Path) -> None:
    done = export(readable("llama"), tmp_path, **SHORT)
    assert proof(done, "gguf-f16 tokens") == {"differing": 0, "first": "none"}


@pytest.mark.parametrize("formats", [F16, ("safetensors", "gguf-q4_0")])
def test_a_file_of_another_model_is_refused(formats, readable, tmp_path: Path, monkeypatch) -> None:
    another(readable("gpt_oss", seed=1), monkeypatch)
    with pytest.raises(StageError, match=f"proof {formats[1]} failed"):
        export(readable("gpt_oss"), tmp_path, formats, **SHORT)


@pytest.mark.parametrize("formats", [F16, ("safetensors", "gguf-q8_0")])
def test_the_base_in_place_of_what_was_trained_is_refused(formats, adapted, tmp_path: Path, monkeypatch) -> None:
    given = adapted("gpt_oss")
    another(given.base, monkeypatch)
    with pytest.raises(StageError, match=f"proof {formats[1]} failed"):
        export(given, tmp_path, formats, **SHORT)


def test_an_exact_format_must_give_the_same_answers_however_near_it_is(readable, tmp_path: Path, monkeypatch) -> None:
    another(readable("gpt_oss", seed=1), monkeypatch)
    with pytest.raises(StageError, match="proof gguf-f16 failed: limit 99.0, same 0, tied 0, questions 2"):
        export(readable("gpt_oss"), tmp_path, max_divergence={"gguf-f16": 99.0}, **SHORT)


def test_an_adapter_that_the_merge_forgot_is_refused(adapted, tmp_path: Path, monkeypatch) -> None:
    from peft import PeftModel

    monkeypatch.setattr(PeftModel, "merge_and_unload", lambda self, **_: self.unload(), raising=False)
    with pytest.raises(StageError, match=r"proof merge failed: kl_ratio 1\.0"):
        export(adapted("gpt_oss"), tmp_path, **SHORT)


def test_what_is_exported_is_named(adapted, tmp_path: Path) -> None:
    given = evolve(adapted("gpt_oss"), source="grpo.adapter")
    done = export(given, tmp_path, **SHORT)
    assert done.kinds("stage.note")[0]["text"] == "exports grpo.adapter"
    assert "Exported from `grpo.adapter`." in (done.outputs["model"].path / "README.md").read_text()
    assert done.outputs["model"].meta["parent"] == "grpo.adapter"
    assert done.metrics["same_answers_f16"] == 1.0


def test_a_file_that_cuts_text_otherwise_is_refused(readable, tmp_path: Path, monkeypatch) -> None:
    given = readable("llama")
    shutil.copytree(given.path, tmp_path / "other")
    tokenizer = tmp_path / "other" / "tokenizer.json"
    described = json.loads(tokenizer.read_text())
    described["model"]["merges"] = described["model"]["merges"][:-100]
    tokenizer.write_text(json.dumps(described))
    another(evolve(given, path=tmp_path / "other"), monkeypatch)
    with pytest.raises(StageError, match=r"proof gguf-f16 tokens failed: differing \d+, first "):
        export(given, tmp_path / "export", **SHORT)


def test_a_tokenizer_unknown_to_llama_cpp_is_refused_by_its_kind(tokenizer) -> None:
    from tokenizers import pre_tokenizers

    assert pretokenizer(tokenizer) == "gpt-2"
    was = tokenizer.backend_tokenizer.pre_tokenizer
    tokenizer.backend_tokenizer.pre_tokenizer = pre_tokenizers.Whitespace()
    try:
        with pytest.raises(StageError, match=r"no pre-tokenizer of this kind \(Whitespace\)"):
            pretokenizer(tokenizer)
    finally:
        tokenizer.backend_tokenizer.pre_tokenizer = was


def test_a_file_that_was_not_quantised_is_refused(readable, tmp_path: Path) -> None:
    with pytest.raises(
        StageError, match="proof gguf-q8_0 weights failed: wanted Q8_0, F16"
    ):  # rows of 80 make no blocks of 32
        export(readable("llama", width=80), tmp_path, ("safetensors", "gguf-q8_0"), **SHORT)


def test_a_file_that_llama_cpp_cannot_load_is_refused_in_its_words(model, tmp_path: Path) -> None:
    with pytest.raises(StageError, match="llama.cpp does not load tiny-f16.gguf: .*cannot find tokenizer merges"):
        export(model("llama"), tmp_path, **SHORT)  # its tokenizer knows bytes alone


def test_mxfp4_is_for_experts(readable, tmp_path: Path) -> None:
    with pytest.raises(StageError, match="gguf-mxfp4 is for fused experts, and llama has none"):
        export(readable("llama"), tmp_path, ("gguf-mxfp4",))
    assert not (tmp_path / "final" / "model").exists()


def test_the_bound_is_the_users_to_set(readable, tmp_path: Path) -> None:
    with pytest.raises(StageError, match=r"proof gguf-q4_0 failed: limit 1e-09"):
        export(readable("gpt_oss"), tmp_path, ("gguf-q4_0",), max_divergence={"gguf-q4_0": 1e-9}, **SHORT)


def test_weights_that_were_not_asked_for_are_not_kept(readable, tmp_path: Path) -> None:
    done = export(readable("llama"), tmp_path, ("gguf-f16",), **SHORT)
    kept = {file.name for file in done.outputs["model"].path.iterdir()}
    assert "tiny-f16.gguf" in kept
    assert not any("safetensors" in name for name in kept)


def test_questions_come_in_turn_from_the_held_out_sets(readable, tmp_path: Path) -> None:
    sets = [
        dataset(
            tmp_path / f"{name}.jsonl", [{"messages": [{"role": "user", "content": f"{name} {n}"}]} for n in (1, 2)]
        )
        for name in ("a", "b")
    ]
    done = export(readable("llama"), tmp_path, many={"heldout": tuple(sets)}, questions=3, answer_tokens=4)
    lines = (done.outputs["model"].path / "sample_prompts.jsonl").read_text().splitlines()
    rows = [json.loads(line) for line in lines]
    assert [row["messages"][0]["content"] for row in rows] == ["a 1", "b 1", "a 2"]
    assert rows[0]["prompt"] == "<|start|>user<|message|>a 1<|end|><|start|>assistant"
    assert all(row["answer"] for row in rows)


def test_an_export_gives_the_same_bytes_again(readable, tmp_path: Path, contents) -> None:
    given = readable("gpt_oss")
    first, second = (
        contents(export(given, tmp_path / name, ("gguf-q4_0",), **SHORT).outputs["model"].path) for name in ("a", "b")
    )
    assert first == second


def test_a_kind_without_its_program_is_announced_and_told_in_the_card(readable, tmp_path: Path, monkeypatch) -> None:
    monkeypatch.setenv("PATH", str(tmp_path))
    done = export(readable("llama"), tmp_path, ("safetensors", "gguf-q4_k_m"), **SHORT)
    (warning,) = done.kinds("stage.warning")
    assert warning["text"].startswith("gguf-q4_k_m is not made: llama-quantize")
    assert "gguf-q4_k_m was asked for and not made" in (done.outputs["model"].path / "README.md").read_text()


@pytest.mark.skipif(
    shutil.which("llama-quantize") is None, reason="llama-quantize, which makes K-quants, is not on PATH"
)
@pytest.mark.parametrize("formats", [("gguf-q4_k_m",), ("gguf-f16", "gguf-q4_k_m")], ids=["alone", "from the f16 file"])
def test_a_k_quant_is_made_by_llama_cpps_own_program(formats, readable, tmp_path: Path) -> None:
    loose = {"max_divergence": {"gguf-q4_k_m": 1.0}}  # random weights suffer more than trained ones
    done = export(readable("llama", width=256), tmp_path, formats, **loose, **SHORT)  # K-quants need rows of 256
    assert proof(done, "gguf-q4_k_m weights")["Q4_K"] > 0
    assert 0 < done.metrics["divergence_q4_k_m"] < 1.0
    assert len(list(done.outputs["model"].path.glob("*.gguf"))) == len(formats)


@pytest.mark.skipif(
    shutil.which("llama-quantize") is None, reason="llama-quantize, which makes K-quants, is not on PATH"
)
def test_rows_too_short_for_a_k_quant_are_told(readable, tmp_path: Path) -> None:
    with pytest.raises(StageError, match="proof gguf-q4_k_m weights failed: wanted Q4_K"):
        export(readable("llama"), tmp_path, ("gguf-q4_k_m",), **SHORT)
