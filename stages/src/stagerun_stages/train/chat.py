"""Turns conversations into tokens through the model's own chat template, the same way in every stage.

Three things are settled here that a template leaves open. A template that prints today's date would give other tokens
tomorrow, so its `strftime_now` calls are answered with a fixed day. A template that does not mark what the assistant says is
exchanged for TRL's marked twin of it, which renders the same text. And conversations are put so that the template leaves
nothing out that it could say (see dialect.py).
"""

from __future__ import annotations

import json
import re
from collections.abc import Iterator, Mapping, Sequence
from contextlib import contextmanager
from datetime import datetime
from functools import cache
from hashlib import blake2b
from typing import Any

from attrs import evolve, frozen

from stagerun import StageError
from stagerun_stages.train.dialect import BadConversation as BadConversation  # noqa: PLC0414 - what readers of chats catch
from stagerun_stages.train.dialect import Dialect, dialect_of
from stagerun_stages.train.templates import named

Messages = Sequence[Mapping[str, Any]]
Tools = Sequence[Mapping[str, Any]] | None
Spans = Sequence[tuple[int, int]]  # characters from, up to

_MARKED = re.compile(r"\{%-?\s*generation\s*-?%\}")
_NOW = re.compile(r"strftime_now\(\s*(['\"])(.*?)\1\s*\)")


@frozen
class Chat:
    """A tokenizer with its templates settled; `marked` is None when nothing says what the assistant's tokens are."""

    tokenizer: Any
    template: str
    marked: str | None
    options: Mapping[str, Any]

    @property
    def dialect(self) -> Dialect:
        """What the template can say."""
        specials = self.tokenizer.special_tokens_map.items()
        return dialect_of(self.template, tuple((name, token) for name, token in specials if isinstance(token, str)))

    @property
    def marks_each_answer(self) -> bool:
        """Whether the template marks every answer apart, so that some can be learned and others not."""
        return self.marked is not None and _marks_each_answer(self.marked)

    def of(self, row: Mapping[str, Any]) -> Chat:
        """The chat for one row, which may have settings of its own for the template."""
        own = row.get("chat_template_kwargs")
        return evolve(self, options={**self.options, **own}) if own else self

    def text(self, messages: Messages, tools: Tools = None, *, ask: bool = False) -> str:
        """The conversation as the model reads it; `ask` ends it with the opening of the assistant's turn."""
        return str(self._apply(messages, tools, self.template, tokenize=False, add_generation_prompt=ask))

    def ids(self, text: str) -> list[int]:
        """Tokens of rendered text; the template has already written every special token."""
        return list(self.tokenizer(text, add_special_tokens=False)["input_ids"])

    def prompt(self, messages: Messages, tools: Tools = None) -> list[int]:
        """Tokens up to where the assistant begins to answer."""
        return self.ids(self.text(messages, tools, ask=True))

    def spoken(self, messages: Messages, tools: Tools = None) -> tuple[str, Spans]:
        """The conversation as the model reads it, and from where to where in it the assistant speaks; `marked` must be set."""
        from transformers.utils.chat_template_utils import render_jinja_template

        with _refused():
            texts, spans = render_jinja_template(
                [[_without_nones(message) for message in self.dialect.put(messages)]],
                tools=_tools(tools),
                chat_template=self.marked,
                return_assistant_tokens_mask=True,
                **{**self.tokenizer.special_tokens_map, **self.options},
            )
        return texts[0], spans[0]

    @property
    def vocabulary(self) -> str:
        """Digest of the tokens and their numbers; rows of tokens mean the same only where it is the same."""
        return _digest(sorted(self.tokenizer.get_vocab().items()))

    @property
    def digest(self) -> str:
        """Digest of how conversations are rendered."""
        return _digest([self.template, self.marked, self.options])

    def _apply(self, messages: Messages, tools: Tools, template: str | None, **kwargs: Any) -> Any:
        with _refused():
            return self.tokenizer.apply_chat_template(
                self.dialect.put(messages), tools=_tools(tools), chat_template=template, **self.options, **kwargs
            )


@contextmanager
def _refused() -> Iterator[None]:
    try:
        yield
    except BadConversation:
        raise
    except Exception as error:  # templates raise whatever their authors wrote
        raise BadConversation(f"{type(error).__name__}: {error}".splitlines()[0]) from error


def chat_for(tokenizer: Any, options: Mapping[str, Any], date: str, name: str = "") -> Chat:
    """Settle the templates of a tokenizer; one that is named takes the place of its own. Raises StageError when there is none."""
    if name:
        tokenizer.chat_template = named(name)
    template = tokenizer.chat_template
    template = template.get("default") if isinstance(template, dict) else template
    if not template:
        raise StageError(
            "the model's tokenizer has no chat template",
            'give the model folder a chat_template.jinja, or name one: chat_template = "qwen3"',
        )
    marked = template if _MARKED.search(template) else _twin(tokenizer)
    return Chat(tokenizer, pin_date(template, date), pin_date(marked, date) if marked else None, dict(options))


@cache
def _marks_each_answer(marked: str) -> bool:
    from transformers.utils.chat_template_utils import render_jinja_template

    told = [{"role": role, "content": "x"} for role in ("user", "assistant", "user", "assistant")]
    try:
        _, spans = render_jinja_template([told], chat_template=marked, return_assistant_tokens_mask=True)
    except Exception:  # templates raise whatever their authors wrote
        return False
    return len(spans[0]) == 2


def pin_date(template: str, date: str) -> str:
    """Write the day into the template in place of its calls of `strftime_now`."""
    try:
        day = datetime.fromisoformat(date)
    except ValueError:
        raise StageError(f'date is "{date}"', "write it as 2025-08-01") from None
    return _NOW.sub(lambda call: json.dumps(day.strftime(call[2])), template)


def _twin(tokenizer: Any) -> str | None:
    from trl.chat_template_utils import get_training_chat_template

    try:
        return str(get_training_chat_template(tokenizer))
    except ValueError:  # it knows no twin of this template
        return None


def _tools(tools: Any) -> Any:
    """Tools as a list, from a list or its JSON text; None for none, since some templates print a heading for an empty list."""
    value = json.loads(tools) if isinstance(tools, str) else tools
    return list(value) if value else None


def _digest(value: Any) -> str:
    return blake2b(json.dumps(value, sort_keys=True).encode(), digest_size=16).hexdigest()


def _without_nones(message: Mapping[str, Any]) -> dict[str, Any]:
    """What transformers does to a message before it renders it: many templates print a None as a word."""
    return {key: value for key, value in message.items() if value is not None}
