"""Which pipeline, with what laid over it: the options that `run`, `plan`, `status` and `report` share."""

from __future__ import annotations

from collections.abc import Callable, Sequence
from pathlib import Path
from typing import TYPE_CHECKING, Any

import click
from attrs import frozen

from stagerun.cli.quick import selected
from stagerun.cli.target import pipelines, split
from stagerun.errors import BadPipeline, Problem

if TYPE_CHECKING:
    from stagerun.store import standing


@frozen
class Selection:
    """A pipeline and what is laid over it."""

    file: Path
    pipeline: str
    profiles: Sequence[str] = ()
    sets: Sequence[str] = ()
    run_dir: Path | None = None

    def words(self) -> standing.Selection:
        """The key under which an up-to-date run is remembered; quick.py makes the same from the bare command line."""
        from stagerun.store import standing

        place = str(self.run_dir) if self.run_dir else None
        return standing.Selection(str(self.file), self.pipeline, self.profiles, self.sets, place)


def options(command: Callable[..., Any]) -> Callable[..., Any]:
    """Add the selection options to a click command."""
    for option in (
        click.option("--run-dir", metavar="DIR", help="Keep the run here instead of where the pipeline says."),
        click.option("--backend", metavar="NAME", help="Short for --set backend=NAME."),
        click.option("--set", "sets", metavar="PLACE=VALUE", multiple=True, help="Change one value; may be repeated."),
        click.option(
            "--profile", "profiles", metavar="A,B", multiple=True, help="Lay these profiles over it, in order."
        ),
    ):
        command = option(command)
    return command


def select(
    target: str, profiles: Sequence[str], sets: Sequence[str], backend: str | None, run_dir: str | None
) -> Selection:
    """What a command line selects; raises BadPipeline when the pipeline was left out and cannot be guessed."""
    file, pipeline = split(target)
    words = {"profiles": list(profiles), "sets": list(sets), "backend": [backend] if backend else []}
    names, texts = selected(words)
    return Selection(Path(file), pipeline or _only(file), names, texts, Path(run_dir) if run_dir else None)


def _only(file: str) -> str:
    found = pipelines(file)
    if len(found) == 1:
        return found[0]
    if found:
        from stagerun.spec.words import one_of

        hint = f"say which: {file}:{found[0]}"
        raise BadPipeline([Problem("the file has several pipelines", file, expected=one_of(found), hint=hint)])
    from stagerun.spec.load import read

    _, problems = read(Path(file), "")
    readable = problems and problems[0].what.startswith("the file has no pipeline")
    none = Problem("the file has no pipelines", file, expected="[NAME.stages.STAGE] tables")
    raise BadPipeline([none] if readable else problems)


def run_dir_of(selection: Selection) -> Path:
    """Where a pipeline keeps its run; raises BadPipeline when there is no such pipeline."""
    if selection.run_dir is not None:
        return selection.run_dir
    from stagerun.plan.backends import ThisMachine
    from stagerun.registry import Registry
    from stagerun.spec.load import read

    here = ThisMachine(Registry())
    spec, problems = read(selection.file, selection.pipeline, selection.profiles, selection.sets, here)
    if spec is None:
        raise BadPipeline(problems)
    return spec.file.parent / (spec.run_dir or f"runs/{spec.name}")
