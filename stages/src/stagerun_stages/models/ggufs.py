"""Makes the GGUF files of an export, one after the other, and proves each before the next is begun."""

from __future__ import annotations

import os
import shutil
from collections.abc import Iterator, Mapping
from pathlib import Path
from typing import TYPE_CHECKING, Any

from attrs import asdict, frozen

from stagerun import Ctx, Policy, StageError
from stagerun_stages.models.asking import Reference
from stagerun_stages.models.comparing import ROOM, Comparison, compare, same_tokens
from stagerun_stages.models.converting import check_supported, convert, quantize, tensor_types
from stagerun_stages.models.formats import GGUF, INSTALL, QUANTIZER, Gguf, ggufs, missing_packages
from stagerun_stages.models.llama import serving
from stagerun_stages.models.lora import expert_names

if TYPE_CHECKING:
    from stagerun_stages.models.export import Export


@frozen
class Made:
    """A proven file: its size in 10^9 bytes, how many tensors it has of each type, and how it compares with its source."""

    kind: Gguf
    file: Path
    size_gb: float
    types: Mapping[str, int]
    comparison: Comparison


def possible(ctx: Ctx, options: Export, model: Any) -> list[Gguf]:
    """The kinds that can be made here; one whose program is missing is announced. Raises StageError for what can never be."""
    wanted = ggufs(options.formats)
    if not wanted:
        return []
    if missing := missing_packages():
        raise StageError(f"a GGUF needs {', '.join(missing)}, which this interpreter lacks", INSTALL)
    check_supported(model.config.architectures[0])
    if GGUF["gguf-mxfp4"] in wanted and not expert_names(model):
        raise StageError(
            f"gguf-mxfp4 is for fused experts, and {model.config.model_type} has none", "take it out of with.formats"
        )
    return [kind for kind in wanted if not (kind.quantizer and _without_quantizer(ctx, kind))]


def write_ggufs(
    options: Export, ctx: Ctx, kinds: list[Gguf], reference: Reference, tokenizer: Any, policy: Policy
) -> list[Made]:
    """Write each kind from `out/model` into `out/model`; raises StageError for a file that does not answer like its source."""
    folder = ctx.out / "model"
    done = []
    for number, kind in enumerate(kinds):
        ctx.progress(number, len(kinds))
        file = folder / f"{options.slug(ctx.stage)}-{kind.tag}.gguf"
        _write(options, ctx, kind, file)
        types = tensor_types(file)
        ctx.prove(f"{kind.name} weights", types.get(kind.weights, 0) > 0, wanted=kind.weights, **types)
        compared = _prove(options, ctx, kind, file, reference, tokenizer, policy)
        done.append(Made(kind, file, file.stat().st_size / 1e9, types, compared))
        ctx.result(**dict(_metrics(done[-1])))
    return done


def _without_quantizer(ctx: Ctx, kind: Gguf) -> bool:
    missing = shutil.which(QUANTIZER) is None
    if missing:
        ctx.warn(f"{kind.name} is not made: {QUANTIZER}, a program of llama.cpp, is not on PATH")
    return missing


def _write(options: Export, ctx: Ctx, kind: Gguf, file: Path) -> None:
    name = options.title(ctx.stage)
    if not kind.quantizer:
        convert(ctx.out / "model", file, kind, name)
        return
    exact = GGUF["gguf-f16"]
    source = next(iter(sorted(file.parent.glob(f"*-{exact.tag}.gguf"))), ctx.work / "source.gguf")
    if not source.exists():
        convert(ctx.out / "model", source, exact, name)
    quantize(source, file, kind)


def _prove(
    options: Export, ctx: Ctx, kind: Gguf, file: Path, reference: Reference, tokenizer: Any, policy: Policy
) -> Comparison:
    limit = options.max_divergence.get(kind.name, kind.limit)
    with serving(file, policy.threads or _cores(), reference.longest + ROOM, ctx.work / "llama.log") as llama:
        other = same_tokens(llama, tokenizer, reference)
        ctx.prove(
            f"{kind.name} tokens", not other, differing=len(other), first=repr(other[0][:60]) if other else "none"
        )
        found = compare(llama, reference, options.answer_tokens, policy.dtype)
    exact = found.same + found.tied == found.questions or not kind.exact
    ctx.prove(kind.name, found.divergence <= limit and exact, limit=limit, **asdict(found))
    return found


def _cores() -> int:
    """Cores this process may use, where the system says."""
    allowed = getattr(os, "sched_getaffinity", None)
    return len(allowed(0)) if allowed else os.cpu_count() or 1


def _metrics(made: Made) -> Iterator[tuple[str, float]]:
    tag = made.kind.tag
    yield f"size_gb_{tag}", made.size_gb
    yield f"divergence_{tag}", made.comparison.divergence
    yield f"agreement_{tag}", made.comparison.agreement
    yield f"same_answers_{tag}", made.comparison.same / made.comparison.questions
