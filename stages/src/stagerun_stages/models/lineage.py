"""Which base an adapter was trained on, written into its folder and checked whenever it is read.

An adapter loads without complaint on any base of the same shape and then answers nonsense; the digest tells them apart.
"""

from __future__ import annotations

import json
from pathlib import Path
from typing import Any

from stagerun import Artifact, StageError

LINEAGE = "lineage.json"
CONFIG, WEIGHTS = "adapter_config.json", "adapter_model.safetensors"  # as PEFT names them
TEMPLATE = "chat_template.jinja"  # there when the adapter was trained with another than its base's


def base_of(model: Artifact) -> Artifact:
    """The base model of a `model` input: itself, or what an adapter was trained on. Raises StageError when it is unknown."""
    if model.kind != "adapter":
        return model
    if model.base is None:
        raise StageError(
            f"the adapter {model.source} does not say which model it was trained on",
            "take the adapter from a training stage, or merge it outside and give the merged model",
        )
    _check_whole(model)
    _check_base(model, model.base)
    return model.base


def write_lineage(folder: Path, base: Artifact) -> None:
    """Record the base of the adapter in `folder`."""
    row = {"base": {"digest": base.digest, "source": base.source}}
    (folder / LINEAGE).write_text(json.dumps(row, indent=1) + "\n", encoding="utf-8")


def recorded_base(folder: Path) -> dict[str, Any] | None:
    """What `write_lineage` wrote; None for an adapter that came from elsewhere."""
    try:
        return dict(json.loads((folder / LINEAGE).read_text(encoding="utf-8"))["base"])
    except FileNotFoundError:
        return None
    except (ValueError, KeyError, TypeError):
        raise StageError(f"{folder / LINEAGE} cannot be read", "train the adapter again, or delete the file") from None


def _check_whole(adapter: Artifact) -> None:
    """PEFT looks for a missing adapter on the hub, and writes a second one, its reference, into a folder of the first."""
    folder = adapter.local()
    if (folder.parent / CONFIG).exists():
        raise StageError(
            f"{adapter.source} is an adapter inside another one, such as the reference it was compared with in training",
            f"name the outer one, {folder.parent}",
        )
    for name in (CONFIG, WEIGHTS):
        if not (folder / name).is_file():
            raise StageError(f"{adapter.source} is no whole adapter: {name} is missing", f"look at {folder}")


def _check_base(adapter: Artifact, base: Artifact) -> None:
    recorded = recorded_base(adapter.local())
    if recorded is not None and recorded["digest"] != base.digest:
        raise StageError(
            f"the adapter {adapter.source} was trained on {recorded['source']} ({recorded['digest']}), "
            f"not on {base.source} ({base.digest})",
            "give it the base it was trained on, or train it again",
        )
