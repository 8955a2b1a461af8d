"""What the length limit takes is counted, recorded and limited; no preference becomes a twin, no example loses its answer."""

from __future__ import annotations

from pathlib import Path
from typing import Any

import pytest

from stagerun import StageError
from stagerun.testing import StageRun, run_stage
from stagerun_stages.train.dpo import Dpo
from stagerun_stages.train.grpo import Grpo
from stagerun_stages.train.options import Lora, Training
from stagerun_stages.train.sft import Sft

QUICK: dict[str, Any] = {"lora": Lora(rank=2), "max_steps": 1, "batch_size": 2, "save_steps": 0}
ANSWER = "y" * 40


def told(question: str, answer: str) -> dict[str, Any]:
    return {"messages": [{"role": "user", "content": question}, {"role": "assistant", "content": answer}]}


def pair(chosen: str, rejected: str, question: str = "?") -> dict[str, Any]:
    answers = {"chosen": chosen, "rejected": rejected}
    prompt = [{"role": "user", "content": question}]
    return {"prompt": prompt, **{part: [{"role": "assistant", "content": text}] for part, text in answers.items()}}


def proof(done: StageRun) -> dict[str, Any]:
    [found] = [event["evidence"] for event in done.kinds("stage.proof") if event["name"] == "truncation"]
    return found


def test_an_example_that_would_lose_its_answer_is_dropped_and_told(model: Any, data: Any, tmp_path: Path) -> None:
    rows = [told("?", "y")] * 8 + [told("?", ANSWER * 3), told("?" * 200, "y")]
    inputs = {"model": model("llama"), "train": data(rows)}
    done = run_stage(Sft(**QUICK, max_length=100, max_cut=0.2), tmp_path / "run", inputs)
    assert proof(done) == {"rows": 10, "cut": 1, "dropped": 1, "share": 0.2, "limit": 0.2}
    assert (done.metrics["rows"], done.metrics["rows_cut"], done.metrics["share_cut"]) == (9, 2, 0.2)
    said = "max_length cuts 1 answers short and leaves nothing of 1 others, out of 10 rows (20.0%)"
    assert said in str(done.kinds("stage.warning"))


def test_where_nothing_is_cut_the_proof_says_so(model: Any, data: Any, tmp_path: Path) -> None:
    inputs = {"model": model("llama"), "train": data([told("?", "y")] * 4)}
    done = run_stage(Sft(**QUICK), tmp_path / "run", inputs)
    assert proof(done)["share"] == done.metrics["share_cut"] == 0
    assert "max_length" not in str(done.kinds("stage.warning"))


def test_a_limit_that_cuts_many_answers_is_refused_before_the_first_step(model: Any, data: Any, tmp_path: Path) -> None:
    inputs = {"model": model("llama"), "train": data([told("?", ANSWER * 3)] * 2 + [told("?", "y")] * 2)}
    with pytest.raises(
        StageError, match=r"cuts 2 answers short .* \(50.0%\); max_cut is 0.1; raise the length, or max_cut"
    ):
        run_stage(Sft(**QUICK, max_length=100), tmp_path / "run", inputs)
    assert not (tmp_path / "run" / "metrics.jsonl").exists()


def test_pairs_that_would_become_twins_are_left_out_and_told(model: Any, data: Any, tmp_path: Path) -> None:
    twin = pair(ANSWER + "good", ANSWER + "bad")
    inputs = {"model": model("llama"), "train": data([pair("good", "bad")] * 3 + [twin])}
    done = run_stage(Dpo(**QUICK, max_length=60, max_cut=0.5), tmp_path / "run", inputs)
    assert proof(done)["dropped"] == 1
    assert done.metrics["rows"] == 3
    assert "leaves no difference in 1 others" in str(done.kinds("stage.warning"))


def test_a_limit_that_makes_twins_of_most_pairs_is_refused(model: Any, data: Any, tmp_path: Path) -> None:
    rows = [pair("good", "bad")] + [pair(ANSWER + "good", ANSWER + "bad")] * 3
    inputs = {"model": model("llama"), "train": data(rows)}
    with pytest.raises(StageError, match=r"leaves no difference in 3 others, out of 4 rows \(75.0%\); max_cut is 0.1"):
        run_stage(Dpo(**QUICK, max_length=60), tmp_path / "run", inputs)


def test_pairs_that_the_template_renders_alike_are_left_out_and_told(model: Any, data: Any, tmp_path: Path) -> None:
    alike = pair("good", "good")
    alike["rejected"][0]["name"] = "somebody"  # no template writes it
    inputs = {"model": model("llama"), "train": data([pair("good", "bad")] * 3 + [alike])}
    done = run_stage(Dpo(**QUICK), tmp_path / "run", inputs)
    assert (done.metrics["rows"], done.metrics["rows_cut"]) == (3, 0)
    assert "1 pairs are left out: the chat template renders their answers alike" in str(done.kinds("stage.warning"))


def test_questions_too_long_to_be_asked_are_limited_too(model: Any, data: Any, tmp_path: Path) -> None:
    rows = [{"prompt": [{"role": "user", "content": "?" * count}], "expect": "y"} for count in (1, 300)]
    stage = Grpo(**{**QUICK, "batch_size": 2}, generations=2, max_length=100, max_completion_length=8)
    with pytest.raises(StageError, match=r"1 prompts are longer than 92 tokens .* \(50.0%\); max_cut is 0.1"):
        run_stage(stage, tmp_path / "run", {"model": model("llama"), "train": data(rows)})


def test_a_limit_on_the_cut_is_a_share() -> None:
    assert list(Training(max_cut=-0.1).check()) == ["max_cut is -0.1; it must be between 0 and 1"]
