"""What a candidate's own text says before anything is compiled: what is refused, what makes the judge wary or lint strict.

Read from tokens, so words in comments and texts say nothing. Refused are only doors that no solution needs: names and sections
for the linker, assembly, and including files that are not the candidate's. A task that is about those says
`linkage = true` in its `meta`.
"""

from __future__ import annotations

import posixpath
import re
from collections.abc import Container, Iterable, Iterator, Mapping, Sequence
from itertools import pairwise

from attrs import field, frozen

from stagerun_evaluators.rust.tokens import Token, group_end, spells, tokens

LINKAGE = frozenset({"no_mangle", "export_name", "link_section", "linkage", "link_args"})
ASSEMBLY = frozenset({"global_asm", "asm", "naked_asm"})
INCLUDES = frozenset({"include", "include_str", "include_bytes"})
LEVELS = frozenset({"allow", "expect"})
DENYING = frozenset({"deny", "forbid"})
GROUPS = frozenset(
    {
        *(
            "warnings",
            "unused",
            "all",
            "style",
            "complexity",
            "perf",
            "correctness",
            "suspicious",
            "pedantic",
            "nursery",
        ),
        *("nonstandard_style", "future_incompatible", "bad_style"),
    }
)
MANY = 12  # more single allows than this are a blanket one
# Methods that a trait can take from a standard type: those of slices and texts, that lists, strings and boxes have only through
# them, and those that borrow, as a trait's that takes the value itself is asked first.
BORROWED = frozenset(
    {
        *(
            "contains",
            "starts_with",
            "ends_with",
            "first",
            "last",
            "get",
            "iter",
            "join",
            "concat",
            "sort",
            "reverse",
            "to_vec",
        ),
        *(
            "trim",
            "chars",
            "bytes",
            "lines",
            "split",
            "parse",
            "find",
            "replace",
            "repeat",
            "to_lowercase",
            "to_uppercase",
        ),
        *(
            "is_sorted",
            "binary_search",
            "windows",
            "chunks",
            "swap",
            "fill",
            "eq_ignore_ascii_case",
            "as_bytes",
            "get_mut",
        ),
        *(
            "is_some",
            "is_none",
            "is_ok",
            "is_err",
            "is_empty",
            "len",
            "as_ref",
            "as_str",
            "as_slice",
            "as_deref",
            "clone",
        ),
        *(
            "to_string",
            "to_owned",
            "contains_key",
            "insert",
            "remove",
            "push",
            "keys",
            "values",
            "is_subset",
            "is_superset",
        ),
        *(
            "is_disjoint",
            "eq",
            "ne",
            "cmp",
            "partial_cmp",
            "is_alphabetic",
            "is_numeric",
            "is_ascii",
            "capacity",
            "peek",
        ),
    }
)
LIBRARIES = frozenset(
    {"c", "m", "dl", "rt", "pthread", "util", "gcc_s"}
)  # of the system: asking for these means nothing
OURS = frozenset({"std", "core", "alloc", "stagerun_rt"})  # crates whose names the tests rely on
CALCULATING = frozenset({"Add", "Sub", "Mul", "Div", "Rem", "PartialOrd"})
PRELUDE = frozenset({"Vec", "String", "Box", "Option", "Result", "Some", "None", "Ok", "Err", "Self"})
COMPARING = frozenset({"PartialEq", "PartialOrd"})


@frozen
class Suspicions:
    """`refused` says why it is not built, empty when it is. `traits`: public ones that give standard types some of
    the methods in `BORROWED`. `makers`: public functions and the type of the candidate's own that each gives, which calculates or
    compares with other types as it likes. `wary`: it decides itself what equals what; `blind`: without
    looking at the other side.

    `blanket`: it silences whole groups of lints, which does not count. `denies`: it turns clippy's warnings into errors, so its
    lint must not be what compiles it.
    """

    refused: str = ""
    traits: Mapping[str, frozenset[str]] = field(factory=dict)
    makers: Mapping[str, str] = field(factory=dict)
    wary: bool = False
    blind: bool = False
    blanket: bool = False
    denies: bool = False


def suspicions(files: Mapping[str, str], known: Container[str], linkage: bool = False) -> Suspicions:
    """Of a candidate's files. `known` are the paths of all files that it may include."""
    refused, wary, denies, allowed, blanket = "", False, False, 0, False
    blind = False
    for path, code in files.items():
        found = tokens(code)
        refused = refused or next(_refusals(path, found, known, linkage), "")
        wary = wary or _compares(found)
        blind = blind or _is_blind(found)
        for level, lints in _levels(found):
            denies = denies or (level in DENYING and ("warnings" in lints or "clippy" in lints))
            if level in LEVELS:
                allowed += len([lint for lint in lints if lint != "clippy"])
                blanket = blanket or bool(GROUPS & set(lints))
    every = [token for code in files.values() for token in tokens(code)]
    return Suspicions(refused, _extending(every), _makers(every), wary, blind, blanket or allowed > MANY, denies)


def _refusals(path: str, found: Sequence[Token], known: Container[str], linkage: bool) -> Iterator[str]:
    for at, token in enumerate(found):
        if token.kind != "word":
            continue
        if token.name in LINKAGE and not linkage:
            yield f"{path} has `{token.name}`: names and sections for the linker are not allowed"
        elif token.name in ASSEMBLY and not linkage and not _is_defined(found, at):
            yield f"{path} has `{token.name}`: assembly is not allowed"
        elif spells(found, at, "link", "(") and not linkage and _links_more(found, at + 1):
            yield f"{path} links with a library of its own"
        elif token.name == "stagerun_rt" or _renames_ours(found, at):
            yield f"{path} puts a crate in the place of one that tests rely on"
        elif token.name in INCLUDES and spells(found, at + 1, "!") and not _is_own_file(path, found, at + 2, known):
            yield f"{path} includes a file that is not part of the solution"


def _is_defined(found: Sequence[Token], at: int) -> bool:
    """Whether the word is an ordinary name here: `let asm`, `fn asm`, `x.asm`, `asm: u8`; a macro's use is `asm!`."""
    return not spells(found, at + 1, "!") and not spells(found, at - 1, ":")


def _links_more(found: Sequence[Token], at: int) -> bool:
    """Whether this is `link(name = "...", ...)`, the attribute, and names more than the system's own libraries."""
    inner = found[at + 1 : group_end(found, at) - 1]
    words = {"name", "kind", "modifiers", "cfg", "import_name_type", "wasm_import_module"}
    attribute = bool(inner) and inner[0].name in words and not spells(found, at + 2, "=", "=")
    return attribute and any(each.kind in {"text", "raw"} and each.text.strip('"') not in LIBRARIES for each in inner)


def _renames_ours(found: Sequence[Token], at: int) -> bool:
    """Whether this is `extern crate ... as std` or its like, or has a name that a macro puts in."""
    if not spells(found, at, "extern", "crate"):
        return False
    end = next((place for place in range(at, len(found)) if found[place].text == ";"), len(found))
    names = [each.name for each in found[at + 2 : end]]
    return "as" in names and (names[-1] in OURS or "$" in names)


def _is_own_file(path: str, found: Sequence[Token], at: int, known: Container[str]) -> bool:
    """Whether an include names, in plain words, a file that is there, from where the including file lies."""
    inner = found[at + 1 : group_end(found, at) - 1]
    while inner and inner[-1].text == ",":
        inner = inner[:-1]
    if len(inner) != 1 or inner[0].kind != "text" or "\\" in inner[0].text:
        return False
    named = posixpath.normpath(posixpath.join(posixpath.dirname(path), inner[0].text.strip('"')))
    return named in known


def _extending(found: Sequence[Token]) -> dict[str, frozenset[str]]:
    """Public traits with a method of `BORROWED` that are given to types that are not the candidate's own, or to all."""
    own = {after.name for before, after in pairwise(found) if before.text in {"struct", "enum", "union"}}
    given = {
        _trait_of(found, at)
        for at, token in enumerate(found)
        if token.text == "for" and _is_foreign(found, at + 1, own)
    }
    traits: dict[str, frozenset[str]] = {}
    for at, token in enumerate(found[:-2]):
        if token.text != "trait" or not (spells(found, at - 1, "pub") or spells(found, at - 2, "pub", "unsafe")):
            continue
        name = found[at + 2].name if found[at + 1].text == "$" else found[at + 1].name
        if name in given:
            body = next((place for place in range(at, len(found)) if found[place].text == "{"), len(found))
            inner = found[body : group_end(found, body)]
            methods = {each.name for before, each in pairwise(inner) if before.text == "fn"}
            if found[at + 1].text == "$":  # a macro's: any word may become the name of its methods
                name, methods = f"${name}", {each.name for each in found if each.kind == "word"}
            if methods & BORROWED:
                traits[name] = frozenset(methods & BORROWED)
    return traits


def _makers(found: Sequence[Token]) -> dict[str, str]:
    """Public functions whose result is of a type that has operators with types that are not its own: `mean() - 1.5`."""
    own = {after.name for before, after in pairwise(found) if before.text in {"struct", "enum", "union"}}
    lending = {
        found[at + 1].name
        for at, token in enumerate(found[:-1])
        if token.text == "for" and found[at + 1].name in own and _trait_of(found, at) in CALCULATING
        if spells(found, at - 1, ">") and found[at - 2].name not in own  # `impl Sub<f64> for F`
    }
    makers: dict[str, str] = {}
    for at in range(len(found)):
        if lending and spells(found, at, "pub", "fn"):
            body = next((place for place in range(at, len(found)) if found[place].text in {"{", ";"}), len(found))
            arrow = next((place for place in range(at, body) if spells(found, place, "-", ">")), body)
            for each in found[arrow:body]:
                if each.name in lending:
                    makers[found[at + 2].name] = each.name
    return makers


def asked_for(trait: str, statement: str, tests: Iterable[str]) -> bool:
    """Whether a task speaks of this trait: the statement as of a trait, the tests by its name; a name that means anything else to
    either, `f` or `Result`, is none."""
    name = re.escape(trait)
    if re.search(rf"\btrait\s+`?{name}\b|\b{name}`?\s+trait\b", statement):
        return True
    words = (token.name for code in tests for token in tokens(code) if token.kind == "word")
    return trait[:1].isupper() and trait not in PRELUDE and trait in words


def _trait_of(found: Sequence[Token], at: int) -> str:
    """The trait of `impl<...> a::Trait<...> for`, seen from `for`."""
    place = at - 1
    if place >= 0 and found[place].text == ">":
        depth = 0
        while place >= 0:
            depth += (found[place].text == ">") - (found[place].text == "<")
            place -= 1
            if depth == 0:
                break
    return found[place].name if place >= 0 else ""


def _is_foreign(found: Sequence[Token], at: int, own: Container[str]) -> bool:
    """Whether a type begins here that the candidate does not define: a standard one, a name for one, a parameter."""
    return at < len(found) and found[at].name not in own and found[at].text != "crate"


def _compares(found: Sequence[Token]) -> bool:
    """Whether a comparison is written out; in `derive(...)` the compiler writes it."""
    at = 0
    while at < len(found):
        if spells(found, at, "derive", "("):
            at = group_end(found, at + 1)
        elif found[at].kind == "word" and found[at].name in COMPARING and not _is_bound(found, at):
            return True
        else:
            at += 1
    return False


def _is_blind(found: Sequence[Token]) -> bool:
    """Whether some `fn eq` or `fn ne` never mentions its second parameter, or has one answer only."""
    for at in range(len(found)):
        if any(spells(found, at, "fn", name, "(", "&", "self", ",") for name in ("eq", "ne")):
            body = next((place for place in range(at, len(found)) if found[place].text == "{"), len(found))
            said = [token.name for token in found[body + 1 : group_end(found, body) - 1] if token.kind == "word"]
            one_answer = said[-1:] in (["true"], ["false"]) and not {"return", "if", "match"} & set(said)
            unseen = spells(found, at + 7, ":") and found[at + 6].name not in said  # a pattern takes it apart otherwise
            if unseen or (one_answer and found[group_end(found, body) - 2].name == said[-1]):
                return True
    return False


def _is_bound(found: Sequence[Token], at: int) -> bool:
    """Whether the word is only asked of a type: `T: PartialEq`, `impl Copy + PartialEq`, `T: PartialEq<U>, ...`."""
    after = at + 1
    if spells(found, after, "<"):
        depth = 0
        for after in range(at + 1, len(found)):
            depth += (found[after].text == "<") - (found[after].text == ">")
            if depth == 0:
                break
        after += 1
    asked = at > 0 and found[at - 1].text in {":", "+"} and not spells(found, at - 2, ":", ":")
    return asked and not spells(found, after, "for")


def _levels(found: Sequence[Token]) -> Iterator[tuple[str, list[str]]]:
    """Each `allow(...)` and its like, with the words in it."""
    for at, token in enumerate(found):
        if token.kind == "word" and token.name in LEVELS | DENYING and spells(found, at + 1, "("):
            end = group_end(found, at + 1)
            yield token.name, [each.name for each in found[at + 2 : end - 1] if each.kind == "word"]
