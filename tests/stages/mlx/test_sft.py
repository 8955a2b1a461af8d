"""`train.sft` with MLX on tiny random models: it learns, it proves, it resumes to the same bytes, and torch goes on with it."""

from __future__ import annotations

from pathlib import Path
from typing import Any

import pytest
from attrs import evolve
from killed import kill

from stagerun import StageError
from stagerun.contracts.context import Interrupted
from stagerun.testing import run_stage
from stagerun.worker.context import Context
from stagerun_stages.models.export import Export
from stagerun_stages.models.merge import Merge
from stagerun_stages.train.options import Evaluation, Lora


@pytest.fixture
def train(sft, mlx, tmp_path: Path) -> Any:
    """`train(inputs, "name", **options)`: a training on backend mlx."""

    def run(inputs: Any, name: str = "run", many: Any = None, memory_failures: int = 0, **options: Any) -> Any:
        stage, root = sft(**options), tmp_path / name
        return run_stage(stage, root, inputs, many, backend=mlx, memory_failures=memory_failures)

    return run


@pytest.fixture
def inputs(model, data, rows) -> dict[str, Any]:
    return {"model": model("llama"), "train": data(rows(11))}


def test_it_learns_and_proves_what_a_training_with_torch_proves(train, inputs, proofs) -> None:
    done = train(inputs)
    assert done.metrics["loss"] < done.metrics["first_loss"]
    found = proofs(done)
    assert set(found) == {"truncation", "longest batch", "first loss", "targets", "mlx fuse", "saved adapter"}
    assert found["targets"]["tensors"] == found["saved adapter"]["tensors"] == 28  # 7 layers in 2 blocks, 2 factors
    assert found["mlx fuse"]["kl_ratio"] < 1e-4
    assert {event["step"] for event in done.kinds("stage.progress")} >= {1}


def test_it_says_that_it_computes_on_the_cpu(train, inputs) -> None:
    import mlx.core as mx

    if mx.metal.is_available():
        pytest.skip("this Mac computes on Metal")
    notes = [event["text"] for event in train(inputs, max_steps=1).kinds("stage.note")]
    assert "MLX has no Metal here: it computes on the CPU, in float32" in notes


@pytest.mark.parametrize(
    "options",
    [
        {"accumulation": 2, "logging_steps": 2},
        {"lora": Lora(rank=4, dropout=0.1), "warmup": 0.25, "schedule": "cosine"},
    ],
)
def test_a_resumed_run_gives_the_same_losses_and_bytes(options, train, inputs, dying_at, same_run, tmp_path) -> None:
    whole = train(inputs, "whole", **options)
    with dying_at(6):
        train(inputs, "cut", **options)
    again = train(inputs, "cut", **options)
    assert [event["step"] for event in again.kinds("checkpoint.resumed")] == [3]
    assert again.metrics == whole.metrics
    same_run(tmp_path / "whole", tmp_path / "cut")


@pytest.mark.slow  # the persona's short run is killed and goes on too; bytes are compared above
def test_a_killed_process_resumes_to_the_same_bytes(train, inputs, tmp_path: Path, same_run) -> None:
    kill(tmp_path / "cut", inputs["model"], inputs["train"], backend="stagerun_backends.mlx:Mlx")
    train(inputs, "cut")
    train(inputs, "whole")
    same_run(tmp_path / "whole", tmp_path / "cut")


def test_a_run_that_died_after_its_last_step_trains_no_further(train, inputs, contents) -> None:
    first = train(inputs)
    before = contents(first.outputs["adapter"].path)
    again = train(inputs)
    assert [event["step"] for event in again.kinds("checkpoint.resumed")] == [8]
    assert again.metrics == first.metrics
    assert contents(again.outputs["adapter"].path) == before


def test_a_checkpoint_holds_all_that_a_step_changes(train, inputs, tmp_path: Path) -> None:
    train(inputs)
    kept = sorted(path.name for path in (tmp_path / "run" / "checkpoints").iterdir())
    assert kept == ["step_00000006", "step_00000008"]
    files = {path.name for path in (tmp_path / "run" / "checkpoints" / kept[0]).iterdir()}
    assert {"adapter_model.safetensors", "optimizer.safetensors", "state.json"} <= files


def test_a_stop_is_heeded_at_the_end_of_the_step(train, inputs, tmp_path: Path, monkeypatch) -> None:
    metric = Context.metric

    def stop_after_one(self: Context, step: int, **values: float) -> None:
        metric(self, step, **values)
        self.stopping.set()

    monkeypatch.setattr(Context, "metric", stop_after_one)
    with pytest.raises(Interrupted, match="saved at step 1"):
        train(inputs)
    assert [path.name for path in (tmp_path / "run" / "checkpoints").iterdir()] == ["step_00000001"]


def test_a_checkpoint_of_another_engine_is_refused(train, inputs, dying_at) -> None:
    with dying_at(5):
        train(inputs)
    with pytest.raises(StageError, match='step 3 was written by engine mlx, .* say engine = "mlx", or remove'):
        train(inputs, engine="trl")


def test_a_loss_that_is_no_number_stops_at_once(train, inputs) -> None:
    with pytest.raises(StageError, match=r"the loss is (nan|inf) at step"):
        train(inputs, learning_rate=1e30, max_grad_norm=0.0, lora=Lora(rank=4, alpha=1e6))


def test_torch_merges_and_exports_what_mlx_trained(train, inputs, proofs, tmp_path: Path) -> None:
    adapter = train(inputs).outputs["adapter"]
    merged = run_stage(Merge(), tmp_path / "merge", {"model": adapter})
    assert merged.metrics["kl_ratio"] < 1e-6
    assert proofs(merged)["merged differs from its base"]["kl_base"] > 1e-6
    run_stage(Export(formats=("safetensors",)), tmp_path / "export", {"model": merged.outputs["model"]})


@pytest.mark.parametrize("engine", ["mlx", "trl"])
def test_either_engine_goes_on_with_the_adapter(engine, train, inputs) -> None:
    first = train(inputs)
    second = train({**inputs, "model": first.outputs["adapter"]}, "second", engine=engine)
    assert second.metrics["first_loss"] < first.metrics["first_loss"] - 0.1
    assert [step["method"] for step in second.outputs["adapter"].meta["history"]] == ["SFT", "SFT"]


def test_mlx_goes_on_with_an_adapter_of_torch(train, inputs) -> None:
    first = train(inputs, engine="trl")
    second = train({**inputs, "model": first.outputs["adapter"]}, "second")
    assert second.metrics["first_loss"] < first.metrics["first_loss"] - 0.1


def test_an_adapter_of_another_base_is_refused(train, inputs, model) -> None:
    adapter = train(inputs, max_steps=1).outputs["adapter"]
    with pytest.raises(StageError, match="was trained on llama_0 .* not on llama_1"):
        train({**inputs, "model": evolve(adapter, base=model("llama", seed=1))}, "second")


def test_heldout_questions_are_answered_as_torch_answers_them(train, model, data, rows) -> None:
    asked = [{"messages": row["messages"][:1], "expect": row["messages"][1]["content"]} for row in rows(2)]
    inputs, many = {"model": model("llama"), "train": data(rows(2))}, {"heldout": (data(asked, "heldout"),)}
    options = {"learning_rate": 2e-2, "max_steps": 60, "save_steps": 0, "evaluation": Evaluation(max_new_tokens=50)}
    done = train(inputs, many=many, **options)
    assert (done.metrics["exact_match_before"], done.metrics["exact_match"]) == (0.0, 1.0)


def test_an_expert_model_is_refused_before_its_weights_are_read(train, inputs, model) -> None:
    with pytest.raises(StageError, match="mlx cannot train gpt_oss"):
        train({**inputs, "model": model("gpt_oss")})


def test_memory_that_runs_out_is_told_as_such(train, inputs, monkeypatch) -> None:
    from stagerun_stages.mlx import stepping

    def full(*_):
        raise RuntimeError("[METAL] Command buffer execution failed: Insufficient Memory (00000008:...)")

    monkeypatch.setattr(stepping.Stepper, "push", full)
    with pytest.raises(MemoryError, match="Insufficient Memory"):
        train(inputs)


def test_after_that_the_same_batch_is_taken_in_pieces(train, inputs, tmp_path: Path, history) -> None:
    train(inputs, "whole", batch_size=4)
    done = train(inputs, "pieces", batch_size=4, memory_failures=1)
    assert done.metrics["micro_batch"] == 2
    both = zip(history(tmp_path / "whole"), history(tmp_path / "pieces"), strict=True)
    assert all(one["loss"] == pytest.approx(other["loss"], abs=1e-4) for one, other in both)


def test_packed_rows_are_refused(train, inputs) -> None:
    with pytest.raises(StageError, match="mlx cannot keep packed conversations apart"):
        train(inputs, packing=True)
