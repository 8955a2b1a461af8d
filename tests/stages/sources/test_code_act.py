"""code-act: roles by two names, the tags stay, the system turn is not lost."""

from __future__ import annotations

from typing import Any

import pytest

from stagerun_stages.sources.code_act import code_act

TURNS = [
    ("system", "Put code between <execute> tags."),
    ("user", "What is 2 + 2?"),
    ("assistant", "I compute.\n<execute>print(2 + 2)</execute>"),
    ("user", "Observation:\n4"),
    ("assistant", "<solution>4</solution>"),
]


@pytest.mark.parametrize(
    ("who", "text", "names"),
    [
        ("role", "content", {}),
        ("from", "value", {"user": "human", "assistant": "gpt"}),
    ],
)
def test_roles_have_two_names(made: Any, who: str, text: str, names: dict[str, str]) -> None:
    row = {"id": "1", "conversations": [{who: names.get(role, role), text: said} for role, said in TURNS]}
    found = made(code_act, row)["messages"]
    assert [(each["role"], each["content"]) for each in found] == TURNS


def test_what_stands_behind_the_last_answer_is_cut_off(made: Any) -> None:
    turns = [*TURNS, ("user", "Observation:\ntimed out")]
    row = {"conversations": [{"role": role, "content": said} for role, said in turns]}
    assert len(made(code_act, row)["messages"]) == len(TURNS)


def test_each_split_has_its_own_limit() -> None:
    assert [part.split for part in code_act.parts] == ["codeact", "general"]
    assert [code_act.group({}, part.split) for part in code_act.parts] == ["codeact", "general"]
