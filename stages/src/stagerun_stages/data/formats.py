"""What a row must look like in each format. A function gives the row in its clean form or raises DropRow with the reason.

Reasons are short and hold no text of the row, since they are counted. Clean means: only the keys that training reads, arguments
and tools as JSON values even where a source had them as text. What can be put right without guessing is, and told.
"""

from __future__ import annotations

from collections.abc import Callable, Iterable, Mapping
from typing import Any

from stagerun import DropRow
from stagerun_stages.data.messages import conversation, linked, parsed
from stagerun_stages.data.task_rows import from_row
from stagerun_stages.data.tools import declared

PARTS = ("prompt", "chosen", "rejected")

Row = dict[str, Any]
Tell = Callable[[str], None]


def messages(row: Row, tell: Tell) -> Row:
    """`{"messages": [...], "tools": [...]}` in which an assistant says something; it ends with what the assistant says last."""
    told = conversation(row.get("messages"), "messages")
    last = max((place for place, each in enumerate(told) if each["role"] == "assistant"), default=-1)
    if last < 0:
        raise DropRow("nothing an assistant says")
    if last + 1 < len(told):
        tell("what follows the last answer is cut off")
    return _finished({"messages": told[: last + 1]}, row, tell)


def preference(row: Row, tell: Tell) -> Row:
    """`{"prompt", "chosen", "rejected", "tools"}`, all messages or all text; the answers differ and leave the prompt out."""
    given = {part: row.get(part) for part in PARTS}
    if given["prompt"] is None and isinstance(given["chosen"], list) and isinstance(given["rejected"], list):
        given = _parted(given["chosen"], given["rejected"])
        tell("the prompt is taken from where the two answers begin alike")
    make = _texts if all(isinstance(part, str) for part in given.values()) else _dialogue
    made = make(given, tell)
    if made["chosen"] == made["rejected"]:
        raise DropRow("chosen and rejected are equal")
    return _finished(made, row, tell)


def tasks(row: Row, tell: Tell) -> Row:
    """`{"messages": [...], "task": {...}}`, or `expect` in place of `task`; `prompt` is taken for `messages`, and a task alone
    is asked for by its statement."""
    row = dict(from_row(row))
    key = "prompt" if "messages" not in row else "messages"
    told = _conversation(row.get(key), key, "user")
    if told[-1]["role"] == "assistant":
        raise DropRow("the question ends with the assistant")
    if "task" not in row and "expect" not in row:
        raise DropRow("neither task nor expect")
    judged: Row = {key: row[key] for key in ("task", "expect") if key in row}
    if "task" in judged:
        _check_task(judged["task"])
    return {**_finished({"messages": told}, row, tell), **judged}


FORMATS: Mapping[str, Callable[[Row, Tell], Row]] = {"messages": messages, "preference": preference, "tasks": tasks}


def clean(value: Any, form: str, tell: Tell = lambda _: None) -> Row:
    """A row of the format `form`; raises DropRow. What had to be put right is told to `tell`."""
    if not isinstance(value, dict):
        raise DropRow("not a JSON object")
    return FORMATS[form](value, tell)


def _texts(given: Row, tell: Tell) -> Row:
    if not all(text.strip() for text in given.values()):
        raise DropRow("empty text")
    return _without_prompt(given, tell)


def _dialogue(given: Row, tell: Tell) -> Row:
    """Prompt and answers as messages; one that is text is what its side says."""
    sides = {"prompt": "user", "chosen": "assistant", "rejected": "assistant"}
    made = _without_prompt({part: _conversation(given[part], part, sides[part]) for part in PARTS}, tell)
    if any(made[part][0]["role"] != "assistant" for part in PARTS[1:]):
        raise DropRow("an answer that does not begin with the assistant")
    return made


def _conversation(value: Any, key: str, role: str) -> list[Row]:
    """Messages, or a text as the one message of `role`."""
    return conversation([{"role": role, "content": value}] if isinstance(value, str) else value, key)


def _without_prompt(given: Row, tell: Tell) -> Row:
    """The answers without the prompt in front of them; TRL would train on it twice."""
    start = given["prompt"]
    repeated = [given[part][: len(start)] == start for part in PARTS[1:]]
    if not any(repeated):
        return given
    if not all(repeated):
        raise DropRow("one answer repeats the prompt and the other does not")
    cut = {part: given[part][len(start) :] for part in PARTS[1:]}
    if not all(cut.values()) or not all(part.strip() for part in cut.values() if isinstance(part, str)):
        raise DropRow("an answer that is nothing but the prompt")
    tell("the prompt is cut off the answers")
    return {"prompt": start, **cut}


def _parted(chosen: list[Any], rejected: list[Any]) -> Row:
    """Two whole conversations as what they have in common and the two answers."""
    pairs = list(zip(chosen, rejected, strict=False))
    same = next((place for place, (one, other) in enumerate(pairs) if one != other), len(pairs))
    if not same:
        raise DropRow("the two sides answer different questions")
    return {"prompt": chosen[:same], "chosen": chosen[same:], "rejected": rejected[same:]}


def _check_task(task: Any) -> None:
    if not isinstance(task, dict):
        raise DropRow("task is not an object")
    tests = task.get("tests")
    if not (isinstance(tests, str) and tests.strip()) and not task.get("files"):
        raise DropRow("a task without tests")


def _finished(made: Row, row: Row, tell: Tell) -> Row:
    """Calls with their ids, tools, and what is passed to the chat template, where the row has them."""
    tools = declared(parsed(row.get("tools") or []))
    told = [message for part in made.values() if isinstance(part, list) for message in part]
    if tools:
        _check_calls(told, {tool["function"]["name"] for tool in tools}, tell)
    settings = row.get("chat_template_kwargs")
    more = {"tools": tools, "chat_template_kwargs": settings if isinstance(settings, dict) else None}
    return {**_linked(made), **{key: value for key, value in more.items() if value}}


def _linked(made: Row) -> Row:
    """Ids run on from the prompt into each answer."""
    before = made.get("prompt", [])
    if isinstance(before, str):
        return made
    answers = {key: linked([*before, *part])[len(before) :] for key, part in made.items() if key != "prompt"}
    return {"prompt": linked(before), **answers} if before else answers


def _check_calls(told: Iterable[Row], names: set[str], tell: Tell) -> None:
    """Calls are of declared tools; one that is spelled a little differently gets the declared name."""
    alike = {_bare(name): name for name in sorted(names)}
    for message in told:
        for call in message.get("tool_calls", ()):
            name = call["function"]["name"]
            if name not in names and _bare(name) not in alike:
                raise DropRow("a call of a tool that is not declared")
            if name not in names:
                call["function"]["name"] = alike[_bare(name)]
                tell("a call gets the name that its tool is declared with")


def _bare(name: str) -> str:
    return "".join(each for each in name.lower() if each.isalnum())
