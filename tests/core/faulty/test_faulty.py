"""Every faulty pipeline in tests/fixtures/faulty is refused with the messages that its first lines expect.

A fixture begins with comments: `# expect: LINE: message` for each message in order (without LINE where the message has no
line in the file; `...` stands for any text, where machines differ), `# args: ...` for more words of the command line,
`# pipeline: NAME` when it is not `tui`.
"""

from __future__ import annotations

import re
import shlex
import shutil
import subprocess
import sys
from collections.abc import Iterator
from itertools import zip_longest
from pathlib import Path

import pytest

from stagerun.cli.app import run

FIXTURES = Path(__file__).parents[2] / "fixtures"
FAULTY = sorted((FIXTURES / "faulty").glob("*.toml"))
KIT = FIXTURES / "faultkit"  # stages, gates and backends with faults of their own, found through entry points


@pytest.fixture(autouse=True)
def kit(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.syspath_prepend(str(KIT))


def directives(file: Path, word: str) -> list[str]:
    """What the comments at the top of a fixture say after `# word:`."""
    return re.findall(rf"^# {word}: (.*)$", file.read_text(encoding="utf-8", errors="replace"), re.MULTILINE)


def command(file: Path) -> list[str]:
    pipeline = (directives(file, "pipeline") or ["tui"])[0]
    return [f"{file.name}:{pipeline}", *shlex.split(" ".join(directives(file, "args")))]


def messages(file: Path, stderr: str) -> Iterator[str]:
    for line in stderr.splitlines():
        if line.startswith("error: "):
            yield line.removeprefix("error: ").removeprefix(f"{file.name}:").strip()


def as_expected(message: str | None, expected: str | None) -> str | None:
    """What was expected when the message is that, else the message."""
    pattern = ".*".join(re.escape(part) for part in (expected or "").split("..."))
    return expected if message is not None and re.fullmatch(pattern, message) else message


@pytest.mark.parametrize("faulty", FAULTY, ids=lambda file: file.stem)
def test_a_faulty_pipeline_is_refused_with_all_its_problems_and_nothing_written(faulty, tmp_path, monkeypatch, capsys):
    file = Path(shutil.copy(faulty, tmp_path))
    monkeypatch.chdir(tmp_path)
    code = run(["plan", *command(file)])
    told = capsys.readouterr()
    expected = directives(file, "expect")
    assert [as_expected(*pair) for pair in zip_longest(messages(file, told.err), expected)] == expected
    assert expected
    summary = [f"{len(expected)} problems; nothing was run"] if len(expected) > 1 else []
    assert told.err.splitlines()[len(expected) :] == summary
    assert (code, told.out) == (64, "")
    assert list(tmp_path.iterdir()) == [file]


def test_there_are_many_faulty_pipelines_and_no_two_have_the_same_fault():
    assert len(FAULTY) >= 60
    texts = [tuple(re.sub(r"^\d+: ", "", text) for text in directives(file, "expect")) for file in FAULTY]
    assert len(set(texts)) == len(texts)


@pytest.mark.parametrize("verb", ["run", "plan"])
@pytest.mark.parametrize("name", ["everything-at-once", "toml-unquoted-text", "not-utf8"])
def test_the_command_ends_with_64_and_no_traceback(name, verb, tmp_path, monkeypatch):
    file = Path(shutil.copy(FIXTURES / "faulty" / f"{name}.toml", tmp_path))
    argv = [sys.executable, "-m", "stagerun", verb, *command(file)]
    monkeypatch.setenv("PYTHONPATH", str(KIT), prepend=":")
    done = subprocess.run(argv, cwd=tmp_path, capture_output=True, text=True, check=False)
    assert list(messages(file, done.stderr)) == directives(file, "expect")
    assert "Traceback" not in done.stderr
    assert (done.returncode, done.stdout, list(tmp_path.iterdir())) == (64, "", [file])


def test_a_file_that_is_not_there_is_told_with_the_nearest_one(tmp_path, monkeypatch, capsys):
    shutil.copy(FIXTURES / "faulty" / "cycle.toml", tmp_path / "pipelines.toml")
    monkeypatch.chdir(tmp_path)
    assert run(["plan", "pipeline.toml:tui"]) == 64
    assert capsys.readouterr().err == 'error: pipeline.toml: there is no such file; did you mean "pipelines.toml"?\n'


def test_a_folder_in_place_of_a_file_is_told(tmp_path, monkeypatch, capsys):
    (tmp_path / "pipelines.toml").mkdir()
    monkeypatch.chdir(tmp_path)
    assert run(["plan", "pipelines.toml:tui"]) == 64
    assert capsys.readouterr().err == "error: pipelines.toml: the file cannot be read; found Is a directory\n"
