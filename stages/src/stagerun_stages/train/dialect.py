"""What a chat template can say, found by asking it, and conversations put so that it says all of them.

Templates lose things without a word: a developer's turn, the second of two calls in one message, what stands beside a call,
the thoughts of earlier answers. A short conversation with a mark in each place shows which marks come out. What can be put
another way is (a developer's turn as the system's, two calls as two messages); what cannot is refused.
"""

from __future__ import annotations

from collections.abc import Iterable, Iterator, Mapping, Sequence
from functools import cache
from typing import Any

from attrs import frozen

Message = Mapping[str, Any]

THOUGHT_KEYS = (
    "thinking",
    "reasoning_content",
    "reasoning",
)  # transformers gives a template each under the name it reads
MARK = "zebu{}"  # a word that no template has of its own


class BadConversation(Exception):
    """The chat template refuses these messages; the caller knows which row it was."""


@frozen
class Dialect:
    """What comes out of a template."""

    system: bool = True
    developer: bool = True
    calls: bool = True
    parallel: bool = True  # several calls in one message
    all_beside_a_call: bool = True  # thoughts and words in a message with a call
    thoughts: bool = True
    keeps_thoughts: bool = True  # of answers before the last
    words: bool = True  # beside a call
    keeps_words: bool = True  # beside a call, when an answer follows

    def put(self, messages: Iterable[Message]) -> list[Message]:
        """The messages as this template writes them whole; raises BadConversation for calls where it has no form for them."""
        told = [self._renamed(message) for message in messages]
        if not self.system and told and told[0]["role"] == "system":
            told = _without_system(told)
        if not any(message.get("tool_calls") for message in told):
            return told
        if not self.calls:
            raise BadConversation("it has no form for tool calls")
        if not self.parallel:
            told = list(_one_call_each(told))
        return told if self.all_beside_a_call or not self.thoughts else [_thought_aloud(message) for message in told]

    def forgets(self, message: Message) -> bool:
        """Whether something of an assistant's message is left out once another answer follows."""
        thoughts = _thinks(message) and self.thoughts and not self.keeps_thoughts
        return thoughts or (_talks_and_calls(message) and self.words and not self.keeps_words)

    def omits(self, message: Message) -> bool:
        """Whether something of an assistant's message is never written."""
        return (_thinks(message) and not self.thoughts) or (_talks_and_calls(message) and not self.words)

    def _renamed(self, message: Message) -> Message:
        unknown = message["role"] == "developer" and not self.developer
        return {**message, "role": "system"} if unknown else message


@cache
def dialect_of(template: str, specials: tuple[tuple[str, str], ...] = ()) -> Dialect:
    """Ask a template; `specials` are the tokenizer's special tokens by name, which templates may write."""
    ask = _Asked(template, specials)
    thought, third = {THOUGHT_KEYS[0]: MARK.format(1)}, {THOUGHT_KEYS[0]: MARK.format(3)}
    return Dialect(
        system=ask.hears(1, [_told("system", 1), _user(0), _says(2)]),
        developer=ask.hears(1, [_told("developer", 1), _user(0), _says(2)]),
        calls=ask.hears(3, [_user(0), _calls(1), _result(2, 1), _says(3)]),
        parallel=ask.hears(5, [_user(0), _calls(1, 2), _result(3, 1), _result(4, 2), _says(5)]),
        all_beside_a_call=ask.hears(3, [_user(0), {**_calls(1), "content": MARK.format(2), **third}]),
        thoughts=ask.hears(1, [_user(0), _says(2, **thought)]),
        keeps_thoughts=ask.hears(1, [_user(0), _says(2, **thought), _user(3), _says(4)])
        and ask.hears(1, [_user(0), {**_calls(2), **thought}, _result(3, 2), _says(4)]),
        words=ask.hears(2, [_user(0), {**_calls(1), "content": MARK.format(2)}]),
        keeps_words=ask.hears(2, [_user(0), {**_calls(1), "content": MARK.format(2)}, _result(3, 1), _says(4)]),
    )


@frozen
class _Asked:
    template: str
    specials: tuple[tuple[str, str], ...]

    def hears(self, marks: int, messages: Sequence[Message]) -> bool:
        """Whether the marks from 1 to `marks` all come out."""
        from transformers.utils.chat_template_utils import render_jinja_template

        try:
            texts, _ = render_jinja_template([list(messages)], chat_template=self.template, **dict(self.specials))
        except Exception:  # templates raise whatever their authors wrote
            return False
        return all(MARK.format(mark) in texts[0] for mark in range(1, marks + 1))


def _thinks(message: Message) -> bool:
    return any(message.get(key) for key in THOUGHT_KEYS)


def _talks_and_calls(message: Message) -> bool:
    return bool(message.get("tool_calls") and message.get("content"))


def _told(role: str, mark: int) -> Message:
    return {"role": role, "content": MARK.format(mark)}


def _user(mark: int) -> Message:
    return _told("user", mark)


def _says(mark: int, **more: str) -> Message:
    return {**_told("assistant", mark), **more}


def _calls(*marks: int) -> Message:
    functions = [{"name": MARK.format(mark), "arguments": {"a": 1}} for mark in marks]
    calls = [
        {"id": f"call{mark:05}", "type": "function", "function": each}
        for mark, each in zip(marks, functions, strict=True)
    ]
    return {"role": "assistant", "content": "", "tool_calls": calls}


def _result(mark: int, of: int) -> Message:
    return {"role": "tool", "content": MARK.format(mark), "tool_call_id": f"call{of:05}", "name": MARK.format(of)}


def _without_system(told: Sequence[Message]) -> list[Message]:
    """The system's turn as the beginning of the user's."""
    system, *rest = told
    if rest and rest[0]["role"] == "user":
        return [{**rest[0], "content": f"{system['content']}\n\n{rest[0]['content']}"}, *rest[1:]]
    return [{**system, "role": "user"}, *rest]


def _one_call_each(told: Sequence[Message]) -> Iterator[Message]:
    """Calls made at once as calls made one after the other, each followed by its result."""
    at = 0
    while at < len(told):
        message = told[at]
        at += 1
        calls = message.get("tool_calls") or ()
        if len(calls) < 2:
            yield message
            continue
        results = []
        while at < len(told) and told[at]["role"] == "tool":
            results.append(told[at])
            at += 1
        yield from _in_turn(message, calls, results)


def _in_turn(message: Message, calls: Sequence[Mapping[str, Any]], results: list[Message]) -> Iterator[Message]:
    rest = {key: value for key, value in message.items() if key not in ("tool_calls", "content", *THOUGHT_KEYS)}
    for number, call in enumerate(calls):
        yield {**(message if number == 0 else {**rest, "content": ""}), "tool_calls": [call]}
        mine = [result for result in results if result.get("tool_call_id") in (call.get("id"), None)]
        if mine:
            results.remove(mine[0])
            yield mine[0]
    yield from results


def _thought_aloud(message: Message) -> Message:
    """Words and thoughts beside a call as thoughts alone."""
    key = next((key for key in THOUGHT_KEYS if message.get(key)), "")
    if not (key and _talks_and_calls(message)):
        return message
    return {**message, "content": "", key: f"{message[key]}\n\n{message['content']}"}
