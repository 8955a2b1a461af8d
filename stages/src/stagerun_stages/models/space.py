"""What stages put on a disk, from a model's size alone: checkpoints, results, exports, and what is downloaded first.

A checkpoint holds each trained parameter with two moments of Adam, all float32, and there is one more while it is written. Block
formats of GGUF after llama.cpp's ggml-common.h: so many bytes for 32 weights. MXFP4, as the hub has GPT-OSS: 17 bytes for 32.
"""

from __future__ import annotations

from collections.abc import Iterable, Iterator, Mapping
from typing import Any

from stagerun import Artifact, Estimate, Policy, Space
from stagerun_stages.models.hub_home import cache, cached
from stagerun_stages.models.shapes import config_of, shape_of

WIDTH: Mapping[str, int] = {"float32": 4, "bfloat16": 2, "float16": 2}
CHECKPOINT, RESULT = 12, 4  # bytes for a trained parameter: with two moments, and alone
MXFP4 = 17 / 32
FILES: Mapping[str, float] = {
    "gguf-f16": 2,
    "gguf-q8_0": 34 / 32,
    "gguf-q4_k_m": 0.61,  # a mixture; 4.9 bits on average
    "gguf-q4_0": 18 / 32,
    "gguf-mxfp4": 0.6,  # experts in MXFP4, all else in Q8_0
}


def of_training(estimate: Estimate | None, origin: Any, keep: int) -> Iterator[Space]:
    """Checkpoints and adapter of a training, and the download of the model it starts from."""
    yield from download(origin)
    trained = sum(estimate.parameters.values()) if estimate is not None else 0
    if trained:
        yield Space("checkpoints", float(trained * CHECKPOINT * (keep + 1)))
        yield Space("adapter", float(trained * RESULT))


def of_model(estimate: Estimate | None, origin: Any, policy: Policy, formats: Iterable[str]) -> Iterator[Space]:
    """A model that is written in each of these formats."""
    yield from download(origin)
    if estimate is None:
        return
    for name in formats:
        width = FILES.get(name, WIDTH.get(policy.dtype, 2))
        yield Space(name, estimate.model_parameters * width)


def download(origin: Any) -> Iterator[Space]:
    """The weights of a hub model that is not in the cache yet."""
    if not isinstance(origin, Artifact) or origin.path is not None or cached(origin.source):
        return
    config = config_of(origin)
    shape = shape_of(config) if config is not None else None
    if config is None or shape is None:
        return
    name = origin.source.partition("@")[0]
    packed = shape.layers * sum(one.parameters for one in shape.experts) if _is_packed(name, config) else 0
    yield Space(f"{name} from the hub", (shape.parameters - packed) * 2 + packed * MXFP4, cache())


def _is_packed(name: str, config: Mapping[str, Any]) -> bool:
    """Whether the hub has the experts in 4 bits."""
    method = (config.get("quantization_config") or {}).get("quant_method")
    return method == "mxfp4" or (method is None and name.startswith("openai/gpt-oss"))
