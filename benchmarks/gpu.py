"""`make bench-gpu`: tokens a second on a GPU beside bare TRL, memory beside its estimate, and proofs on rows of 32,768 tokens.

Parts can be taken singly: `--parts dense experts long`. In `dense` and `experts` bare TRL and `train.sft` train in turn (bare,
ours, ours, bare), then ours with what the hardware has of compile, FP8 and Liger. What cannot work here is told with the plan's
own words. Writes docs/benchmarks/gpu.md on a GPU; `--tiny --device cpu` runs all of it anywhere in a minute or two and writes
nothing. Exit code 1 when ours is slower than the goal or a proof fails. After `--minutes` no other training is begun.
"""

from __future__ import annotations

import argparse
import os
import platform
import shutil
import sys
import tempfile
import time
from collections.abc import Iterator
from datetime import UTC, datetime
from importlib.metadata import PackageNotFoundError, version
from pathlib import Path
from statistics import fmean
from typing import Any

from attrs import define, field

from benchmarks.gpu_shapes import DENSE, EXPERTS, Shape, peak_of
from benchmarks.table import Row, Section
from benchmarks.tools import REPOSITORY

PAGE = REPOSITORY / "docs" / "benchmarks" / "gpu.md"
LIBRARIES = ("torch", "transformers", "trl", "peft", "accelerate", "torchao", "liger-kernel", "triton")
PARTS = ("dense", "experts", "long")
GOAL = 0.99  # of bare TRL's tokens a second
VARIANTS: dict[str, dict[str, Any]] = {
    "compile": {"compile": True},
    "fp8, compile": {"precision": "fp8", "compile": True},
    "fp8": {"precision": "fp8"},
    "liger": {"kernels": "liger"},  # last: it stays patched for as long as the process lives
}


@define
class Bench:
    """What is measured, where, and what was found."""

    backend: Any
    home: Path
    steps: int
    tiny: bool
    until: float
    sections: list[Section] = field(factory=list)
    faults: list[str] = field(factory=list)

    def late(self) -> bool:
        """Whether no other training is begun."""
        return time.monotonic() > self.until

    def train(self, shape: Shape) -> None:
        """One model: in turn with bare TRL, then what else there is."""
        from benchmarks.gpu_contenders import bare, ours

        shape = shape.tiny() if self.tiny else shape
        home = self.home / shape.config["model_type"]
        shape.write(home / "model")
        found = []
        for at, way in enumerate((bare, ours, ours, bare)):
            if not self.late() or at < 2:
                found.append(way(shape, self.backend, home, self.steps, f"{way.__name__}-{at}"))
                print(found[-1], flush=True)
        base = fmean(one.tokens_per_second for one in found if one.way.startswith("bare"))
        rows = list(self.turns(found, base))
        for name, options in VARIANTS.items():
            refused = self.refused(shape, options)
            if refused or self.late():
                rows.append(Row(name, f"left out: {refused or 'no time was left'}"))
                continue
            done = ours(shape, self.backend, home, self.steps, name, **options)
            print(done, flush=True)
            rows.append(self.row(name, done, base, fp8="fp8" in name))
        note = f"Rows of {shape.length:,} tokens, {shape.batch} at once, LoRA of rank {shape.rank}, {self.steps} steps after 3."
        self.sections.append(Section(shape.name, note, rows))

    def turns(self, found: list[Any], base: float) -> Iterator[Row]:
        """Bare and ours, their ratio, and memory beside its estimate."""
        theirs = [one for one in found if one.way.startswith("bare")]
        own = [one for one in found if one.way.startswith("ours")]
        ratio = fmean(one.tokens_per_second for one in own) / base
        yield self.row("bare TRL", theirs[0], base)
        yield self.row("train.sft", own[0], base)
        judged = None if self.tiny else ratio >= GOAL  # a tiny step is all overhead
        yield Row("train.sft over bare TRL", f"{ratio:.3f}", f">= {GOAL}", passed=judged)
        if judged is False:
            self.faults.append(f"train.sft has {ratio:.3f} of bare TRL's tokens a second")
        peak, told = own[0].peak_bytes, own[0].estimate_bytes
        if peak:
            yield Row(
                "memory, estimated / held", f"{told / 2**30:.1f} / {peak / 2**30:.1f} GiB", "", told / peak, "held"
            )

    def row(self, name: str, done: Any, base: float, *, fp8: bool = False) -> Row:
        """Tokens a second with the share of the chip's peak in bfloat16, or in FP8."""
        peak = peak_of(self.backend.probe().device)
        share = f", {done.flops * done.tokens_per_second / (peak * (2 if fp8 else 1)):.1%} MFU" if peak else ""
        value = f"{done.tokens_per_second:,.0f} tokens/s{share}, loss {done.loss:.3f}"
        return Row(name, value, "", done.tokens_per_second / base, "bare TRL")

    def refused(self, shape: Shape, options: dict[str, Any]) -> str:
        """Why an option cannot be had here, in the plan's words."""
        from stagerun import Hardware
        from stagerun_stages.train.options import Lora
        from stagerun_stages.train.sft import Sft

        stage = Sft(lora=Lora(experts=shape.experts), **options)
        hardware = Hardware(self.backend.name, self.backend.probe(), self.backend.policy())
        told = [*stage.check(), *(text for _, text in stage.fits({"model": shape}, hardware))]
        return told[0] if told else ""

    def long(self) -> None:
        """Proofs on long rows."""
        from benchmarks.gpu_long import LIMIT, measure

        EXPERTS.write(self.home / "long" / "model")
        found = measure(self.backend, self.home / "long", tiny=self.tiny)
        if not found.passed:
            self.faults.append(f"rows of {found.length} tokens: {found}")
        targets = found.training.proofs.get("targets", {})
        rows = [
            Row(
                "documents see each other",
                f"{found.leak:.2e} of joining them",
                f"<= {LIMIT}",
                passed=found.leak <= LIMIT,
            ),
            Row("targets with a gradient", f"{targets.get('tensors', 0)} tensors", "all", passed=bool(targets)),
        ]
        note = f"GPT-OSS of a few layers, rows of {found.length:,} tokens, attention `{found.attention}`."
        self.sections.append(Section("Long rows", note, rows))


def main() -> int:
    """Measure, print, write."""
    args = _arguments()
    os.environ.update(HF_HUB_OFFLINE="1", TOKENIZERS_PARALLELISM="false")
    home = Path(tempfile.mkdtemp(prefix="gpu-"))
    bench = Bench(
        _backend(args.device), home, 2 if args.tiny else args.steps, args.tiny, time.monotonic() + 60 * args.minutes
    )
    try:
        for part in args.parts:
            if not bench.late():
                {"dense": lambda: bench.train(DENSE), "experts": lambda: bench.train(EXPERTS), "long": bench.long}[
                    part
                ]()
    finally:
        shutil.rmtree(home, ignore_errors=True)
    text = _page(bench, args)
    print(text)
    if args.device == "cuda" and not args.tiny:
        PAGE.write_text(text, encoding="utf-8")
    return 1 if bench.faults else 0


def _arguments() -> argparse.Namespace:
    parser = argparse.ArgumentParser(description="training on a GPU beside bare TRL")
    parser.add_argument("--parts", nargs="+", choices=PARTS, default=PARTS)
    parser.add_argument("--device", choices=("cuda", "cpu"), default="cuda")
    parser.add_argument("--tiny", action="store_true", help="small models and two steps, to see that it works")
    parser.add_argument("--steps", type=int, default=15, help="that are timed, after three that are not")
    parser.add_argument("--minutes", type=float, default=13, help="after so many no other training is begun")
    return parser.parse_args()


def _backend(device: str) -> Any:
    """The backend; raises SystemExit where its hardware is not."""
    from stagerun import Registry

    backend = Registry().find("backends", device).value()
    if not backend.probe().available:
        sys.exit(f"no {device} here: {backend.probe().reason}; --tiny --device cpu shows that the script works")
    return backend


def _page(bench: Bench, args: argparse.Namespace) -> str:
    probe = bench.backend.probe()
    facts = "".join(f"{name} {probe.facts[name]}, " for name in ("driver", "cuda") if name in probe.facts)
    head = [
        "# Training on a GPU",
        "",
        f"Written by `make bench-gpu` on {datetime.now(UTC):%Y-%m-%d}: {probe.device}, {probe.memory_gb} GiB,",
        f"{facts}Python {platform.python_version()}, {', '.join(_versions())}. Parts: {', '.join(args.parts)}.",
        "Random weights, nothing downloaded.",
        "",
        "Every goal was reached." if not bench.faults else "**Faults:**",
        *(f"- {fault}" for fault in bench.faults),
        "",
        "MFU is the share of the chip's peak in bfloat16 (in FP8 where that is used) that a LoRA step needs: 4 operations for",
        "each frozen and 6 for each trained parameter a token passes, and attention (`benchmarks/gpu_shapes.py`, with sources).",
        "",
    ]
    return "\n".join([*head, *(section.markdown() for section in bench.sections)])


def _versions() -> Iterator[str]:
    for name in LIBRARIES:
        try:
            yield f"{name} {version(name)}"
        except PackageNotFoundError:
            yield f"no {name}"


if __name__ == "__main__":
    sys.exit(main())
