"""What a candidate's Go may not contain, because the tests run in its own process and would mean nothing any more.

A refused candidate failed; it is told which line. The rules are few and about reach, not about style: ways to other people's
memory and symbols (`unsafe`, `go:linkname`, raw system calls, C), the harness itself, packages that Go keeps internal, and names
that change what the tests say (`const true = false`). A task may allow `unsafe` by `meta.unsafe = true`.
"""

from __future__ import annotations

from collections.abc import Iterator, Mapping

from attrs import frozen

from stagerun.contracts import Diagnostic
from stagerun_lang_go.names import HARNESS
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
REASON = "not allowed in a candidate"


@frozen
class Rules:
    """`module` is the path of the candidate's own; `tested` are the names that the tests beside a file use."""

    unsafe: bool
    module: str
    tested: Mapping[str, frozenset[str]]  # folder -> names


def refusals(path: str, source: Source, rules: Rules) -> Iterator[Diagnostic]:
    """Every reason to refuse one file of a candidate."""
    for line, what in [*_imports(source, rules), *_calls(source), *_directives(source), *_shadows(path, source, rules)]:
        yield Diagnostic(file=path, line=line, message=f"{what} is {REASON}", code="refused", tool="stagerun-lang-go")


def _imports(source: Source, rules: Rules) -> Iterator[tuple[int, str]]:
    for each in source.imports:
        unsafe = each.path == "unsafe" and not rules.unsafe
        if unsafe or each.path == "C" or "\\" in each.path or _private(each.path.split("/"), rules.module.split("/")):
            yield each.line, f'import "{each.path}"'
        if each.path == "syscall" and each.alias == ".":
            yield each.line, 'import . "syscall"'


def _private(parts: list[str], module: list[str]) -> bool:
    """Whether a package is the harness, or one that Go keeps to itself."""
    own = parts[: len(module)] == module
    return HARNESS in parts or (not own and ("internal" in parts or parts[0] in {"vendor", "cmd"}))


def _calls(source: Source) -> Iterator[tuple[int, str]]:
    for name, line in source.uses("syscall"):
        if name.startswith(RAW_CALLS):
            yield line, f"syscall.{name}"


def _directives(source: Source) -> Iterator[tuple[int, str]]:
    for directive in sorted(source.directives & DIRECTIVES):
        line = next((token.line for token in source.all if token.text.startswith(f"//{directive}")), 0)
        yield line, f"//{directive}"


def _shadows(path: str, source: Source, rules: Rules) -> Iterator[tuple[int, str]]:
    folder = path.rpartition("/")[0]
    for name in sorted(source.declared & PREDECLARED & rules.tested.get(folder, frozenset())):
        yield 0, f"a {name!r} of its own, a name that the tests use,"
