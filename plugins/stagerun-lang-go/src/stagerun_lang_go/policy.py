"""What a candidate's Go may not contain, because the tests run in its own process and would mean nothing any more.

A refused candidate failed; it is told which line. The rules are few and about reach, not about style: ways to other people's
memory and symbols (`unsafe`, what the standard library gives of it, `go:linkname`, raw system calls, C), the harness itself,
packages that Go keeps internal or a build leaves out, the tests as embedded files, and what changes the meaning of the tests
(`const true = false`, `io.EOF = nil`). A task may allow `unsafe` by `meta.unsafe = true`.
"""

from __future__ import annotations

from collections.abc import Iterator, Mapping
from fnmatch import fnmatchcase
from pathlib import PurePosixPath

from attrs import frozen

from stagerun.contracts import Diagnostic
from stagerun_lang_go.lexer import COMMENT, NAME
from stagerun_lang_go.names import HARNESS
from stagerun_lang_go.sentinels import changed
from stagerun_lang_go.source import Source

_PREDECLARED = (
    "any bool byte comparable complex64 complex128 error float32 float64 int int8 int16 int32 int64 rune string uint uint8 "
    "uint16 uint32 uint64 uintptr true false iota nil append cap clear close complex copy delete imag len make max min new "
    "panic print println real recover"
)
PREDECLARED = frozenset(_PREDECLARED.split())
DIRECTIVES = frozenset(
    {"go:linkname", "go:cgo_import_dynamic", "go:cgo_import_static", "go:cgo_ldflag", "go:wasmimport"}
)
RAW_CALLS = ("Syscall", "RawSyscall", "AllThreadsSyscall", "Mmap", "Mprotect", "Munmap", "Ptrace", "PtracePokeData")
# What deals in `unsafe.Pointer` without an import of `unsafe`: any conversion of one is open to whoever holds it.
POINTERS = {
    "reflect": frozenset({"NewAt", "SliceAt"}),
    "sync/atomic": frozenset({"LoadPointer", "StorePointer", "SwapPointer", "CompareAndSwapPointer"}),
    "runtime": frozenset({"SetCgoTraceback"}),
}
WHOLE = frozenset({"syscall", *POINTERS})  # packages that are not imported by a dot
REASON = "not allowed in a candidate"


@frozen
class Rules:
    """`module` is the path of the candidate's own; `tested` are the names that the tests beside a file use; `tests` are paths.

    `reflects`: some file of the candidate imports `reflect`, so that any may hold a value of it.
    """

    unsafe: bool
    module: str
    tested: Mapping[str, frozenset[str]]  # folder -> names
    tests: frozenset[str] = frozenset()
    reflects: bool = False


def refusals(path: str, source: Source, rules: Rules) -> Iterator[Diagnostic]:
    """Every reason to refuse one file of a candidate."""
    found = [*_imports(source, rules), *_calls(source), *_directives(source), *_shadows(path, source, rules)]
    found += [*_pointers(source, rules), *_embeds(path, source, rules)]
    found += [(line, f"a new value for {name}") for line, name in changed(source, rules.module)]
    for line, what in found:
        yield Diagnostic(file=path, line=line, message=f"{what} is {REASON}", code="refused", tool="stagerun-lang-go")


def _imports(source: Source, rules: Rules) -> Iterator[tuple[int, str]]:
    for each in source.imports:
        unsafe = each.path == "unsafe" and not rules.unsafe
        if unsafe or each.path == "C" or "\\" in each.path or _private(each.path.split("/"), rules.module.split("/")):
            yield each.line, f'import "{each.path}"'
        if each.path in WHOLE and each.alias == ".":
            yield each.line, f'import . "{each.path}"'


def _private(parts: list[str], module: list[str]) -> bool:
    """Whether a package is the harness, one that Go keeps to itself, or one that `./...` leaves out."""
    own = parts[: len(module)] == module
    left_out = own and any(part == "testdata" or part[:1] in {"_", "."} for part in parts[len(module) :])
    return HARNESS in parts or left_out or (not own and ("internal" in parts or parts[0] in {"vendor", "cmd"}))


def _calls(source: Source) -> Iterator[tuple[int, str]]:
    for name, line in source.uses("syscall"):
        if name.startswith(RAW_CALLS):
            yield line, f"syscall.{name}"


def _pointers(source: Source, rules: Rules) -> Iterator[tuple[int, str]]:
    if rules.unsafe:
        return
    for package, names in POINTERS.items():
        yield from ((line, f"{package}.{name}") for name, line in source.uses(package) if name in names)
    for before, token in zip(source.code, source.code[1:], strict=False):
        setting = token.text == "SetPointer" and before.text == "." and rules.reflects
        if token.kind == NAME and (token.text == "UnsafePointer" or setting):
            yield token.line, token.text


def _embeds(path: str, source: Source, rules: Rules) -> Iterator[tuple[int, str]]:
    """Directives that would put the tests, which lie there by then, into the program."""
    folder = PurePosixPath(path).parent
    for token in source.all:
        patterns = token.text.split()[1:] if token.kind == COMMENT and token.text.startswith("//go:embed") else []
        for pattern in patterns:
            wanted = folder / pattern.strip('"`').removeprefix("all:")
            if any(_matches(PurePosixPath(test).parts, wanted.parts) for test in rules.tests):
                yield token.line, f"//go:embed {pattern}, which takes tests,"


def _matches(path: tuple[str, ...], pattern: tuple[str, ...]) -> bool:
    """Whether the pattern takes the file or a folder that it is in."""
    return len(pattern) <= len(path) and all(fnmatchcase(*pair) for pair in zip(path, pattern, strict=False))


def _directives(source: Source) -> Iterator[tuple[int, str]]:
    for directive in sorted(source.directives & DIRECTIVES):
        line = next((token.line for token in source.all if token.text.startswith(f"//{directive}")), 0)
        yield line, f"//{directive}"


def _shadows(path: str, source: Source, rules: Rules) -> Iterator[tuple[int, str]]:
    folder = path.rpartition("/")[0]
    for name in sorted(source.declared & PREDECLARED & rules.tested.get(folder, frozenset())):
        yield 0, f"a {name!r} of its own, a name that the tests use,"
