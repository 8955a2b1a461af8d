"""Tokenises texts, and finds the token that holds a character.

The tokenizers library keeps track of where each token came from, which is a quarter of its time. A byte-level tokenizer (those
of GPT-OSS, Llama 3 and Mistral's newer ones) needs no such track: its tokens are the bytes of the text one after the other, so
that their lengths tell. Whether a tokenizer is of that kind is tried on a text with everything in it; one that rewrites text
first, as Qwen's composes characters, is not. A byte without a token is left out, so the sum of the lengths is checked for
every text. Where any of this fails the library's own track is used.
"""

from __future__ import annotations

from collections.abc import Callable, Iterator, Sequence
from functools import partial
from typing import Any

import numpy as np
from attrs import frozen

TRIAL = 'It\'s  two\n\n\tlines: f(x) = {"a": [1, 22.5]} -- \u00fcber, e\u0301, \u4e1c\u897f, \U0001f600\u200d! \r\n  '

TokenAt = Callable[[int], int | None]  # the token that holds a character; None for one that no token holds


@frozen
class Placing:
    """A tokenizer, and the number of bytes that each of its tokens stands for; None when they do not tell where it is."""

    tokenizer: Any
    widths: Any = None

    def tokens(self, texts: Sequence[str]) -> Iterator[tuple[list[int], TokenAt]]:
        """The tokens of each text; special tokens are recognised, none is added."""
        if self.widths is None:
            yield from _tracked(self.tokenizer, texts)
            return
        for text, ids in zip(texts, _quickly(self.tokenizer, texts), strict=True):
            ends = self.widths[ids].cumsum()
            if ids and ends[-1] == len(text.encode()):
                yield ids, partial(_holding, text, ends)
            else:
                yield from _tracked(self.tokenizer, [text])


def placing(tokenizer: Any) -> Placing:
    """The quick way where it leads to the same place for every character of the trial."""
    widths = _widths(tokenizer)
    [ids] = _quickly(tokenizer, [TRIAL])
    [(same_ids, token_at)] = _tracked(tokenizer, [TRIAL])
    ends = widths[ids].cumsum()
    same = all(_holding(TRIAL, ends, place) == token_at(place) for place in range(len(TRIAL)))
    fits = (
        tokenizer.backend_tokenizer.normalizer is None and ids == same_ids and same and ends[-1] == len(TRIAL.encode())
    )
    return Placing(tokenizer, widths if fits else None)


def _quickly(tokenizer: Any, texts: Sequence[str]) -> Iterator[list[int]]:
    inner = tokenizer.backend_tokenizer
    inner.no_truncation()  # what an earlier caller may have set
    inner.no_padding()
    for made in inner.encode_batch_fast(texts, add_special_tokens=False):
        yield made.ids


def _tracked(tokenizer: Any, texts: Sequence[str]) -> Iterator[tuple[list[int], TokenAt]]:
    if not texts:
        return
    made = tokenizer(list(texts), add_special_tokens=False, return_attention_mask=False)
    for place, ids in enumerate(made["input_ids"]):
        yield ids, partial(made.char_to_token, place)


def _widths(tokenizer: Any) -> Any:
    """Byte-level tokens are written with one character for each byte; added ones as they are."""
    widths = np.zeros(len(tokenizer), dtype=np.int64)
    added = {token.content for token in tokenizer.added_tokens_decoder.values()}
    for token, place in tokenizer.get_vocab().items():
        if place < len(widths):
            widths[place] = len(token.encode() if token in added else token)
    return widths


def _holding(text: str, ends: Any, place: int) -> int:
    return int(np.searchsorted(ends, len(text[:place].encode()), side="right"))
