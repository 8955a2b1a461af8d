"""What the base model reads before any training stage: how to copy, every marker of the format, and every word it may need.

None of the later tasks is in here. Copying is most of it: adapters leave the embeddings alone, so a word or a marker that the
base has never had to write could not be learned afterwards.
"""

from __future__ import annotations

from random import Random
from typing import Any

from stagerun_stages.tiny import words
from stagerun_stages.tiny.requests import ALL_TOOLS, PHRASES, POLITE, call, says, tools, user
from stagerun_stages.tiny.rows import OPERATIONS, STALL

Row = dict[str, Any]

ECHO, LINES, CALLS, REPLIES, THOUGHTS = "echo", "lines", "calls", "replies", "thoughts"
SHARES = {ECHO: 50, LINES: 20, CALLS: 22, REPLIES: 4, THOUGHTS: 4}
CODE = ("def f(x):", "\n    return x", "\n    print(x", " + ", " - ", " * ", ")", " x", "write f:")
PIECES = (
    *words.FOLDERS,
    *words.ENDINGS,
    *words.FIRST,
    *words.SECOND,
    *(f" {each}" for each in (*words.FOLDERS, *ALL_TOOLS, "path", "first", "last", "text", "to")),
    *ALL_TOOLS,
    *'0123456789/":,.{}',
    " ",
    *CODE,
)


def corpus_row(random: Random) -> Row:
    """A conversation of one of the five kinds."""
    kind = random.choices(tuple(SHARES), tuple(SHARES.values()))[0]
    if kind == CALLS:
        return _call(random)
    text = _dense(random) if kind == ECHO else " ".join(_item(random) for _ in range(random.randint(2, 4)))
    if kind == REPLIES:
        return _reply(random, text)
    answer = says(text)
    if kind == THOUGHTS:
        answer["thinking"] = text
    return {"messages": [user(f"say {text}"), answer]}


def phrases() -> list[str]:
    """Every fixed text of the small world, from which the tokenizer learns its words."""
    asked = [phrase for group in PHRASES.values() for phrase in group]
    polite = [phrase.format("") for phrase in POLITE]
    return [*asked, *polite, STALL, *OPERATIONS, *(f"write f: {verb}" for verb in OPERATIONS), *PIECES]


def _dense(random: Random) -> str:
    """Pieces in no order at all: nothing but copying gives the next."""
    return "".join(random.choice(PIECES) for _ in range(random.randint(6, 14)))


def _item(random: Random) -> str:
    kind = random.randrange(5)
    if kind == 0:
        return words.file(random)
    if kind == 1:
        return words.folder(random)
    if kind == 2:
        return f'"{words.symbol(random)}"'
    if kind == 3:
        return str(words.number(random))
    return random.choice(_WORDS)


def _call(random: Random) -> Row:
    names = random.sample(("path", "to", "text", "first", "last"), random.randint(1, 3))
    values = {name: _value(random, name) for name in names}
    tool = random.choice(ALL_TOOLS)
    told = " ".join(f"{name} {value}" for name, value in values.items())
    return {"messages": [user(f"call {tool} {told}"), call(tool, values)], "tools": _some_tools(random)}


def _value(random: Random, name: str) -> str | int:
    if name in {"first", "last"}:
        return words.number(random)
    return words.symbol(random) if name == "text" else words.file(random)


def _reply(random: Random, text: str) -> Row:
    tool = random.choice(ALL_TOOLS)
    told = [user(f"call {tool}"), call(tool, {}), {"role": "tool", "content": text}, says(text)]
    return {"messages": told, "tools": _some_tools(random)}


def _some_tools(random: Random) -> list[dict[str, Any]]:
    return tools(random.sample(ALL_TOOLS, random.randint(2, len(ALL_TOOLS))))


def _plain_words() -> tuple[str, ...]:
    texts = [phrase.format("") for phrase in POLITE] + [STALL, *OPERATIONS, *CODE]
    for group in PHRASES.values():
        texts += [" ".join(word for word in phrase.split() if "{" not in word) for phrase in group]
    return tuple(text.strip() for text in texts)


_WORDS = _plain_words()
