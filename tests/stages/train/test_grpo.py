"""`train.grpo` on tiny random models: it is rewarded by a judge, moves towards the reward, and resumes to the same bytes."""

from __future__ import annotations

import time
from collections.abc import Callable, Iterable, Iterator, Sequence
from pathlib import Path

import pytest

from stagerun import Candidate, Judgement, StageError
from stagerun.testing import run_stage
from stagerun_stages.train.grpo import Grpo
from stagerun_stages.train.options import Evaluation, Lora


class Letters:
    """A judge that scores code by its share of letters; it cannot judge the empty text."""

    def stream(self, candidates: Iterable[Candidate]) -> Iterator[tuple[int, Judgement]]:
        return ((place, self._one(each.code)) for place, each in enumerate(candidates))

    def judge(self, candidates: Sequence[Candidate]) -> list[Judgement]:
        return [self._one(each.code) for each in candidates]

    def _one(self, code: str) -> Judgement:
        if not code:
            return Judgement("infra_error", None)
        share = sum(letter.isascii() and letter.isalpha() for letter in code) / len(code)
        return Judgement("passed" if share > 0.5 else "failed", share)


class Absent:
    """A judge that cannot judge anything."""

    def stream(self, candidates: Iterable[Candidate]) -> Iterator[tuple[int, Judgement]]:
        return ((place, Judgement("infra_error", None)) for place, _ in enumerate(candidates))

    def judge(self, candidates: Sequence[Candidate]) -> list[Judgement]:
        return [Judgement("infra_error", None) for _ in candidates]


def grpo(kind: str = "llama", **options: object) -> Grpo:
    """A stage of six quick steps of two prompts, four answers each."""
    fixed = {
        "lora": Lora(rank=4, alpha=8.0, experts=kind == "gpt_oss"),
        "learning_rate": 1e-2,
        "max_steps": 6,
        "batch_size": 4,
        "accumulation": 2,
        "generations": 4,
        "max_completion_length": 6,
        "save_steps": 2,
    }
    return Grpo(**{**fixed, **options})


@pytest.fixture
def tasks(rows):
    """`tasks(8)`: so many prompts with a task."""

    def give(count: int):
        return [{"prompt": row["messages"][:1], "task": {"tests": "letters"}} for row in rows(count)]

    return give


@pytest.mark.parametrize(
    ("kind", "generations", "length"),
    [pytest.param("gpt_oss", 8, 6, marks=pytest.mark.slow), ("llama", 16, 4)],  # each kind once: that one resumes below
)
def test_it_moves_towards_the_reward(kind, generations, length, model, data, tasks, tmp_path: Path, history) -> None:
    quick = {"max_steps": 30, "learning_rate": 3e-2, "schedule": "constant", "save_steps": 0, "batch_size": 16}
    stage = grpo(kind, generations=generations, max_completion_length=length, **quick)
    done = run_stage(stage, tmp_path / "run", {"model": model(kind), "train": data(tasks(4))}, judge=Letters())
    early = [row["reward"] for row in history(tmp_path / "run")[:10]]
    assert done.metrics["reward"] > sum(early) / len(early) + 0.03
    assert 0 <= done.metrics["equal_groups"] <= 1
    assert "targets" in {event["name"] for event in done.kinds("stage.proof")}


@pytest.mark.parametrize(
    ("kind", "options"),
    [
        ("gpt_oss", {"beta": 0.05}),
        ("llama", {"save_steps": 3, "trainer": {"steps_per_generation": 4}}),  # between two generations
        pytest.param(  # each answer used twice
            "llama", {"save_steps": 3, "trainer": {"num_iterations": 2}}, marks=pytest.mark.slow
        ),
    ],
)
def test_a_resumed_run_gives_the_same_losses_and_bytes(
    kind, options, model, data, tasks, tmp_path: Path, dying_at, same_run
) -> None:
    stage, inputs = grpo(kind, **options), {"model": model(kind), "train": data(tasks(7))}
    whole = run_stage(stage, tmp_path / "whole", inputs, judge=Letters())
    with dying_at(5):
        run_stage(stage, tmp_path / "cut", inputs, judge=Letters())
    again = run_stage(stage, tmp_path / "cut", inputs, judge=Letters())
    assert len(again.kinds("checkpoint.resumed")) == 1
    assert again.metrics == whole.metrics
    same_run(tmp_path / "whole", tmp_path / "cut")


def test_answers_nobody_could_judge_are_counted_and_teach_nothing(model, data, tasks, tmp_path: Path) -> None:
    stage = grpo(max_steps=2)
    done = run_stage(stage, tmp_path / "run", {"model": model("llama"), "train": data(tasks(4))}, judge=Absent())
    warnings = [event["text"] for event in done.kinds("stage.warning")]
    assert (done.metrics["unjudged"], done.metrics["unjudged_share"]) == (16, 1.0)
    assert any("16 answers could not be judged" in text for text in warnings)
    assert any("no step had a gradient" in text for text in warnings)


def test_answers_that_are_always_cut_off_are_told(model, data, tasks, tmp_path: Path) -> None:
    stage = grpo(max_steps=1, max_completion_length=2)
    done = run_stage(stage, tmp_path / "run", {"model": model("llama"), "train": data(tasks(4))}, judge=Letters())
    texts = [event["text"] for event in done.kinds("stage.warning")]
    assert any("100% of the answers were cut off at max_completion_length" in text for text in texts)
    assert done.metrics["truncated"] == 1.0


def test_groups_without_a_difference_are_told_and_counted(model, data, rows, tmp_path: Path) -> None:
    asked = [{"prompt": row["messages"][:1], "expect": "never this"} for row in rows(4)]
    inputs = {"model": model("llama"), "train": data(asked)}
    done = run_stage(grpo(max_steps=2, reward=""), tmp_path / "run", inputs)
    texts = [event["text"] for event in done.kinds("stage.warning")]
    assert any("100% of the groups got the same reward" in text for text in texts)
    assert (done.metrics["equal_groups"], done.metrics["unjudged_share"]) == (1.0, 0.0)


def test_a_limit_of_one_gives_no_alarm(model, data, tasks, tmp_path: Path) -> None:
    stage = grpo(max_steps=1, max_completion_length=2, alarm=1.0)
    done = run_stage(stage, tmp_path / "run", {"model": model("llama"), "train": data(tasks(4))}, judge=Letters())
    assert not any("cut off" in event["text"] for event in done.kinds("stage.warning"))


@pytest.mark.parametrize(
    "trainer",
    [
        pytest.param({}, marks=pytest.mark.slow),
        {"steps_per_generation": 4},  # the hardest of the three
        pytest.param({"num_iterations": 2}, marks=pytest.mark.slow),
    ],
)
def test_smaller_pieces_give_the_same_answers_and_losses_also_between_generations(
    trainer, model, data, tasks, tmp_path: Path, history, dying_at
) -> None:
    stage, inputs = grpo(save_steps=3, trainer=trainer), {"model": model("llama"), "train": data(tasks(7))}
    run_stage(stage, tmp_path / "whole", inputs, judge=Letters())
    with dying_at(5):
        run_stage(stage, tmp_path / "cut", inputs, judge=Letters())
    done = run_stage(stage, tmp_path / "cut", inputs, judge=Letters(), memory_failures=1)
    assert done.metrics["micro_batch"] == 2
    whole, cut = (history(tmp_path / name) for name in ("whole", "cut"))
    assert [row.get("reward") for row in cut] == [row.get("reward") for row in whole]
    assert [row["loss"] for row in cut] == pytest.approx([row["loss"] for row in whole], rel=1e-4, abs=1e-5)


def test_heldout_tasks_are_judged_before_and_after(model, data, tasks, tmp_path: Path) -> None:
    asked = [{"messages": row["prompt"], "task": {"id": "t", "language": "any"}} for row in tasks(4)]
    inputs, many = {"model": model("llama"), "train": data(tasks(4))}, {"heldout": (data(asked, "heldout"),)}
    stage = grpo(max_steps=1, evaluation=Evaluation(max_new_tokens=4))
    done = run_stage(stage, tmp_path / "run", inputs, many, judge=Letters())
    assert 0 <= done.metrics["pass_rate_before"] <= 1
    assert 0 <= done.metrics["pass_rate"] <= 1


def test_fewer_prompts_than_are_answered_together_are_refused(model, data, tasks, tmp_path: Path) -> None:
    with pytest.raises(StageError, match="1 prompts are fewer than the 2 that are answered together"):
        run_stage(grpo(), tmp_path / "run", {"model": model("llama"), "train": data(tasks(1))}, judge=Letters())


def test_every_epoch_has_its_own_order_and_the_same_one_again() -> None:
    from stagerun_stages.train.grpo_trainer import EpochOrder

    def order(epoch: int) -> list[int]:
        return list(EpochOrder(list(range(20)), mini_repeat_count=1, batch_size=2, seed=0, epoch=lambda: epoch))

    assert order(0) != order(1)
    assert order(1) == order(1)
    assert sorted(order(1)) == list(range(20))


def test_answers_go_to_the_judge_while_others_are_still_being_generated(model, data, tasks, tmp_path: Path) -> None:
    from stagerun_stages.train.endings import Watcher

    order: list[str] = []

    class Watched(Letters):
        def stream(self, candidates: Iterable[Candidate]) -> Iterator[tuple[int, Judgement]]:
            for place, each in enumerate(candidates):
                order.append("judged")
                yield place, self._one(each.code)

    whole = Watcher.__call__

    def slow(self: Watcher, input_ids: object, scores: object, **more: object) -> object:
        before = len(self.told)
        done = whole(self, input_ids, scores, **more)
        if len(self.told) > before:
            wait_until(lambda: len(order) >= len(self.told))
        order.append("token")
        return done

    with pytest.MonkeyPatch.context() as patch:
        patch.setattr(Watcher, "__call__", slow)
        stage = grpo(max_steps=1, max_completion_length=64, max_length=256, generations=8, batch_size=8, accumulation=1)
        run_stage(stage, tmp_path / "run", {"model": model("llama"), "train": data(tasks(4))}, judge=Watched())
    assert order.index("judged") < len(order) - order[::-1].index("token") - 1


def wait_until(true: Callable[[], bool]) -> None:
    for _ in range(10_000):
        if true():
            return
        time.sleep(0.001)
    raise AssertionError("it did not come to pass")


def test_verdicts_are_counted_and_tampering_is_told(model, data, tasks, tmp_path: Path, history) -> None:
    class Suspicious(Letters):
        def _one(self, code: str) -> Judgement:
            return Judgement("tampered", 0.0)

    inputs = {"model": model("llama"), "train": data(tasks(4))}
    done = run_stage(grpo(max_steps=2), tmp_path / "run", inputs, judge=Suspicious())
    assert (done.metrics["judged"], done.metrics["tampered"], done.metrics["passed"]) == (16, 16, 0)
    assert [row["tampered_share"] for row in history(tmp_path / "run")] == [1.0, 1.0]
    assert any("16 of 16 answers tampered" in event["text"] for event in done.kinds("stage.warning"))
