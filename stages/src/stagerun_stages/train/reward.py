"""The reward of GRPO: a whole batch of answers is judged at once, and what could not be judged is masked, not zero."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from typing import Any

from attrs import define

from stagerun import Candidate, Ctx
from stagerun_stages.train.code import code_of, read_task
from stagerun_stages.train.heldout import matches
from stagerun_stages.train.rows import Row
from stagerun_stages.train.trainer import Progress


@define
class Reward:
    """Scores answers by their row: a `task` by the judge's score in [0, 1], an `expect` by 1 for a match and 0 otherwise."""

    ctx: Ctx
    rows: Sequence[Row]
    tokenizer: Any
    progress: Progress

    __name__ = "reward"  # TRL names its metrics after the function

    def __call__(self, completion_ids: Sequence[Sequence[int]], row: Sequence[int], **_: Any) -> list[float | None]:
        """TRL's calling convention; None masks an answer."""
        texts = [self.tokenizer.decode(tokens, skip_special_tokens=False) for tokens in completion_ids]
        asked = [(self.rows[index], text) for index, text in zip(row, texts, strict=True)]
        scores = self._judged(asked)
        return [scores.get(place, self._matched(*each)) for place, each in enumerate(asked)]

    def _judged(self, asked: Sequence[tuple[Row, str]]) -> Mapping[int, float | None]:
        places = [place for place, (row, _) in enumerate(asked) if "task" in row]
        if not places:
            return {}
        special = frozenset(self.tokenizer.all_special_tokens)
        candidates = [
            Candidate(read_task(asked[place][0]["task"]), code_of(asked[place][1], special)) for place in places
        ]
        scores = [each.score for each in self.ctx.judge.judge(candidates)]
        self.progress.count("judged", len(scores))
        self.progress.count("unjudged", sum(score is None for score in scores))
        return dict(zip(places, scores, strict=True))

    def _matched(self, row: Row, text: str) -> float | None:
        if "expect" not in row:
            return None
        return float(matches(row["expect"], text, frozenset(self.tokenizer.all_special_tokens)))
