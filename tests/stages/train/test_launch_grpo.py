"""Reinforcement learning in two processes: their answers are one batch, and a group of answers may lie across them.

torchrun, gloo, generation and the judge are real. Where what is learned is compared, answers are drawn alike (support/alike.py).
"""

from __future__ import annotations

import json
from collections import Counter
from pathlib import Path
from typing import Any

import pytest
from alike import stage
from doubting import JUDGE, TOLD, asked
from launched import Launched, launch, same

from stagerun.testing import dataset
from stagerun.worker.execute import Done
from stagerun_stages.train.launch import Launch


def three_steps(processes: int) -> Any:
    """In single batches of two answers; of two processes each generates six, and one group lies across them."""
    return stage(max_steps=3, batch_size=2, accumulation=6, launch=Launch(processes=processes))


def judged(folder: Path) -> list[list[Any]]:
    """What the judge of each process wrote down."""
    return [[json.loads(line) for line in path.read_text().splitlines()] for path in folder.glob("*.jsonl")]


@pytest.fixture(scope="module")
def runs(model: Any, tmp_path_factory: pytest.TempPathFactory) -> dict[int, Launched]:
    """The training by two processes, and by one, for which the judge remembers what the two have asked."""
    train = dataset(tmp_path_factory.mktemp("data") / "rows.jsonl", map(asked, range(7)))
    found = {}
    for processes in (2, 1):
        root = tmp_path_factory.mktemp("run")
        with pytest.MonkeyPatch.context() as patch:
            patch.setenv(TOLD, str(root.parent / root.name))
            found[processes] = launch(
                three_steps(processes), root / "run", {"model": model("llama"), "train": train}, **JUDGE
            )
        assert isinstance(found[processes].outcome, Done), found[processes].outcome
    return found


def metrics(done: Launched) -> Any:
    assert isinstance(done.outcome, Done)
    return done.outcome.result.metrics


def test_the_same_answers_teach_what_they_teach_one_process(runs: dict[int, Launched]) -> None:
    same(runs[2].history(), runs[1].history(), 1e-5)
    weights = runs[1].weights()
    assert all(tensor.sub(weights[name]).abs().max() < 1e-4 for name, tensor in runs[2].weights().items())
    assert all(row["grad_norm"] > 0.01 for row in runs[1].history())


def test_each_answer_is_judged_once_by_the_process_that_has_it_with_its_share_of_the_judge(
    runs: dict[int, Launched],
) -> None:
    [alone], shared = (judged(runs[processes].root.parent) for processes in (1, 2))
    assert [len(each) for each in shared] == [18, 18]
    assert Counter(row["code"] for each in shared for row in each) == Counter(row["code"] for row in alone)
    assert {row["workers"] for each in shared for row in each} == {1}
    assert {row["workers"] for row in alone} == {2}


def test_what_became_of_the_answers_is_counted_over_both_and_told_once(runs: dict[int, Launched]) -> None:
    verdicts = Counter(row["verdict"] for each in judged(runs[2].root.parent) for row in each)
    found = metrics(runs[2])
    assert (found["judged"], found["unjudged"]) == (36, verdicts["infra_error"])
    assert (found["passed"], found["tampered"]) == (verdicts["passed"], verdicts["tampered"])
    assert min(verdicts["infra_error"], verdicts["passed"], verdicts["tampered"]) > 0
    assert found == pytest.approx({**metrics(runs[1]), "micro_batch": 1}, rel=1e-4, abs=1e-6)
    assert runs[2].texts("stage.warning") == runs[1].texts("stage.warning")
    assert f"{verdicts['tampered']} of 36 answers tampered with their tests and scored 0" in runs[2].texts(
        "stage.warning"
    )


def test_it_is_told_that_another_number_of_processes_gives_other_answers(runs: dict[int, Launched]) -> None:
    assert any("another number gives other answers" in text for text in runs[2].texts("stage.note"))
    assert not any("another number" in text for text in runs[1].texts("stage.note"))
