"""What a plan refuses of the sources of `data.prepare`: another format, or a file of which no first row can be used."""

from __future__ import annotations

import json
from collections.abc import Callable
from pathlib import Path
from typing import Any

import pytest

from stagerun import BadPipeline, Problem, prepare

TALK = {"messages": [{"role": "user", "content": "1?"}, {"role": "assistant", "content": "1."}]}
PAIR = {"prompt": "1?", "chosen": "1.", "rejected": "2."}
GLAIVE = {"system": "SYSTEM: Hi.", "chat": "USER: 1?\n\nASSISTANT: 1. <|endoftext|>"}

Problems = Callable[..., list[Problem]]


@pytest.fixture
def problems(tmp_path: Path) -> Problems:
    """What is wrong with a stage that prepares rows.jsonl with these rows, as the plan tells it."""

    def found(source: str, rows: list[Any], form: str = "messages") -> list[Problem]:
        (tmp_path / "rows.jsonl").write_text("".join(json.dumps(row) + "\n" for row in rows), encoding="utf-8")
        text = f'[p.stages.data]\nuses = "data.prepare"\nwith.format = "{form}"\nwith.sources = [\n  {source},\n]\n'
        (tmp_path / "p.toml").write_text(text, encoding="utf-8")
        try:
            prepare(tmp_path / "p.toml", "p")
        except BadPipeline as refused:
            return list(refused.problems)
        return []

    return found


OWN, NAMED = '{ path = "rows.jsonl" }', '{ name = "glaive-v2", path = "rows.jsonl" }'


def test_a_source_of_another_format_is_refused_with_its_line(problems: Problems) -> None:
    [found] = problems('"glaive-v2"', [], "preference")
    assert found.what == 'the source "glaive-v2" gives messages rows and this stage prepares preference'
    assert found.line == 5


@pytest.mark.parametrize(
    ("source", "rows", "form", "told"),
    [
        (OWN, [PAIR] * 3, "messages", 'rows.jsonl:1: no "messages"; none of the first 3 rows'),
        (OWN, [TALK] * 30, "preference", "none of the first 20 rows can be taken as preference rows"),
        (NAMED, [TALK] * 2, "messages", 'no "system"; none of the first 2 rows can be taken as rows of "glaive-v2"'),
        (OWN, ["text"], "messages", "none of the first 1 rows"),
    ],
    ids=["preferences for messages", "messages for preferences", "another source", "no objects"],
)
def test_a_file_of_which_no_first_row_fits_is_refused_with_its_line_and_reason(
    source: str, rows: list[Any], form: str, told: str, problems: Problems
) -> None:
    [found] = problems(source, rows, form)
    assert told in found.what
    assert "rows.jsonl:1: " in found.what
    assert found.line == 5


@pytest.mark.parametrize(
    ("source", "rows"),
    [(OWN, [PAIR, TALK]), (OWN, [TALK, "text"]), (NAMED, [GLAIVE]), (OWN, [])],
    ids=["the second is good", "the first is good", "the right source", "an empty file"],
)
def test_what_the_stage_itself_can_judge_is_left_to_it(source: str, rows: list[Any], problems: Problems) -> None:
    assert problems(source, rows) == []
