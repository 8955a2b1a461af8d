"""A tokenizer for the small world, learned from its own words: byte-level BPE with the markers of Harmony, digits one by one.

Any text can be written in it, byte by byte if need be; only the small world's words are single tokens.
"""

from __future__ import annotations

import re
from collections.abc import Iterable
from pathlib import Path
from random import Random
from typing import Any

from stagerun_stages.tiny.corpus import corpus_row, phrases

PAD, END = "<|endoftext|>", "<|return|>"
MARKERS = (PAD, "<|start|>", "<|end|>", "<|message|>", "<|channel|>", "<|constrain|>", END, "<|call|>")
TEMPLATE = Path(__file__).with_name("chat_template.jinja")
SAMPLES = 2000  # conversations that the words are learned from
MOST_TOKENS = 1024
SEEN = 20  # a word becomes a token when it was seen so often; every fixed phrase is
WORD_BORDER = re.compile(r"<\|\w+\|>|(?<=[a-z])(?=[A-Z])")  # no token may span the two words of a name


def build_tokenizer() -> Any:
    """A PreTrainedTokenizerFast with its chat template; always the same one, so that seeds change no token."""
    from transformers import PreTrainedTokenizerFast
    from transformers.utils.chat_template_utils import render_jinja_template

    template = TEMPLATE.read_text(encoding="utf-8")
    random = Random("words")
    rows = [corpus_row(random) for _ in range(SAMPLES)]
    texts = [
        render_jinja_template([row["messages"]], tools=row.get("tools"), chat_template=template)[0][0] for row in rows
    ]
    plain = [piece for text in texts for piece in WORD_BORDER.split(text)]
    learned = _learn([*plain, *phrases() * SEEN])
    tokenizer = PreTrainedTokenizerFast(tokenizer_object=learned, eos_token=END, pad_token=PAD)
    tokenizer.chat_template = template
    return tokenizer


def _learn(texts: Iterable[str]) -> Any:
    from tokenizers import Tokenizer, decoders, models, pre_tokenizers, trainers

    tokenizer = Tokenizer(models.BPE())
    digits, letters = pre_tokenizers.Digits(individual_digits=True), pre_tokenizers.ByteLevel(add_prefix_space=False)
    tokenizer.pre_tokenizer = pre_tokenizers.Sequence([digits, letters])
    tokenizer.decoder = decoders.ByteLevel()
    trainer = trainers.BpeTrainer(
        vocab_size=MOST_TOKENS,
        min_frequency=SEEN,
        special_tokens=list(MARKERS),
        initial_alphabet=sorted(pre_tokenizers.ByteLevel.alphabet()),
        show_progress=False,
    )
    tokenizer.train_from_iterator(texts, trainer)
    return tokenizer
