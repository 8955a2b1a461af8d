"""Runs `data.prepare`: read, clean, drop what is there twice, sample, shuffle, split, make questions."""

from __future__ import annotations

import json
from collections.abc import Iterable, Iterator, Sequence
from pathlib import Path
from random import Random
from typing import TYPE_CHECKING, Any

from attrs import frozen

from stagerun import Artifact, Ctx, StageError
from stagerun_stages.data.formats import Bad, clean
from stagerun_stages.data.questions import questions
from stagerun_stages.data.sources import Found, read
from stagerun_stages.data.spool import Place, Spool
from stagerun_stages.data.tally import DUPLICATE, Tally

if TYPE_CHECKING:
    from stagerun_stages.data.prepare import Prepare

TOLD_EVERY = 1000  # rows
MANY = 0.2  # share of broken rows that somebody should look at


@frozen
class Taken:
    """A source: where it is, how messages call it, and how much of it is taken."""

    path: Path
    name: str
    split: str = "train"
    limit: int = 0


def run(options: Prepare, ctx: Ctx) -> None:
    """Prepare as `options` say; see Prepare."""
    sources = [*map(_upstream, ctx.many.get("sources", ())), *_named(options)]
    if not sources:
        raise StageError("there is nothing to prepare", "give with.sources, or needs.sources")
    with (ctx.work / "rows.jsonl").open("w+b") as stream:
        spool = Spool(stream)
        tallies, places = _read_all(ctx, options, sources, spool)
        random = Random(f"{ctx.seed}:shuffle")
        random.shuffle(places)
        places = places[: options.limit] if options.limit else places
        kept_out = _validation_rows(options, len(places))
        _write(ctx.out / "validation.jsonl", spool.lines(places[:kept_out]))
        _write(ctx.out / "train.jsonl", spool.lines(places[kept_out:]))
        asked = questions(map(json.loads, spool.lines(places[:kept_out])), options.heldout)
    _write(ctx.out / "heldout.jsonl", (json.dumps(row, ensure_ascii=False).encode() + b"\n" for row in asked))
    _tell(ctx, tallies, train=len(places) - kept_out, validation=kept_out, heldout=len(asked))


def _upstream(artifact: Artifact) -> Taken:
    try:
        return Taken(artifact.local(), artifact.source)
    except ValueError as error:
        raise StageError(str(error), "export the dataset to JSONL and name the file") from error


def _named(options: Prepare) -> Iterator[Taken]:
    for source in options.sources:
        yield Taken(Path(source.path).expanduser(), source.path, source.split, source.limit)


def _read_all(ctx: Ctx, options: Prepare, sources: Sequence[Taken], spool: Spool) -> tuple[list[Tally], list[Place]]:
    tallies, places = [], []
    for source in sources:
        tally = Tally(source.name)
        kept = list(_keep(ctx, options, source, spool, tally))
        tally.kept = len(kept)
        tally.check()
        tallies.append(tally)
        wanted = min(source.limit or len(kept), len(kept))
        places += Random(f"{ctx.seed}:{source.name}").sample(kept, wanted)
    return tallies, places


def _keep(ctx: Ctx, options: Prepare, source: Taken, spool: Spool, tally: Tally) -> Iterator[Place]:
    """Places of the source's good rows; the others are counted."""
    for found in read(source.path, source.name, source.split):
        tally.read += 1
        if tally.read % TOLD_EVERY == 0:
            ctx.progress(tally.read)
        try:
            place = _add(found, options.format, spool)
        except Bad as reason:
            tally.drop(found, str(reason))
        else:
            if place is None:
                tally.drop(found, DUPLICATE)
            else:
                yield place


def _add(found: Found, form: str, spool: Spool) -> Place | None:
    if found.fault:
        raise Bad(found.fault)
    try:
        return spool.add(clean(found.value, form))
    except UnicodeEncodeError:
        raise Bad("half a character") from None


def _validation_rows(options: Prepare, rows: int) -> int:
    """How many rows are kept out of training; raises StageError when none would be left."""
    wanted = int(options.validation) if options.validation >= 1 else round(options.validation * rows)
    if options.validation and not wanted:
        wanted = 1
    if wanted >= rows:
        raise StageError(
            f"validation takes {wanted} of {rows} rows and leaves none for training", "lower it, or add rows"
        )
    return wanted


def _write(path: Path, lines: Iterable[bytes]) -> None:
    with path.open("wb") as stream:
        stream.writelines(lines)


def _tell(ctx: Ctx, tallies: Sequence[Tally], **rows: int) -> None:
    read_rows, broken = sum(tally.read for tally in tallies), sum(tally.broken for tally in tallies)
    doubles = sum(tally.dropped[DUPLICATE] for tally in tallies)
    report: dict[str, Any] = {"rows": rows, "sources": [tally.to_json() for tally in tallies]}
    (ctx.out / "report.json").write_text(json.dumps(report, indent=1, ensure_ascii=False) + "\n", encoding="utf-8")
    counts = {f"{name}_rows": count for name, count in rows.items()}
    ctx.result(read=read_rows, dropped=broken, duplicates=doubles, **counts)
    for tally in tallies:
        if tally.broken > MANY * tally.read:
            reason, count = tally.dropped.most_common(1)[0]
            ctx.warn(
                f"{tally.broken} of {tally.read} rows of {tally.source} were dropped, {count} for: {reason}; see report"
            )
