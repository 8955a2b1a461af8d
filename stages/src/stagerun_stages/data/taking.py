"""What `data.prepare` reads: earlier stages' rows, files in the stage's own format, and named sources from a file or the hub."""

from __future__ import annotations

from collections.abc import Callable, Iterable, Iterator, Mapping
from pathlib import Path
from typing import TYPE_CHECKING, Any

from attrs import frozen

from stagerun import Artifact, Ctx, DataSource, DropRow, StageError
from stagerun_stages.data.formats import Row, Tell, clean
from stagerun_stages.data.hub import Remote, ask
from stagerun_stages.data.messages import with_developer
from stagerun_stages.data.reading import Found, read
from stagerun_stages.data.task_rows import from_folders, has_folders
from stagerun_stages.models.licences import licence_here

if TYPE_CHECKING:
    from stagerun_stages.data.prepare import Prepare, Source

Pieces = Callable[[], Iterable[Iterator[Found]]]


@frozen
class Taken:
    """A source that can be read. `pieces` gives its parts; `whole` says that all of each is read, whatever the limit."""

    name: str
    pieces: Pieces
    whole: bool = True
    limit: int = 0
    source: DataSource | None = None
    developer: str = ""
    chat: Mapping[str, Any] | None = None
    revision: str = ""
    licence: str = ""

    def row(self, found: Found, form: str, tell: Tell) -> tuple[Row, str]:
        """A record as a clean row, and the group of those it shares the limit with; raises DropRow."""
        if found.fault:
            raise DropRow(found.fault)
        given, group = _converted(self.source, found) if self.source else (found.value, "")
        made = clean(given, form, tell)
        made = with_developer(made, self.developer) if self.developer else made
        settings = {**(self.chat or {}), **made.get("chat_template_kwargs", {})}
        return {**made, "chat_template_kwargs": settings} if settings else made, group


def taken(options: Prepare, ctx: Ctx) -> list[Taken]:
    """Every source of the stage, those on the hub asked for; raises StageError."""
    found = [
        *(_upstream(each, options.format) for each in ctx.many.get("sources", ())),
        *(_named(each, options, ctx) for each in options.sources),
    ]
    if not found:
        raise StageError("there is nothing to prepare", "give with.sources, or needs.sources")
    return found


def kept_out(options: Prepare, ctx: Ctx) -> list[Taken]:
    """The sources whose rows are the validation rows; raises StageError."""
    return [_named(each, options, ctx) for each in options.validation_sources]


def _upstream(artifact: Artifact, form: str) -> Taken:
    path = local(artifact)
    if form == "tasks" and has_folders(path):
        return Taken(artifact.source, lambda: [from_folders(path, artifact.source)])
    return Taken(artifact.source, lambda: [read(path, artifact.source)])


def local(artifact: Artifact) -> Path:
    """Where an artifact lies; raises StageError for one on the hub."""
    try:
        return artifact.local()
    except ValueError as error:
        raise StageError(str(error), "export the dataset to JSONL and name the file") from error


def _named(given: Source, options: Prepare, ctx: Ctx) -> Taken:
    source = ctx.plugin("sources", given.name) if given.name else None
    if source is not None:
        _check(given.name, source, options.format)
    limit = given.limit if given.limit is not None else source.limit if source else 0
    extra: dict[str, Any] = {"limit": limit, "source": source, "developer": given.developer, "chat": given.chat}
    known = source.licence if source else ""
    if given.path:
        place = Path(given.path).expanduser()
        extra["licence"] = given.licence or licence_here(place) or known
        if source is None and options.format == "tasks" and has_folders(place):
            return Taken(given.shown, lambda: [from_folders(place, given.path)], **extra)
        return Taken(given.shown, _local_pieces(given, source), **extra)
    assert source is not None  # check() of the options: one of the two is there
    remote = ask(given.name, source, given.revision)
    extra["licence"] = given.licence or remote.licence or known
    return Taken(
        given.shown, _remote_pieces(remote, given, ctx.seed, limit), not limit, revision=remote.revision, **extra
    )


def _check(name: str, source: Any, form: str) -> None:
    if not isinstance(source, DataSource):
        raise StageError(
            f'the source "{name}" is not made with stagerun.source', "a fault of the plugin that brings it"
        )
    if source.makes != form:
        todo = f'put it into a stage with.format = "{source.makes}"'
        raise StageError(f'the source "{name}" gives {source.makes} rows and this stage prepares {form}', todo)


def _local_pieces(given: Source, source: DataSource | None) -> Pieces:
    parts = source.parts if source else ()
    splits = (given.split,) if given.split else tuple(dict.fromkeys(part.split for part in parts)) or ("train",)
    files = [part.file for part in parts if part.file]
    return lambda: [read(Path(given.path).expanduser(), given.path, splits, files)]


def _remote_pieces(remote: Remote, given: Source, seed: int, limit: int) -> Pieces:
    parts = [part for part in remote.source.parts if given.split in ("", part.split)]
    if not parts:
        known = ", ".join(dict.fromkeys(part.split for part in remote.source.parts))
        raise StageError(f'the source "{given.name}" has no split "{given.split}"', f"it has {known}")
    return lambda: (remote.rows(part, seed, limit) for part in parts)


def _converted(source: DataSource, found: Found) -> tuple[Row, str]:
    if not isinstance(found.value, dict):
        raise DropRow("not a JSON object")
    try:
        return source(found.value), source.group(found.value, found.part)
    except DropRow:
        raise
    except Exception as error:  # a row in a form that the source's author did not think of
        raise DropRow(f"{type(error).__name__} in the source") from error
