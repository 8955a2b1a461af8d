"""The token that holds a character is found from the tokens' lengths where that is right, and else as the library tracks it."""

from __future__ import annotations

from collections.abc import Callable
from typing import Any

import pytest
from hypothesis import given
from hypothesis import strategies as st
from tokenizers import Tokenizer, decoders, models, normalizers, pre_tokenizers, processors, trainers
from transformers import PreTrainedTokenizerFast

from stagerun_stages.train.placing import TRIAL, Placing, placing

MARKER = "<|end|>"
TEXTS = st.lists(
    st.sampled_from([MARKER, " ", "  ", "\n", "it's", "é", "e\u0301", "東", "ñ", "😀", "a\u200d", "x1"])
    | st.text(max_size=4)
)


def finished(inner: Any) -> Any:
    inner.add_special_tokens([MARKER])
    return PreTrainedTokenizerFast(tokenizer_object=inner, eos_token=MARKER, pad_token=MARKER)


def bytes_joined() -> Any:
    """Byte-level, with merges over several bytes of a character and over spaces."""
    inner = Tokenizer(models.BPE())
    inner.pre_tokenizer = pre_tokenizers.ByteLevel(add_prefix_space=False)
    inner.decoder = decoders.ByteLevel()
    alphabet = sorted(pre_tokenizers.ByteLevel.alphabet())
    trainer = trainers.BpeTrainer(vocab_size=320, initial_alphabet=alphabet, show_progress=False)
    inner.train_from_iterator([TRIAL, "it's 😀 東 é it's"] * 3, trainer)
    return inner


def forgetful() -> Any:
    """Byte-level without a token for one byte, which it leaves out: 0xb1, of ñ."""
    alphabet = sorted(set(pre_tokenizers.ByteLevel.alphabet()) - {"±"})
    inner = Tokenizer(models.BPE(vocab={character: at for at, character in enumerate(alphabet)}, merges=[]))
    inner.pre_tokenizer = pre_tokenizers.ByteLevel(add_prefix_space=False)
    return inner


def rewriting() -> Any:
    inner = bytes_joined()
    inner.normalizer = normalizers.Replace("ñ", "nn~")
    return inner


def trimming() -> Any:
    inner = bytes_joined()
    inner.post_processor = processors.ByteLevel(trim_offsets=True)
    return inner


def composing() -> Any:
    inner = bytes_joined()
    inner.normalizer = normalizers.NFC()
    return inner


def prefixing() -> Any:
    inner = bytes_joined()
    inner.pre_tokenizer = pre_tokenizers.ByteLevel(add_prefix_space=True)
    return inner


def pieces() -> Any:
    """SentencePiece's way: words begin with a mark."""
    inner = Tokenizer(models.Unigram([("<unk>", 0.0), *((character, -1.0) for character in sorted({*TRIAL, "▁"}))], 0))
    inner.pre_tokenizer = pre_tokenizers.Metaspace()
    return inner


KINDS: dict[str, tuple[Callable[[], Any], bool]] = {
    "byte-level": (bytes_joined, True),
    "byte-level, without one byte": (forgetful, True),
    "byte-level, rewriting a rare character": (rewriting, False),
    "byte-level, leaving out spaces": (trimming, False),
    "byte-level, composing characters": (composing, False),
    "byte-level, adding a space": (prefixing, False),
    "pieces": (pieces, False),
}


@pytest.mark.parametrize("kind", KINDS)
def test_the_quick_way_is_taken_only_where_it_is_right(kind: str) -> None:
    make, quick = KINDS[kind]
    assert (placing(finished(make())).widths is not None) == quick


@pytest.fixture(scope="module")
def both() -> dict[str, tuple[Placing, Placing]]:
    """For each kind of tokenizer the placing that is used, and the library's own."""
    found = {kind: finished(make()) for kind, (make, _) in KINDS.items()}
    return {kind: (placing(each), Placing(each)) for kind, each in found.items()}


@pytest.mark.parametrize("kind", KINDS)
@given(parts=TEXTS)
def test_every_character_is_in_the_same_token(
    kind: str, both: dict[str, tuple[Placing, Placing]], parts: list[str]
) -> None:
    text = "".join(parts).encode(errors="ignore").decode()
    chosen, tracked = both[kind]
    [(ids, token_at)], [(same, surely_at)] = chosen.tokens([text]), tracked.tokens([text])
    assert ids == same
    assert [token_at(place) for place in range(len(text))] == [surely_at(place) for place in range(len(text))]


def test_a_limit_that_somebody_set_before_is_not_kept() -> None:
    tokenizer = finished(bytes_joined())
    tokenizer("it's two", truncation=True, max_length=2, padding="max_length")  # kept inside it
    [(ids, _)] = placing(tokenizer).tokens(["it's two lines"])
    assert tokenizer.decode(ids) == "it's two lines"
