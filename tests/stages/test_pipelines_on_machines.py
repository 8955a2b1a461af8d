"""The pipelines that ship, planned for machines that are not here: which profile is taken, what it changes, what is refused.

The machines are the descriptions that come with the backends, taken from published specifications.
"""

from __future__ import annotations

import json
from pathlib import Path
from typing import Any

import pytest

import stagerun
from stagerun.errors import BadPipeline, Problem
from stagerun.render.plan_text import plan_lines

FILE = Path(__file__).parents[2] / "pipelines.toml"
MACHINES = ("h100", "a100", "m4", "m4-16", "cpu")
TASK = {"messages": [{"role": "user", "content": "2 + 2?"}], "expect": "4"}
TRAINED = ("tool_sft", "agent_sft", "ipo", "grpo")


@pytest.fixture
def plan(tmp_path: Path) -> Any:
    """Plans a shipped pipeline for a machine, with programming tasks in place so that no stage is absent."""

    def give(pipeline: str, machine: str | None, *profiles: str, fit: bool = True) -> stagerun.Plan:
        (tmp_path / "code-tasks.jsonl").write_text(json.dumps(TASK) + "\n", encoding="utf-8")
        sets = [f'params.data="{tmp_path}"'] if pipeline == "tui" else []
        run_dir = tmp_path / "run"
        return stagerun.prepare(FILE, pipeline, profiles=profiles, sets=sets, run_dir=run_dir, fit=fit, machine=machine)

    return give


def applied(plan: stagerun.Plan) -> dict[str, str]:
    return {one.name: one.why for one in plan.spec.applied if not one.why.startswith("--set")}


def options(plan: stagerun.Plan, stage: str) -> Any:
    return plan.stages[stage].stage


def decisive(plan: stagerun.Plan) -> dict[str, Any]:
    """What of each stage is in its fingerprint, and where its inputs come from."""
    return {
        name: (stage.spec.uses, dict(stage.options), [source.text for source in stage.sources])
        for name, stage in plan.stages.items()
    }


@pytest.mark.parametrize("pipeline", ["tui", "persona"])
@pytest.mark.parametrize(
    ("machine", "profile"), [("h100", "h100"), ("a100", "a100"), ("m4", "m4"), ("m4-16", "m4"), ("cpu", None)]
)
def test_the_profile_of_a_machine_chooses_itself(plan: Any, pipeline: str, machine: str, profile: str | None) -> None:
    assert list(applied(plan(pipeline, machine, fit=False))) == ([profile] if profile else [])


@pytest.mark.parametrize("pipeline", ["tui", "persona"])
@pytest.mark.parametrize("machine", ["h100", "a100", "m4"])
def test_everything_fits_on_the_machines_that_have_a_profile(plan: Any, pipeline: str, machine: str) -> None:
    made = plan(pipeline, machine)
    assert {stage.decision.action for stage in made.stages.values()} == {"run"}


def test_the_plan_shows_which_profile_was_taken_and_what_it_changed(plan: Any) -> None:
    lines = list(plan_lines(plan("persona", "m4")))
    assert "[plan] applied m4 (when generation = m4)" in lines
    assert "[stage sft] option with.max_length 4096 -> 2048 (profile m4, when generation = m4)" in lines
    assert '[plan] changed backend unset -> "mlx" (profile m4, when generation = m4)' in lines


@pytest.mark.parametrize("pipeline", ["tui", "persona"])
def test_this_very_machine_is_planned_for_or_what_does_not_fit_is_told_with_its_line(plan: Any, pipeline: str) -> None:
    problems: list[Problem] = []
    try:
        plan(pipeline, None)
    except BadPipeline as error:
        problems = list(error.problems)
    assert all(problem.line for problem in problems)


@pytest.mark.parametrize("pipeline", ["tui", "persona"])
def test_from_one_80_gb_gpu_to_another_no_result_is_lost(plan: Any, pipeline: str) -> None:
    assert decisive(plan(pipeline, "h100")) == decisive(plan(pipeline, "a100"))


@pytest.mark.parametrize("machine", MACHINES)
@pytest.mark.parametrize("pipeline", ["tui", "persona"])
def test_tiny_is_the_same_on_every_machine(plan: Any, pipeline: str, machine: str) -> None:
    there, here = plan(pipeline, machine, "tiny"), plan(pipeline, None, "tiny")
    assert decisive(there) == decisive(here)
    for name, stage in there.stages.items():
        assert stage.shown == here.stages[name].shown
    assert {chosen.found.name for chosen in there.backends.values()} == {"cpu"}
    assert there.spec.run_dir == here.spec.run_dir


def test_the_persona_has_the_numbers_promised_for_an_h100(plan: Any) -> None:
    sft = options(plan("persona", "h100"), "sft")
    assert (sft.max_length, sft.save_steps, sft.batch_size * sft.accumulation) == (4096, 500, 16)


def test_the_persona_has_the_numbers_promised_for_an_m4_and_trains_with_mlx(plan: Any) -> None:
    made = plan("persona", "m4")
    sft = options(made, "sft")
    assert (sft.max_length, sft.batch_size, sft.accumulation, sft.save_steps) == (2048, 1, 8, 250)
    assert made.backend_of(made.stages["sft"]).found.name == "mlx"
    assert sft.engine == "auto"


def test_an_m4_takes_another_base_for_tui_and_keeps_it_apart(plan: Any) -> None:
    made = plan("tui", "m4")
    assert made.spec.params["base_model"] == "Qwen/Qwen2.5-1.5B-Instruct"
    assert made.spec.run_dir == "runs/tui-m4"
    assert not any(options(made, name).lora.experts for name in TRAINED)
    assert "gguf-mxfp4" not in options(made, "export").formats


@pytest.mark.parametrize(("pipeline", "machine"), [("tui", "cpu"), ("persona", "m4-16"), ("persona", "cpu")])
def test_what_cannot_fit_is_refused_with_its_line_and_what_would_fit(plan: Any, pipeline: str, machine: str) -> None:
    with pytest.raises(BadPipeline) as caught:
        plan(pipeline, machine)
    found = caught.value.problems
    assert found
    assert all(problem.line for problem in found)
    assert all("; what would fit: " in str(problem) for problem in found)
