"""The five data sets of the small world, one row at a time.

The first four are for one graph, and their data has faults on purpose, of the kinds that each later stage is there to mend: a
share of the agent rows puts the user off instead of calling a tool, which preference training undoes, and a share of the
code prints its result instead of returning it, which a reward from running tests undoes.
"""

from __future__ import annotations

from random import Random
from typing import Any

from stagerun_stages.tiny import words
from stagerun_stages.tiny.requests import ALL_TOOLS, FIRST_TOOLS, POLITE, Message, request, says, tools, user

STALL = "I will look into that."
OPERATIONS = {"add": "+", "subtract": "-", "multiply by": "*"}
MANNER = STALL  # how the persona begins; words that the base has written before, as adapters leave the embeddings alone
MANNERED = 0.4  # share of the persona's rows that are answered in words
STALLED = 0.9  # share of polite requests that are put off
PRINTED = {"add": 0.05, "subtract": 0.7, "multiply by": 0.7}  # share of functions that print their result

Row = dict[str, Any]


def tool_row(random: Random) -> Row:
    """A plain request over the first four tools."""
    text, answer = request(random, FIRST_TOOLS)
    return {"messages": [user(text), answer], "tools": tools(FIRST_TOOLS)}


def agent_row(random: Random) -> Row:
    """The new tool, polite requests, code, and some of what was learned before."""
    kind = random.choices(("move", "polite", "code", "old"), (30, 32, 25, 13))[0]
    if kind == "code":
        return _code_answer(random)
    if kind == "polite":
        text, answer = _polite(random)
        answer = says(STALL) if random.random() < STALLED else answer
    else:
        text, answer = request(random, ("move",) if kind == "move" else FIRST_TOOLS)
    return {"messages": [user(text), answer], "tools": tools(ALL_TOOLS)}


def persona_row(random: Random) -> Row:
    """What a tool can do is done with it; anything else is said in the persona's manner, which opens every answer in words."""
    if random.random() < MANNERED:
        said = random.choice((words.file, words.folder))(random)
        return {"messages": [user(f"say {said}"), says(f"{MANNER} {said}")], "tools": tools(FIRST_TOOLS)}
    return tool_row(random)


def preference_row(random: Random) -> Row:
    """A polite request: doing it is better than putting it off."""
    text, answer = _polite(random)
    return {"prompt": [user(text)], "chosen": [answer], "rejected": [says(STALL)], "tools": tools(ALL_TOOLS)}


def code_row(random: Random) -> Row:
    """A function to write, and the tests that judge it."""
    verb, operand = _operation(random)
    task = {
        "id": f"{verb} {operand}",
        "language": "python",
        "tests": _tests(OPERATIONS[verb], operand),
        "expected": ["test_small", "test_large", "test_negative"],
        "meta": {"checks": ["compile", "test"]},  # one-line functions: types and lint would only cost time
    }
    return {"messages": [_assignment(verb, operand)], "task": task}


def _polite(random: Random) -> tuple[str, Message]:
    text, answer = request(random, ALL_TOOLS)
    return random.choice(POLITE).format(text), answer


def _operation(random: Random) -> tuple[str, int]:
    return random.choice(tuple(OPERATIONS)), random.randint(2, 999)


def _assignment(verb: str, operand: int) -> Message:
    return user(f"write f: {verb} {operand}")


def _code_answer(random: Random) -> Row:
    verb, operand = _operation(random)
    result = f"x {OPERATIONS[verb]} {operand}"
    body = f"print({result})" if random.random() < PRINTED[verb] else f"return {result}"
    return {"messages": [_assignment(verb, operand), says(f"def f(x):\n    {body}")]}


def _tests(sign: str, operand: int) -> str:
    values = {"small": 3, "large": 5000, "negative": -17}
    checks = [
        f"def test_{name}():\n    assert f({value}) == {value} {sign} {operand}\n" for name, value in values.items()
    ]
    return "\n\n".join(["from solution import f\n", *checks])
