"""Random tiny models with a byte tokenizer, made in a second: a mixture of experts shaped like GPT-OSS, and a Llama.

And runs that die: training is cut off at a step, the way a crash does it.
"""

from __future__ import annotations

import json
import os
from collections.abc import Callable, Iterable
from pathlib import Path
from typing import Any

import pytest

os.environ["HF_HUB_OFFLINE"] = "1"  # read once, when the libraries are first imported
os.environ["HF_HUB_DISABLE_TELEMETRY"] = "1"

SPECIAL = (
    "<|endoftext|>",
    "<|start|>",
    "<|end|>",
    "<|message|>",
    "<|channel|>",
    "<|constrain|>",
    "<|return|>",
    "<|call|>",
)

TEMPLATE = """\
{%- if tools %}{{ '<|start|>developer<|message|>' + tools | tojson + '<|end|>' }}{% endif -%}
{%- for m in messages -%}
{%- if m.role == 'assistant' -%}
<|start|>assistant{% generation %}
{%- if m.tool_calls -%}
{%- set call = m.tool_calls[0].function -%}
{{ ' to=functions.' + call.name + '<|channel|>commentary json<|message|>' + call.arguments | tojson + '<|call|>' }}
{%- else -%}
{{ '<|channel|>final<|message|>' + m.content + '<|return|>' }}
{%- endif -%}
{% endgeneration %}
{%- else -%}
{{ '<|start|>' + m.role + '<|message|>' + m.content + '<|end|>' }}
{%- endif -%}
{%- endfor -%}
{%- if add_generation_prompt %}<|start|>assistant{% endif -%}
"""


def make_tokenizer(template: str = TEMPLATE) -> Any:
    """Bytes, and the Harmony markers."""
    from tokenizers import Tokenizer, decoders, models, pre_tokenizers
    from transformers import PreTrainedTokenizerFast

    vocabulary = {character: i for i, character in enumerate(sorted(pre_tokenizers.ByteLevel.alphabet()))}
    inner = Tokenizer(models.BPE(vocab=vocabulary, merges=[]))
    inner.pre_tokenizer = pre_tokenizers.ByteLevel(add_prefix_space=False)
    inner.decoder = decoders.ByteLevel()
    inner.add_special_tokens(list(SPECIAL))
    made = PreTrainedTokenizerFast(tokenizer_object=inner, eos_token="<|return|>", pad_token="<|endoftext|>")
    made.chat_template = template
    return made


def make_model(folder: Path, kind: str, seed: int = 0) -> None:
    """Write a random model of the kind, gpt_oss or llama, with its tokenizer."""
    import torch
    from transformers import GptOssConfig, GptOssForCausalLM, LlamaConfig, LlamaForCausalLM
    from transformers.utils import logging

    logging.disable_progress_bar()
    tokenizer = make_tokenizer()
    torch.set_num_threads(1)
    torch.manual_seed(seed)
    common = {
        "vocab_size": len(tokenizer),
        "hidden_size": 32,
        "intermediate_size": 32,
        "num_hidden_layers": 2,
        "num_attention_heads": 2,
        "num_key_value_heads": 1,
        "head_dim": 16,
        "max_position_embeddings": 2048,
        "pad_token_id": tokenizer.pad_token_id,
        "eos_token_id": tokenizer.eos_token_id,
        "initializer_range": 0.1,
    }
    if kind == "gpt_oss":
        config = GptOssConfig(**common, num_local_experts=4, num_experts_per_tok=2, sliding_window=16)
        config._attn_implementation = "eager"
        model: Any = GptOssForCausalLM(config)
    else:
        model = LlamaForCausalLM(LlamaConfig(**common))
    model.save_pretrained(str(folder))
    tokenizer.save_pretrained(str(folder))


@pytest.fixture(scope="session")
def model(tmp_path_factory: pytest.TempPathFactory) -> Callable[..., Any]:
    """`model("gpt_oss")` or `model("llama")`: a model artifact, made once for the session; another seed is another model."""
    from stagerun.testing.stages import artifact

    made: dict[tuple[str, int], Any] = {}

    def give(kind: str, seed: int = 0) -> Any:
        if (kind, seed) not in made:
            folder = tmp_path_factory.mktemp("models") / f"{kind}_{seed}"
            make_model(folder, kind, seed)
            made[kind, seed] = artifact("model", folder)
        return made[kind, seed]

    return give


@pytest.fixture(scope="session")
def tokenizer() -> Any:
    """The tiny models' tokenizer."""
    return make_tokenizer()


@pytest.fixture(scope="session")
def chat(tokenizer: Any) -> Any:
    """Its chat, as the stages see it."""
    from stagerun_stages.train.chat import chat_for

    return chat_for(tokenizer, {}, "2025-08-01")


def talk(question: str, answer: str) -> list[dict[str, str]]:
    """A conversation of one question and one answer."""
    return [{"role": "user", "content": question}, {"role": "assistant", "content": answer}]


@pytest.fixture
def rows() -> Callable[..., list[dict[str, Any]]]:
    """`rows(8)`: so many small conversations, each different."""

    def give(count: int) -> list[dict[str, Any]]:
        return [{"messages": talk(f"say {index}", f"{index} it is" + "!" * (index % 3))} for index in range(count)]

    return give


@pytest.fixture
def data(tmp_path: Path) -> Callable[..., Any]:
    """`data(rows)`: the rows as a dataset artifact."""
    from stagerun.testing import dataset

    def give(rows: Iterable[dict[str, Any]], name: str = "train") -> Any:
        return dataset(tmp_path / f"{name}.jsonl", rows)

    return give


def files_of(folder: Path) -> dict[str, bytes]:
    """Every file below a folder with its bytes."""
    return {str(path.relative_to(folder)): path.read_bytes() for path in sorted(folder.rglob("*")) if path.is_file()}


@pytest.fixture
def contents() -> Callable[[Path], dict[str, bytes]]:
    """`contents(folder)`: every file below it with its bytes."""
    return files_of


class Died(Exception):
    """Stands for whatever ends a process."""


@pytest.fixture
def dying_at(monkeypatch: pytest.MonkeyPatch) -> Callable[[int], Any]:
    """`with dying_at(5): ...` raises Died in the middle of telling the metrics of step 5."""
    from contextlib import contextmanager

    from stagerun.worker.context import Context

    @contextmanager
    def cut(step: int) -> Any:
        whole = Context.metric

        def metric(self: Context, at: int, **values: float) -> None:
            if at == step:
                raise Died
            whole(self, at, **values)

        with monkeypatch.context() as patch, pytest.raises(Died):
            patch.setattr(Context, "metric", metric)
            yield

    return cut


@pytest.fixture
def history() -> Callable[[Path], list[dict[str, Any]]]:
    """`history(root)`: the rows of a stage's metrics.jsonl."""

    def read(root: Path) -> list[dict[str, Any]]:
        return [json.loads(line) for line in (root / "metrics.jsonl").read_text().splitlines()]

    return read


@pytest.fixture
def same_run(history: Any, contents: Any) -> Callable[[Path, Path], None]:
    """`same_run(a, b)`: two stage folders hold the same metrics at every step and the same artifact, byte for byte."""

    def check(one: Path, other: Path) -> None:
        assert history(one) == history(other)
        assert contents(one / "final") == contents(other / "final")

    return check
