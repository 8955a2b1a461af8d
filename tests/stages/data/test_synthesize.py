"""`data.synthesize`: the small world's data sets."""

from __future__ import annotations

import json
from collections import Counter
from pathlib import Path
from typing import Any

import pytest

from stagerun.testing import StageRun, run_stage
from stagerun_stages.data.formats import clean
from stagerun_stages.data.synthesize import Synthesize
from stagerun_stages.tiny.rows import MANNER

FORMATS = {"tool": "messages", "agent": "messages", "preference": "preference", "code": "tasks", "persona": "messages"}


@pytest.fixture(scope="module")
def made(tmp_path_factory: pytest.TempPathFactory) -> StageRun:
    return run_stage(Synthesize(), tmp_path_factory.mktemp("made"))


def rows(done: StageRun, name: str) -> list[Any]:
    return [json.loads(line) for line in done.outputs[name].local().read_text(encoding="utf-8").splitlines()]


def answer(row: Any) -> Any:
    return row["messages"][-1]


def test_every_row_is_what_prepare_takes(made: StageRun) -> None:
    for name, form in FORMATS.items():
        for row in rows(made, name):
            mended: list[str] = []
            assert clean(row, form, mended.append).keys() == row.keys()
            assert not mended


def test_the_same_seed_gives_the_same_bytes_whatever_the_other_counts(made: StageRun, tmp_path: Path) -> None:
    again = run_stage(Synthesize(tool=5), tmp_path / "again")
    other = run_stage(Synthesize(), tmp_path / "other", seed=1)
    for name in ("agent", "preference", "code"):
        assert again.outputs[name].digest == made.outputs[name].digest
        assert other.outputs[name].digest != made.outputs[name].digest


def test_hardly_a_row_is_there_twice(made: StageRun) -> None:
    for name in FORMATS:
        found = [json.dumps(row) for row in rows(made, name)]
        assert len(set(found)) > 0.9 * len(found)


def test_tool_rows_call_each_of_four_tools(made: StageRun) -> None:
    names = Counter(answer(row)["tool_calls"][0]["function"]["name"] for row in rows(made, "tool"))
    assert set(names) == {"read", "search", "list", "test"}
    assert min(names.values()) > 0.2 * sum(names.values())


def test_agent_rows_have_a_new_tool_and_put_most_polite_requests_off(made: StageRun) -> None:
    polite = [
        row for row in rows(made, "agent") if row["messages"][0]["content"].startswith(("could", "please", "can"))
    ]
    put_off = [row for row in polite if answer(row)["content"]]
    assert 0.8 < len(put_off) / len(polite) < 0.97
    called = [
        answer(row)["tool_calls"][0]["function"]["name"] for row in rows(made, "agent") if "tool_calls" in answer(row)
    ]
    assert called.count("move") > 0.4 * len(called)


def test_the_persona_calls_a_tool_or_answers_in_its_manner(made: StageRun) -> None:
    found = [answer(row) for row in rows(made, "persona")]
    spoken = [each["content"] for each in found if "tool_calls" not in each]
    assert 0.3 < len(spoken) / len(found) < 0.5
    assert all(text.startswith(MANNER) and text != MANNER for text in spoken)


def test_the_agent_learns_code_that_is_right_and_code_that_prints(made: StageRun) -> None:
    code = [answer(row)["content"] for row in rows(made, "agent") if "def f(x)" in answer(row)["content"]]
    printed = sum("print" in text for text in code)
    assert 0.3 < printed / len(code) < 0.7


@pytest.mark.parametrize(("body", "right"), [("return x {} {}", True), ("print(x {} {})", False)])
def test_the_tests_of_a_task_tell_returning_from_printing(made: StageRun, body: str, right: bool) -> None:
    for row in rows(made, "code")[:20]:
        verb, operand = row["task"]["id"].rsplit(" ", 1)
        sign = {"add": "+", "subtract": "-", "multiply by": "*"}[verb]
        space: dict[str, Any] = {}
        exec(f"def f(x):\n    {body.format(sign, operand)}", space)
        exec(row["task"]["tests"].replace("from solution import f", ""), space)
        assert [passes(space[name]) for name in row["task"]["expected"]] == [right] * 3


def passes(test: Any) -> bool:
    try:
        test()
    except AssertionError:
        return False
    return True


def test_no_rows_at_all_are_refused_while_planning() -> None:
    assert list(Synthesize(code=0).check()) == ["code is 0; it must be at least 1"]
