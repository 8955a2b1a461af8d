"""What an example function must print, from the comment at its end, as `go test` reads it. One without output is not run."""

from __future__ import annotations

import re
from collections.abc import Sequence

from attrs import frozen

from stagerun_lang_go.lexer import COMMENT, SEMICOLON, SIGN, Token
from stagerun_lang_go.source import Source

_OUTPUT = re.compile(r"\s*(unordered )?output:", re.IGNORECASE)


@frozen
class Example:
    """`output` is not trimmed; `unordered` compares sorted lines."""

    name: str
    output: str
    unordered: bool


def examples(source: Source) -> list[Example]:
    """The file's examples that have output to compare."""
    found = []
    for name, at in source.examples():
        text = _last_comment(source.all, source.code[at].at)
        if match := _OUTPUT.match(text):
            found.append(Example(name, text[match.end() :].lstrip(" "), bool(match.group(1))))
    return found


def _last_comment(every: Sequence[Token], at: int) -> str:
    """The last group of comments in the body of the function whose name is at a place in the source."""
    body = _body(every, next(place for place, token in enumerate(every) if token.at == at))
    while body and body[-1].kind == SIGN and body[-1].text == SEMICOLON:
        body = body[:-1]
    group: list[Token] = []
    for token in reversed(body):
        if token.kind == SIGN and token.text == SEMICOLON:
            continue  # put there by the lexer
        if token.kind != COMMENT or (group and token.line + token.text.count("\n") < group[0].line - 1):
            break
        group.insert(0, token)
    return "\n".join(_text(token.text) for token in group)


def _body(every: Sequence[Token], first: int) -> Sequence[Token]:
    """What is between the braces of the function."""
    depth, begin = 0, None
    for place in range(first, len(every)):
        text = every[place].text if every[place].kind == SIGN else ""
        depth += (text == "{") - (text == "}")
        if text == "{" and begin is None:
            begin = place + 1
        if text == "}" and depth == 0 and begin is not None:
            return every[begin:place]
    return ()


def _text(comment: str) -> str:
    if comment.startswith("//"):
        return comment[2:].removeprefix(" ").rstrip()
    return "\n".join(line.rstrip() for line in comment[2:-2].split("\n"))
