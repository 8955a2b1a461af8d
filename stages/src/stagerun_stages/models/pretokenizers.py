"""Finds the name under which llama.cpp knows how a tokenizer cuts text before it looks up words.

The converter recognises tokenizers of well-known models by the hash of a sample text, which a tokenizer of one's own never
matches. Its rule is then read from the tokenizer itself and looked up here. Whether llama.cpp really cuts the same is not
believed: the stage proves it, see comparing.py.
"""

from __future__ import annotations

import json
from typing import Any

from stagerun import StageError

_BYTES = {"type": "ByteLevel", "add_prefix_space": False, "use_regex": True}  # GPT-2's regular expression
_DIGITS = {"type": "Digits", "individual_digits": True}
# What transformers 5 gives every tokenizer of a Qwen 2 model when it is loaded, whatever it was saved with.
_QWEN2 = (
    r"(?i:'s|'t|'re|'ve|'m|'ll|'d)|[^\r\n\p{L}\p{N}]?\p{L}+|\p{N}| ?[^\s\p{L}\p{N}]+[\r\n]*|\s*[\r\n]+|\s+(?!\S)|\s+"
)
_WORDS = {"type": "Split", "pattern": {"Regex": _QWEN2}, "behavior": "Isolated", "invert": False}
_LETTERS = {"type": "ByteLevel", "add_prefix_space": False, "use_regex": False}
# From llama.cpp's src/llama-vocab.cpp: "gpt-2" is the expression alone, "smollm" cuts every digit off first.
_RULES = {
    json.dumps([_BYTES]): "gpt-2",
    json.dumps([_DIGITS, _BYTES]): "smollm",
    json.dumps([_WORDS, _LETTERS]): "qwen2",
}


def pretokenizer(tokenizer: Any) -> str:
    """llama.cpp's name for the tokenizer's rule; raises StageError when none is known."""
    described = json.loads(tokenizer.backend_tokenizer.to_str()).get("pre_tokenizer") or {}
    steps = described.get("pretokenizers", [described])
    name = _RULES.get(json.dumps([_plain(step) for step in steps]))
    if name is None:
        kinds = ", ".join(str(step.get("type")) for step in steps)
        raise StageError(
            f"llama.cpp knows no pre-tokenizer of this kind ({kinds}), so no GGUF of this model would read text as it does",
            "take the GGUF formats out of with.formats, or use the tokenizer of a model that llama.cpp knows",
        )
    return name


def _plain(step: dict[str, Any]) -> dict[str, Any]:
    """A step without what changes offsets alone."""
    return {key: value for key, value in step.items() if key != "trim_offsets"}
