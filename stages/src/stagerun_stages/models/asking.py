"""The fixed questions that an exported file must answer like its source, and what the source answers.

Questions come from held-out data where the stage is given some, so that they are the model's own kind of work, and else from
the few here.
"""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from itertools import zip_longest
from typing import Any

from attrs import frozen

from stagerun import Artifact, StageError
from stagerun_stages.train.answers import answer
from stagerun_stages.train.chat import Chat, pin_date
from stagerun_stages.train.dialect import BadConversation
from stagerun_stages.train.rows import Row, row_name, rows_or_none

QUESTIONS = (
    "Show lines 4 to 9 of src/main.py and tell me what the loop does.",
    "Write a Python function that adds two numbers.",
    "What is 12 times 34? Give the number alone.",
    "Name three things to check before a long training run.",
    "Summarise in one sentence why backups matter.",
    "The quick brown fox jumps over",
)


@frozen
class Question:
    """Messages with their tools, and how the model reads them: text and tokens."""

    messages: Sequence[Mapping[str, Any]]
    tools: Sequence[Mapping[str, Any]] | None
    text: str
    ids: list[int]


@frozen
class Reference:
    """What the source model answers. For each question: its greedy answer, and before each token of it the log-probabilities
    of all tokens, (answer, vocabulary) in float32."""

    questions: Sequence[Question]
    answers: Sequence[list[int]]
    expected: Sequence[Any]

    @property
    def longest(self) -> int:
        """Tokens of the longest question with its answer."""
        return max(len(question.ids) + len(given) for question, given in zip(self.questions, self.answers, strict=True))


def questions_for(tokenizer: Any, heldout: Sequence[Artifact], count: int, date: str) -> list[Question]:
    """At most `count` questions, in turn from each of the sets, rendered with the model's chat template.

    Raises StageError for a row that the template refuses.
    """
    chat = Chat(tokenizer, pin_date(default_template(tokenizer), date), None, {})
    sets = [[(row_name(data, at), row) for at, row in enumerate(rows_or_none(data)[:count])] for data in heldout]
    rows = [row for turn in zip_longest(*sets) for row in turn if row is not None] or _built_in()
    return [_question(row, chat, name) for name, row in rows[:count]]


def default_template(tokenizer: Any) -> str:
    """The tokenizer's chat template; raises StageError when it has none."""
    template = tokenizer.chat_template
    found = template.get("default") if isinstance(template, dict) else template
    if not found:
        raise StageError("the model's tokenizer has no chat template", "give the model folder a chat_template.jinja")
    return str(found)


def ask(model: Any, tokenizer: Any, questions: Sequence[Question], longest: int) -> Reference:
    """Answer each question greedily with at most `longest` tokens; a padding token ends an answer too, as in llama.cpp."""
    prompts = [question.ids for question in questions]
    found = answer(model, tokenizer, prompts, longest=longest, batch=1, before_each=lambda: None)
    answers = [_up_to(tokens, tokenizer.pad_token_id) for tokens in found]
    expected = [_log_probabilities(model, ids, given) for ids, given in zip(prompts, answers, strict=True)]
    return Reference(questions, answers, expected)


def _built_in() -> list[tuple[str, Row]]:
    return [("a built-in question", {"messages": [{"role": "user", "content": text}]}) for text in QUESTIONS]


def _question(row: Mapping[str, Any], chat: Chat, name: str) -> Question:
    messages = row.get("messages")
    if not isinstance(messages, list) or not messages:
        raise StageError(f'{name} has no "messages" list', "give held-out data of data.prepare, or none")
    tools = row.get("tools") or None
    try:
        text = chat.of(row).text(messages, tools, ask=True)
    except BadConversation as error:
        raise StageError(f"the chat template refuses {name}: {error}", "mend the row or drop it") from error
    return Question(messages, tools, text, chat.ids(text))


def _up_to(tokens: list[int], last: int) -> list[int]:
    return tokens[: tokens.index(last) + 1] if last in tokens else tokens


def _log_probabilities(model: Any, ids: Sequence[int], given: Sequence[int]) -> Any:
    import torch

    with torch.inference_mode():
        logits = model(input_ids=torch.tensor([[*ids, *given]], device=model.device), use_cache=False).logits[0]
        return torch.log_softmax(logits[len(ids) - 1 : -1].float(), -1).cpu()
