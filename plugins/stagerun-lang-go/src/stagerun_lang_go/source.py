"""What a Go file says about itself, read from its tokens: package, imports, what it declares at top level, directives.

No types and no bodies: enough to lay out a build, to find tests, and to see what a candidate may not do.
"""

from __future__ import annotations

import re
from collections.abc import Iterator, Sequence
from functools import lru_cache

from attrs import frozen

from stagerun_lang_go.lexer import BROKEN, COMMENT, NAME, SEMICOLON, SIGN, TEXT, Token, tokens, unquoted

_TEST = re.compile(r"Test(?![a-z])\w*$")
_EXAMPLE = re.compile(r"Example(?![a-z])\w*$")
_DIRECTIVE = re.compile(r"//(go:\w+)")
_SYSTEMS = "aix android darwin dragonfly freebsd illumos ios js linux netbsd openbsd plan9 solaris wasip1 windows zos"
_MACHINES = "386 amd64 arm arm64 loong64 mips mips64 mips64le mipsle ppc64 ppc64le riscv64 s390x wasm"
_SUFFIX = re.compile(rf"_(?:{'|'.join((_SYSTEMS + ' ' + _MACHINES).split())})(?:_test)?\.go$")
_CALLED = "append cap clear close complex copy delete imag len make max min new panic print println real recover"
CALLED = frozenset(_CALLED.split())  # predeclared functions: nothing else can be done with them
_OPEN, _CLOSE = frozenset("([{"), frozenset(")]}")


@frozen
class Import:
    """`alias` is empty where the package keeps its name."""

    path: str
    alias: str
    line: int


@frozen
class Source:
    """One file. `declared` are the names at top level, methods left out; `functions` those of functions, with their place.

    `broken`: it cannot be Go. `constrained`: whether it takes part in a build depends on more than its name's ending in `.go`.
    """

    package: str
    imports: tuple[Import, ...]
    declared: frozenset[str]
    functions: tuple[tuple[str, int], ...]  # name, position of its token
    directives: frozenset[str]
    broken: bool
    code: tuple[Token, ...]  # without comments
    all: tuple[Token, ...]

    @property
    def names(self) -> frozenset[str]:
        """Every identifier in it."""
        return frozenset(token.text for token in self.code if token.kind == NAME)

    @property
    def leans_on(self) -> frozenset[str]:
        """Names it uses as they are, not as somebody's field or method; those of predeclared functions where they are called."""
        around = zip((None, *self.code), self.code, (*self.code[1:], None), strict=False)
        return frozenset(
            token.text
            for before, token, after in around
            if token.kind == NAME
            and (before is None or before.text != ".")
            and (token.text not in CALLED or _calls(before, after))
        )

    def uses(self, package: str) -> Iterator[tuple[str, int]]:
        """Names that are selected from an imported package, with their lines."""
        called = {each.alias or package.rpartition("/")[2] for each in self.imports if each.path == package}
        for at, token in enumerate(self.code[:-2]):
            if token.text in called and self.code[at + 1].text == "." and self.code[at + 2].kind == NAME:
                yield self.code[at + 2].text, token.line

    def tests(self) -> list[str]:
        """Names of its tests: `func TestX(t *testing.T)`; not of one that skips itself at once, which nobody can pass."""
        named = [(name, at) for name, at in self.functions if _TEST.match(name) and self._takes(at, "T")]
        return [name for name, at in named if not self._skips(at)]

    @property
    def has_main(self) -> bool:
        """Whether it has a TestMain."""
        return any(name == "TestMain" and self._takes(at, "M") for name, at in self.functions)

    def examples(self) -> list[tuple[str, int]]:
        """Names of its example functions and the positions of their tokens."""
        return [(name, at) for name, at in self.functions if _EXAMPLE.match(name)]

    def _skips(self, at: int) -> bool:
        """Whether the function's first statement is a call of Skip."""
        words = [token.text for token in self.code[at + 1 : at + 14]]
        begin = words.index("{") + 1 if "{" in words else len(words)
        return words[begin : begin + 2] == [words[1], "."] and words[begin + 2 : begin + 3] in (
            ["Skip"],
            ["Skipf"],
            ["SkipNow"],
        )

    def _takes(self, at: int, kind: str) -> bool:
        """Whether the function's one parameter is a pointer to something called `kind`."""
        words = [token.text for token in self.code[at + 1 : at + 8]]
        inside = words[: words.index(")")] if ")" in words else []
        return "*" in inside and inside[-1:] == [kind] and "," not in inside


def _calls(before: Token | None, after: Token | None) -> bool:
    """Whether a name between these two tokens is called: it is not being declared."""
    return after is not None and after.text == "(" and (before is None or before.text not in {"func", ")"})


def constrained(path: str, source: Source) -> bool:
    """Whether a build may leave the file out."""
    return bool(source.directives & {"go:build"} or _SUFFIX.search(path)) or any(
        token.text.startswith("// +build") for token in source.all if token.kind == COMMENT
    )


@lru_cache(maxsize=512)
def read(text: str) -> Source:
    """Read one file; never fails."""
    every = tokens(text)
    code = tuple(token for token in every if token.kind != COMMENT)
    reader = _Reader(code)
    reader.run()
    said = (_DIRECTIVE.match(token.text) for token in every if token.kind == COMMENT)
    return Source(
        package=reader.package,
        imports=tuple(reader.imports),
        declared=frozenset(reader.declared),
        functions=tuple(reader.functions),
        directives=frozenset(found.group(1) for found in said if found),
        broken=any(token.kind == BROKEN for token in every) or not reader.package,
        code=code,
        all=tuple(every),
    )


class _Reader:
    """Walks over the statements at top level."""

    def __init__(self, code: Sequence[Token]) -> None:
        self.code, self.package = code, ""
        self.imports: list[Import] = []
        self.declared: list[str] = []
        self.functions: list[tuple[str, int]] = []

    def run(self) -> None:
        for first, last in self._statements(0, len(self.code)):
            word = self.code[first].text
            if word == "package" and not self.package and last - first > 1:
                self.package = self.code[first + 1].text
            elif word == "func" and last - first > 1 and self.code[first + 1].kind == NAME:
                self.functions.append((self.code[first + 1].text, first + 1))
                self.declared.append(self.code[first + 1].text)
            elif word in {"import", "type", "var", "const"}:
                for begin, end in self._specs(first + 1, last):
                    self._spec(word, self.code[begin:end])

    def _statements(self, first: int, last: int) -> Iterator[tuple[int, int]]:
        """Where statements begin and end, nested ones not entered."""
        depth, begin = 0, first
        for at in range(first, last):
            text = self.code[at].text if self.code[at].kind == SIGN else ""
            depth += (text in _OPEN) - (text in _CLOSE)
            if text == SEMICOLON and depth <= 0:
                if at > begin:
                    yield begin, at
                begin = at + 1
        if last > begin:
            yield begin, last

    def _specs(self, first: int, last: int) -> Iterator[tuple[int, int]]:
        """The specs of a declaration: itself, or those in its brackets."""
        if first < last and self.code[first].text == "(":
            yield from self._statements(first + 1, last - 1 if self.code[last - 1].text == ")" else last)
        elif first < last:
            yield first, last

    def _spec(self, word: str, spec: Sequence[Token]) -> None:
        if word == "import":
            if spec[-1].kind == TEXT:
                alias = spec[0].text if len(spec) > 1 else ""
                self.imports.append(Import(unquoted(spec[-1]), alias, spec[0].line))
            return
        for name, after in zip(spec[::2], [*spec[1::2], None], strict=False):
            if name.kind != NAME:
                return
            self.declared.append(name.text)
            if word == "type" or after is None or after.text != ",":
                return
