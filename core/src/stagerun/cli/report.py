"""`stagerun report`: write report.html anew from the journal, also of a run that was killed, and say where it is."""

from __future__ import annotations

import sys
from collections.abc import Sequence
from pathlib import Path
from typing import TYPE_CHECKING

import click

from stagerun.cli.endings import complain
from stagerun.cli.selection import options
from stagerun.cli.status import run_folders

if TYPE_CHECKING:
    from stagerun.record import RunRecord
    from stagerun.registry import Registry


@click.command("report", short_help="Write report.html and say where it is.")
@click.argument("target", metavar="[FILE[:PIPELINE] | RUN_DIR]", required=False)
@options
def command(
    target: str | None, profiles: Sequence[str], sets: Sequence[str], backend: str | None, run_dir: str | None
) -> int:
    """Write report.html beside run-summary.json: one page that needs nothing else, to look at or to send."""
    from stagerun.registry import Registry
    from stagerun.render.status import read_status

    for folder in run_folders(target, profiles, sets, backend, run_dir):
        sys.stdout.write(f"{write(read_status(folder).record, folder, Registry())}\n")
    return 0


def write(record: RunRecord, run_dir: Path, registry: Registry) -> Path:
    """Write the page with the sections of plugins; a plugin that fails is named on stderr. Raises OSError."""
    from stagerun.report import write_report

    sections = [answer for answer in registry.ask("stagerun_report", record=record) if answer is not None]
    for plugin, hook, error in registry.failures:
        complain(f"plugin {plugin}: {hook} failed: {error}", "warning")
    registry.failures.clear()
    return write_report(record, run_dir, sections)
