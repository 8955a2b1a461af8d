"""Writes the model card of an exported model: only what is known, nothing that changes from run to run."""

from __future__ import annotations

import json
from collections.abc import Sequence
from typing import Any

from attrs import frozen


@frozen
class Facts:
    """What a card says. `size_gb` is in 10^9 bytes; `history` as models/history.py makes it."""

    name: str
    base: str
    model_type: str
    dtype: str
    parameters: int
    size_gb: float
    history: Sequence[dict[str, Any]]


def card(facts: Facts) -> str:
    """The text of README.md, with the front matter that model hubs read."""
    origin = f"base_model: {facts.base}\n" if "/" in facts.base and not facts.base.startswith((".", "/")) else ""
    return "\n".join(
        [
            f"---\nlibrary_name: transformers\npipeline_tag: text-generation\n{origin}---\n",
            f"# {facts.name}\n",
            f"A {facts.model_type} model of {facts.parameters:,} parameters, made from `{facts.base}` with stagerun.\n",
            "## How it was made\n",
            *(_step(number, row) for number, row in enumerate(facts.history, 1)),
            "",
            "## Files\n",
            f"Weights are safetensors in {facts.dtype}, {facts.size_gb:.3f} GB. The tokenizer carries the chat template.",
            "Load it with `AutoModelForCausalLM.from_pretrained` and `AutoTokenizer.from_pretrained`.\n",
        ]
    )


def _step(number: int, row: dict[str, Any]) -> str:
    lines = [f"{number}. **{row['stage']}**: {row['method']}" + (f" on {row['data']}" if row.get("data") else "")]
    if row.get("options"):
        lines.append(f"   - options: `{json.dumps(row['options'], default=str)}`")
    if row.get("metrics"):
        shown = ", ".join(f"{name} {value:.4g}" for name, value in row["metrics"].items())
        lines.append(f"   - measured: {shown}")
    return "\n".join(lines)
