"""A tokenizer of 100,000 words and tool-calling conversations, both made from the text of the libraries that are installed.

No tokenizer of that size comes with the project, and none may be downloaded here. What decides the cost of tokenising is
the size of the vocabulary, the pattern that splits text into words and how varied the words are; the pattern is the one
that OpenAI's encodings of this size use. The tokenizer is kept in `.cache/bench`, and made again when the libraries change.
"""

from __future__ import annotations

import json
import sys
from collections.abc import Iterator
from importlib.metadata import version
from pathlib import Path
from random import Random
from typing import Any

from benchmarks.tools import REPOSITORY

WORDS = 100_000
LEARNED_FROM = 60_000_000  # characters
PATTERN = r"(?i:'s|'t|'re|'ve|'m|'ll|'d)|[^\r\n\p{L}\p{N}]?\p{L}+|\p{N}{1,3}| ?[^\s\p{L}\p{N}]+[\r\n]*|\s*[\r\n]+|\s+(?!\S)|\s+"
MARKERS = (
    "<|endoftext|>",
    "<|start|>",
    "<|end|>",
    "<|message|>",
    "<|channel|>",
    "<|constrain|>",
    "<|return|>",
    "<|call|>",
)
FIELDS = ("path", "query", "limit", "start", "end", "name", "city", "unit", "count", "text", "mode")
CACHE = REPOSITORY / ".cache" / "bench"

Row = dict[str, Any]


def tokenizer(template: str) -> Any:
    """The tokenizer with a chat template that TRL ships."""
    import trl
    from tokenizers import Tokenizer
    from transformers import PreTrainedTokenizerFast

    made = PreTrainedTokenizerFast(
        tokenizer_object=Tokenizer.from_file(str(_file())), eos_token="<|return|>", pad_token="<|endoftext|>"
    )
    made.chat_template = (Path(trl.__file__).parent / "chat_templates" / f"{template}.jinja").read_text("utf-8")
    return made


def chats(count: int, seed: int = 0) -> list[Row]:
    """Conversations of about 542 tokens: two tools, a call, its result, and two answers."""
    random, lines = Random(seed), _prose()
    return [_chat(random, lines) for _ in range(count)]


def _file() -> Path:
    """Made once for each version of the library whose text is most of it; a minute."""
    file = CACHE / f"bpe-{WORDS}-{version('transformers')}.json"
    if not file.exists():
        print(f"making a tokenizer of {WORDS} words ...", flush=True)
        CACHE.mkdir(parents=True, exist_ok=True)
        _learned().save(str(file))
    return file


def _learned() -> Any:
    from tokenizers import Regex, Tokenizer, decoders, models, pre_tokenizers, trainers

    made = Tokenizer(models.BPE())
    words = pre_tokenizers.Split(Regex(PATTERN), "isolated")
    letters = pre_tokenizers.ByteLevel(add_prefix_space=False, use_regex=False)
    made.pre_tokenizer = pre_tokenizers.Sequence([words, letters])
    made.decoder = decoders.ByteLevel()
    alphabet = sorted(pre_tokenizers.ByteLevel.alphabet())
    trainer = trainers.BpeTrainer(
        vocab_size=WORDS, special_tokens=list(MARKERS), initial_alphabet=alphabet, show_progress=False
    )
    made.train_from_iterator(_texts(LEARNED_FROM), trainer)
    return made


def _texts(limit: int) -> Iterator[str]:
    """The sources of installed libraries, in an order that does not depend on the disk."""
    folder = next(Path(place) for place in sys.path if place.endswith("site-packages"))
    files = sorted(folder.rglob("*.py"))
    Random(0).shuffle(files)
    for file in files:
        text = file.read_text(encoding="utf-8", errors="ignore")
        yield text
        limit -= len(text)
        if limit < 0:
            return


def _prose() -> list[str]:
    """Lines that read like sentences, from the documentation strings of transformers."""
    import transformers

    folder = Path(transformers.__file__).parent
    lines = (line.strip() for file in sorted(folder.glob("*.py")) for line in file.read_text("utf-8").splitlines())
    return sorted({line for line in lines if line.count(" ") > 6 and line[0].isupper() and line[-1] in ".,:"})


def _chat(random: Random, lines: list[str]) -> Row:
    tools = [_tool(random, lines) for _ in range(2)]
    function = tools[0]["function"]
    arguments = {name: _value(random, lines, each["type"]) for name, each in _properties(function).items()}
    call = {"type": "function", "function": {"name": function["name"], "arguments": arguments}}
    result = json.dumps({"result": _say(random, lines, 2), "code": random.randrange(10**6)})
    return {
        "messages": [
            {"role": "system", "content": _say(random, lines, 1)},
            {"role": "user", "content": _say(random, lines, 2)},
            {"role": "assistant", "content": "", "tool_calls": [call]},
            {"role": "tool", "name": function["name"], "content": result},
            {"role": "assistant", "content": _say(random, lines, 3)},
            {"role": "user", "content": _say(random, lines, 1)},
            {"role": "assistant", "content": _say(random, lines, 3)},
        ],
        "tools": tools,
    }


def _properties(function: Row) -> Row:
    return dict(function["parameters"]["properties"])


def _tool(random: Random, lines: list[str]) -> Row:
    kinds = ("string", "integer")
    names = random.sample(FIELDS, 3)
    fields = {name: {"type": random.choice(kinds), "description": _say(random, lines, 1)} for name in names}
    schema = {"type": "object", "properties": fields, "required": names[:1]}
    name = "_".join(random.choice(lines).lower().strip(".,:`").split()[:2])
    described = {"name": name, "description": _say(random, lines, 1), "parameters": schema}
    return {"type": "function", "function": described}


def _value(random: Random, lines: list[str], kind: str) -> str | int:
    return random.randrange(10**4) if kind == "integer" else random.choice(lines)[:30]


def _say(random: Random, lines: list[str], count: int) -> str:
    return " ".join(random.choice(lines) for _ in range(count))
