"""The estimate of memory beside what two steps of training really take, for tiny models on the CPU: `make bench-memory`.

Writes docs/benchmarks/memory.md. Both numbers are exact in the sense that a second run gives the same; nothing is timed.
"""

from __future__ import annotations

import os
import sys
import tempfile
from collections.abc import Iterator
from importlib.metadata import version
from pathlib import Path
from typing import Any

os.environ["HF_HUB_OFFLINE"] = "1"

from benchmarks.memory_cases import ATTENTION, Case, Found, dpo, find, grpo, sft
from benchmarks.tools import REPOSITORY
from stagerun_stages.train.options import Lora

PAGE = REPOSITORY / "docs" / "benchmarks" / "memory.md"
GOAL = 0.10
EXPERTS = Lora(rank=8, targets=ATTENTION, experts=True)
LARGE = Lora(rank=64, targets=ATTENTION, experts=True)
SAVING: dict[str, Any] = {"gradient_checkpointing": True}


def cases() -> Iterator[Case]:
    """What is compared."""
    for shape in ("llama", "qwen2", "qwen3", "mistral"):
        for length, batch in ((128, 4), (512, 1)):
            yield Case("SFT", shape, sft(length, batch))
            yield Case("SFT", shape, sft(length, batch, **SAVING))
    yield Case("SFT", "llama wide", sft(512))
    yield Case("SFT", "llama wide", sft(512, **SAVING))
    yield Case("SFT, attention alone, rank 64", "llama", sft(512, 1, Lora(rank=64, targets=ATTENTION)))
    yield Case("SFT, eager attention", "llama", sft(512, 1), attention="eager")
    yield Case("SFT, packed", "llama", sft(512, 1, packing=True))
    yield Case("SFT, accumulated", "qwen2", sft(256, 1, accumulation=2, **SAVING))
    yield Case("SFT, dropout", "mistral", sft(256, 1, Lora(rank=8, dropout=0.1)))
    yield Case("SFT, bfloat16", "llama wide", sft(512, 1, **SAVING), dtype="bfloat16")
    yield Case("SFT, bfloat16", "qwen2", sft(128, 4), dtype="bfloat16")
    yield Case("SFT, 50,000 words", "llama", sft(256, 1), vocabulary=50_000)
    for shape in ("gpt_oss", "gpt_oss wide"):
        for length, batch in ((128, 4), (512, 1)):
            yield Case("SFT, experts", shape, sft(length, batch, EXPERTS))
            yield Case("SFT, experts", shape, sft(length, batch, EXPERTS, **SAVING))
    yield Case("SFT, experts, rank 64", "gpt_oss wide", sft(256, 1, LARGE, **SAVING))
    yield Case("SFT, experts frozen", "gpt_oss wide", sft(512, 1, Lora(rank=8, targets=ATTENTION), **SAVING))
    yield Case("SFT, experts, packed", "gpt_oss", sft(512, 1, EXPERTS, packing=True))
    yield Case("SFT, experts, bfloat16", "gpt_oss wide", sft(512, 1, EXPERTS, **SAVING), dtype="bfloat16")
    for shape, lora in (("llama", None), ("gpt_oss", EXPERTS)):
        yield Case("IPO", shape, dpo(256, 1, lora))
        yield Case("IPO", shape, dpo(256, 2, lora, **SAVING))
        yield Case("GRPO, long answers", shape, grpo(64, 128, 4, lora))
        yield Case("GRPO, 8 long prompts, micro batch 1", shape, grpo(448, 64, 1, lora, accumulation=8, **SAVING))
    chunked = grpo(448, 64, 1, EXPERTS, accumulation=8, generation={"prefill_chunk_size": 64}, **SAVING)
    yield Case("GRPO, the same read in chunks", "gpt_oss", chunked)


def main() -> int:
    """Measure all, print the table, write the page; 1 when an estimate is further off than the goal."""
    found = []
    with tempfile.TemporaryDirectory() as folder:
        for number, case in enumerate(cases()):
            one = find(case, Path(folder) / str(number))
            found.append(one)
            print(row(one), f"  [{one.estimate.peak}]", flush=True)
    PAGE.write_text(page(found), encoding="utf-8")
    return int(any(abs(one.off) > GOAL for one in found))


def row(found: Found) -> str:
    """A line of the table."""
    case, options = found.case, found.case.options
    saving = "yes" if options.gradient_checkpointing else "no"
    numbers = f"{found.estimate.memory_bytes / 1e6:.2f} | {found.measured / 1e6:.2f} | {found.off:+.1%}"
    rows = options.rows_at_once * options.rows_for_each
    return f"| {case.name} | {case.shape} | {rows} x {options.max_length} | {saving} | {numbers} |"


def page(found: list[Found]) -> str:
    """docs/benchmarks/memory.md."""
    worst = max(found, key=lambda one: abs(one.off))
    mean = sum(abs(one.off) for one in found) / len(found)
    inside = sum(abs(one.off) <= GOAL for one in found)
    versions = ", ".join(f"{name} {version(name)}" for name in ("torch", "transformers", "peft", "trl"))
    return "\n".join(
        [
            *HEAD,
            f"With {versions}.",
            "",
            f"{inside} of {len(found)} within {GOAL:.0%}; the worst is {worst.off:+.1%}, the mean {mean:.1%} off.",
            "",
            "| training | model | rows x tokens | recomputed | estimated, MB | measured, MB | off |",
            "| --- | --- | --- | --- | --- | --- | --- |",
            *map(row, found),
            "",
        ]
    )


HEAD = [
    "# Memory, estimated and measured",
    "",
    "Written by `make bench-memory`. Estimated from the model's configuration alone, by the formula in",
    "[memory fit](../explanation/memory-fit.md); measured is every block that torch's CPU allocator gave and took back in two",
    "steps, added up in order, with the weights: the same in every run. Random tiny models, rows filled to their last token.",
    "",
]

if __name__ == "__main__":
    sys.exit(main())
