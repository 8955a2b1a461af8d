"""The stage `shell`, run as a worker runs it."""

from __future__ import annotations

import sys
from pathlib import Path
from typing import Any

import pytest

from stagerun import StageError
from stagerun.builtin.shell import Shell
from stagerun.testing import dataset, run_stage


def shell(**options: Any) -> Shell:
    """The stage, as TOML would give it; type checkers do not see the alias of the option `run`."""
    return Shell(**options)


def said(tmp_path: Path, command: str, **options: Any) -> str:
    """What a command writes into said.txt of its output."""
    run_stage(shell(run=f"{command} > $STAGERUN_OUT/said.txt", **options), tmp_path)
    return (tmp_path / "final/out/said.txt").read_text().strip()


def test_python_is_the_interpreter_of_the_stages_environment(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setenv("PATH", "/usr/bin:/bin")
    assert said(tmp_path, 'python -c "import sys; print(sys.prefix)"') == sys.prefix


def test_a_variable_given_in_env_wins_over_the_users(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setenv("WHO", "the user")
    assert said(tmp_path, "echo $WHO", env={"WHO": "the pipeline"}) == "the pipeline"


def test_an_input_is_found_by_the_name_of_stage_and_output(tmp_path: Path) -> None:
    rows = dataset(tmp_path / "tool_data.train", [{"n": 1}])
    command = "cat $STAGERUN_INPUT_TOOL_DATA_TRAIN > $STAGERUN_OUT/rows"
    run_stage(shell(run=command), tmp_path, many={"inputs": (rows,)})
    assert (tmp_path / "final/out/rows").read_text() == '{"n": 1}\n'


def test_metrics_json_becomes_metrics(tmp_path: Path) -> None:
    done = run_stage(shell(run="""echo '{"loss": 1.5, "rows": 3}' > $STAGERUN_OUT/metrics.json"""), tmp_path)
    assert done.metrics == {"loss": 1.5, "rows": 3.0}


@pytest.mark.parametrize(
    ("command", "message"),
    [
        ("exit 3", "the command ended with exit code 3; its output is in log.txt"),
        ("kill -9 $$", "the command was killed by SIGKILL"),
        ("true", "the command wrote nothing into"),
        ("echo [1] > $STAGERUN_OUT/metrics.json", "metrics.json does not map names to numbers"),
        (("no-such-command",), "cannot start no-such-command"),
    ],
)
def test_a_command_that_goes_wrong_is_told_with_what_to_do(
    tmp_path: Path, command: str | tuple[str, ...], message: str
) -> None:
    with pytest.raises(StageError, match=message):
        run_stage(shell(run=command), tmp_path)
