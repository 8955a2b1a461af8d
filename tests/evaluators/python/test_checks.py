"""Types and lint: what costs them, and that nothing in a candidate silences them. Real mypy, real ruff."""

from __future__ import annotations

from collections.abc import Callable

import pytest

from stagerun import Candidate, Judgement
from stagerun_evaluators.judge import Local

from .attacks import task

Judge = Callable[..., Judgement]
RIGHT = "def add(a: int, b: int) -> int:\n    return a + b\n"
WRONG_TYPE = 'x: int = "one"'


def test_clean_code_earns_both(judged: Judge) -> None:
    found = judged(RIGHT)
    assert (found.shares["check"], found.shares["lint"], found.score) == (1.0, 1.0, 1.0)


def test_a_wrong_type_costs_the_types_and_not_the_verdict(judged: Judge) -> None:
    found = judged(f"{RIGHT}{WRONG_TYPE}\n")
    assert (found.verdict, found.shares["check"], found.score) == ("passed", 0.0, pytest.approx(0.9))
    (told,) = found.diagnostics
    assert (told.file, told.line, told.code, told.tool) == ("solution.py", 3, "assignment", "mypy")


def test_an_unused_import_costs_the_lint(judged: Judge) -> None:
    found = judged(f"import os\n{RIGHT}")
    assert (found.verdict, found.shares["lint"]) == ("passed", 0.0)
    assert (found.diagnostics[0].code, found.diagnostics[0].line) == ("F401", 1)


def test_untyped_code_is_clean(judged: Judge) -> None:
    code = "CACHE = {}\nSEEN = []\n\n\ndef add(a, b):\n    SEEN.append(a)\n    return a + b\n"
    assert judged(code).score == 1.0


@pytest.mark.parametrize(
    "code",
    [
        f"# mypy: ignore-errors\n{RIGHT}{WRONG_TYPE}\n",
        f"#mypy: ignore-errors=True\n{RIGHT}{WRONG_TYPE}\n",
        f"# mypy: disable-error-code=assignment\n{RIGHT}{WRONG_TYPE}\n",
        f"# type: ignore\n{RIGHT}{WRONG_TYPE}\n",
        f"{RIGHT}{WRONG_TYPE}  # type: ignore\n",
        f"{RIGHT}{WRONG_TYPE}  # type: ignore[assignment]\n",
    ],
)
def test_comments_do_not_silence_mypy(judged: Judge, code: str) -> None:
    assert judged(code).shares["check"] == 0.0


@pytest.mark.parametrize(
    "code",
    [
        f"import os  # noqa\n{RIGHT}",
        f"import os  # noqa: F401\n{RIGHT}",
        f"# ruff: noqa\nimport os\n{RIGHT}",
        f"# flake8: noqa\nimport os\n{RIGHT}",
        f"# ruff: noqa: F401\nimport os\n{RIGHT}",
        f"# ruff: disable[F401]\nimport os\n# ruff: enable[F401]\n{RIGHT}",
        f"# ruff: file-ignore[F401]\nimport os\n{RIGHT}",
    ],
)
def test_comments_do_not_silence_ruff(judged: Judge, code: str) -> None:
    assert judged(code).shares["lint"] == 0.0


CONFIGURATION = {
    "mypy.ini": "[mypy]\nignore_errors = True\n",
    ".mypy.ini": "[mypy]\nplugins = evil.py\n",
    "setup.cfg": "[mypy]\nignore_errors = True\n",
    "pyproject.toml": '[tool.mypy]\nignore_errors = true\n[tool.ruff]\nextend-exclude = ["*.py"]\n[tool.ruff.lint]\nselect = []\n',
    "ruff.toml": 'exclude = ["*"]\n[lint]\nselect = []\n',
    ".ruff.toml": 'exclude = ["*"]\n',
    "solution.pyi": "def add(a: int, b: int) -> int: ...\n",
}


@pytest.mark.parametrize("name", CONFIGURATION)
def test_files_do_not_silence_mypy_or_ruff(local: Local, name: str) -> None:
    files = {"solution.py": f"import os\n{RIGHT}{WRONG_TYPE}\n", name: CONFIGURATION[name]}
    found = local.judge([Candidate(task(), files=files)])[0]
    assert (found.shares["check"], found.shares["lint"]) == (0.0, 0.0)


def test_lint_of_code_that_does_nothing_right_is_worth_nothing(judged: Judge) -> None:
    found = judged("def add(a, b):\n    return None\n")
    assert (found.shares["lint"], found.score) == (1.0, pytest.approx(0.1))


def test_one_candidate_s_types_are_not_known_to_the_next(local: Local) -> None:
    first = Candidate(task(), files={"solution.py": RIGHT, "helper.py": "x: int = 1\n"})
    second = Candidate(task(), f"import helper\n\nhelper.x\n{RIGHT}")
    other = Candidate(
        task(), files={"solution.py": f"from helper import x\n\ny: int = x\n{RIGHT}", "helper.py": "x: str = ''\n"}
    )
    found = local.judge([first, second, other])
    assert [each.shares["check"] for each in found] == [1.0, 1.0, 0.0]  # what is not there is no error, what differs is


def test_several_files_are_checked_together(local: Local) -> None:
    files = {
        "solution.py": "from pkg.core import add as add\n",
        "pkg/__init__.py": "",
        "pkg/core.py": f"{RIGHT}{WRONG_TYPE}\n",
    }
    found = local.judge([Candidate(task(), files=files)])[0]
    assert [told.file for told in found.diagnostics] == ["pkg/core.py"]
