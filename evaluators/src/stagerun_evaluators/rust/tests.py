"""Reads a task's test files: which tests there are, and the same file made into a library whose tests register themselves.

`#[test]` functions, also within modules and in the bodies of macros, `#[ignore]`, `#[should_panic]`. Every change stays on
its line, so that messages point to the right place. Not covered: `async` tests and attributes of other crates.
"""

from __future__ import annotations

from collections.abc import Iterator, Sequence

from attrs import evolve, frozen

from stagerun_evaluators.rust.tokens import Token, group_end, spells

QUALIFIERS = frozenset({"pub", "const", "unsafe", "extern"})
UNKNOWN = "?"  # in the place of a module
REMOVED = frozenset({"test", "ignore", "should_panic"})
Edit = tuple[int, int, str]


@frozen
class TestFunction:
    """One test. `inside` names what is around it, module by module; None when only the compiler can say whether and as what
    the test is there. `given` are its `#[cfg(...)]`. `attributes` are what to take away."""

    __test__ = False

    name: str
    start: int
    inside: tuple[str, ...] | None = ()
    ignored: bool = False
    ends: str = "Well"
    given: str = ""
    attributes: tuple[tuple[int, int], ...] = ()

    @property
    def path(self) -> str:
        """As cargo names it; empty where only the compiler can say."""
        known = self.inside is not None and "$" not in self.name and not self.given
        return "::".join([*(self.inside or ()), self.name]) if known else ""

    @property
    def edits(self) -> Iterator[Edit]:
        """What makes the function register itself."""
        yield (self.start, self.start, self.given + registration(self.name, self.ignored, self.ends))
        yield from ((start, end, "") for start, end in self.attributes)


def registration(name: str, ignored: bool = False, ends: str = "Well") -> str:
    """An item that registers the function of this name when its library is loaded."""
    said = f'::std::concat!(::std::module_path!(), "::", ::std::stringify!({name}))'
    return (
        '#[allow(unused)] const _: () = { #[unsafe(link_section = ".init_array")] #[used] '
        'static R: extern "C" fn() = r; extern "C" fn r() { '
        f"::stagerun_rt::register({said}, {str(ignored).lower()}, ::stagerun_rt::Ends::{ends}, "
        f"|| ::stagerun_rt::Outcome::outcome({name}())) }} }}; "
    )


def functions_of_tests(found: Sequence[Token]) -> list[TestFunction]:
    """Every test in a file, in order."""
    return list(_functions(found))


def _functions(found: Sequence[Token]) -> Iterator[TestFunction]:
    scopes: list[str | None] = []
    opening: dict[int, str | None] = {}  # a bracket -> the module it opens, or that a macro's body does
    at, given = 0, ""
    while at < len(found):
        token = found[at]
        if spells(found, at, "#", "["):
            after, run = _attributes(found, at)
            test, given = _test(found, after, run), _conditions(found, run)
            if test is not None and None not in scopes:
                yield evolve(test, start=token.start, inside=_modules(scopes), given=given)
            at = after
            continue
        if spells(found, at, "mod") and spells(found, at + 2, "{"):
            opening[at + 2] = UNKNOWN if given else found[at + 1].name
        elif spells(found, at, "macro_rules", "!"):
            opening[at + 3] = UNKNOWN
        if token.kind == "mark" and token.text in "{([":
            scopes.append(opening.get(at, UNKNOWN if UNKNOWN in scopes and at not in opening else None))
        elif token.kind == "mark" and token.text in "})]" and scopes:
            scopes.pop()
        given = given if token.text in {"pub", "mod"} or token.kind == "word" else ""
        at += 1


def _modules(scopes: Sequence[str | None]) -> tuple[str, ...] | None:
    """The modules around; None in a macro's body and in a module that may not be there."""
    names = tuple(scope for scope in scopes if scope is not None)
    return None if UNKNOWN in names else names


def _conditions(found: Sequence[Token], run: Sequence[tuple[int, int]]) -> str:
    """The `#[cfg(...)]` among the attributes but `#[cfg(test)]`, which always holds here."""
    conditions = [
        " ".join(token.text for token in found[start:end]) for start, end in run if _attribute(found, start) == "cfg"
    ]
    return "".join(f"{each} " for each in conditions if each != "# [ cfg ( test ) ]")


def _attributes(found: Sequence[Token], at: int) -> tuple[int, list[tuple[int, int]]]:
    """The index behind a run of outer attributes, and where each begins and ends."""
    run: list[tuple[int, int]] = []
    while spells(found, at, "#", "["):
        end = group_end(found, at + 1)
        run.append((at, end))
        at = end
    return at, run


def _test(found: Sequence[Token], at: int, run: Sequence[tuple[int, int]]) -> TestFunction | None:
    """The test that these attributes make of the function behind them; None when it is no test."""
    said = {_attribute(found, start): (start, end) for start, end in run}
    name = _function(found, at)
    if not name or "test" not in said:
        return None
    ends = _ends(found, *said["should_panic"]) if "should_panic" in said else "Well"
    gone = [(found[start].start, found[end - 1].end) for start, end in run if _attribute(found, start) in REMOVED]
    return TestFunction(name, 0, ignored="ignore" in said, ends=ends, attributes=tuple(gone))


def _attribute(found: Sequence[Token], at: int) -> str:
    """The name of an attribute that begins at `#`, with its path."""
    name, at = "", at + 2
    while at < len(found) and (found[at].kind == "word" or found[at].text == ":"):
        name += found[at].name
        at += 1
    return name


def _function(found: Sequence[Token], at: int) -> str:
    """The name of the function that begins here; the empty string when none does."""
    while at < len(found) and (found[at].text in QUALIFIERS or found[at].kind == "text"):
        at = group_end(found, at + 1) if spells(found, at + 1, "(") else at + 1
    if not spells(found, at, "fn") or at + 2 >= len(found):
        return ""
    return f"${found[at + 2].text}" if found[at + 1].text == "$" else found[at + 1].text


def _ends(found: Sequence[Token], start: int, end: int) -> str:
    """What `#[should_panic]` expects, as the runtime's enum says it."""
    texts = [token.text for token in found[start:end] if token.kind in {"text", "raw"}]
    return f"InPanicThatSays({texts[0]})" if texts else "InPanic"
