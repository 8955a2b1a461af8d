"""`stagerun run`: plan, run, show, leave a report."""

from __future__ import annotations

import os
import shlex
import sys
from collections.abc import Mapping, Sequence
from pathlib import Path
from typing import TYPE_CHECKING, Any

import click

from stagerun.cli.endings import complain, reading
from stagerun.cli.selection import options, select

if TYPE_CHECKING:
    from stagerun.engine.gating import Acceptance
    from stagerun.engine.run import Engine
    from stagerun.plan.shape import Plan
    from stagerun.record import RunRecord
    from stagerun.registry import Registry
    from stagerun.render.display import Display


@click.command("run", short_help="Run a pipeline; what still stands is skipped.")
@click.argument("target", metavar="FILE[:PIPELINE]")
@options
@click.option("--json", is_flag=True, help="Events on stdout, each one a line of JSON, and nothing else.")
@click.option("--plain", is_flag=True, help="Tagged lines even on a terminal.")
@click.option(
    "--accept-gate", "accepted", metavar="STAGE.GATE", multiple=True, help="Let a failed gate pass; needs --why."
)
@click.option("--skip-check", "skip", metavar="NAME", multiple=True, help="Leave out a check before the run; recorded.")
@click.option("--why", metavar="TEXT", default="", help="Why it may pass; kept in the record with your name.")
def command(
    target: str,
    profiles: Sequence[str],
    sets: Sequence[str],
    backend: str | None,
    run_dir: str | None,
    json: bool,
    plain: bool,
    accepted: Sequence[str],
    skip: Sequence[str],
    why: str,
) -> int:
    """Run a pipeline. Stages whose result still stands are skipped, unfinished ones go on from their checkpoint.

    Before anything runs, the machine is looked at; a check that fails stops the run, as a mistake in the file would. More is
    looked at, and all of it listed, by `stagerun doctor`.

    Exit codes: 0 done, 1 a stage or hard gate failed, 2 crash loop, 64 a mistake in the command or file, 75 another run
    has the directory, 130 interrupted.
    """
    if bool(accepted) != bool(why.strip()):
        missing = '--why "..."' if accepted else "--accept-gate STAGE.GATE"
        raise click.UsageError(f"--accept-gate and --why belong together; add {missing}")
    from stagerun.api import prepare
    from stagerun.checks.asking import preflight
    from stagerun.engine.gating import Acceptance
    from stagerun.engine.remember import remember_standing
    from stagerun.engine.run import Engine
    from stagerun.registry import Registry
    from stagerun.render.display import display_for

    chosen, registry = select(target, profiles, sets, backend, run_dir), Registry()
    plan = prepare(
        chosen.file,
        chosen.pipeline,
        profiles=chosen.profiles,
        sets=chosen.sets,
        run_dir=chosen.run_dir,
        registry=registry,
        announce=reading,
    )
    checked = preflight(plan, registry, skip)
    engine, display = Engine(registry), display_for(plan, sys.stdout, json=json, plain=plain)
    acceptances = [Acceptance(gate=name, why=why.strip(), who=user_name()) for name in accepted]
    follow(engine, plan, display, acceptances, checked.data())
    remember_standing(chosen.words(), plan, engine)
    return engine.exit_code or 0


def follow(
    engine: Engine, plan: Plan, display: Display, acceptances: Sequence[Acceptance], checked: Mapping[str, Any]
) -> None:
    """Run a plan to its end and show it; `checked` is what was found before."""
    from stagerun.cli.signals import passed_on
    from stagerun.record import RunRecord

    try:
        with passed_on(engine, display):
            command = shlex.join(["stagerun", *sys.argv[1:]])
            for event in engine.run(plan, command=command, accept=acceptances, checked=checked):
                display.show(event)
        record = engine.record or RunRecord()
        display.finish(record, _report(record, plan, engine.registry))
    finally:
        display.close()


def _report(record: RunRecord, plan: Plan, registry: Registry) -> Path | None:
    """Write the page; a disk or plugin that refuses must not change how the run ended."""
    from stagerun.cli.report import write

    try:
        return write(record, plan.run_dir, registry)
    except OSError as error:
        complain(f"the report cannot be written: {error}", "warning")
        return None


def user_name() -> str:
    """Who types: the login name in the environment, as `id -un` would mostly say; 'unknown' where there is none."""
    return next((name for key in ("LOGNAME", "USER", "USERNAME") if (name := os.environ.get(key))), "unknown")
