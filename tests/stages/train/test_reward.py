"""Rewards: one batch to the judge, what cannot be judged is masked, prompts without room are left out."""

from __future__ import annotations

from collections.abc import Iterable, Iterator, Sequence
from types import SimpleNamespace
from typing import Any

import pytest

from stagerun import Candidate, Judgement, StageError, Task
from stagerun_stages.train.prompts import read_prompts
from stagerun_stages.train.reward import Reward
from stagerun_stages.train.trainer import Progress

ASK = [{"role": "user", "content": "hi"}]
TASK = {"id": "t", "language": "python"}
READ = Task("t", "python")


class ByLength:
    """Scores code by its length; cannot judge the empty text."""

    def __init__(self) -> None:
        self.batches: list[Sequence[Candidate]] = []

    def stream(self, candidates: Iterable[Candidate]) -> Iterator[tuple[int, Judgement]]:
        self.batches.append(taken := [])
        for place, each in enumerate(candidates):
            taken.append(each)
            yield place, Judgement("passed", len(each.code) / 10) if each.code else Judgement("infra_error", None)


def scores(tokenizer: Any, rows: list[dict[str, Any]], texts: list[str]) -> tuple[list[float | None], Reward, ByLength]:
    judge = ByLength()
    reward = Reward(SimpleNamespace(judge=judge), rows, tokenizer, Progress())
    ids = [tokenizer(text)["input_ids"] for text in texts]
    return reward(prompts=[], completions=[], completion_ids=ids, row=list(range(len(rows)))), reward, judge


def test_all_answers_of_a_step_go_to_the_judge_at_once(tokenizer) -> None:
    found, _, judge = scores(tokenizer, [{"task": READ}] * 3, ["a<|return|>", "ab<|return|>", "abc"])
    assert found == [0.1, 0.2, 0.3]
    assert len(judge.batches) == 1


def test_an_answer_that_cannot_be_judged_is_masked_and_counted(tokenizer) -> None:
    found, reward, _ = scores(tokenizer, [{"task": READ}] * 2, ["", "ab"])
    assert found == [None, 0.2]
    assert reward.progress.counts == {"judged": 2, "unjudged": 1, "passed": 1, "timeout": 0, "oom": 0, "tampered": 0}


def test_an_expected_answer_needs_no_judge(tokenizer) -> None:
    rows = [{"expect": "yes"}, {"expect": "yes"}, {"expect": {"name": "look", "arguments": {"at": 1}}}]
    call = ' to=functions.look<|channel|>commentary json<|message|>{"at": 1}<|call|>'
    found, _, judge = scores(tokenizer, rows, ["yes<|return|>", "no<|return|>", call])
    assert found == [1.0, 0.0, 1.0]
    assert judge.batches == []


def test_prompts_without_room_for_an_answer_are_left_out(chat, data) -> None:
    long = [{"role": "user", "content": "x" * 100}]
    done = read_prompts(data([{"prompt": ASK, "task": TASK}, {"prompt": long, "task": TASK}]), chat, 50, "python")
    assert [row["row"] for row in done.asked] == [0]
    assert done.dropped == 1


def test_no_prompt_with_room_is_refused(chat, data) -> None:
    with pytest.raises(StageError, match="none of the 1 prompts of train.jsonl is within 3 tokens"):
        read_prompts(data([{"prompt": ASK, "task": TASK}]), chat, 3, "python")


def test_a_task_takes_the_stages_language_unless_it_names_its_own(chat, data) -> None:
    rows = [{"prompt": ASK, "task": {"tests": "x"}}, {"prompt": ASK, "task": {"language": "rust"}}]
    done = read_prompts(data(rows), chat, 100, "python")
    assert [row["task"].language for row in done.rows] == ["python", "rust"]
    assert done.rows[0]["task"].id == "row 1 of train.jsonl"


def test_a_row_that_cannot_be_scored_is_named(chat, data) -> None:
    with pytest.raises(StageError, match='row 1 of train.jsonl has neither "task" nor "expect"'):
        read_prompts(data([{"prompt": ASK}]), chat, 100, "python")


def test_answers_are_judged_as_they_end_and_not_again(tokenizer) -> None:
    judge = ByLength()
    reward = Reward(SimpleNamespace(judge=judge), [{"task": READ}, {"expect": "no"}], tokenizer, Progress())
    ids = [tokenizer(text)["input_ids"] for text in ("ab", "no", "abc")]
    reward.offer(2, 0, ids[2])
    reward.offer(1, 1, ids[1])
    assert reward(completion_ids=ids, row=[0, 1, 0]) == [0.2, 1.0, 0.3]
    assert [[each.code for each in batch] for batch in judge.batches] == [["abc", "ab"]]


def test_answers_that_are_not_those_that_ended_are_judged_as_they_are(tokenizer) -> None:
    judge = ByLength()
    reward = Reward(SimpleNamespace(judge=judge), [{"task": READ}], tokenizer, Progress())
    reward.offer(0, 0, tokenizer("abcde")["input_ids"])
    assert reward(completion_ids=[tokenizer("ab")["input_ids"]], row=[0]) == [0.2]
    assert reward.progress.counts["judged"] == 1


def test_what_the_judge_raises_is_raised_where_rewards_are_asked_for(tokenizer) -> None:
    class Broken:
        def stream(self, candidates: Iterable[Candidate]) -> Iterator[tuple[int, Judgement]]:
            raise StageError("cargo was not found")

    reward = Reward(SimpleNamespace(judge=Broken()), [{"task": READ}], tokenizer, Progress())
    reward.offer(0, 0, [1])
    with pytest.raises(StageError, match="cargo was not found"):
        reward(completion_ids=[[1]], row=[0])


def test_shares_of_verdicts_are_told_of_every_step(tokenizer) -> None:
    told: dict[str, float] = {}
    reward = Reward(SimpleNamespace(judge=ByLength()), [{"task": READ}], tokenizer, Progress())
    ids = [tokenizer(text)["input_ids"] for text in ("ab", "", "a", "abc")]
    reward(completion_ids=ids, row=[0] * 4, log_metric=told.__setitem__)
    assert told == {"verdicts/passed": 0.75, "verdicts/timeout": 0.0, "verdicts/tampered": 0.0}
