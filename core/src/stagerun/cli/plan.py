"""`stagerun plan`: what would run, be skipped or resume, and why. Nothing is run and nothing is written."""

from __future__ import annotations

import os
import sys
from collections.abc import Sequence

import click

from stagerun.cli.endings import reading
from stagerun.cli.selection import options, select


@click.command("plan", short_help="Say what would run and why; runs nothing.")
@click.argument("target", metavar="FILE[:PIPELINE]")
@options
@click.option("--machine", metavar="NAME|FILE", help="Plan for a machine that is described; see `stagerun plugins`.")
@click.option("--json", is_flag=True, help="As JSON.")
def command(
    target: str,
    profiles: Sequence[str],
    sets: Sequence[str],
    backend: str | None,
    run_dir: str | None,
    machine: str | None,
    json: bool,
) -> int:
    """Say for every stage whether it would run and why, what it takes, and what profiles and --set changed."""
    import shutil

    from stagerun.api import prepare
    from stagerun.render.plan_text import WIDTH, plan_blocks, plan_lines

    chosen = select(target, profiles, sets, backend, run_dir)
    plan = prepare(
        chosen.file,
        chosen.pipeline,
        profiles=chosen.profiles,
        sets=chosen.sets,
        run_dir=chosen.run_dir,
        announce=reading,
        machine=machine,
    )
    if json:
        from json import dumps

        from stagerun.render.plan_json import plan_value

        lines = [dumps(plan_value(plan), indent=1, ensure_ascii=False, default=str)]
    elif sys.stdout.isatty():
        width = min(shutil.get_terminal_size().columns, WIDTH)
        lines = list(plan_blocks(plan, width, _paint if "NO_COLOR" not in os.environ else _no_paint))
    else:
        lines = list(plan_lines(plan))
    sys.stdout.write("".join(f"{line}\n" for line in lines))
    return 0


def _paint(text: str, colour: str) -> str:
    return click.style(text, fg=colour, bold=True)


def _no_paint(text: str, _: str) -> str:
    return text
