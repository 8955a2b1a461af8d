"""Run one job to its sealed output. The same code serves a worker process and a light stage inside the engine."""

from __future__ import annotations

import errno
import inspect
import os
import sys
import traceback
from collections.abc import Callable, Mapping
from pathlib import Path
from typing import Any

from attrs import frozen

from stagerun.contracts import Backend, Ctx, Judge
from stagerun.contracts.context import Interrupted
from stagerun.contracts.stage import describe
from stagerun.errors import Failure, StageError, nearest
from stagerun.model.result import Result
from stagerun.plan.options import structure
from stagerun.registry import Registry
from stagerun.registry.registry import load
from stagerun.spec import PipelineSpec
from stagerun.store.checkpoints import CheckpointFolder
from stagerun.store.results import StageFolder, seal_result
from stagerun.worker.context import Context, Send
from stagerun.worker.job import Job
from stagerun.worker.plain import PlainBackend
from stagerun.worker.ranks import AttemptFailed


@frozen
class Done:
    """The output is sealed in `.partial`, ready to be committed."""

    result: Result
    libraries: dict[str, str]


# what torch says on CUDA and MPS, and on the CPU ("can't allocate memory: ... Error code 12"), and cuBLAS
NO_MEMORY = ("out of memory", "allocate memory", "alloc_failed")
Outcome = Done | Failure | None  # None: interrupted


def make_context(job: Job, send: Send, kind: type[Context] = Context) -> Context:
    """The context of a job; backend and judge are loaded when first asked for, so that a bare interpreter may do."""
    folder = StageFolder(job.root)
    return kind(
        stage=job.stage,
        inputs=job.artifacts(),
        many=job.artifact_lists(),
        out=folder.partial,
        work=folder.work,
        seed=job.seed,
        find_backend=lambda: _backend(job),
        checkpoints=CheckpointFolder(folder.checkpoints, job.fingerprint, job.keep, _tell(send)),
        send=send,
        find_judge=lambda: _judge(job),
        find_plugin=lambda kind, name: _plugin(job, kind, name),
        metrics_file=folder.metrics,
        memory_failures=job.memory_failures,
        verdicts=job.verdicts,
        job=job,
    )


def execute(job: Job, ctx: Context, registry: Registry) -> Outcome:
    """Run the stage, then digest and seal what it wrote. Never raises for what the stage does."""
    try:
        cls = _loaded("stage", job.entry)
        run_stage(restore(cls, job.options), ctx, registry)
        ctx.settle_metrics()
        return Done(_sealed(job, cls, ctx), {**libraries(), **ctx.libraries})
    except Interrupted:
        return None
    except Exception as error:  # whatever a stage raises is its failure, as data
        if not isinstance(error, StageError | AttemptFailed):
            traceback.print_exc()
        return failure_of(error, ctx.step)
    finally:
        ctx.close()


def _sealed(job: Job, cls: type[Any], ctx: Context) -> Result:
    """The result; that of a stage of milliseconds is sooner made again than forced to the disk."""
    traits, folder = describe(cls), StageFolder(job.root)
    result = Result(job.stage, job.fingerprint, job.parts, {}, ctx.results)
    return seal_result(folder, traits.produces, ctx.inputs, ctx.metas, result, sync=not traits.in_process)


def restore(cls: type[Any], options: Mapping[str, Any]) -> Any:
    """The stage from its options as JSON. TOML has no null, so a null can only be a default and is left to it."""
    instance, problems = structure(cls, _without_null(options), (), PipelineSpec(name="", file=Path(), stages={}))
    if instance is None:
        raise StageError(f"{cls.__qualname__} in this interpreter takes other options: {'; '.join(map(str, problems))}")
    return instance


def _without_null(value: Any) -> Any:
    if isinstance(value, Mapping):
        return {key: _without_null(inner) for key, inner in value.items() if inner is not None}
    return value


def run_stage(stage: Any, ctx: Ctx, registry: Registry) -> None:
    """Call the stage through the `stagerun_run_stage` hook, or straight when no plugin is installed."""
    if not registry.has_hooks or not registry.manager.hook.stagerun_run_stage.get_hookimpls():
        stage.run(ctx)
        return
    from stagerun.hookspecs import impl

    class Default:
        @staticmethod
        @impl(trylast=True)
        def stagerun_run_stage(stage: Any, ctx: Ctx) -> bool:
            stage.run(ctx)
            return True

    default = Default()
    registry.manager.register(default)
    try:
        registry.manager.hook.stagerun_run_stage(stage=stage, ctx=ctx)
    finally:
        registry.manager.unregister(default)


def failure_of(error: BaseException, step: int | None) -> Failure:
    """An exception as data, by cause."""
    text = f"{type(error).__name__}: {error}".strip().splitlines()[0] if str(error) else type(error).__name__
    if isinstance(error, AttemptFailed):
        return error.failure
    if isinstance(error, StageError):
        reason = "missing_output" if error.what.startswith("the stage promised") else "stage_error"
        return Failure(reason, str(error), step)
    if isinstance(error, OSError) and error.errno in (errno.ENOSPC, errno.EDQUOT):
        return Failure("disk_full", f"the disk is full ({text})", step)
    if isinstance(error, MemoryError) or any(words in text.lower() for words in NO_MEMORY):
        return Failure("out_of_memory", text, step)
    return Failure("exception", text, step)


def libraries() -> dict[str, str]:
    """Versions of the libraries that this process has loaded and that matter to a result."""
    names = ("torch", "transformers", "trl", "peft", "datasets", "accelerate", "tokenizers", "safetensors", "numpy")
    found = {name: getattr(sys.modules[name], "__version__", "?") for name in names if name in sys.modules}
    return {"python": sys.version.split()[0], **{name: str(version) for name, version in found.items()}}


def _tell(send: Send) -> Callable[..., None]:
    return lambda kind, **data: send({"kind": kind, **data})


def _backend(job: Job) -> Backend:
    backend: Backend = _loaded("backend", job.backend)() if job.backend else PlainBackend()
    return backend


def _judge(job: Job) -> Judge:
    if job.judge is None:
        raise StageError("no judge is installed", "install stagerun-evaluators")

    def language(name: str) -> Any:
        if name not in job.evaluators:
            known = ", ".join(job.evaluators)
            todo = nearest(name, job.evaluators) or "check the tasks"
            raise StageError(f'a task is in the language "{name}"; this stage judges {known}', todo)
        return _loaded("evaluator", job.evaluators[name])()

    make = _loaded("judge", job.judge)
    try:
        inspect.signature(make).bind(language, **job.judge_options)
    except TypeError as error:
        raise StageError(f"the judge {job.judge} does not take what the judge table says: {error}") from None
    judge: Judge = make(language, **{**job.judge_options, **_share(make, job)})
    return judge


def _share(make: Callable[..., Any], job: Job) -> dict[str, int]:
    """The judge's workers in one of several processes that judge; nothing for a class that has no workers."""
    if job.judging == 1 or "workers" not in inspect.signature(make).parameters:
        return {}
    cores = len(os.sched_getaffinity(0)) if hasattr(os, "sched_getaffinity") else os.cpu_count() or 1
    return {"workers": max(1, job.judge_options.get("workers", cores) // job.judging)}


def _plugin(job: Job, kind: str, name: str) -> Any:
    entry = job.plugins.get(f"{kind}.{name}")
    if entry is None:
        raise StageError(f'{kind[:-1]} "{name}" was not asked for', "a fault of the stage: its plugins() must name it")
    return _loaded(kind[:-1], entry)


def _loaded(what: str, entry: str) -> Any:
    """What stands at `entry`; this interpreter may be another than the one that planned, with less installed."""
    package = entry.partition(":")[0].partition(".")[0]
    try:
        return load(entry)
    except ModuleNotFoundError as error:
        if str(error.name).partition(".")[0] != package:  # it is there, and something it imports is not
            raise
        todo = "install it there, or add it to the environment's requirements"
        raise StageError(f"the {what} {entry} is not in the interpreter of this stage", todo) from None
