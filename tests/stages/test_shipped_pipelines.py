"""The pipelines that ship: their numbers, their profiles, and that the embedded default is the same graph and learns."""

from __future__ import annotations

import json
from pathlib import Path
from typing import Any

import pytest

import stagerun

FILE = Path(__file__).parents[2] / "pipelines.toml"
GRAPH = {
    "tool_data": "data.prepare",
    "tool_sft": "train.sft",
    "merge": "model.merge",
    "agent_data": "data.prepare",
    "agent_rows": "data.pack",
    "agent_sft": "train.sft",
    "preference_data": "data.prepare",
    "ipo": "train.dpo",
    "code_data": "data.prepare",
    "grpo": "train.grpo",
    "code_answers": "code.generate",
    "code_eval": "code.eval",
    "export": "model.export",
}
TASK = {"messages": [{"role": "user", "content": "2 + 2?"}], "expect": "4"}


@pytest.fixture
def full(tmp_path: Path) -> Any:
    """Plans the pipeline as it is written, for a machine that has no profile, with the files that are named extra in place."""

    def plan(*profiles: str, extra: tuple[str, ...] = ("code-tasks",)) -> stagerun.Plan:
        for name in extra:
            (tmp_path / f"{name}.jsonl").write_text(json.dumps(TASK) + "\n", encoding="utf-8")
        sets = [f'params.data="{tmp_path}"']
        run_dir = tmp_path / "run"
        return stagerun.prepare(FILE, "tui", profiles=profiles, sets=sets, run_dir=run_dir, machine="cpu", fit=False)

    return plan


def options(plan: stagerun.Plan, stage: str) -> Any:
    return plan.stages[stage].stage


def taken(plan: stagerun.Plan, stage: str, need: str) -> list[str]:
    return [source.text for source in plan.stages[stage].sources if source.need == need]


def test_the_whole_graph_is_there(full: Any) -> None:
    assert {name: stage.spec.uses for name, stage in full().stages.items()} == GRAPH


def test_the_real_settings_are_the_ones_promised(full: Any) -> None:
    plan = full()
    assert taken(plan, "tool_sft", "model") == ["openai/gpt-oss-20b"]
    ranks = {name: options(plan, name).lora.rank for name in ("tool_sft", "agent_sft")}
    assert ranks == {"tool_sft": 64, "agent_sft": 128}
    lengths = [options(plan, name).max_length for name in ("tool_sft", "agent_sft", "ipo", "grpo")]
    assert lengths == [8192, 32768, 8192, 65536]
    assert (options(plan, "agent_rows").length, options(plan, "agent_rows").split) == (32768, "turns")
    assert (options(plan, "ipo").loss, options(plan, "ipo").beta) == ("ipo", 0.1)
    assert (options(plan, "grpo").generations, options(plan, "grpo").max_steps) == (4, 5000)
    assert all(options(plan, name).lora.experts for name in ("tool_sft", "agent_sft", "ipo", "grpo"))


def test_the_real_gates_are_the_ones_promised(full: Any) -> None:
    gates = {name: [gate.spec for gate in stage.gates] for name, stage in full().stages.items() if stage.gates}
    assert {name: [gate.hard for gate in each] for name, each in gates.items()} == {
        "tool_sft": [True],
        "merge": [True],
        "agent_sft": [True],
        "ipo": [False],
        "grpo": [False],
        "code_eval": [False, False, False],
    }
    assert gates["tool_sft"][0].options["max"] == 2.0
    assert gates["merge"][0].options["min_gb"] == 5.0
    assert gates["agent_sft"][0].options["max"] == 1.8


def test_the_best_adapter_there_is_is_exported_in_every_format_that_gpt_oss_has(full: Any) -> None:
    plan = full()
    assert plan.stages["export"].spec.needs["model"] == ("grpo", "ipo", "agent_sft", "tool_sft")
    assert taken(plan, "export", "model") == ["grpo.adapter"]
    assert set(options(plan, "export").formats) == {"safetensors", "gguf-f16", "gguf-q8_0", "gguf-mxfp4"}


@pytest.mark.parametrize(
    ("profile", "sizes"),
    [
        ("aggressive", [(10, 5), (4, 6), (4, 8), (2, 8)]),
        ("balanced", [(8, 6), (1, 24), (2, 16), (1, 16)]),
        ("conservative", [(4, 12), (1, 24), (1, 32), (1, 16)]),
    ],
)
def test_a_profile_sets_batch_and_accumulation(full: Any, profile: str, sizes: list[tuple[int, int]]) -> None:
    plan = full(profile)
    trained = [options(plan, name) for name in ("tool_sft", "agent_sft", "ipo", "grpo")]
    assert [(each.batch_size, each.accumulation) for each in trained] == sizes


def test_quick_takes_small_subsets_and_50_steps_of_4096_tokens(full: Any) -> None:
    plan = full("quick")
    for name in ("tool_sft", "agent_sft", "ipo", "grpo"):
        assert (options(plan, name).max_steps, options(plan, name).max_length) == (50, 4096)
    assert sources(plan) == {
        "tool_data": {"glaive-v2": 500, "xlam-60k": 200, "hermes-v1": 300},
        "agent_data": {"code-act": 100, "commitpackft": 50, "editpackft": 300},
        "preference_data": {"hh-rlhf": 300, "codefeedback": 200},
    }
    assert options(plan, "code_data").limit == 300
    assert options(plan, "agent_rows").length == 4096


def sources(plan: stagerun.Plan) -> dict[str, dict[str, int | None]]:
    """The named sources of each stage, with their limits."""
    found = {name: {each.name: each.limit for each in stage.stage.sources if each.name} for name, stage in data(plan)}
    return {name: each for name, each in found.items() if each}


def data(plan: stagerun.Plan) -> list[tuple[str, Any]]:
    return [(name, stage) for name, stage in plan.stages.items() if stage.spec.uses == "data.prepare"]


def test_the_eight_sources_come_from_the_hub_with_the_numbers_they_say_themselves(full: Any) -> None:
    plan = full()
    assert sources(plan) == {
        "tool_data": dict.fromkeys(("glaive-v2", "xlam-60k", "hermes-v1")),
        "agent_data": dict.fromkeys(("code-act", "commitpackft", "editpackft")),
        "preference_data": dict.fromkeys(("hh-rlhf", "codefeedback")),
    }
    for _, stage in data(plan):
        assert all(found.value.makes == stage.stage.format for found in stage.plugins.values())


@pytest.mark.parametrize("profile", ["full", "quick"])
def test_plans_need_no_file_of_data_and_without_tasks_the_preferences_are_exported(full: Any, profile: str) -> None:
    plan = full(*([] if profile == "full" else [profile]), extra=())
    absent = {name for name, stage in plan.stages.items() if stage.decision.action == "absent"}
    assert absent == {"code_data", "grpo", "code_answers", "code_eval"}
    assert taken(plan, "export", "model") == ["ipo.adapter"]


def test_no_training_row_may_hold_a_task_that_is_held_out(full: Any) -> None:
    plan = full()
    for name, stage in data(plan):
        if name != "code_data":
            assert taken(plan, name, "against") == ["code_data.heldout"], stage


@pytest.fixture(scope="module")
def tiny(tmp_path_factory: pytest.TempPathFactory) -> stagerun.Plan:
    return stagerun.prepare(FILE, "tui", profiles=["tiny"], run_dir=tmp_path_factory.mktemp("tiny"))


def test_tiny_is_the_same_graph_with_data_and_a_base_made_here(tiny: stagerun.Plan, full: Any) -> None:
    uses = {name: stage.spec.uses for name, stage in tiny.stages.items()}
    assert uses == GRAPH | {"tiny_base": "model.tiny", "tiny_data": "data.synthesize"}
    real = full()
    for name in GRAPH:
        for need in {source.need for source in real.stages[name].sources} - {"sources"}:
            expected = ["tiny_base.model" if text == "openai/gpt-oss-20b" else text for text in taken(real, name, need)]
            assert taken(tiny, name, need) == expected


def test_tiny_needs_nothing_from_outside(tiny: stagerun.Plan) -> None:
    for stage in tiny.stages.values():
        assert not stage.reads
        assert not [source for source in stage.sources if source.outside]


@pytest.mark.slow
def test_tiny_learns_in_every_stage(tiny: stagerun.Plan) -> None:
    found = {event.stage: event.data["metrics"] for event in stagerun.run(tiny) if event.kind == "stage.finished"}
    tool, agent, ipo, grpo = (found[name] for name in ("tool_sft", "agent_sft", "ipo", "grpo"))
    assert tool["exact_match"] - tool["exact_match_before"] > 0.5
    assert agent["exact_match"] - agent["exact_match_before"] > 0.25
    assert ipo["exact_match"] - ipo["exact_match_before"] > 0.3
    assert grpo["pass_rate"] >= ipo["pass_rate"]
    assert grpo["exact_match"] > grpo["exact_match_before"] - 0.2
    assert "export" in found
