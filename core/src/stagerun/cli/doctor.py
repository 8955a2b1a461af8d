"""`stagerun doctor`: does this machine have what a pipeline needs? Looks, mends nothing. So far: toolchains and isolation."""

from __future__ import annotations

import os
import sys
from collections.abc import Sequence
from typing import TYPE_CHECKING

import click

from stagerun.cli.endings import reading
from stagerun.cli.selection import options, select

if TYPE_CHECKING:
    from stagerun.cli.findings import Finding
    from stagerun.cli.toolchain_checks import Wanted
    from stagerun.plan import Plan
    from stagerun.registry import Registry


@click.command("doctor", short_help="Say what this machine lacks, and how to mend it.")
@click.argument("target", metavar="[FILE[:PIPELINE]]", required=False)
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
    """Look at the tools of every installed language and at the isolation that model-written code runs in.

    With a pipeline, at those that its stages need: what they need and is not there is a failure, and the exit code 1. Without
    one nothing is needed by anybody, and what is missing is a warning.
    """
    from stagerun.cli.findings import Finding, failed
    from stagerun.cli.toolchain_checks import everything, findings
    from stagerun.registry import Registry

    registry = Registry()
    wanted = everything(registry)
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
        )
        wanted = wanted_by(plan, registry)
    none = Finding("toolchains", "needed", "pass", found="no stage of this pipeline has code judged")
    found = list(findings(registry, wanted)) if target is None or wanted.languages else [none]
    show(found, json)
    return 1 if failed(found) else 0


def wanted_by(plan: Plan, registry: Registry) -> Wanted:
    """What a pipeline's stages have judged: the languages they name are needed, any that they would take is not."""
    from stagerun.cli.toolchain_checks import Wanted
    from stagerun.contracts.stage import answers

    named = {language for stage in plan.stages.values() for language in answers(stage.stage, "languages")}
    needed = frozenset(named & set(registry.names("evaluators")))
    return Wanted(sorted(plan.evaluators), needed, plan.spec.judge.uses, plan.spec.judge.options)


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
