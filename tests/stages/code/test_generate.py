"""`code.generate` on tiny random models: saved solutions that code.eval reads, the same from a seed, also after a kill."""

from __future__ import annotations

import json
from pathlib import Path
from typing import Any

import pytest

from stagerun import StageError, Task
from stagerun.tasks import read_samples, read_tasks
from stagerun.testing import run_stage
from stagerun_stages.code.asked import messages_of
from stagerun_stages.code.generate import Generate

FIXED = {"samples": 3, "max_new_tokens": 12, "batch_size": 2}


@pytest.fixture
def tasks(data) -> Any:
    """Three tasks as an artifact."""
    rows = [{"id": f"t/{at}", "language": "python", "statement": "Say " + "a" * at, "tests": "x"} for at in range(3)]
    return data(rows, "tasks")


def solutions(root: Path) -> list[dict[str, Any]]:
    return [json.loads(line) for line in (root / "final/solutions.jsonl").read_text().splitlines()]


def test_every_task_is_answered_as_often_as_asked_in_the_order_of_tasks(model, tasks, tmp_path: Path) -> None:
    done = run_stage(Generate(**FIXED), tmp_path / "run", {"model": model("llama"), "tasks": tasks})
    rows = solutions(tmp_path / "run")
    assert [(row["task_id"], row["sample"]) for row in rows] == [(f"t/{at}", k) for at in range(3) for k in range(3)]
    assert len({row["code"] for row in rows}) > 1
    assert (done.metrics["samples"], done.metrics["tasks"]) == (9, 3)
    assert 0 < done.metrics["answer_tokens"] <= 12


def test_the_solutions_are_read_back_as_samples_of_the_tasks(model, tasks, tmp_path: Path) -> None:
    run_stage(Generate(**FIXED), tmp_path / "run", {"model": model("gpt_oss"), "tasks": tasks})
    known = {task.id: task for task in read_tasks(tasks.path)}
    found = list(read_samples(tmp_path / "run/final/solutions.jsonl", known))
    assert [each.task_id for each in found][::3] == ["t/0", "t/1", "t/2"]


def test_the_same_seed_gives_the_same_answers_and_another_seed_others(model, tasks, tmp_path: Path) -> None:
    inputs = {"model": model("llama"), "tasks": tasks}
    for name, seed in (("one", 1), ("two", 1), ("other", 2)):
        run_stage(Generate(**FIXED), tmp_path / name, inputs, seed=seed)
    assert solutions(tmp_path / "one") == solutions(tmp_path / "two")
    assert solutions(tmp_path / "one") != solutions(tmp_path / "other")


def test_a_run_that_was_killed_goes_on_after_its_last_batch_with_the_same_answers(
    model, tasks, tmp_path: Path, monkeypatch
) -> None:
    from stagerun_stages.code import generating

    inputs, batches, whole = {"model": model("llama"), "tasks": tasks}, [], generating.generate

    def dying(net: Any, tokenizer: Any, prompts: list[Any], *rest: Any) -> Any:
        batches.append(len(prompts))
        if len(batches) == 3:
            raise KeyboardInterrupt
        return whole(net, tokenizer, prompts, *rest)

    run_stage(Generate(**FIXED), tmp_path / "whole", inputs)
    monkeypatch.setattr(generating, "generate", dying)
    with pytest.raises(KeyboardInterrupt):
        run_stage(Generate(**FIXED), tmp_path / "cut", inputs)
    again = run_stage(Generate(**FIXED), tmp_path / "cut", inputs)
    assert [event["step"] for event in again.kinds("checkpoint.resumed")] == [4]
    assert sum(batches) == 2 + 2 + 2 + 5
    assert solutions(tmp_path / "cut") == solutions(tmp_path / "whole")


def test_no_temperature_gives_the_likeliest_answer(model, tasks, tmp_path: Path) -> None:
    options = {**FIXED, "samples": 1, "temperature": 0.0}
    for seed in (1, 2):
        inputs = {"model": model("llama"), "tasks": tasks}
        run_stage(Generate(**options), tmp_path / str(seed), inputs, seed=seed)
    assert solutions(tmp_path / "1") == solutions(tmp_path / "2")


def test_memory_that_ran_out_halves_the_batch_and_less_than_one_is_refused(model, tasks, tmp_path: Path) -> None:
    inputs = {"model": model("llama"), "tasks": tasks}
    done = run_stage(Generate(**FIXED), tmp_path / "run", inputs, memory_failures=1)
    assert done.metrics["micro_batch"] == 1
    with pytest.raises(StageError, match="memory ran out"):
        run_stage(Generate(**FIXED), tmp_path / "again", inputs, memory_failures=2)


def test_an_answer_to_a_humaneval_task_is_a_completion(model, data, tmp_path: Path) -> None:
    row = {"task_id": "HumanEval/0", "prompt": "def half(x):\n", "entry_point": "half", "test": "x"}
    run_stage(Generate(samples=1, max_new_tokens=4), tmp_path / "run", {"model": model("llama"), "tasks": data([row])})
    assert "completion" in solutions(tmp_path / "run")[0]


def test_a_statement_is_put_as_the_option_says_and_its_own_braces_stay() -> None:
    task = Task("t", "rust", statement="Return {language}.", entry="src/lib.rs")
    (message,) = messages_of(task, "In {language}, for {entry}: {statement}")
    assert message == {"role": "user", "content": "In rust, for src/lib.rs: Return {language}."}


def test_a_task_with_a_repository_shows_it_and_asks_for_a_patch() -> None:
    (message,) = messages_of(Task("t", "python", statement="Mend it.", repo={"x.py": "x = 0\n"}), "{statement}")
    assert message["content"].startswith("Mend it.\n\n`x.py`:\n\n```\nx = 0\n```\n\nAnswer with one patch")


def test_a_conversation_that_comes_with_a_task_is_kept() -> None:
    asked = [{"role": "system", "content": "Be brief."}, {"role": "user", "content": "Add."}]
    assert messages_of(Task("t", "python", meta={"messages": asked}), "{statement}") == asked


@pytest.mark.parametrize(
    ("options", "complaint"),
    [
        ({"samples": 0}, "samples is 0"),
        ({"temperature": 0.0, "samples": 2}, "temperature 0 gives 2 samples that are all the same"),
        ({"top_p": 1.5}, "top_p is 1.5"),
        ({"prompt": "Solve it."}, "prompt has no {statement}"),
    ],
)
def test_options_that_make_no_sense_are_found_while_planning(options, complaint) -> None:
    assert complaint in "\n".join(Generate(**options).check())
