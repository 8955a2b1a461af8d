"""`stagerun status`: whether a run is under way, and how each stage stands; reads the journal and writes nothing."""

from __future__ import annotations

import sys
from collections.abc import Sequence
from pathlib import Path

import click

from stagerun.cli.selection import options, run_dir_of, select
from stagerun.errors import BadPipeline, Problem


@click.command("status", short_help="Say how a run stands.")
@click.argument("target", metavar="[FILE[:PIPELINE] | RUN_DIR]", required=False)
@options
@click.option("--json", is_flag=True, help="As JSON.")
def command(
    target: str | None,
    profiles: Sequence[str],
    sets: Sequence[str],
    backend: str | None,
    run_dir: str | None,
    json: bool,
) -> int:
    """Say how a run stands: under way (who, since when), ended, or killed; each stage with metrics and gates.

    Without an argument, every run below ./runs.
    """
    from stagerun.render.status import read_status, status_lines, status_value

    folders = run_folders(target, profiles, sets, backend, run_dir)
    statuses = [read_status(folder) for folder in folders]
    if json:
        from json import dumps

        value = [status_value(status) for status in statuses]
        sys.stdout.write(dumps(value if target is None else value[0], indent=1, ensure_ascii=False, default=str) + "\n")
        return 0
    for status in statuses:
        sys.stdout.write("".join(f"{line}\n" for line in status_lines(status)))
    return 0


def run_folders(
    target: str | None, profiles: Sequence[str], sets: Sequence[str], backend: str | None, run_dir: str | None
) -> list[Path]:
    """The run directories meant; raises BadPipeline when there is none."""
    if target is None and run_dir is None:
        found = sorted(path.parent for path in Path("runs").glob("*/events.jsonl"))
        if not found:
            hint = "say FILE:PIPELINE or a run directory"
            raise BadPipeline([Problem("there are no runs here", "runs", hint=hint)])
        return found
    if target is None or Path(target).is_dir():
        folder = Path(target or run_dir or "")
    else:
        folder = run_dir_of(select(target, profiles, sets, backend, run_dir))
    if not (folder / "events.jsonl").exists():
        raise BadPipeline([Problem("nothing was ever run here", str(folder), hint="`stagerun run` starts it")])
    return [folder]
