"""A job becomes a sealed output, also in an interpreter that has less than the engine's own."""

from __future__ import annotations

import os
from pathlib import Path
from typing import Any, ClassVar

import pytest
from attrs import frozen

from stagerun import Candidate, Ctx, Output, Registry, StageError, Task
from stagerun.errors import Failure
from stagerun.store.results import StageFolder
from stagerun.testing import dataset
from stagerun.worker.execute import Done, Outcome, execute, failure_of, make_context
from stagerun.worker.job import Job


@frozen
class Ask:
    """A stage that uses its backend and the judge."""

    produces: ClassVar = {"out": Output("report", "out.txt")}

    def run(self, ctx: Ctx) -> None:
        (ctx.out / "out.txt").write_text(f"{ctx.backend} {ctx.judge}")


def outcome(root: Path, entry: str = "teststages:Make", **more: Any) -> Outcome:
    """Run a job in this process."""
    StageFolder(root).begin()
    job = Job(stage="s", entry=entry, options={}, folder=str(root), fingerprint="f", parts={}, **more)
    return execute(job, make_context(job, lambda _: None), Registry())


def test_a_stage_that_asks_for_no_backend_runs_where_the_backend_is_not_installed(tmp_path: Path) -> None:
    assert isinstance(outcome(tmp_path, backend="nowhere.cuda:Cuda"), Done)


@pytest.mark.parametrize("what", ["backend", "judge"])
def test_what_a_stage_asks_for_and_the_interpreter_lacks_is_named_with_what_to_do(tmp_path: Path, what: str) -> None:
    found = outcome(tmp_path, f"{__name__}:Ask", **{what: "nowhere.it:It"})
    assert isinstance(found, Failure)
    assert found.reason == "stage_error"
    assert f"the {what} nowhere.it:It is not in the interpreter" in found.message
    assert "environment's requirements" in found.message


def test_a_stage_the_interpreter_lacks_is_named_and_not_tried_again(tmp_path: Path) -> None:
    found = outcome(tmp_path, "nowhere.it:Stage")
    assert isinstance(found, Failure)
    assert found.reason == "stage_error"
    assert "the stage nowhere.it:Stage is not in the interpreter" in found.message


def test_a_stage_whose_own_import_is_missing_fails_with_that_name(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    (tmp_path / "lacking.py").write_text("import nowhere")
    monkeypatch.syspath_prepend(tmp_path)
    found = outcome(tmp_path / "stage", "lacking:Stage")
    assert isinstance(found, Failure)
    assert found.reason == "exception"
    assert "No module named 'nowhere'" in found.message


@pytest.mark.parametrize("cls", ["Take", "Make"])
def test_what_a_worker_made_is_forced_to_the_disk_and_what_a_light_stage_made_is_not(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch, cls: str
) -> None:
    forced: list[int] = []
    monkeypatch.setattr(os, "fsync", forced.append)
    taken = dataset(tmp_path / "rows", [{}]).to_json()
    assert isinstance(outcome(tmp_path / "stage", f"teststages:{cls}", inputs={"train": taken}), Done)
    assert len(forced) == (0 if cls == "Make" else 2)  # the output's one file, and the manifest


@pytest.mark.parametrize(
    "error",
    [
        MemoryError(),
        RuntimeError("CUDA out of memory. Tried to allocate 2.00 GiB"),
        RuntimeError(
            "[enforce fail at alloc_cpu.cpp:127] err == 0. DefaultCPUAllocator: can't allocate memory: you tried"
        ),
        RuntimeError("CUDA error: CUBLAS_STATUS_ALLOC_FAILED when calling `cublasCreate(handle)`"),
        OSError(12, "Cannot allocate memory"),
    ],
)
def test_memory_running_out_is_known_by_every_library_s_words(error: Exception) -> None:
    assert failure_of(error, None).reason == "out_of_memory"


def test_a_task_in_a_language_the_stage_did_not_name_is_refused_by_that_name(tmp_path: Path) -> None:
    StageFolder(tmp_path).begin()
    judge, python = "stagerun_evaluators.judge.local:Local", "stagerun_evaluators.python.language:Python"
    job = Job("s", "teststages:Make", {}, str(tmp_path), "f", {}, judge=judge, evaluators={"python": python})
    ctx = make_context(job, lambda _: None)
    task = Task(id="t", language="cobol", tests="", expected=("test_x",))
    with pytest.raises(StageError, match='a task is in the language "cobol"; this stage judges python'):
        list(ctx.judge.judge([Candidate(task, code="x")]))


@pytest.mark.parametrize(("given", "judging", "workers"), [(5, 1, 5), (5, 2, 2), (1, 4, 1)])
def test_processes_that_judge_at_the_same_time_share_the_judge_s_workers(
    given: int, judging: int, workers: int, tmp_path: Path
) -> None:
    options: Any = {"judge": "teststages:Told", "judge_options": {"workers": given}, "judging": judging}
    ctx: Any = make_context(Job("a", "", {}, str(tmp_path), "", {}, **options), print)
    assert ctx.judge.options["workers"] == workers
