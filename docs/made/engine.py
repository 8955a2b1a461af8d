"""The command line, the events and the hooks, from click, from the table of events and from the specifications."""

from __future__ import annotations

from collections.abc import Iterator
from typing import Any

import click

from made.markdown import Row, paragraphs, signature, table
from stagerun.cli.app import COMMANDS, Commands
from stagerun.events import EVENTS, LIVE_ONLY


def cli() -> str:
    """Every command with its options, from click itself."""
    group = Commands(name="stagerun")
    return "\n".join(text for name in COMMANDS for text in _with_subcommands(name, group))


def _with_subcommands(name: str, group: click.Group) -> Iterator[str]:
    command = group.get_command(click.Context(group), name)
    assert command is not None
    yield _command(name, command)
    if isinstance(command, click.Group):
        for below, inner in command.commands.items():
            yield _command(f"{name} {below}", inner)


def _command(name: str, command: click.Command) -> str:
    usage = command.collect_usage_pieces(click.Context(command))
    rows = [_option(param) for param in command.params if isinstance(param, click.Option)]
    made = table(("option", ""), rows)
    return (
        f"## `stagerun {name}`\n\n`stagerun {name} {' '.join(usage)}`\n\n{paragraphs(command.help or '')}\n\n{made}\n"
    )


def _option(param: click.Option) -> Row:
    value = f" {param.metavar}" if param.metavar else ""
    return f"`{param.opts[0]}{value}`", param.help or ""


def events() -> str:
    """The table of events."""
    rows = [(f"`{kind}`", "no" if kind in LIVE_ONLY else "yes", *_split(about)) for kind, about in EVENTS.items()]
    return table(("kind", "kept", "when", "data"), rows)


def _split(about: str) -> tuple[str, str]:
    """When an event happens, and the names of its data."""
    when, _, data = about.partition(": ")
    return when, data


def hooks() -> str:
    """Every hook with its arguments."""
    from stagerun import hookspecs

    return "\n".join(_hook(name, getattr(hookspecs, name)) for name in vars(hookspecs) if name.startswith("stagerun_"))


def _hook(name: str, function: Any) -> str:
    first = "\n\nThe first answer that is not None counts." if function.stagerun_spec["firstresult"] else ""
    return f"## `{name}`\n\n`{name}{signature(function)}`\n\n{paragraphs(function.__doc__)}{first}\n"
