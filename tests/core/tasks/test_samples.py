"""Saved solutions: every form becomes a candidate, and a row that is none is named."""

from __future__ import annotations

import json
from pathlib import Path
from typing import Any

import pytest

from stagerun import StageError, Task
from stagerun.tasks import read_samples

PROMPT = (
    "import math\n\n\ndef helper(x):\n    '''Help.\n\n    More.'''\n    return x\n\n\ndef half(x):\n    '''Half.'''\n"
)
TASKS = {
    "t": Task("t", "python"),
    "h": Task("h", "python", meta={"format": "humaneval", "entry_point": "half", "prompt": PROMPT}),
}


def samples(tmp_path: Path, *rows: Any) -> list[Any]:
    path = tmp_path / "s.jsonl"
    path.write_text("".join(json.dumps(row) + "\n" for row in rows))
    return list(read_samples(path, TASKS))


def test_each_form_of_a_solution_becomes_a_candidate(tmp_path: Path) -> None:
    forms = [{"code": "a"}, {"completion": "b"}, {"files": {"x.py": "c"}}, {"patch": "d"}]
    found = samples(tmp_path, *({"task_id": "t", **form} for form in forms))
    told = [(each.sample, each.candidate.code, each.candidate.files, each.candidate.patch) for each in found]
    assert told == [(0, "a", {}, ""), (1, "b", {}, ""), (2, "", {"x.py": "c"}, ""), (3, "", {}, "d")]


def test_a_completion_continues_the_prompt_of_a_humaneval_task(tmp_path: Path) -> None:
    (found,) = samples(tmp_path, {"task_id": "h", "completion": "    return x / 2\n"})
    assert found.candidate.code == PROMPT + "    return x / 2\n"


def test_a_completion_with_the_whole_function_gets_the_helpers_it_does_not_bring(tmp_path: Path) -> None:
    (found,) = samples(tmp_path, {"task_id": "h", "completion": "import math\n\ndef half(x):\n    return x / 2\n"})
    helper = "def helper(x):\n    '''Help.\n\n    More.'''\n    return x"
    assert found.candidate.code == f"{helper}\n\nimport math\n\ndef half(x):\n    return x / 2\n"


def test_code_is_never_put_behind_the_prompt(tmp_path: Path) -> None:
    (found,) = samples(tmp_path, {"task_id": "h", "code": "half = None"})
    assert found.candidate.code == "half = None"


def test_what_is_hostile_in_a_solution_is_for_the_judge(tmp_path: Path) -> None:
    found = samples(tmp_path, {"task_id": "t", "files": {"../x": "\0"}}, {"task_id": "t", "code": "\ud800"})
    assert [each.task_id for each in found] == ["t", "t"]


@pytest.mark.parametrize(
    ("rows", "expected"),
    [
        ([{"code": "a"}], "s.jsonl:1 has no task_id"),
        ([{"task_id": "tt", "code": "a"}], 's.jsonl:1: there is no task "tt"'),
        ([{"task_id": "t"}], "s.jsonl:1 has none of them; expected one of code, completion, files, patch"),
        ([{"task_id": "t", "code": "a", "patch": "b"}], "s.jsonl:1 has code and patch"),
        ([{"task_id": "t", "code": 3}], "s.jsonl:1: code is 3; expected a text"),
        ([{"task_id": "t", "files": {"x": 1}}], "s.jsonl:1: files is a table; expected texts by relative path"),
        ([{"task_id": "t", "code": "a", "sample": -1}], "s.jsonl:1: sample is -1; expected a number from 0"),
        ([{"task_id": "t", "code": "a", "sample": 0}] * 2, "s.jsonl:2: sample 0 of t is also in s.jsonl:1"),
    ],
)
def test_a_row_that_is_no_solution_is_named(rows, expected, tmp_path: Path) -> None:
    with pytest.raises(StageError) as error:
        samples(tmp_path, *rows)
    assert expected in str(error.value)
