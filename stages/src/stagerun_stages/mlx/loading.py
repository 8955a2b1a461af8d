"""Loads a model for MLX from the files that transformers reads, and says how it computes.

mlx-lm 0.32 reads its sizes from config.json itself. transformers 5 writes the base of rotary embeddings where mlx-lm does not
look, and leaves out what is its own default, so that mlx-lm would go on with defaults of its own and answer nonsense without a
word. Here transformers reads the configuration, and mlx-lm is told every value of it that it knows. Not covered: the adapter.
"""

from __future__ import annotations

import dataclasses
import resource
from collections.abc import Iterator, Mapping
from contextlib import contextmanager
from pathlib import Path
from typing import Any

from stagerun import Artifact, Ctx, Policy, StageError
from stagerun_stages.models.loading import reading, revision

FILES = ["*.json", "*.safetensors"]
HERE = "MLX has no Metal here: it computes on the CPU, in float32"


def prepare(ctx: Ctx, policy: Policy) -> str:
    """Random state, device and dtype of this process; gives the dtype."""
    import mlx.core as mx

    mx.random.seed(ctx.seed)
    if mx.metal.is_available():
        return policy.dtype
    mx.disable_compile()  # what it would compile on a CPU it hands to a C++ compiler, which need not be there
    mx.set_default_device(mx.cpu)
    ctx.note(HERE)
    return "float32"


def load(base: Artifact, dtype: str) -> Any:
    """The base model. Raises StageError when mlx-lm cannot read it."""
    import mlx.core as mx
    from mlx.utils import tree_flatten

    with limits_kept():
        from mlx_lm.utils import load_model
    try:
        model, _ = load_model(_folder(base), lazy=True, model_config=_sizes(base))
    except (OSError, ValueError, KeyError, TypeError) as error:
        first = (str(error).strip() or type(error).__name__).splitlines()[0]
        raise StageError(f"{base.source} cannot be loaded by mlx-lm: {first}", f"look at {base.location}") from error
    model.set_dtype(getattr(mx, dtype))
    mx.eval([weight for _, weight in tree_flatten(model.parameters())])
    return model


def _folder(base: Artifact) -> Path:
    if base.path is not None:
        return base.path
    from huggingface_hub import snapshot_download

    return Path(snapshot_download(base.location, revision=revision(base), allow_patterns=FILES))


def _sizes(base: Artifact) -> dict[str, Any]:
    from transformers import AutoConfig

    config = reading(base, AutoConfig.from_pretrained)
    with limits_kept():
        from mlx_lm.utils import _get_classes
    try:
        _, sizes = _get_classes({"model_type": config.model_type})
    except ValueError as error:
        raise StageError(f"mlx-lm has no {config.model_type}", 'say engine = "trl"') from error
    names = [each.name for each in dataclasses.fields(sizes)]
    known = {name: getattr(config, name) for name in names if getattr(config, name, None) is not None}
    return {**known, **_rotary(getattr(config, "rope_parameters", None) or {})}


def _rotary(said: Mapping[str, Any]) -> dict[str, Any]:
    """transformers' `rope_parameters` in the two words that mlx-lm's models have for it."""
    if "rope_theta" not in said:
        return {}
    plain = said.get("rope_type", "default") == "default"
    return {"rope_theta": said["rope_theta"], "rope_scaling": None if plain else dict(said)}


@contextmanager
def limits_kept() -> Iterator[None]:
    """mlx-lm 0.32 sets this process's limit of open files when it is imported, which lowers it nearly everywhere."""
    own = resource.setrlimit
    resource.setrlimit = lambda *_: None
    try:
        yield
    finally:
        resource.setrlimit = own
