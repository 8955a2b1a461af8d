"""`stagerun toolchains`: what languages need, and the one command that installs what can be installed into the user's cache."""

from __future__ import annotations

import sys
from collections.abc import Sequence
from typing import TYPE_CHECKING, Any

import click

if TYPE_CHECKING:
    from stagerun.registry import Registry


@click.group("toolchains", invoke_without_command=True, short_help="List or install what languages need.")
@click.option("--json", is_flag=True, help="As JSON.")
@click.pass_context
def command(ctx: click.Context, json: bool) -> int:
    """List the tools of every installed language, with versions; `install` gets those that come from a package registry."""
    if ctx.invoked_subcommand is not None:
        return 0
    from stagerun.checks import toolchains
    from stagerun.cli.doctor import show
    from stagerun.registry import Registry

    registry = Registry()
    found = toolchains.findings(registry, toolchains.everything(registry))
    show([one for one in found if one.check != "isolation"], json)
    return 0


@command.command("install", short_help="Install into the user's cache, once.")
@click.argument("languages", metavar="[LANGUAGE...]", nargs=-1)
def install(languages: Sequence[str]) -> int:
    """Install the packages of these languages, or of all that have any. Needs the network now, and never again.

    What comes from PATH, such as a compiler, is not installed: `stagerun toolchains` says how it is.
    """
    from stagerun.cli.endings import complain
    from stagerun.errors import StagerunError
    from stagerun.registry import NotFound, Registry

    registry = Registry()
    known = registry.names("evaluators")
    unknown = [name for name in languages if name not in known]
    if unknown:
        _refuse(unknown[0], known)
    good = True
    for name in languages or known:
        try:
            _install(registry, name, named=bool(languages))
        except (NotFound, StagerunError) as error:
            complain(str(error))
            good = False
    return 0 if good else 1


def _install(registry: Registry, name: str, *, named: bool) -> None:
    language: Any = registry.find("evaluators", name).value()
    get = getattr(language, "install", None)
    if callable(get):
        get(_say)
    elif named:
        _say(
            f"{name}: nothing to install here; its tools come with stagerun or from PATH (`stagerun toolchains` lists them)"
        )


def _refuse(name: str, known: Sequence[str]) -> None:
    from stagerun.errors import BadPipeline, Problem, nearest
    from stagerun.spec.words import one_of

    problem = Problem(
        f'there is no language "{name}"', expected=one_of(known) or "none: none is installed", hint=nearest(name, known)
    )
    raise BadPipeline([problem])


def _say(text: str) -> None:
    sys.stdout.write(f"{text}\n")
    sys.stdout.flush()
