"""`stagerun doctor`: does this machine have what a pipeline needs? Looks, mends nothing. The checks are in stagerun.checks."""

from __future__ import annotations

import os
import sys
from collections.abc import Sequence
from typing import TYPE_CHECKING

import click

from stagerun.cli.endings import reading
from stagerun.cli.selection import options, select

if TYPE_CHECKING:
    from stagerun.contracts import Finding


@click.command("doctor", short_help="Say what this machine lacks, and how to mend it.")
@click.argument("target", metavar="[FILE[:PIPELINE]]", required=False)
@options
@click.option("--machine", metavar="NAME|FILE", help="Look at a machine that is described: its device and memory only.")
@click.option("--json", is_flag=True, help="As JSON.")
def command(
    target: str | None,
    profiles: Sequence[str],
    sets: Sequence[str],
    backend: str | None,
    run_dir: str | None,
    machine: str | None,
    json: bool,
) -> int:
    """Look at everything a run needs: Python and libraries, device and memory, disk, tokens, data, languages, limits.

    With a pipeline, at what its stages need: what they need and is not there is a failure, and the exit code 1. Without one
    nothing is needed by anybody, and what is missing is a warning. Every finding that is not a pass says what mends it.
    """
    from stagerun.checks.asking import OF_HARDWARE, ask, names
    from stagerun.cli.findings import failed
    from stagerun.contracts import Checkup
    from stagerun.registry import Registry

    registry, plan = Registry(), None
    if machine is not None and target is None:
        raise click.UsageError("--machine needs a pipeline: stagerun doctor FILE:PIPELINE --machine NAME")
    if target is not None:
        from stagerun.api import prepare

        chosen = select(target, profiles, sets, backend, run_dir)
        plan = prepare(
            chosen.file,
            chosen.pipeline,
            profiles=chosen.profiles,
            sets=chosen.sets,
            run_dir=chosen.run_dir,
            registry=registry,
            announce=reading,
            fit=False,
            machine=machine,
        )
    wanted = [name for name in names(registry) if machine is None or name in OF_HARDWARE]
    found = [finding for _, finding in ask(Checkup(plan, registry), wanted)]
    show(found, json)
    return 1 if failed(found) else 0


def show(found: Sequence[Finding], json: bool) -> None:
    """Write findings to stdout as the place where they go asks for."""
    import shutil

    from stagerun.cli.findings import failed, plain, table

    if json:
        from json import dumps

        from attrs import asdict

        value = {"passed": not failed(found), "findings": [asdict(one) for one in found]}
        lines = [dumps(value, indent=1, ensure_ascii=False)]
    elif sys.stdout.isatty():
        lines = list(table(found, shutil.get_terminal_size().columns, _paint))
    else:
        lines = list(plain(found))
    sys.stdout.write("".join(f"{line}\n" for line in lines))


def _paint(text: str, colour: str) -> str:
    return text if "NO_COLOR" in os.environ else click.style(text, fg=colour, bold=True)
