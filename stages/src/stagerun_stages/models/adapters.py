"""Writes adapter folders: the same bytes for the same weights, whatever the machine, the moment and the library's mood."""

from __future__ import annotations

import json
from collections.abc import Mapping
from pathlib import Path
from typing import Any

from stagerun import Artifact
from stagerun_stages.models.lineage import CONFIG, TEMPLATE, WEIGHTS, write_lineage

_SORTED = ("target_modules", "target_parameters", "exclude_modules")  # PEFT keeps these as sets


def write_adapter(
    model: Any,
    folder: Path,
    base: Artifact,
    template: str | None = None,
    *,
    weights: Mapping[str, Any] | None = None,
) -> None:
    """Write the trained adapter of a PEFT model and its lineage; PEFT's generic model card is left out.

    `template` is the chat template it was trained with, where that is not the base's own; `weights` are the tensors by their
    names in the model, where the model holds only parts of them.
    """
    folder.mkdir(parents=True, exist_ok=True)
    given = {} if weights is None else {"state_dict": dict(weights)}
    model.save_pretrained(str(folder), selected_adapters=["default"], save_embedding_layers=False, **given)
    (folder / "README.md").unlink(missing_ok=True)
    settle(folder / CONFIG, base.source)
    if template is not None:
        (folder / TEMPLATE).write_text(template, encoding="utf-8")
    write_lineage(folder, base)


def settle(config: Path, base_name: str) -> None:
    """Sort what PEFT writes in set order, and name the base by its source instead of by a path of this machine."""
    row = json.loads(config.read_text(encoding="utf-8"))
    for key in _SORTED:
        if isinstance(row.get(key), list):
            row[key] = sorted(row[key])
    row["base_model_name_or_path"] = base_name
    config.write_text(json.dumps(row, indent=1, sort_keys=True) + "\n", encoding="utf-8")


def load_weights(model: Any, folder: Path) -> None:
    """Put an adapter's saved weights into the `default` adapter of a PEFT model."""
    from peft import set_peft_model_state_dict
    from safetensors.torch import load_file

    set_peft_model_state_dict(model, load_file(str(folder / WEIGHTS)), adapter_name="default")
