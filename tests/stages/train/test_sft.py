"""`train.sft` on tiny random models: it learns, it proves, it resumes to the same bytes, it refuses what cannot be."""

from __future__ import annotations

import json
from pathlib import Path

import pytest
from attrs import evolve
from killed import kill
from safetensors.torch import load_file

from stagerun import Policy, Probe, StageError
from stagerun.contracts.context import Interrupted
from stagerun.testing import run_stage
from stagerun.worker.context import Context
from stagerun_stages.train.options import Evaluation, Lora
from stagerun_stages.train.sft import Sft

KINDS = ["gpt_oss", "llama"]
PACKED = {"gradient_checkpointing": True, "packing": True, "max_length": 200, "max_steps": 6}


def sft(kind: str = "llama", **options: object) -> Sft:
    """A stage of eight quick steps."""
    lora = Lora(rank=4, alpha=8.0, experts=kind == "gpt_oss")
    return Sft(**{"lora": lora, "learning_rate": 1e-2, "max_steps": 8, "batch_size": 2, "save_steps": 3, **options})


def proofs(done) -> dict[str, dict]:
    return {event["name"]: event["evidence"] for event in done.kinds("stage.proof")}


@pytest.mark.parametrize("kind", KINDS)
def test_it_learns_and_every_target_gets_a_gradient(kind, model, data, rows, tmp_path: Path) -> None:
    done = run_stage(sft(kind), tmp_path / "run", {"model": model(kind), "train": data(rows(8))})
    assert done.metrics["loss"] < done.metrics["first_loss"]
    assert (done.metrics["rows"], done.metrics["rows_cut"]) == (8, 0)
    weights = load_file(str(done.outputs["adapter"].path / "adapter_model.safetensors"))
    assert proofs(done)["targets"]["tensors"] == len(weights)
    assert all(bool(tensor.any()) for tensor in weights.values())
    assert ("experts" in proofs(done)["targets"]) == (kind == "gpt_oss")


def test_one_step_moves_every_second_factor_and_two_steps_every_first(model, data, rows, tmp_path: Path) -> None:
    inputs = {"model": model("gpt_oss"), "train": data(rows(8))}
    after = []
    for steps in (1, 2):
        done = run_stage(sft("gpt_oss", max_steps=steps, schedule="constant"), tmp_path / str(steps), inputs)
        after.append(load_file(str(done.outputs["adapter"].path / "adapter_model.safetensors")))
        assert proofs(done)["targets"]["steps"] == steps
    one, two = after
    assert all(bool(tensor.any()) for name, tensor in one.items() if "lora_B" in name)
    assert all(not one[name].equal(two[name]) for name in two)


def test_the_artifact_says_nothing_about_the_machine(model, data, rows, tmp_path: Path, contents) -> None:
    base = model("gpt_oss")
    done = run_stage(sft("gpt_oss", max_steps=1), tmp_path / "run", {"model": base, "train": data(rows(4))})
    files = contents(done.outputs["adapter"].path)
    assert sorted(files) == ["adapter_config.json", "adapter_model.safetensors", "lineage.json"]
    assert not any(str(tmp_path).encode() in text or str(base.path).encode() in text for text in files.values())
    config = json.loads(files["adapter_config.json"])
    assert config["target_modules"] == sorted(config["target_modules"])
    assert config["target_parameters"] == ["mlp.experts.down_proj", "mlp.experts.gate_up_proj"]


@pytest.mark.parametrize(
    ("kind", "options"),
    [
        pytest.param("gpt_oss", {"accumulation": 2}, marks=pytest.mark.slow),  # the killed process below is one too
        ("llama", {"lora": Lora(rank=4, dropout=0.1), "warmup": 0.25, "schedule": "cosine"}),
        ("llama", PACKED),
        pytest.param("gpt_oss", PACKED, marks=pytest.mark.slow),
    ],
)
def test_a_resumed_run_gives_the_same_losses_and_bytes(
    kind, options, model, data, rows, tmp_path: Path, dying_at, same_run
) -> None:
    stage, inputs = sft(kind, **options), {"model": model(kind), "train": data(rows(11))}
    whole = run_stage(stage, tmp_path / "whole", inputs)
    with dying_at(5):
        run_stage(stage, tmp_path / "cut", inputs)
    again = run_stage(stage, tmp_path / "cut", inputs)
    assert [event["step"] for event in again.kinds("checkpoint.resumed")] == [3]
    assert again.metrics == whole.metrics
    same_run(tmp_path / "whole", tmp_path / "cut")


def test_a_killed_process_resumes_to_the_same_bytes(model, data, rows, tmp_path: Path, same_run) -> None:
    base, train = model("gpt_oss"), data(rows(11))
    stage, inputs = sft("gpt_oss"), {"model": base, "train": train}
    kill(tmp_path / "cut", base, train, experts=True)
    run_stage(stage, tmp_path / "cut", inputs)
    run_stage(stage, tmp_path / "whole", inputs)
    same_run(tmp_path / "whole", tmp_path / "cut")


def test_a_run_that_died_after_its_last_step_trains_no_further(model, data, rows, tmp_path: Path, contents) -> None:
    inputs = {"model": model("llama"), "train": data(rows(11))}
    first = run_stage(sft(), tmp_path / "run", inputs)
    before = contents(first.outputs["adapter"].path)
    again = run_stage(sft(), tmp_path / "run", inputs)
    assert [event["step"] for event in again.kinds("checkpoint.resumed")] == [8]
    assert again.metrics == first.metrics
    assert contents(again.outputs["adapter"].path) == before


def test_only_our_checkpoint_folders_are_written(model, data, rows, tmp_path: Path) -> None:
    run_stage(sft(), tmp_path / "run", {"model": model("llama"), "train": data(rows(4))})
    kept = sorted(path.name for path in (tmp_path / "run" / "checkpoints").iterdir())
    assert kept == ["step_00000006", "step_00000008"]
    assert not list((tmp_path / "run" / "work").rglob("*.safetensors"))


def test_a_stop_is_heeded_at_the_end_of_the_step(model, data, rows, tmp_path: Path, monkeypatch) -> None:
    metric = Context.metric

    def stop_after_one(self: Context, step: int, **values: float) -> None:
        metric(self, step, **values)
        self.stopping.set()

    monkeypatch.setattr(Context, "metric", stop_after_one)
    with pytest.raises(Interrupted, match="saved at step 2"):
        run_stage(sft(), tmp_path / "run", {"model": model("llama"), "train": data(rows(4))})
    assert [path.name for path in (tmp_path / "run" / "checkpoints").iterdir()] == ["step_00000002"]


def test_a_loss_that_is_no_number_stops_at_once(model, data, rows, tmp_path: Path) -> None:
    wild = sft(learning_rate=1e30, max_grad_norm=0.0, lora=Lora(rank=4, alpha=1e6))
    with pytest.raises(StageError, match=r"the loss is (nan|inf) at step"):
        run_stage(wild, tmp_path / "run", {"model": model("llama"), "train": data(rows(4))})


@pytest.mark.parametrize(
    ("kind", "lora", "expected"),
    [
        ("llama", Lora(targets=("q_proj", "v_porj")), 'names "v_porj", .* did you mean "v_proj"'),
        ("gpt_oss", Lora(targets=("q_proj", "gate_up_proj")), "is an expert parameter here; set lora.experts = true"),
        ("llama", Lora(experts=True), "lora.experts is set, and llama has no fused experts"),
    ],
)
def test_a_target_that_matches_nothing_is_refused(kind, lora, expected, model, data, rows, tmp_path: Path) -> None:
    with pytest.raises(StageError, match=expected):
        run_stage(sft(lora=lora), tmp_path / "run", {"model": model(kind), "train": data(rows(4))})


@pytest.mark.parametrize(
    ("passed", "expected"),
    [
        ({"neftune_noise_alfa": 5}, 'SFTConfig does not have; did you mean "neftune_noise_alpha"'),
        ({"learning_rate": 1.0}, 'trainer sets "learning_rate", which the stage sets itself'),
        ({"loss_type": "nil", "optim": "adam_nowhere"}, "SFTConfig refuses its values"),
    ],
)
def test_what_is_passed_to_trl_is_checked_before_the_model_is_read(passed, expected, data, rows, tmp_path) -> None:
    from stagerun import Artifact

    nowhere = Artifact("model", "nowhere", "", tmp_path / "nowhere")
    with pytest.raises(StageError, match=expected):
        run_stage(sft(trainer=passed), tmp_path / "run", {"model": nowhere, "train": data(rows(1))})


def test_a_model_folder_that_is_none_is_named(data, rows, tmp_path: Path) -> None:
    from stagerun import Artifact

    (tmp_path / "empty").mkdir()
    empty = Artifact("model", "empty", "", tmp_path / "empty")
    with pytest.raises(StageError, match="empty cannot be loaded: "):
        run_stage(sft(), tmp_path / "run", {"model": empty, "train": data(rows(1))})


def test_an_adapter_is_continued_on_its_own_base(model, data, rows, tmp_path: Path) -> None:
    train = data(rows(4))
    first = run_stage(sft(), tmp_path / "first", {"model": model("llama"), "train": train}).outputs["adapter"]
    second = run_stage(sft(), tmp_path / "second", {"model": first, "train": train})
    assert second.metrics["first_loss"] < 5
    assert second.outputs["adapter"].base == model("llama")
    assert [step["method"] for step in second.outputs["adapter"].meta["history"]] == ["SFT", "SFT"]


def test_an_adapter_of_another_base_is_refused(model, data, rows, tmp_path: Path) -> None:
    train = data(rows(4))
    adapter = run_stage(sft(), tmp_path / "first", {"model": model("llama"), "train": train}).outputs["adapter"]
    moved = evolve(adapter, base=model("llama", seed=1))
    with pytest.raises(StageError, match="was trained on llama_0 .* not on llama_1"):
        run_stage(sft(), tmp_path / "second", {"model": moved, "train": train})


def test_an_adapter_without_base_is_refused(model, data, rows, tmp_path: Path) -> None:
    train = data(rows(4))
    adapter = run_stage(sft(max_steps=1), tmp_path / "first", {"model": model("llama"), "train": train})
    lost = evolve(adapter.outputs["adapter"], base=None)
    with pytest.raises(StageError, match="does not say which model it was trained on"):
        run_stage(sft(), tmp_path / "second", {"model": lost, "train": train})


def test_heldout_questions_are_asked_before_and_after(model, data, rows, tmp_path: Path) -> None:
    asked = [{"messages": row["messages"][:1], "expect": row["messages"][1]["content"]} for row in rows(2)]
    stage = sft(learning_rate=2e-2, max_steps=60, evaluation=Evaluation(max_new_tokens=50), save_steps=0)
    inputs, many = {"model": model("llama"), "train": data(rows(2))}, {"heldout": (data(asked, "heldout"),)}
    done = run_stage(stage, tmp_path / "run", inputs, many)
    assert (done.metrics["exact_match_before"], done.metrics["exact_match"]) == (0.0, 1.0)


def test_what_was_measured_before_is_remembered_over_a_resume(
    model, data, rows, tmp_path: Path, dying_at, monkeypatch
) -> None:
    from stagerun_stages.train.heldout import Heldout

    asked = [{"messages": row["messages"][:1], "expect": "never"} for row in rows(2)]
    inputs, many = {"model": model("llama"), "train": data(rows(4))}, {"heldout": (data(asked, "heldout"),)}
    stage = sft(evaluation=Evaluation(max_new_tokens=4))
    times = []
    ask = Heldout.ask
    monkeypatch.setattr(Heldout, "ask", lambda *given, **named: times.append(named) or ask(*given, **named))
    with dying_at(5):
        run_stage(stage, tmp_path / "run", inputs, many)
    done = run_stage(stage, tmp_path / "run", inputs, many)
    assert times == [{"suffix": "_before"}, {}]
    assert done.metrics["exact_match_before"] == 0.0


class Half:
    """A backend that asks for bfloat16."""

    name, rank = "half", 0

    def probe(self) -> Probe:
        return Probe(available=True, device="this process")

    def environ(self) -> dict[str, str]:
        return {}

    def policy(self) -> Policy:
        return Policy(device="cpu", dtype="bfloat16", attention={"*": "eager"}, threads=1)


def test_the_backend_says_which_numbers_are_used(model, data, rows, tmp_path: Path) -> None:
    inputs = {"model": model("gpt_oss"), "train": data(rows(4))}
    done = run_stage(sft("gpt_oss", max_steps=3), tmp_path / "run", inputs, backend=Half())
    weights = load_file(str(done.outputs["adapter"].path / "adapter_model.safetensors"))
    assert {str(tensor.dtype) for tensor in weights.values()} == {"torch.float32"}  # the adapter stays exact
    assert done.metrics["loss"] < done.metrics["first_loss"]
