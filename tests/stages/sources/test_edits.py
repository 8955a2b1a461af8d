"""commitpackft and editpackft: a request, the file before, the file after."""

from __future__ import annotations

from typing import Any

import pytest

from stagerun_stages.sources.commitpackft import LANGUAGES, commitpackft, without_trailers
from stagerun_stages.sources.editpackft import editpackft


def commit(**more: Any) -> dict[str, Any]:
    row = {
        "commit": "1",
        "old_file": "src/a.py",
        "new_file": "src/a.py",
        "old_contents": "x = 1\n",
        "new_contents": "x = 2\n",
        "subject": "Raise x",
        "message": "Raise x\n\nIt was too small.\n\nSigned-off-by: A <a@b.c>\nChange-Id: I01\n",
        "lang": "Python",
        "license": "mit",
        "repos": "a/b",
    }
    return {**row, **more}


def test_a_commit_is_a_request_and_the_new_file(made: Any) -> None:
    asked, answered = made(commitpackft, commit())["messages"]
    assert asked["content"] == "Raise x\n\nIt was too small.\n\nThe file src/a.py as it is:\n\n```py\nx = 1\n```"
    assert answered["content"] == "```py\nx = 2\n```"


def test_a_new_file_is_asked_for_as_such(made: Any) -> None:
    asked = made(commitpackft, commit(old_contents=""))["messages"][0]["content"]
    assert asked.endswith("Write the file src/a.py.")


def test_a_file_with_fences_in_it_gets_a_longer_one(made: Any) -> None:
    answer = made(commitpackft, commit(new_contents="```\ncode\n```\n"))["messages"][1]["content"]
    assert answer.startswith("````py\n```\ncode")


def test_six_languages_have_5000_rows_each() -> None:
    assert LANGUAGES == ("python", "javascript", "go", "rust", "java", "typescript")
    assert [part.file for part in commitpackft.parts] == [f"data/{name}/data.jsonl" for name in LANGUAGES]
    assert commitpackft.limit == 5000
    assert commitpackft.group(commit(lang="Rust"), "data") == "rust"
    assert commitpackft.group({}, "go") == "go"


@pytest.mark.parametrize("apart", [0, 7999, 8000])
def test_up_to_8000_characters_apart_is_near_enough(made: Any, apart: int) -> None:
    assert made(commitpackft, commit(old_contents="x = 3\n", new_contents="x = 4\n" + "#" * apart))


@pytest.mark.parametrize(
    ("broken", "why"),
    [
        ({"new_contents": "x = 1\n"}, "nothing changed"),
        ({"new_contents": "x = 1\n" + "#" * 8001}, "more than 8000 characters longer or shorter"),
        ({"old_contents": "x = 1\n" + "#" * 8010}, "more than 8000 characters longer or shorter"),
        ({"new_contents": ""}, "nothing left of the file"),
        ({"new_contents": None}, "no contents before or after"),
        ({"lang": "Ruby"}, "a language that is not among the six"),
        ({"message": "Signed-off-by: A <a@b.c>"}, "empty message"),
        ({"message": "  "}, "empty message"),
        ({"message": None, "subject": None}, 'no "message"'),
    ],
)
def test_a_commit_of_no_use_is_dropped_with_its_reason(reason: Any, broken: dict[str, Any], why: str) -> None:
    assert reason(commitpackft, commit(**broken)) == why


def test_only_trailers_are_cut_off() -> None:
    assert (
        without_trailers("Fix: a thing\n\nNote: see b\nCo-authored-by: A <a@b.c>\n\n") == "Fix: a thing\n\nNote: see b"
    )


@pytest.mark.parametrize(("before", "after"), [("old_contents", "new_contents"), ("input", "output")])
def test_an_instruction_comes_with_columns_by_two_names(made: Any, before: str, after: str) -> None:
    asked, answered = made(editpackft, {"instruction": "Raise x", before: "x = 1", after: "x = 2"})["messages"]
    assert asked["content"] == "Raise x\n\nThe file as it is:\n\n```\nx = 1\n```"
    assert answered["content"] == "```\nx = 2\n```"
    assert editpackft.limit == 10_000


def test_an_instruction_must_be_there(reason: Any) -> None:
    assert reason(editpackft, {"old_contents": "a", "new_contents": "b"}) == 'no "instruction"'
