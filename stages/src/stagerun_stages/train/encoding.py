"""Turns many conversations into tokens and labels: each is rendered once, and many are tokenised in one call.

The labels are those that TRL's SFTTrainer makes with `assistant_only_loss`, token by token; transformers 5.23 maps spans of
characters that the template marks to tokens, and its two peculiarities are kept, see `_labels`. It is faster because nothing
goes through Arrow tables and back four times. Not covered: the length limit, see conversations.py.
"""

from __future__ import annotations

from array import array
from collections import deque
from collections.abc import Callable, Iterable, Iterator, Sequence

from attrs import field, frozen

from stagerun import StageError
from stagerun_stages.train.chat import BadConversation, Chat, Spans
from stagerun_stages.train.lessons import last_only, learned, lessons
from stagerun_stages.train.placing import Placing, TokenAt, placing
from stagerun_stages.train.processes import in_order
from stagerun_stages.train.rows import Row

IGNORED = -100  # torch's cross entropy skips this label
OMITTED = "the chat template has no place for the thoughts, or the words beside a tool call, of {} rows"
TOGETHER = 256  # conversations tokenised in one call
WORTH = 2000  # conversations that do not pay for another process


@frozen
class Encoded:
    """A conversation as tokens, and again as labels where they are learned. Machine integers: lists take ten times as much."""

    ids: array[int]
    labels: array[int]
    omitted: bool = False  # the chat template has no place for thoughts, or for words beside a tool call, that it has


@frozen
class Fault:
    """What is wrong with a row: the message around its name, and what to do."""

    before: str
    after: str
    todo: str


@frozen
class Encoder:
    """How conversations are encoded. Raises StageError when what the assistant says cannot be told from the rest."""

    chat: Chat
    assistant_only: bool
    turn_by_turn: bool = False  # lessons apart for answers that the template would not show whole; see lessons.py
    completion_only: bool = False  # of what the assistant says, the last answer only
    placing: Placing = field(init=False)

    def __attrs_post_init__(self) -> None:
        if self.assistant_only and self.chat.marked is None:
            raise StageError(
                "the model's chat template does not mark what the assistant says, so the loss cannot be kept to it",
                "put {% generation %} ... {% endgeneration %} around it in the template, or set assistant_only = false",
            )
        if self.assistant_only and not self.chat.tokenizer.is_fast:
            raise StageError(
                "the model's tokenizer does not tell which characters a token stands for, so the loss cannot be kept to "
                "what the assistant says",
                "give the model folder a tokenizer.json, or set assistant_only = false",
            )

    @placing.default
    def _placing(self) -> Placing:
        return placing(self.chat.tokenizer) if self.chat.tokenizer.is_fast else Placing(self.chat.tokenizer)

    def encode(self, rows: Iterable[Row], name: Callable[[int], str], processes: int = 1) -> Iterator[Encoded]:
        """Every row in its order, or its lessons; `name` says how messages call a row. Raises StageError at a bad one."""
        numbers: deque[int] = deque()  # of the rows that are being worked on; a row may give several lessons
        found = in_order(self.some, self._taught(rows, numbers), size=TOGETHER, alone=WORTH, processes=processes)
        for each in found:
            index = numbers.popleft()
            if isinstance(each, Fault):
                raise StageError(f"{each.before}{name(index)}{each.after}", each.todo)
            yield each

    def _taught(self, rows: Iterable[Row], numbers: deque[int]) -> Iterator[Row]:
        for number, row in enumerate(rows):
            for lesson in self._lessons(row):
                numbers.append(number)
                yield lesson

    def _lessons(self, row: Row) -> list[Row]:
        if self.assistant_only and self.completion_only:
            return [last_only(row)]
        return lessons(row, self.chat) if self.assistant_only and self.turn_by_turn else [row]

    def some(self, rows: Sequence[Row]) -> list[Encoded | Fault]:
        """Rows tokenised in one call; what is wrong with a row stands in its place."""
        told = [self._told(row) for row in rows]
        made = self.placing.tokens([each[0] for each in told if not isinstance(each, Fault)])
        return [
            each if isinstance(each, Fault) else self._encoded(*next(made), each[1], omitted=self._omits(row))
            for each, row in zip(told, rows, strict=True)
        ]

    def _told(self, row: Row) -> tuple[str, Spans] | Fault:
        messages, tools, chat = row.get("messages"), row.get("tools"), self.chat.of(row)
        if not isinstance(messages, list) or not messages:
            return Fault("", ' has no "messages" list', "an SFT row is {messages: [...], tools: [...]}")
        try:
            text, spans = chat.spoken(messages, tools) if self.assistant_only else (chat.text(messages, tools), ())
            text.encode()
            return text, learned(row, spans)
        except BadConversation as error:
            return Fault("the chat template refuses ", f": {error}", "mend the row or drop it")
        except UnicodeEncodeError:
            return Fault("", " has half a character", "mend the row or drop it")

    def _omits(self, row: Row) -> bool:
        return any(self.chat.dialect.omits(message) for message in row["messages"])

    def _encoded(self, tokens: list[int], token_at: TokenAt, spans: Spans, *, omitted: bool) -> Encoded | Fault:
        ids = array("i", tokens)
        if not self.assistant_only:
            return Encoded(ids, ids, omitted)
        labels = _labels(ids, spans, token_at)
        if labels.count(IGNORED) == len(labels):
            return Fault("", " has nothing an assistant says", "drop the row, or set assistant_only = false")
        return Encoded(ids, labels, omitted)


def _labels(ids: array[int], spans: Spans, token_at: TokenAt) -> array[int]:
    """The tokens from the one that holds a span's first character to the one that holds its last.

    As in transformers 5.23: a first character that no token holds ends the search, and a last one that no token holds, or the
    very first token does, stands for the end.
    """
    labels = array("i", [IGNORED]) * len(ids)
    for start, end in spans:
        first = token_at(start)
        if first is None:
            break
        last = token_at(end - 1)
        stop = last + 1 if last else len(ids)
        labels[first:stop] = ids[first:stop]
    return labels
