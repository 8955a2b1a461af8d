"""What can be said of the sources of `data.prepare` before anything runs: their format, and the first rows of local files.

A file of which none of the first rows can be used is the wrong file, or read as the wrong source; that is better told at once
than after hours of other stages. A file that begins with good rows and bad ones is left to the stage, which counts them. Not
looked at: data sets written by `save_to_disk`, folders of tasks, and the hub.
"""

from __future__ import annotations

from collections.abc import Iterator, Mapping
from itertools import islice
from pathlib import Path
from typing import TYPE_CHECKING, Any

from stagerun import DataSource, DropRow, StageError
from stagerun_stages.data.taking import Taken
from stagerun_stages.data.task_rows import has_folders

if TYPE_CHECKING:
    from stagerun_stages.data.prepare import Prepare, Source

LOOK = 20  # rows of a file
SAVED = ("dataset_info.json", "dataset_dict.json")


def misfits(options: Prepare, plugins: Mapping[str, Any], folder: Path) -> Iterator[tuple[str, str]]:
    """The option that names each source that cannot be what is wanted, and why; `folder` is where the pipeline file lies."""
    for place, given in options.placed():
        named = plugins.get(f"sources.{given.name}") if given.name else None
        if given.name and not isinstance(named, DataSource):
            continue  # unknown, which the plan tells, or a fault of the plugin
        if isinstance(named, DataSource) and named.makes != options.format:
            yield place, other_format(given.name, named, options.format)
        elif given.path and (why := _first_rows(given, named, options.format, folder / Path(given.path).expanduser())):
            yield place, why


def other_format(name: str, source: DataSource, form: str) -> str:
    """How a source of another format is refused."""
    return f'the source "{name}" gives {source.makes} rows and this stage prepares {form}'


def _first_rows(given: Source, source: DataSource | None, form: str, path: Path) -> str:
    """Why none of the first rows can be used; empty when one can, when there is none, or when nothing can be said."""
    from stagerun_stages.data.reading import read

    if not path.exists() or any((path / name).exists() for name in SAVED) or (form == "tasks" and has_folders(path)):
        return ""
    taken = Taken(given.shown, tuple, source=source)
    refused = []
    try:
        for found in islice(read(path, given.path), LOOK):
            if not (why := _refused(taken, found, form)):
                return ""
            refused.append(f"{found.where}: {why}")
    except StageError as error:
        return str(error)
    shown = f'rows of "{given.name}"' if given.name else f"{form} rows"
    return f"{refused[0]}; none of the first {len(refused)} rows can be taken as {shown}" if refused else ""


def _refused(taken: Taken, found: Any, form: str) -> str:
    try:
        taken.row(found, form, lambda _: None)
    except DropRow as reason:
        return str(reason)
    except RecursionError:
        return "nested too deep"
    return ""
