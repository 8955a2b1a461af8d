"""Is there room on the disks: for checkpoints, results and exports, for what is downloaded, and for temporary files?

What a stage will take it says itself, by `space(origins, policy, keep)`; checkpoints left by an interrupted run count as there.
Needs on the same file system are added up. Not covered: quotas, which the system does not tell, and datasets, which are streamed.
"""

from __future__ import annotations

import os
import tempfile
from collections.abc import Iterator, Mapping
from pathlib import Path

from attrs import define, field

from stagerun.checks.places import nearest, shown
from stagerun.checks.scene import heavy
from stagerun.contracts import Checkup, Finding, Space
from stagerun.contracts.stage import answers
from stagerun.model.seal import files_below
from stagerun.plan import Plan
from stagerun.plan.estimate import origins
from stagerun.record.words import size

SMALL = 10e6  # bytes for a run of light stages: journal, summaries, logs
LARGE = 1e9  # and for one that loads models: logs, metrics, temporary files
SHOWN = 6  # needs that are named, the largest first
RUN, TMP = "run directory", "temporary files"


@define
class Disk:
    """A file system: where it was met, what for, and what will be put there."""

    place: Path
    uses: list[str] = field(factory=list)
    needs: dict[tuple[str, str], float] = field(factory=dict)  # (stage or '', what) -> bytes


def disk(checkup: Checkup) -> Iterator[Finding]:
    """Free space on each file system, against what will be put there."""
    for one in disks(checkup.plan):
        yield judged(one, os.statvfs(one.place))


def disks(plan: Plan | None) -> list[Disk]:
    """The file systems in use, with their needs."""
    found: dict[int, Disk] = {}
    base = LARGE if plan is not None and heavy(plan) else SMALL
    _add(found, Path(tempfile.gettempdir()), TMP, {("", TMP): base})
    if plan is not None:
        _add(found, plan.run_dir, RUN, {("", "logs"): base})
        for stage, space in spaces(plan):
            path = space.path or plan.run_dir
            use = RUN if space.path is None else shown(path)
            _add(found, path, use, {(stage if space.path is None else "", space.what): space.bytes})
    return list(found.values())


def _add(found: dict[int, Disk], path: Path, use: str, needs: Mapping[tuple[str, str], float]) -> None:
    place = nearest(path)
    one = found.setdefault(place.stat().st_dev, Disk(place))
    one.uses += [use] if use not in one.uses else []
    one.needs |= needs


def spaces(plan: Plan) -> Iterator[tuple[str, Space]]:
    """What each stage that will run puts on a disk, less the checkpoints that it has already."""
    keep = plan.spec.keep_checkpoints
    for name in plan.to_run:
        stage, chosen = plan.stages[name], plan.backend_of(plan.stages[name])
        if chosen is None:
            continue
        there = held(plan.run_dir / name / "checkpoints")
        for space in answers(stage.stage, "space", origins(plan, stage), chosen.backend.policy(), keep):
            less = there if space.path is None and space.what == "checkpoints" else 0
            yield name, Space(space.what, max(space.bytes - less, 0.0), space.path)


def held(folder: Path) -> int:
    """Bytes of the files below a folder; 0 when there is none."""
    return sum((folder / name).stat().st_size for name in files_below(folder)) if folder.is_dir() else 0


def judged(one: Disk, stat: os.statvfs_result) -> Finding:
    """The finding for one file system."""
    item, free, need = ", ".join(one.uses), stat.f_bavail * stat.f_frsize, sum(one.needs.values())
    found = f"{size(free)} free at {shown(one.place)}, about {size(need)} needed{listed(one.needs)}"
    if stat.f_flag & os.ST_RDONLY or not os.access(one.place, os.W_OK):
        fix = "give --run-dir, HF_HOME or TMPDIR another place, or make this one writable"
        return Finding("disk", item, "fail", reason=f"{shown(one.place)} cannot be written", fix=fix)
    if stat.f_files and not stat.f_favail:
        return Finding("disk", item, "fail", found, "no file can be made: the inodes are used up", "delete files there")
    if free < need:
        fix = f"free {size(need - free)}, or give --run-dir, HF_HOME or TMPDIR a larger disk"
        return Finding("disk", item, "fail", found, "too little", fix)
    return Finding("disk", item, "pass", found)


def listed(needs: Mapping[tuple[str, str], float]) -> str:
    """' (agent_sft checkpoints 53.3 GB, ...)', the largest first; empty when only the small change is left."""
    large = sorted((pair for pair in needs.items() if pair[1] >= LARGE / 10), key=lambda pair: -pair[1])
    told = [f"{stage} {what} {size(count)}".strip() for (stage, what), count in large[:SHOWN]]
    more = [f"{len(large) - SHOWN} more"] if len(large) > SHOWN else []
    return f" ({', '.join(told + more)})" if told else ""
