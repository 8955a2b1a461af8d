"""The folder of a job: a given one stays, files of the judge stay as they are, a seed's folder may be read."""

from __future__ import annotations

from pathlib import Path

import pytest

from .boxes import ROOT, SYSTEM_PYTHON, Box, command


def test_a_given_folder_is_worked_in_and_left_with_what_was_made(box: Box, tmp_path: Path) -> None:
    if box.python == SYSTEM_PYTHON or not ROOT:
        pytest.skip("an ordinary user's own folder would be needed")
    row = command("sh", "-c", "mkdir -p deep/er; echo made > deep/er/file; cat laid")
    done = box.job(row, files={"laid": "text"}, root=str(tmp_path))["done"][0]
    assert done is not None
    assert done["stdout"] == "text", done["stderr"]
    assert (tmp_path / "deep/er/file").read_text() == "made\n"


def test_files_of_the_judge_are_not_the_candidate_s_to_change(box: Box) -> None:
    script = (
        "echo x > in/test.txt; rm -f in/test.txt; mv in other; echo mine > in/mine; echo mine > mine; cat in/mine mine"
    )
    answer = box.job(command("sh", "-c", script), files={"in/test.txt": "text"})
    done = answer["done"][0]
    assert done is not None
    if box.python == SYSTEM_PYTHON or not ROOT:  # the same user: it can, and that is seen
        assert answer["changed"] == ["in/test.txt"]
    else:
        assert done["stdout"] == "mine\nmine\n"


def test_files_laid_for_a_command_replace_what_the_one_before_left_there(box: Box) -> None:
    first = command("sh", "-c", "ln -s /etc/passwd test; mkdir -p deep; ln -s /tmp deep/link")
    second = command("cat", "test", "deep/link/test", files={"test": "laid\n", "deep/link/test": "too\n"})
    answer = box.job(first, second)
    assert answer["done"][1] is not None
    assert answer["done"][1]["stdout"] == "laid\ntoo\n"
    assert answer["changed"] == []
