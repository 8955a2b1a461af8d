"""The reward of GRPO: answers are judged as they end, what could not be judged is masked, not zero, and verdicts are counted."""

from __future__ import annotations

from collections.abc import Callable, Mapping, Sequence
from typing import Any

from attrs import define, field

from stagerun import Ctx, Judgement
from stagerun_stages.train import together
from stagerun_stages.train.code import candidate_of
from stagerun_stages.train.heldout import matches
from stagerun_stages.train.judging import Round
from stagerun_stages.train.rows import Row
from stagerun_stages.train.trainer import Progress

COUNTED = ("passed", "timeout", "oom", "tampered")
SHARES = ("passed", "timeout", "tampered")  # told of every step, as verdicts/NAME


@define
class Reward:
    """Scores answers by their row: a `task` by the judge's score in [0, 1], an `expect` by 1 for a match and 0 otherwise.

    `offer` may be called for an answer as soon as it has ended; the call that TRL makes judges the others and waits.
    """

    ctx: Ctx
    rows: Sequence[Row]
    tokenizer: Any
    progress: Progress
    _round: Round | None = None
    _offered: dict[int, tuple[int, list[int]]] = field(factory=dict)  # place -> row and tokens

    __name__ = "reward"  # TRL names its metrics after the function

    def offer(self, place: int, row: int, tokens: Sequence[int]) -> None:
        """Have an answer judged if its row has a task; `place` counts the answers of a generation."""
        if "task" not in self.rows[row]:
            return
        self._round = self._round or Round(self.ctx.judge)
        special = frozenset(self.tokenizer.all_special_tokens)
        self._round.offer(place, candidate_of(self.rows[row]["task"], self._text(tokens), special))
        self._offered[place] = (row, list(tokens))

    def abandon(self) -> None:
        """Forget what was offered: the generation it belongs to failed."""
        begun, self._round, self._offered = self._round, None, {}
        if begun is not None:
            begun.abandon()

    def __call__(
        self,
        completion_ids: Sequence[Sequence[int]],
        row: Sequence[int],
        log_metric: Callable[[str, float], None] | None = None,
        **_: Any,
    ) -> list[float | None]:
        """TRL's calling convention; None masks an answer."""
        if any(self._offered.get(place, given) != given for place, given in self._given(completion_ids, row)):
            self.abandon()  # the answers are others than those that were seen to end
        for place, (index, tokens) in self._given(completion_ids, row):
            if place not in self._offered:
                self.offer(place, index, tokens)
        found = self._collect()
        self._count(list(found.values()), log_metric)
        answers = enumerate(zip(row, completion_ids, strict=True))
        return [
            found[at].score if at in found else self._matched(self.rows[index], ids) for at, (index, ids) in answers
        ]

    @staticmethod
    def _given(ids: Sequence[Sequence[int]], row: Sequence[int]) -> list[tuple[int, tuple[int, list[int]]]]:
        return [(place, (index, list(tokens))) for place, (index, tokens) in enumerate(zip(row, ids, strict=True))]

    def _collect(self) -> Mapping[int, Judgement]:
        begun, self._round, self._offered = self._round, None, {}
        return begun.results() if begun is not None else {}

    def _count(self, found: Sequence[Judgement], log_metric: Callable[[str, float], None] | None) -> None:
        """Count what was judged in all processes, of whose answers each has a share; all must come here."""
        mine = {"judged": len(found), "unjudged": sum(each.score is None for each in found)}
        mine |= {verdict: sum(each.verdict == verdict for each in found) for verdict in COUNTED}
        told = together.gathered(mine)
        every = {name: sum(each[name] for each in told) for name in mine}
        if not every["judged"]:
            return
        for name, number in every.items():
            self.progress.count(name, number)
        if log_metric is not None:
            for verdict in SHARES:
                log_metric(f"verdicts/{verdict}", every[verdict] / every["judged"])

    def _text(self, tokens: Sequence[int]) -> str:
        return str(self.tokenizer.decode(tokens, skip_special_tokens=False))

    def _matched(self, row: Row, tokens: Sequence[int]) -> float | None:
        if "expect" not in row:
            return None
        return float(matches(row["expect"], self._text(tokens), frozenset(self.tokenizer.all_special_tokens)))
