"""How a command ends: every foreseen mistake in its own words on stderr, with its exit code and without a traceback."""

from __future__ import annotations

import sys
from collections.abc import Callable
from pathlib import Path

import click

from stagerun.errors import BadPipeline, Exit, StagerunError, nearest


def complain(text: str, kind: str = "error") -> None:
    """One line on stderr."""
    from stagerun.record.words import clean

    sys.stderr.write(f"{kind}: {clean(text)}\n")


def reading(path: Path, size: int) -> None:
    """Say that a large file is being read, which happens once; see `stagerun.prepare`."""
    complain(f"reading {path.name} ({size / 1e9:.1f} GB) for its digest, which is kept", "note")


def ending(action: Callable[[], int]) -> int:
    """Run a command and give its exit code; only faults of our own get through as exceptions."""
    try:
        return action()
    except StagerunError as error:
        return _foreseen(error)
    except click.ClickException as error:
        return _usage(error) if isinstance(error, click.UsageError) else _refused(error)
    except click.exceptions.Exit as error:
        return error.exit_code
    except (KeyboardInterrupt, click.Abort):
        return Exit.INTERRUPTED


def _foreseen(error: StagerunError) -> int:
    problems = [str(problem) for problem in error.problems] if isinstance(error, BadPipeline) else [str(error)]
    for problem in problems:
        complain(problem)
    if len(problems) > 1:
        sys.stderr.write(f"{len(problems)} problems; nothing was run\n")
    return error.exit_code


def _refused(error: click.ClickException) -> int:
    complain(error.format_message())
    return Exit.FAILED


def _usage(error: click.UsageError) -> int:
    """Click's own words, with the nearest option where one was misspelt, and where to look."""
    text = error.message.rstrip(".")
    if isinstance(error, click.NoSuchOption) and error.ctx is not None:
        known = [name for param in error.ctx.command.params for name in param.opts if name.startswith("--")]
        hint = nearest(error.option_name, [*known, "--help"])
        text = f"no such option {error.option_name}" + (f"; {hint}" if hint else "")
    else:
        text = error.format_message().rstrip(".") if not isinstance(error, click.NoSuchOption) else text
    complain(text[:1].lower() + text[1:])
    if error.ctx is not None:
        sys.stderr.write(f"`{error.ctx.command_path} --help` lists what there is\n")
    return Exit.USAGE
