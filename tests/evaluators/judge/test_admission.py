"""What is wrong with a candidate is seen before anything runs."""

from __future__ import annotations

import pytest
from hypothesis import given
from hypothesis import strategies as st

from stagerun import Candidate, Task
from stagerun_evaluators.judge.admission import LARGEST, admitted, stays_inside
from stagerun_evaluators.judge.work import Refusal

REPO = {"a.txt": "one\ntwo\n", "b/c.txt": "three\n"}
TASK = Task(id="t", language="toy", repo=REPO)


def refusal(**candidate: object) -> Refusal:
    found = admitted(Candidate(TASK, **candidate))  # type: ignore[arg-type]
    assert isinstance(found, Refusal)
    return found


@pytest.mark.parametrize("code", ["", " \n\t "])
def test_an_empty_candidate_fails(code: str) -> None:
    assert refusal(code=code) == Refusal("failed", "the candidate is empty")


@pytest.mark.parametrize("name", ["../x", "/tmp/x", "a/../../b", "", "a\0b", "a/", "x\ny", "n" * 300, "a/" * 600 + "b"])
def test_a_file_outside_the_folder_is_tampering(name: str) -> None:
    assert refusal(files={name: "x"}).verdict == "tampered"


@pytest.mark.parametrize(
    ("text", "why"),
    [("a\0b", "binary, not text"), ("\ud800", "not valid Unicode"), ("x" * (LARGEST + 1), "characters")],
)
def test_what_no_tool_can_read_fails_by_name(text: str, why: str) -> None:
    assert why in refusal(code=text).detail
    assert why in refusal(files={"x": text}).detail


def test_a_patch_that_does_not_apply_fails_and_says_where() -> None:
    found = refusal(patch="--- a/a.txt\n+++ b/a.txt\n@@ -1 +1 @@\n-zero\n+0\n")
    assert found.verdict == "failed"
    assert "the patch does not apply: " in found.detail
    assert "a.txt" in found.detail


def test_a_patch_is_applied_to_the_task_s_repository() -> None:
    found = admitted(Candidate(TASK, patch="--- a/a.txt\n+++ b/a.txt\n@@ -1,2 +1,2 @@\n-one\n+1\n two\n"))
    assert isinstance(found, Candidate)
    assert found.files == {"a.txt": "1\ntwo\n", "b/c.txt": "three\n"}


def test_files_replace_those_of_the_repository() -> None:
    found = admitted(Candidate(TASK, files={"b/c.txt": "3\n"}))
    assert isinstance(found, Candidate)
    assert found.files == {"a.txt": "one\ntwo\n", "b/c.txt": "3\n"}


def test_a_name_written_in_another_way_is_the_same_file() -> None:
    found = admitted(Candidate(TASK, files={"./b//c.txt": "3\n"}))
    assert isinstance(found, Candidate)
    assert found.files["b/c.txt"] == "3\n"


def test_a_name_that_is_file_and_folder_fails() -> None:
    assert "both a file and a folder" in refusal(files={"x": "1", "x/y": "2"}).detail


@given(st.text(max_size=40))
def test_what_stays_inside_has_no_way_up(name: str) -> None:
    if stays_inside(name):
        assert not name.startswith("/")
        assert ".." not in name.split("/")
