"""Turns conversations into tokens through the model's own chat template, the same way in every stage.

Two things are settled here that a template leaves open. A template that prints today's date would give other tokens
tomorrow, so its `strftime_now` calls are answered with a fixed day. And a template that does not mark what the assistant
says is exchanged for TRL's marked twin of it, which renders the same text.
"""

from __future__ import annotations

import json
import re
from collections.abc import Mapping, Sequence
from datetime import datetime
from typing import Any

from attrs import frozen

from stagerun import StageError

Messages = Sequence[Mapping[str, Any]]
Tools = Sequence[Mapping[str, Any]] | None

_MARKED = re.compile(r"\{%-?\s*generation\s*-?%\}")
_NOW = re.compile(r"strftime_now\(\s*(['\"])(.*?)\1\s*\)")


@frozen
class Chat:
    """A tokenizer with its templates settled; `marked` is None when nothing says what the assistant's tokens are."""

    tokenizer: Any
    template: str
    marked: str | None
    options: Mapping[str, Any]

    def text(self, messages: Messages, tools: Tools = None, *, ask: bool = False) -> str:
        """The conversation as the model reads it; `ask` ends it with the opening of the assistant's turn."""
        return str(self._apply(messages, tools, self.template, tokenize=False, add_generation_prompt=ask))

    def ids(self, text: str) -> list[int]:
        """Tokens of rendered text; the template has already written every special token."""
        return list(self.tokenizer(text, add_special_tokens=False)["input_ids"])

    def prompt(self, messages: Messages, tools: Tools = None) -> list[int]:
        """Tokens up to where the assistant begins to answer."""
        return self.ids(self.text(messages, tools, ask=True))

    def masked(self, messages: Messages, tools: Tools = None) -> tuple[list[int], list[int]]:
        """Tokens, and for each 1 where the assistant speaks; raises StageError when the template marks nothing."""
        out = self._apply(
            messages, tools, self.marked, tokenize=True, return_dict=True, return_assistant_tokens_mask=True
        )
        return list(out["input_ids"]), list(out["assistant_masks"])

    def _apply(self, messages: Messages, tools: Tools, template: str | None, **kwargs: Any) -> Any:
        try:
            return self.tokenizer.apply_chat_template(
                list(messages), tools=_tools(tools), chat_template=template, **self.options, **kwargs
            )
        except Exception as error:  # templates raise whatever their authors wrote
            raise BadConversation(f"{type(error).__name__}: {error}".splitlines()[0]) from error


class BadConversation(Exception):
    """The chat template refuses these messages; the caller knows which row it was."""


def chat_for(tokenizer: Any, options: Mapping[str, Any], date: str) -> Chat:
    """Settle the templates of a tokenizer. Raises StageError when it has no chat template."""
    template = tokenizer.chat_template
    template = template.get("default") if isinstance(template, dict) else template
    if not template:
        raise StageError("the model's tokenizer has no chat template", "give the model folder a chat_template.jinja")
    marked = template if _MARKED.search(template) else _twin(tokenizer)
    return Chat(tokenizer, pin_date(template, date), pin_date(marked, date) if marked else None, dict(options))


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
