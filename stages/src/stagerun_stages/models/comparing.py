"""Compares a GGUF file, run by llama.cpp, with the model it was made from.

Three things are looked at. llama.cpp must cut text into the same tokens. Its greedy answers to the fixed questions are the
source's, token by token, for formats that keep all that matters; where two tokens are as good as equally likely to the source
either will do, which is counted. And along the source's answers the next-token distributions must stay close: the measure is the
mean over tokens of KL(source || file) in nats, over the `TOP` likeliest tokens and all others as one, which can only lower it.
"""

from __future__ import annotations

import math
from collections.abc import Mapping, Sequence
from typing import Any

from attrs import frozen

from stagerun_stages.models.asking import Reference
from stagerun_stages.models.llama import Llama
from stagerun_stages.models.parity import TEXTS

TOP = 2000  # tokens whose probabilities are asked for; the server sends them as text
ROOM = 64  # tokens of context beyond the longest question and answer
TINY = 1e-9  # probability below which a remainder is rounding
TIE = {"float32": 0.01}  # nats between two tokens that rounding the weights may turn round
LOOSE_TIE = 0.25  # the same where the source itself was run in 16 bits, whose own rounding is that large
PROBES = (
    *TEXTS,
    "  two  spaces,\ttabs\nand\n\n\nnewlines   ",
    "It's 3.14 or 2,718 - we've 100% of 007's £5 notes!",
    "naïve café, Ünïcödé, 日本語のテキスト, русский, עברית, 🙂👍🏽",
    "snake_case camelCase PascalCase x1y2 __init__ ===>>> \\n {[(<>)]}",
)


@frozen
class Comparison:
    """`same`: questions with the source's own answer; `tied`: those that leave it where the source was undecided;
    `agreement`: share of the answers' tokens that the file finds likeliest too; `divergence` in nats to a token, over
    `tokens` of them."""

    same: int
    tied: int
    questions: int
    agreement: float
    divergence: float
    tokens: int


def same_tokens(llama: Llama, tokenizer: Any, reference: Reference) -> list[str]:
    """Texts that llama.cpp cuts otherwise than the tokenizer does; none is good."""
    texts = [(probe, list(tokenizer(probe, add_special_tokens=False)["input_ids"])) for probe in PROBES]
    texts += [(question.text, question.ids) for question in reference.questions]
    return [text for text, ids in texts if llama.tokens(text) != ids]


def compare(llama: Llama, reference: Reference, longest: int, dtype: str) -> Comparison:
    """Ask the file what the source was asked. `longest` is the limit the source answered under, `dtype` what it ran in."""
    tie = TIE.get(dtype, LOOSE_TIE)
    same = tied = agreed = told = 0
    nats = 0.0
    for question, given, expected in zip(reference.questions, reference.answers, reference.expected, strict=True):
        found = llama.answer(question.ids, longest)
        same += found == given
        tied += found != given and _undecided(found, given, expected, tie)
        for position in range(len(given)):
            likely = llama.following([*question.ids, *given[:position]], min(TOP, expected.shape[-1]))
            if likely is None:
                continue
            told += 1
            agreed += max(likely, key=likely.__getitem__) == given[position]
            nats += divergence(expected[position], likely)
    return Comparison(same, tied, len(reference.questions), agreed / max(told, 1), nats / max(told, 1), told)


def divergence(expected: Any, likely: Mapping[int, float]) -> float:
    """KL(source || file) in nats, of tokens in `likely` each by itself and the others as one."""
    tokens = list(likely)
    ours, theirs = [float(value) for value in expected[tokens].double()], list(likely.values())
    sums = [sum(map(math.exp, values)) for values in (ours, theirs)]
    if len(tokens) == expected.shape[-1]:  # all there are: what the sums lack or exceed is rounding
        ours, theirs = (
            [value - math.log(sum_) for value in values] for values, sum_ in zip((ours, theirs), sums, strict=True)
        )
    nats = sum(math.exp(p) * (p - q) for p, q in zip(ours, theirs, strict=True))
    rest, other = (max(1 - sum_, TINY) for sum_ in sums)
    return nats + (rest * math.log(rest / other) if len(tokens) < expected.shape[-1] else 0.0)


def _undecided(found: Sequence[int], given: Sequence[int], expected: Any, tie: float) -> bool:
    """Whether the two answers part where the source held both next tokens for about equally likely."""
    for position, (theirs, ours) in enumerate(zip(found, given, strict=False)):
        if theirs != ours:
            return float(expected[position][ours] - expected[position][theirs]) <= tie
    return False
