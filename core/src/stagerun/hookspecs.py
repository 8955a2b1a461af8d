"""Every hook a plugin may implement: what extends or watches a run. What the TOML names is found through entry points instead.

A plugin is a module or object with functions of these names, registered in the entry-point group `stagerun` (or handed to
`Engine(plugins=[...])`). At most two arguments each, frozen unless said otherwise.
"""

from __future__ import annotations

from collections.abc import Iterable
from typing import TYPE_CHECKING, Any

import pluggy

from stagerun.contracts import Ctx, Stage
from stagerun.errors import Failure, Problem
from stagerun.events import Event

if TYPE_CHECKING:
    import click

spec = pluggy.HookspecMarker("stagerun")
impl = pluggy.HookimplMarker("stagerun")


@spec(firstresult=True)
def stagerun_resolve(kind: str, name: str) -> Any:
    """Give the class for a name that no entry point carries; kind is stages, gates, backends, evaluators or another."""


@spec
def stagerun_add_command(commands: click.Group) -> None:
    """Add commands to the command line (the group is not frozen)."""


@spec
def stagerun_check_plan(plan: Any) -> Iterable[Problem]:  # noqa: ARG001 - a specification
    """Look at a `Plan` before anything runs; every problem returned refuses it."""
    return ()


@spec(firstresult=True)
def stagerun_run_stage(stage: Stage, ctx: Ctx) -> bool | None:
    """Run a stage, inside its worker process; wrap it to time or trace, or return True to have replaced it."""


@spec(firstresult=True)
def stagerun_on_failure(stage: str, failure: Failure) -> str | None:
    """Decide what follows a failed attempt: `retry`, `stop`, or None to leave it to the next plugin and the engine."""


@spec
def stagerun_on_event(event: Event) -> None:
    """Watch. An exception becomes a `plugin.failed` event and never breaks the run."""


@spec
def stagerun_report(record: Any) -> tuple[str, str] | None:
    """Add a section to the report: a title and Markdown text, from a `RunRecord`."""
