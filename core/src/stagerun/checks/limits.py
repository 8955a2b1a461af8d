"""What the system allows this user: open files, processes, core dumps, and memory shared between processes.

Only asked for runs that load models: their libraries open every shard of a dataset and start many threads. A core dump of a
trainer is as large as its memory and fills the disk. Several processes of one stage talk through shared memory, of which a
container has 64 MB unless told otherwise.
"""

from __future__ import annotations

import resource
import shutil
from collections.abc import Iterator, Mapping
from pathlib import Path

from stagerun.checks.scene import heavy
from stagerun.contracts import Checkup, Finding, Status
from stagerun.plan import Plan, PlannedStage
from stagerun.record.words import size

FILES = (256, 1024)  # fewer fail, fewer warn
PROCESSES = (128, 1024)
SHARED = (64 * 2**20 + 1, 2**30)  # bytes; Docker's 64 MB are too few
SHM = Path("/dev/shm")  # noqa: S108 - where Linux shares memory; nothing is written


def limits(checkup: Checkup) -> Iterator[Finding]:
    """Open files, processes and threads, core dumps, shared memory."""
    plan: Plan | None = checkup.plan
    if plan is not None and not heavy(plan):
        return
    yield counted("open files", resource.getrlimit(resource.RLIMIT_NOFILE)[0], FILES, "ulimit -n 65536")
    yield counted("processes", resource.getrlimit(resource.RLIMIT_NPROC)[0], PROCESSES, "ulimit -u 4096")
    yield dumps(resource.getrlimit(resource.RLIMIT_CORE)[0])
    if SHM.is_dir():
        crowd = [stage.name for stage in heavy(plan) if processes(stage) > 1] if plan is not None else []
        yield shared(shutil.disk_usage(SHM).total, crowd)


def counted(item: str, allowed: int, bounds: tuple[int, int], fix: str) -> Finding:
    """A limit with the numbers below which it fails and warns."""
    if allowed in (resource.RLIM_INFINITY, -1):
        return Finding("limits", item, "pass", found="unlimited")
    least, better = bounds
    status: Status = "fail" if allowed < least else "warn" if allowed < better else "pass"
    reason = "" if status == "pass" else f"training wants {better} at least"
    return Finding(
        "limits",
        item,
        status,
        found=f"{allowed} allowed",
        reason=reason,
        fix=f"{fix}, in the shell that starts the run",
    )


def dumps(allowed: int) -> Finding:
    """Whether a crash may write a core dump."""
    if allowed == 0:
        return Finding("limits", "core dumps", "pass", found="off")
    reason = "a trainer that crashes may write its whole memory to the disk"
    return Finding(
        "limits", "core dumps", "warn", found="on", reason=reason, fix="ulimit -c 0, in the shell that starts the run"
    )


def shared(total: int, crowd: list[str]) -> Finding:
    """The size of shared memory in bytes; `crowd` are stages of several processes, which need it."""
    least, better = SHARED
    short = total < better
    status: Status = "pass" if not short or not crowd else "fail" if total < least else "warn"
    who = f"the processes of {', '.join(crowd)} talk through it and want {size(better)}" if crowd else ""
    fix = "start the container with --ipc=host or --shm-size=16g, or `mount -o remount,size=16G /dev/shm`"
    found = f"{size(total)} in {SHM}" + ("" if crowd else "; no stage needs it")
    return Finding("limits", "shared memory", status, found, who if short else "", fix)


def processes(stage: PlannedStage) -> int:
    """How many processes a stage starts on this machine, with those that load its data."""
    launch, trainer = stage.shown.get("launch"), stage.shown.get("trainer")
    started = launch.get("processes", 1) if isinstance(launch, Mapping) else 1
    loading = trainer.get("dataloader_num_workers", 0) if isinstance(trainer, Mapping) else 0
    return int(started or 1) + int(loading or 0)
