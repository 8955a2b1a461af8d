"""Makes a task's test file into a library: tests register themselves, and names mean what the standard library means by them.

Tests say `use solution::*`, so whatever a candidate exports stands beside the names of the prelude: a macro called
`assert_eq`, a type called `String`, a function called `Ok`. Standard macros get their full paths and standard names are
imported by name, which wins over a star; what the file itself imports or defines is left alone.
"""

from __future__ import annotations

from collections.abc import Iterator, Sequence
from functools import lru_cache

from attrs import frozen

from stagerun_evaluators.rust.tests import Edit, functions_of_tests, registration
from stagerun_evaluators.rust.tokens import Token, edited, group_end, spells, tokens

MACROS = frozenset(
    {
        *(
            "assert",
            "assert_eq",
            "assert_ne",
            "debug_assert",
            "debug_assert_eq",
            "debug_assert_ne",
            "panic",
            "matches",
            "vec",
        ),
        *("format", "print", "println", "eprint", "eprintln", "dbg", "unreachable", "todo", "unimplemented"),
        *("write", "writeln", "concat", "stringify"),
    }
)
_NUMBERS = tuple(f"{kind}{size}" for kind in "iu" for size in (8, 16, 32, 64, 128, "size"))
NAMES = (
    *("option::Option", "option::Option::Some", "option::Option::None", "result::Result::Ok", "result::Result::Err"),
    *("string::String", "vec::Vec", "boxed::Box"),
    *(f"primitive::{name}" for name in ("bool", "char", "str", "f32", "f64", *_NUMBERS)),
)
CRATES = ("std", "core")
PRETTY = "pretty_assertions"  # its macros have the names of standard ones
DEFINING = frozenset({"struct", "enum", "union", "type", "trait", "fn", "mod", "const", "static", "as"})


@frozen
class TestFile:
    """A test file as cargo takes it for a crate of its own."""

    __test__ = False

    path: str
    code: str

    @property
    def stem(self) -> str:
        """Its crate's name."""
        parts = self.path.removesuffix(".rs").split("/")
        return (parts[-2] if parts[-1] == "main" and len(parts) > 2 else parts[-1]).replace("-", "_")


@lru_cache(maxsize=512)  # tasks are few, their candidates many
def paths_of_tests(code: str) -> tuple[tuple[str, bool], ...]:
    """Names of the tests that the text shows, and whether each is ignored. A `fn main` is a test where there is no other."""
    found = tokens(code)
    functions = functions_of_tests(found)
    if not functions and _has_main(found):
        return (("main", False),)
    return tuple((test.path, test.ignored) for test in functions if test.path)


def has_tests(code: str) -> bool:
    """Whether there is any, also one whose name only a macro knows."""
    found = tokens(code)
    return bool(functions_of_tests(found)) or _has_main(found)


def shows_main(code: str) -> bool:
    """Whether there are no `#[test]` functions, only a `fn main` that makes its assertions."""
    found = tokens(code)
    return not functions_of_tests(found) and _has_main(found)


def mentions(code: str, word: str) -> bool:
    """Whether a word is in the code, outside comments and texts."""
    return any(token.kind == "word" and token.name == word for token in tokens(code))


def library(
    code: str,
    crate: str,
    wary: bool = False,
    blind: bool = False,
    inside: bool = False,
    old: bool = False,
    crates: Sequence[str] = (),
) -> str:
    """The file as a library; `canaries` may follow. `inside`: it belongs to the candidate's crate, so nothing is imported.

    `old`: it is of edition 2015, where names of crates are ordinary names of its root and cannot be shadowed unseen. `crates`
    are those that the tests are given beside the candidate's.
    """
    found = tokens(code)
    functions = functions_of_tests(found)
    named = () if old else tuple(sorted({*CRATES, *crates}))
    own = _own_names(found)
    edits = [edit for test in functions for edit in test.edits]
    edits += _standard_macros(found, own, wary, crate if blind else "")
    edits += [(token.start, end, "") for token, end in _only_in_tests(found)]
    if inside:
        return edited(code, edits)
    names = _named(own, named)
    edits += _standard_names(found, names, crate)
    known = any(token.name == crate for token in found if token.kind == "word")
    tail = "" if known else f"#[allow(unused_imports)] use {crate}::*;{names} "
    if not functions and _has_main(found):
        tail += registration("main")
    return f"{edited(code, edits)}\n{tail}"


def canaries(names: Sequence[str]) -> str:
    """Tests that must fail, on a number and on a text: one that passes shows that failing was made impossible."""
    number = f"fn {names[0]}() {{ ::std::assert_eq!(::std::hint::black_box(1), 2); }} " + registration(names[0])
    text = f'fn {names[1]}() {{ ::std::assert_eq!(::std::hint::black_box("a"), "b"); }} ' + registration(names[1])
    return f"\n{number}{text}\n"


def _has_main(found: Sequence[Token]) -> bool:
    return any(spells(found, at, "fn", "main", "(") for at in range(len(found)))


def _named(own: frozenset[str], crates: Sequence[str]) -> str:
    """Imports of standard names, and names of crates, that the file neither imports nor defines itself."""
    paths = ", ".join(path for path in NAMES if path.rpartition("::")[2] not in own)
    roots = ", ".join(name for name in crates if name not in own)
    every = f" #[allow(unused_imports)] use ::{{{roots}}};" if roots else ""
    return f" #[allow(unused_imports)] use ::std::{{{paths}}};{every}"


def _own_names(found: Sequence[Token]) -> frozenset[str]:
    """Every name in a `use`, and every name that is defined anywhere. What only prints more is as good as the standard one."""
    own: set[str] = set()
    for at, token in enumerate(found):
        if spells(found, at, "use"):
            end = next((place for place in range(at, len(found)) if found[place].text == ";"), len(found))
            own.update(() if spells(found, at + 1, PRETTY) else _imported(found[at + 1 : end]))
        elif token.kind == "word" and token.text in DEFINING and at + 1 < len(found):
            own.add(found[at + 1].name)
        elif spells(found, at, "macro_rules", "!") and at + 2 < len(found):
            own.add(found[at + 2].name)
    return frozenset(own)


def _imported(found: Sequence[Token]) -> Iterator[str]:
    """The last parts of the paths of a `use`: `std` in `use std::mem` is not one of them."""
    for at, token in enumerate(found):
        if token.kind == "word" and not spells(found, at + 1, ":", ":"):
            yield found[at - 3].name if token.text == "self" and at >= 3 else token.name


def _standard_macros(found: Sequence[Token], own: frozenset[str], wary: bool, blind: str) -> Iterator[Edit]:
    """Full paths for standard macros; comparisons by a macro of ours where the candidate is not trusted with them."""
    equals = "::stagerun_rt::assert_same" if blind else "::stagerun_rt::assert_eq" if wary else "::std::assert_eq"
    for at, token in enumerate(found[:-2]):
        named = token.kind == "word" and token.text in MACROS and found[at + 1].text == "!" and token.text not in own
        if not named or spells(found, at + 1, "!", "=") or (at > 0 and found[at - 1].text in {":", "$"}):
            continue
        equal = _comparison(found, at + 2) if wary and token.text == "assert" else None
        if equal is not None:
            yield (found[equal].start, found[equal + 1].end, ",")
        if equal is None and token.text != "assert_eq":
            yield (token.start, token.start, "::std::")
            continue
        yield (token.start, token.end, equals if equal is None or blind else "::stagerun_rt::assert_equal")
        if blind:
            yield (found[at + 2].end, found[at + 2].end, f'"{blind}::"; ')


def _comparison(found: Sequence[Token], at: int) -> int | None:
    """Where `==` stands when the arguments that open at `at` are one comparison and nothing else."""
    places: list[int] = []
    end, place = group_end(found, at) - 1, at + 1
    while place < end:
        token = found[place]
        if (
            token.kind == "mark"
            and token.text in ",|&;"
            and place > at + 1
            and (token.text != "&" or found[place + 1].text == "&")
        ):
            return None
        if spells(found, place, "=", "=") and found[place].end == found[place + 1].start:
            places.append(place)
            place += 1
        place = group_end(found, place) if token.kind == "mark" and token.text in "([{" else place + 1
    return places[0] if len(places) == 1 else None


def _standard_names(found: Sequence[Token], names: str, crate: str) -> Iterator[Edit]:
    """Behind the first `use CRATE::*;`, or one of a module around, in every block."""
    scopes: list[bool] = [False]
    for at, token in enumerate(found):
        if token.kind == "mark" and token.text in "{}":
            scopes = [*scopes, False] if token.text == "{" else scopes[:-1] or [False]
        starred = any(spells(found, at, "use", root, ":", ":", "*", ";") for root in (crate, "super", "crate"))
        absolute = spells(found, at, "use", ":", ":", crate, ":", ":", "*", ";")
        if (starred or absolute) and not scopes[-1]:
            scopes[-1] = True
            end = found[at + (7 if absolute else 5)].end
            yield (end, end, names)


def _only_in_tests(found: Sequence[Token]) -> Iterator[tuple[Token, int]]:
    """`#[cfg(test)]`: true here, and not said to a compiler that would then make a harness of its own."""
    for at, token in enumerate(found):
        for words in (("#", "[", "cfg", "(", "test", ")", "]"), ("#", "!", "[", "cfg", "(", "test", ")", "]")):
            if spells(found, at, *words):
                yield token, found[group_end(found, at + len(words) - 6) - 1].end
