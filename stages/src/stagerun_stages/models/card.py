"""Writes the model card of an exported model: only what is known, nothing that changes from run to run."""

from __future__ import annotations

import json
from collections.abc import Iterator, Mapping, Sequence
from typing import Any

from attrs import field, frozen

from stagerun_stages.models.ggufs import Made


@frozen
class Facts:
    """What a card says. `size_gb` is in 10^9 bytes; `history` as models/history.py makes it; `parent` is what was exported."""

    name: str
    base: str
    parent: str
    licence: str
    model_type: str
    dtype: str
    parameters: int
    size_gb: float
    history: Sequence[Mapping[str, Any]]
    verdicts: Mapping[str, Sequence[Mapping[str, Any]]]  # by stage
    made: Sequence[Made] = ()
    left_out: Sequence[str] = field(factory=tuple)  # formats that could not be made here


def card(facts: Facts) -> str:
    """The text of README.md, with the front matter that model hubs read."""
    parts = (_front(facts), _about(facts), _story(facts), _data(facts), _files(facts))
    return "\n".join(line for part in parts for line in part)


def _front(facts: Facts) -> Iterator[str]:
    yield "---\nlibrary_name: transformers\npipeline_tag: text-generation"
    if facts.licence:
        yield f"license: {facts.licence}"
    if "/" in facts.base and not facts.base.startswith((".", "/")):
        yield f"base_model: {facts.base}"
    yield "---\n"


def _about(facts: Facts) -> Iterator[str]:
    yield f"# {facts.name}\n"
    yield f"A {facts.model_type} model of {facts.parameters:,} parameters, made from `{facts.base}` with stagerun."
    yield f"Exported from `{facts.parent}`.\n"
    known = facts.licence or "not known here; see the base model's and the data's"
    yield f"Licence: {known}.\n"


def _story(facts: Facts) -> Iterator[str]:
    yield "## How it was made\n"
    for number, row in enumerate(facts.history, 1):
        yield f"{number}. **{row['stage']}**: {row['method']}" + (f" on {row['data']}" if row.get("data") else "")
        if row.get("options"):
            yield f"   - options: `{json.dumps(row['options'], default=str)}`"
        if row.get("metrics"):
            yield "   - measured: " + ", ".join(f"{name} {value:.4g}" for name, value in row["metrics"].items())
        for gate in facts.verdicts.get(row["stage"], ()):
            yield f"   - {_verdict(gate)}"
    yield ""


def _verdict(gate: Mapping[str, Any]) -> str:
    word = "passed" if gate["passed"] else "not passed"
    kind = "hard" if gate["hard"] else "soft"
    accepted = f"; accepted all the same: {gate['accepted']['why']}" if gate.get("accepted") else ""
    return f"{kind} gate {gate['gate']} {word}: {gate['text']}{accepted}"


def _data(facts: Facts) -> Iterator[str]:
    rows = {row["data"]: row for row in facts.history if row.get("data")}
    if not rows:
        return
    yield "## Data\n"
    for name, row in rows.items():
        yield f"- `{name}`" + (f" ({row['data_digest']})" if row.get("data_digest") else "")
        for source in row.get("sources", ()):
            told = {**source, "licence": source.get("licence") or "not known here"}
            yield "   - " + ", ".join(f"{key} {value}" for key, value in told.items() if value not in (None, ""))
    yield ""


def _files(facts: Facts) -> Iterator[str]:
    yield "## Files\n"
    if facts.size_gb:
        yield f"Weights are safetensors in {facts.dtype}, {facts.size_gb:.3f} GB. The tokenizer carries the chat template."
        yield "Load it with `AutoModelForCausalLM.from_pretrained` and `AutoTokenizer.from_pretrained`.\n"
    if facts.made:
        yield "Each GGUF was loaded by llama.cpp and asked the questions of `sample_prompts.jsonl`. Divergence is the mean of"
        yield "KL(source || file) along the source's answers, in nats to a token.\n"
        yield "| file | GB | tensors | same answers | same tokens | divergence |\n| --- | --- | --- | --- | --- | --- |"
        yield from (_row(each) for each in facts.made)
        yield "\n`Modelfile` is for Ollama, `AnythingLLM.md` says how to use the model there.\n"
    for name in facts.left_out:
        yield f"{name} was asked for and not made: `llama-quantize` was not there.\n"


def _row(made: Made) -> str:
    found = made.comparison
    types = ", ".join(f"{count} {name}" for name, count in made.types.items())
    ties = f" ({found.tied} tied)" if found.tied else ""
    answers = f"{found.same} of {found.questions}{ties}"
    return f"| `{made.file.name}` | {made.size_gb:.4f} | {types} | {answers} | {found.agreement:.1%} | {found.divergence:.2g} |"
