"""The click group: our commands, loaded when asked for, and those of plugins, asked for when ours do not know the word."""

from __future__ import annotations

import importlib
import os
import sys
from collections.abc import Sequence

import click

from stagerun._version import __version__
from stagerun.cli.endings import complain, ending
from stagerun.errors import nearest
from stagerun.render.outlet import Outlet

COMMANDS = {
    "run": "stagerun.cli.run",
    "plan": "stagerun.cli.plan",
    "status": "stagerun.cli.status",
    "report": "stagerun.cli.report",
    "plugins": "stagerun.cli.plugins",
    "doctor": "stagerun.cli.doctor",
    "setup": "stagerun.cli.setup",
    "toolchains": "stagerun.cli.toolchains",
    "schema": "stagerun.cli.schema",
}
OWN_OPTIONS = ("--help", "-h", "--version")


def run(argv: Sequence[str]) -> int:
    """Run a command line; gives the exit code. stdout and stderr survive a reader who leaves."""
    before = sys.stdout, sys.stderr
    sys.stdout, sys.stderr = Outlet(sys.stdout), Outlet(sys.stderr)
    try:
        return ending(lambda: _call(argv))
    finally:
        sys.stdout.flush()
        sys.stdout, sys.stderr = before


def _call(argv: Sequence[str]) -> int:
    group = Commands(name="stagerun", help=HELP, context_settings={"help_option_names": ["-h", "--help"]})
    group.params.append(version_option())
    if not argv:
        sys.stderr.write(group.get_help(click.Context(group, info_name="stagerun")) + "\n")
        return 64
    return int(group.main(list(argv), prog_name="stagerun", standalone_mode=False) or 0)


HELP = """Turns a base model and data into a better model: one TOML graph, proof before hours.

`stagerun FILE:PIPELINE` runs a pipeline; it is short for `stagerun run FILE:PIPELINE`.
"""


def version_option() -> click.Option:
    """--version, for when other words stand beside it; alone it is answered long before."""

    def tell(ctx: click.Context, _: click.Parameter, wanted: bool) -> None:
        if wanted:
            click.echo(f"stagerun {__version__}")
            ctx.exit()

    return click.Option(["--version"], is_flag=True, is_eager=True, expose_value=False, callback=tell, help="Show it.")


class Commands(click.Group):
    """Our commands and those of plugins."""

    asked_plugins = False

    def list_commands(self, ctx: click.Context) -> list[str]:  # noqa: ARG002 - click's signature
        """Every command, ours first."""
        self._ask_plugins()
        return [*COMMANDS, *sorted(self.commands.keys() - COMMANDS.keys())]

    def get_command(self, ctx: click.Context, cmd_name: str) -> click.Command | None:  # noqa: ARG002 - click's signature
        """The command of that name; plugins are only asked about words that are not ours."""
        if cmd_name in COMMANDS:
            found: click.Command = importlib.import_module(COMMANDS[cmd_name]).command
            return found
        self._ask_plugins()
        return self.commands.get(cmd_name)

    def add_command(self, cmd: click.Command, name: str | None = None) -> None:
        """Take a plugin's command; raises ValueError when the name is taken."""
        word = name or cmd.name or ""
        if word in COMMANDS or word in self.commands:
            raise ValueError(f'there is already a command "{word}"')
        super().add_command(cmd, name)

    def _ask_plugins(self) -> None:
        if self.asked_plugins:
            return
        self.asked_plugins = True
        from stagerun.registry.index import HOOKS, read_index

        if not any(entry.kind == HOOKS for entry in read_index()):
            return
        from stagerun.registry import Registry

        registry = Registry()
        for _ in registry.ask("stagerun_add_command", commands=self):
            pass
        for plugin, hook, error in registry.failures:
            complain(f"plugin {plugin}: {hook} failed: {error}", "warning")

    def parse_args(self, ctx: click.Context, args: list[str]) -> list[str]:
        """`stagerun FILE:PIPELINE` means `stagerun run FILE:PIPELINE`."""
        if args and args[0] not in OWN_OPTIONS and self.get_command(ctx, args[0]) is None:
            if not _is_target(args[0]):
                hint = nearest(args[0], self.list_commands(ctx)) or "to run a pipeline, say FILE:PIPELINE"
                raise click.UsageError(f'there is no command "{args[0]}"; {hint}', ctx)
            args = ["run", *args]
        return super().parse_args(ctx, args)


def _is_target(word: str) -> bool:
    """Whether a first word is a pipeline or an option of `run`, and not a misspelt command."""
    return word.startswith("-") or ":" in word or word.endswith(".toml") or os.path.exists(word)  # noqa: PTH110
