"""Runs `data.prepare`: collect, sample, shuffle, split, make questions, report."""

from __future__ import annotations

import json
from collections.abc import Iterable, Sequence
from pathlib import Path
from random import Random
from typing import TYPE_CHECKING

from stagerun import Ctx, StageError
from stagerun_stages.data.alike import Families
from stagerun_stages.data.collecting import Collection
from stagerun_stages.data.contamination import Evaluation
from stagerun_stages.data.questions import questions
from stagerun_stages.data.reading import read
from stagerun_stages.data.splitting import split
from stagerun_stages.data.spool import Spool
from stagerun_stages.data.taking import Taken, kept_out, local, taken
from stagerun_stages.data.tally import CONTAMINATED, DUPLICATE, NEAR_DUPLICATE, Tally

if TYPE_CHECKING:
    from stagerun_stages.data.prepare import Prepare

MANY = 0.2  # share of broken rows that somebody should look at


def run(options: Prepare, ctx: Ctx) -> None:
    """Prepare as `options` say; see Prepare."""
    given, evaluation = kept_out(options, ctx), _evaluation(ctx)
    sources = [*given, *taken(options, ctx)]  # so that of two equal rows the one to measure with is kept
    with (ctx.work / "rows.jsonl").open("w+b") as stream:
        rows = Collection(ctx, options.format, Spool(stream, options.longest), evaluation)
        for source in sources:
            rows.take(source)
        families = rows.settle(options.near_duplicates)
        if given:
            rows.hold_out(len(given))
        order = _sampled(rows, sources, ctx.seed)
        measured, trained, wanted = _parted(rows, order, options, families, len(given))
        _write(ctx.out / "validation.jsonl", rows.spool.lines(measured))
        _write(ctx.out / "train.jsonl", rows.spool.lines(trained))
        asked = questions(map(json.loads, rows.spool.lines(measured)), options.heldout)
    _write(ctx.out / "heldout.jsonl", (json.dumps(row, ensure_ascii=False).encode() + b"\n" for row in asked))
    _report(ctx, rows, len(given), train=len(trained), validation=len(measured), heldout=len(asked))
    _warn(ctx, rows, wanted, len(measured))


def _evaluation(ctx: Ctx) -> Evaluation:
    """The questions of `needs.against`; lines that cannot be read ask nothing."""
    found = (row for artifact in ctx.many.get("against", ()) for row in read(local(artifact), artifact.source))
    return Evaluation.of(row.value for row in found if isinstance(row.value, dict))


def _sampled(rows: Collection, sources: Sequence[Taken], seed: int) -> list[int]:
    """The numbers of the rows that may be used, shuffled: at most the limit of each group."""
    order: list[int] = []
    for (place, group), crowd in rows.crowds.items():
        name, limit = sources[place].name, sources[place].limit
        chosen = Random(f"{seed}:{name}:{group}" if group else f"{seed}:{name}").sample(
            crowd, min(limit or len(crowd), len(crowd))
        )
        rows.tallies[place].taken += len(chosen)
        order += chosen
    Random(f"{seed}:shuffle").shuffle(order)
    return order


def _parted(
    rows: Collection, order: Sequence[int], options: Prepare, families: Families, given: int
) -> tuple[list[int], list[int], int]:
    """Validation rows, training rows, and how many of the former were wanted. The first `given` sources are for validation.

    Raises StageError when nothing is left to train on.
    """
    if not given:
        used = order[: options.limit] if options.limit else order
        wanted = _validation_rows(options, len(used))
        return *split(used, wanted, families.of), wanted
    measured = [row for row in order if rows.origins[row] < given]
    trained = [row for row in order if rows.origins[row] >= given]
    return measured, trained[: options.limit] if options.limit else trained, len(measured)


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


def _report(ctx: Ctx, rows: Collection, given: int, **written: int) -> None:
    tallies, evaluation = rows.tallies, rows.evaluation
    against = {"questions": evaluation.questions, "too_short": evaluation.too_short}
    report = {"rows": written, "against": against, "sources": [tally.to_json() for tally in tallies]}
    (ctx.out / "report.json").write_text(json.dumps(report, indent=1, ensure_ascii=False) + "\n", encoding="utf-8")
    told = [
        {"name": tally.source, "rows": tally.taken, "revision": tally.revision, "licence": tally.licence}
        for tally in tallies[given:]
    ]
    ctx.describe("train", sources=told)  # for the card of the model that is trained on them
    ctx.result(
        read=rows.read,
        dropped=sum(tally.broken for tally in tallies),
        duplicates=_dropped(tallies, DUPLICATE),
        near_duplicates=_dropped(tallies, NEAR_DUPLICATE),
        contaminated=_dropped(tallies, CONTAMINATED),
        repaired=sum(tally.repaired.total() for tally in tallies),
        **{f"{name}_rows": count for name, count in written.items()},
    )


def _dropped(tallies: Iterable[Tally], reason: str) -> int:
    return sum(tally.dropped[reason] for tally in tallies)


def _warn(ctx: Ctx, rows: Collection, wanted: int, kept_out: int) -> None:
    for tally in rows.tallies:
        reason, count = next(iter(tally.dropped.most_common(1)), ("", 0))
        if tally.broken > MANY * tally.read or tally.dropped[NEAR_DUPLICATE] > MANY * tally.read:
            ctx.warn(
                f"{tally.dropped.total()} of {tally.read} rows of {tally.source} were dropped, {count} for: {reason}; "
                "see report"
            )
    if kept_out < wanted:
        ctx.warn(f"only {kept_out} rows are kept out of training, not {wanted}: the others are alike and stay together")
    if rows.evaluation.too_short:
        ctx.warn(f"{rows.evaluation.too_short} evaluation questions are too short to be looked for in the rows")
