"""Asks a model held-out questions before and after training and counts what it gets right.

A row is `{"messages": [...], "tools": [...]}` with either `"expect"` (the exact text, or `{"name", "arguments"}` of a tool
call) or `"task"` (code that the judge runs). Shares are between 0 and 1: `exact_match` of the rows with `expect`, `pass_rate`
of the rows with `task`; a task the judge could not run is left out of the share.
"""

from __future__ import annotations

from collections.abc import Callable, Sequence
from typing import TYPE_CHECKING, Any

from attrs import evolve, frozen

from stagerun import Artifact, Ctx, Interrupted, StageError
from stagerun.tasks import task_of_row
from stagerun_stages.train.answers import answer
from stagerun_stages.train.calls import expected_call, read_call, read_text
from stagerun_stages.train.chat import BadConversation, Chat
from stagerun_stages.train.code import candidate_of
from stagerun_stages.train.options import Evaluation
from stagerun_stages.train.rows import Row, row_name, rows_or_none

if TYPE_CHECKING:
    from stagerun_stages.train.session import Session


@frozen
class Heldout:
    """The questions of a stage; empty when it has no `heldout` input."""

    ctx: Ctx
    chat: Chat
    options: Evaluation
    rows: Sequence[Row]
    prompts: Sequence[list[int]]
    answering: Callable[..., list[list[int]]] = answer
    judging: bool = True  # of several processes one is enough

    @classmethod
    def read(cls, session: Session, answering: Callable[..., list[list[int]]] = answer) -> Heldout:
        """Read and tokenise the questions; raises StageError for a row that cannot be asked or judged.

        `answering` is for models that are not torch's; it is called like `answer`.
        """
        given, sets = session.options.evaluation, session.ctx.many.get("heldout", ())
        options = evolve(given, batch_size=max(1, given.batch_size // session.start.split.shrunk))
        named = [pair for data in sets for pair in _first(data, options.limit)]
        rows = [row for _, row in named]
        prompts = [_prompt(row, session.chat, name) for name, row in named]
        return cls(session.ctx, session.chat, options, rows, prompts, answering)

    def ask(self, model: Any, suffix: str = "") -> dict[str, float]:
        """Answer every question greedily; gives `exact_match` and `pass_rate` with `suffix`, those that apply."""
        if not self.rows:
            return {}
        found = self.answering(
            model,
            self.chat.tokenizer,
            self.prompts,
            longest=self.options.max_new_tokens,
            batch=self.options.batch_size,
            before_each=self._heed,
        )
        texts = [self.chat.tokenizer.decode(tokens, skip_special_tokens=False) for tokens in found]
        scores = {"exact_match": self._exact(texts), "pass_rate": self._passed(texts)}
        return {f"{name}{suffix}": value for name, value in scores.items() if value is not None}

    def _heed(self) -> None:
        if self.ctx.stop_requested:
            raise Interrupted("asked to stop while answering held-out questions")

    def _exact(self, texts: Sequence[str]) -> float | None:
        special = frozenset(self.chat.tokenizer.all_special_tokens)
        pairs = [(row["expect"], text) for row, text in zip(self.rows, texts, strict=True) if "expect" in row]
        return _share([matches(expect, text, special) for expect, text in pairs])

    def _passed(self, texts: Sequence[str]) -> float | None:
        named = enumerate(zip(self.rows, texts, strict=True), 1)
        asked = [(task_of_row(row, f"held-out row {at}"), text) for at, (row, text) in named if "task" in row]
        if not asked or not self.judging:
            return None
        special = frozenset(self.chat.tokenizer.all_special_tokens)
        verdicts = self.ctx.judge.judge([candidate_of(task, text, special) for task, text in asked])
        return _share([each.verdict == "passed" for each in verdicts if each.verdict != "infra_error"])


def matches(expect: Any, text: str, special: frozenset[str]) -> bool:
    """Whether a generated answer is the expected text or makes the expected tool call."""
    call = expected_call(expect)
    return read_call(text) == call if call is not None else read_text(text, special) == str(expect).strip()


def _share(values: Sequence[bool]) -> float | None:
    return sum(values) / len(values) if values else None


def _first(data: Artifact, limit: int) -> list[tuple[str, Row]]:
    """Rows of one set, each with its name; at most `limit`, if that is not 0. Data of which nothing can be asked has none."""
    rows = rows_or_none(data)
    return [(row_name(data, index), row) for index, row in enumerate(rows[:limit] if limit else rows)]


def _prompt(row: Row, chat: Chat, name: str) -> list[int]:
    if not isinstance(row.get("messages"), list) or not ("expect" in row or "task" in row):
        raise StageError(f"{name} is no held-out question", 'expected messages, and "expect" or "task"')
    try:
        return chat.of(row).prompt(row["messages"], row.get("tools"))
    except BadConversation as error:
        raise StageError(f"the chat template refuses {name}: {error}", "mend the row or drop it") from error
