"""Conversations into tokens and labels: TRL's own preparation and ours in turns, in one process on one core.

TRL's is `SFTTrainer._prepare_dataset` itself, as its constructor calls it, on the same rows; ours is what `train.sft` and
`data.pack` call. The floor is what neither can do without: rendering the template, and tokenising in one batch with offsets.
"""

from __future__ import annotations

import json
import os
import resource
import statistics
import time
from collections.abc import Callable, Sequence
from types import SimpleNamespace
from typing import Any

from attrs import frozen

from benchmarks.data_chats import Row, chats, tokenizer

THOUSAND = 1000
MANY = 16  # thousands, for several processes
ROUNDS = 3  # of those


@frozen
class Tokens:
    """CPU seconds for 1000 chats. `same` says whether tokens and labels are TRL's."""

    template: str
    length: float  # mean tokens of a chat
    trl: float
    ours: float
    floor: float
    same: bool


@frozen
class Scaling:
    """Seconds for 1000 chats with several processes: by the clock, CPU of this process, and of each other one."""

    processes: int
    wall: float
    own: float
    each: float

    @property
    def busiest(self) -> float:
        """CPU seconds of the process that has most to do: what is left where every process has a core to itself."""
        return max(self.own, self.each)


def compare(template: str, rounds: int) -> Tokens:
    """The medians of so many rounds in which all take turns."""
    from datetime import UTC, datetime

    from stagerun_stages.train.chat import chat_for
    from stagerun_stages.train.encoding import Encoder

    words, rows = tokenizer(template), chats(THOUSAND)
    encoder = Encoder(chat_for(words, {}, f"{datetime.now(UTC).date()}"), assistant_only=True)
    ways = {"trl": _trl(words, rows), "ours": lambda: list(encoder.encode(rows, str)), "floor": _floor(encoder, rows)}
    taken: dict[str, list[float]] = {name: [] for name in ways}
    made: dict[str, Any] = {}
    for _ in range(rounds + 1):
        for name, work in ways.items():
            started = time.process_time()
            made[name] = work()
            taken[name].append(time.process_time() - started)
    medians = {name: statistics.median(seconds[1:]) for name, seconds in taken.items()}  # the first round warms up
    theirs = [(each["input_ids"], each["labels"]) for each in made["trl"]]
    ours = [(list(each.ids), list(each.labels)) for each in made["ours"]]
    return Tokens(template, sum(len(ids) for ids, _ in ours) / THOUSAND, **medians, same=ours == theirs)


def scale(template: str, counts: Sequence[int]) -> list[Scaling]:
    """What 16,000 chats take with so many processes; the quickest by the clock of several rounds in which all took turns."""
    from stagerun_stages.train.chat import chat_for
    from stagerun_stages.train.encoding import Encoder

    encoder = Encoder(chat_for(tokenizer(template), {}, "2025-08-01"), assistant_only=True)
    rows = chats(THOUSAND) * MANY
    taken = [[_scaled(encoder, rows, count) for count in counts] for _ in range(ROUNDS)]
    return [min(each, key=lambda one: one.wall) for each in zip(*taken, strict=True)]


def _scaled(encoder: Any, rows: list[Row], processes: int) -> Scaling:
    before, started = _cpu(), time.perf_counter()
    for _ in encoder.encode(rows, str, processes):
        pass
    wall, after = time.perf_counter() - started, _cpu()
    own, others = (now - then for now, then in zip(after, before, strict=True))
    return Scaling(processes, wall / MANY, own / MANY, others / MANY / processes)


def _cpu() -> tuple[float, float]:
    used = [resource.getrusage(who) for who in (resource.RUSAGE_SELF, resource.RUSAGE_CHILDREN)]
    own, others = (each.ru_utime + each.ru_stime for each in used)
    return own, others


def _trl(words: Any, rows: list[Row]) -> Callable[[], Any]:
    """TRL's preparation of a data set that is in memory already, nothing of it cached."""
    from datasets import Dataset, disable_progress_bars
    from trl import SFTConfig, SFTTrainer
    from trl.chat_template_utils import get_training_chat_template

    disable_progress_bars()
    told = [{**row, "tools": json.dumps(row["tools"])} for row in rows]  # the form in which TRL takes differing tools
    data = Dataset.from_list(told, on_mixed_types="use_json")
    config = SFTConfig(
        output_dir=os.devnull,
        assistant_only_loss=True,
        max_length=4096,
        use_cpu=True,
        bf16=False,
        activation_checkpointing=False,
    )
    template = get_training_chat_template(words)
    trainer = SimpleNamespace(_tokenizer=words, chat_template=template, completion_only_loss=False)
    return lambda: SFTTrainer._prepare_dataset(trainer, data, words, config, False, None, "train")


def _floor(encoder: Any, rows: list[Row]) -> Callable[[], Any]:
    from transformers.utils.chat_template_utils import _compile_jinja_template

    template = _compile_jinja_template(encoder.chat.marked)
    words = encoder.chat.tokenizer

    def work() -> Any:
        texts = [
            template.render(**row, documents=None, add_generation_prompt=False, **words.special_tokens_map)
            for row in rows
        ]
        return words.backend_tokenizer.encode_batch(texts, add_special_tokens=False)

    return work
