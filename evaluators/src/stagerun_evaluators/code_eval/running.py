"""Runs `code.eval`: reads tasks and solutions whole before anything is judged, streams, records, sums up."""

from __future__ import annotations

import json
from collections.abc import Iterable, Iterator, Mapping, Sequence
from pathlib import Path
from typing import TYPE_CHECKING, Any

import attrs

from stagerun import Artifact, Candidate, Ctx, Interrupted, Judgement, StageError, Task
from stagerun.tasks import Sample, read_samples, read_tasks
from stagerun_evaluators.code_eval.report import markdown
from stagerun_evaluators.code_eval.scoring import Tally, TaskTally, mean_pass, metrics

if TYPE_CHECKING:
    from stagerun_evaluators.code_eval.stage import CodeEval

MOST = 50  # diagnostics kept of one sample
COSTS = ("seconds", "cpu", "cached")
ROWS = 50  # rows of the history, about


def run(options: CodeEval, ctx: Ctx) -> None:
    """Evaluate as `options` say; see CodeEval."""
    tasks = read_tasks(_place(ctx.inputs["tasks"]), options.language)
    chosen = {task.id: task for task in (tasks[: options.limit] if options.limit else tasks)}
    place, known = _place(ctx.inputs["solutions"]), {task.id: task for task in tasks}
    wanted = [sample.task_id for sample in read_samples(place, known) if sample.task_id in chosen]
    if not wanted:
        raise StageError(f"{ctx.inputs['solutions'].source} has no solutions to these tasks", "look at its task_id")
    answered = set(wanted)
    refused = _refused(options, ctx, [chosen[task_id] for task_id in dict.fromkeys(wanted)])
    chosen = {name: task for name, task in chosen.items() if name not in refused}
    wanted = [task_id for task_id in wanted if task_id in chosen]
    counted = [task for task in chosen.values() if task.id in answered or not options.subset]
    tally = Tally({task.id: TaskTally(task.id, task.language) for task in counted})
    samples = (sample for sample in read_samples(place, known) if sample.task_id in chosen)
    records, costs = (ctx.out / f"{name}.jsonl" for name in ("records", "costs"))
    with records.open("w", encoding="utf-8") as told, costs.open("w", encoding="utf-8") as spent:
        for sample, found in _judged(ctx, samples, len(wanted), tally):
            told.write(json.dumps(_record(sample, chosen[sample.task_id], found)) + "\n")
            spent.write(json.dumps(_cost(sample, found)) + "\n")
    ctx.result(tasks_refused=len(refused))
    _tell(options, ctx, tally)


def _place(data: Artifact) -> Path:
    try:
        return data.local()
    except ValueError as error:
        raise StageError(str(error), "give a file or a folder") from None


def _refused(options: CodeEval, ctx: Ctx, tasks: Sequence[Task]) -> Mapping[str, str]:
    """Look at languages, tools and tasks before anything is judged, where the judge can; tasks to leave out, and why."""
    missing, refusals = (getattr(ctx.judge, name, None) for name in ("missing", "refusals"))
    for language in sorted({task.language for task in tasks}):
        for tool in missing(language) if callable(missing) else ():
            ctx.warn(f"{language}: {tool} is not installed; its check is left out and the others weigh more")
    refused: dict[str, str] = refusals(tasks) if callable(refusals) else {}
    if not refused:
        return {}
    first = next(iter(refused.values()))
    if not options.skip_refused or len(refused) == len(tasks):
        more = f"; so it is with {len(refused)} of {len(tasks)} tasks" if len(refused) > 1 else ""
        raise StageError(f"{first}{more}", "skip_refused = true leaves such tasks out")
    ctx.warn(f"{len(refused)} of {len(tasks)} tasks cannot be judged here and are left out; the first: {first}")
    return refused


def _judged(ctx: Ctx, samples: Iterable[Sample], total: int, tally: Tally) -> Iterator[tuple[Sample, Judgement]]:
    """Samples with their judgements, in the order of the file, however they come."""
    taken: dict[int, Sample] = {}

    def candidates() -> Iterator[Candidate]:
        for place, sample in enumerate(samples):
            taken[place] = sample
            yield sample.candidate

    waiting: dict[int, Judgement] = {}
    following, every = 0, max(1, total // ROWS)
    for done, (place, found) in enumerate(ctx.judge.stream(candidates()), 1):
        if ctx.stop_requested:
            raise Interrupted("asked to stop; what was judged is in the judge's cache")
        tally.add(taken[place].task_id, found)
        ctx.progress(done, total)
        if done % every == 0 or done == total:
            ctx.metric(done, pass_rate=tally.verdict("passed") / max(tally.n, 1))
        waiting[place] = found
        while following in waiting:
            yield taken.pop(following), waiting.pop(following)
            following += 1
    if following != total:
        raise StageError(f"the judge gave {following} judgements for {total} samples", "a fault of the judge")


def _record(sample: Sample, task: Task, found: Judgement) -> Mapping[str, Any]:
    """One line of the records."""
    lists = {
        "passed": sorted(found.passed),
        "failed": sorted(found.failed),
        "shares": dict(found.shares),
        "diagnostics": [attrs.asdict(each) for each in found.diagnostics[:MOST]],
    }
    row = attrs.asdict(found, recurse=False, filter=lambda each, _: each.name not in COSTS) | lists
    return {"task_id": sample.task_id, "sample": sample.sample, "language": task.language, **row}


def _cost(sample: Sample, found: Judgement) -> Mapping[str, Any]:
    """What differs from run to run, in a file of its own, so that the same solutions give the same records."""
    return {"task_id": sample.task_id, "sample": sample.sample, **{name: getattr(found, name) for name in COSTS}}


def _tell(options: CodeEval, ctx: Ctx, tally: Tally) -> None:
    """Metrics, report, and what somebody should look at."""
    named = _named(ctx, tally)
    values = metrics(tally, options.k, named)
    (ctx.out / "report.md").write_text(markdown(tally, options.k, named, options.worst), encoding="utf-8")
    ctx.result(**values)
    ctx.describe("report", isolation=sorted({tier for _, tier, _ in tally.tiers}))
    for warning in _warnings(options, tally):
        ctx.warn(warning)
    if tally.cached:
        ctx.note(f"{tally.cached} of {tally.samples} judgements were known from before")


def _named(ctx: Ctx, tally: Tally) -> dict[str, Mapping[str, str]]:
    """The metric of each check by language, where the judge tells."""
    tell = getattr(ctx.judge, "metrics", None)
    return {name: dict(tell(name)) if callable(tell) else {} for name in tally.languages}


def _warnings(options: CodeEval, tally: Tally) -> Iterator[str]:
    without = sum(not task.answered for task in tally.tasks.values())
    if without:
        yield f"{without} of {len(tally.tasks)} tasks have no solution and count as not solved; subset = true leaves them out"
    if unjudged := tally.verdict("infra_error"):
        yield f"{unjudged} of {tally.samples} samples could not be judged and are counted nowhere; see records.jsonl"
    if tampered := tally.verdict("tampered"):
        yield f"{tampered} samples tampered with their tests; see records.jsonl"
    for k in options.k:
        _, short = mean_pass(tally.tasks.values(), k)
        if short:
            yield f"{short} tasks have fewer than {k} judged samples and are not in pass@{k}"
    for language in tally.languages:
        tiers = {(tier, scoring) for name, tier, scoring in tally.tiers if name == language}
        if len(tiers) > 1:
            shown = ", ".join(sorted(f"{tier} with weights {scoring or '?'}" for tier, scoring in tiers))
            yield f"{language}: samples were judged in different ways, so their numbers do not compare: {shown}"
