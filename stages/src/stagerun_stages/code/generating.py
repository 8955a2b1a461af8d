"""Runs `code.generate`: prompts, batches from their own seeds, a checkpoint after each, solutions in order at the end.

A batch's random numbers follow from the pipeline's seed and the place of its first answer, so a resumed run gives the same
answers as one that was never stopped.
"""

from __future__ import annotations

import json
from collections.abc import Sequence
from pathlib import Path
from random import Random
from typing import TYPE_CHECKING, Any

from attrs import frozen

from stagerun import Ctx, Interrupted, StageError, Task
from stagerun.tasks import read_tasks
from stagerun_stages.code.asked import messages_of
from stagerun_stages.models.hub import log_in
from stagerun_stages.models.loading import Loaded, load, prepare
from stagerun_stages.train.answers import generate
from stagerun_stages.train.chat import BadConversation, chat_for
from stagerun_stages.train.code import code_of, is_patch
from stagerun_stages.train.memory import split

if TYPE_CHECKING:
    from stagerun_stages.code.generate import Generate

DONE = "answers.jsonl"


@frozen
class Asked:
    """One answer to be made: its task, which of the task's samples, and the prompt's tokens."""

    task: int
    sample: int
    prompt: Sequence[int]


def run(options: Generate, ctx: Ctx) -> None:
    """Generate as `options` say; see Generate."""
    tasks = read_tasks(ctx.inputs["tasks"].local(), options.language)
    tasks = tasks[: options.limit] if options.limit else tasks
    batch = split(options.batch_size, 1, ctx.memory_failures).micro
    ctx.result(micro_batch=batch)
    policy = ctx.backend.policy()
    prepare(policy, ctx.seed)
    log_in(ctx)
    loaded = load(ctx.inputs["model"], policy, generating=True)
    asked = _asked(options, tasks, loaded)
    rows = _kept(ctx)
    sampling = {"temperature": options.temperature, "top_p": options.top_p} if options.temperature else None
    while len(rows) < len(asked):
        if ctx.stop_requested:
            raise Interrupted("asked to stop between two batches")
        part = asked[len(rows) : len(rows) + batch]
        _seed(ctx.seed, len(rows))
        found = generate(
            loaded.model.eval(), loaded.tokenizer, [each.prompt for each in part], options.max_new_tokens, sampling
        )
        rows += [_row(options, tasks, loaded, *pair) for pair in zip(part, found, strict=True)]
        _keep(ctx, rows)
        ctx.progress(len(rows), len(asked))
    _write(ctx, rows, len(tasks))


def _asked(options: Generate, tasks: Sequence[Task], loaded: Loaded) -> list[Asked]:
    """Every answer to be made, longest prompts first, so that running out of memory shows at once."""
    chat = chat_for(loaded.tokenizer, options.chat, options.date, options.chat_template)
    asked = []
    for place, task in enumerate(tasks):
        try:
            prompt = chat.prompt(messages_of(task, options.prompt))
        except BadConversation as error:
            raise StageError(f"the chat template refuses the task {task.id}: {error}", "mend the task") from error
        asked += [Asked(place, sample, prompt) for sample in range(options.samples)]
    return sorted(asked, key=lambda each: (-len(each.prompt), each.task, each.sample))


def _seed(seed: int, place: int) -> None:
    import torch

    torch.manual_seed(Random(f"{seed}:answers:{place}").getrandbits(63))


def _row(
    options: Generate, tasks: Sequence[Task], loaded: Loaded, asked: Asked, tokens: Sequence[int]
) -> dict[str, Any]:
    """One saved solution, with its place for sorting."""
    task, stops = tasks[asked.task], set(loaded.model.generation_config.eos_token_id)
    text = loaded.tokenizer.decode(tokens, skip_special_tokens=False)
    code = code_of(text, frozenset(loaded.tokenizer.all_special_tokens))
    form = "patch" if is_patch(task, code) else "completion" if task.meta.get("format") == "humaneval" else "code"
    cut = len(tokens) >= options.max_new_tokens and tokens[-1] not in stops
    place = {"place": asked.task, "task_id": task.id, "sample": asked.sample}
    return {**place, form: code, "tokens": len(tokens), "cut": cut}


def _kept(ctx: Ctx) -> list[dict[str, Any]]:
    """Answers of an attempt before this one."""
    latest = ctx.checkpoints.latest()
    return _read(latest.path / DONE) if latest is not None else []


def _read(path: Path) -> list[dict[str, Any]]:
    return [json.loads(line) for line in path.read_text(encoding="utf-8").splitlines()]


def _keep(ctx: Ctx, rows: Sequence[dict[str, Any]]) -> None:
    with ctx.checkpoints.saving(len(rows)) as folder:
        (folder / DONE).write_text("".join(json.dumps(row) + "\n" for row in rows), encoding="utf-8")


def _write(ctx: Ctx, rows: Sequence[dict[str, Any]], tasks: int) -> None:
    in_order = sorted(rows, key=lambda row: (row["place"], row["sample"]))
    with (ctx.out / "solutions.jsonl").open("w", encoding="utf-8") as stream:
        for row in in_order:
            stream.write(json.dumps({key: value for key, value in row.items() if key != "place"}) + "\n")
    cut = sum(row["cut"] for row in rows)
    ctx.result(tasks=tasks, samples=len(rows), truncated=cut / len(rows))
    ctx.result(answer_tokens=sum(row["tokens"] for row in rows) / len(rows))
    if cut == len(rows):
        ctx.warn("every answer was cut off at max_new_tokens; raise it, or look at what the model says")
