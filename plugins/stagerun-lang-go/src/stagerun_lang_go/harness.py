"""The Go text around a suite: the program that names every test, the imports that start the harness before everything else.

Names that could meet the candidate's are random for each run.
"""

from __future__ import annotations

import json
from functools import cache
from pathlib import Path

from stagerun_lang_go.names import HARNESS
from stagerun_lang_go.source import read
from stagerun_lang_go.suite import Case, Suite

FOLDER = Path(__file__).with_name("harness")
HOSTED = ("io", "reflect", "time")  # what a program with a TestMain imports beside
OWN_MAIN = "StagerunTestMain"  # what a task's TestMain is called where the go command wants ours


@cache
def harness_files() -> dict[str, str]:
    """The harness's own sources, by name."""
    return {path.name: path.read_text(encoding="utf-8") for path in sorted(FOLDER.glob("*.go"))}


@cache
def _hosted() -> str:
    return (FOLDER / "hosted.go.txt").read_text(encoding="utf-8")


def starter(package: str, harness: str = HARNESS) -> str:
    """A file of a judged package that has the harness initialised before it."""
    return f'package {package}\n\nimport _ "{harness}"\n'


def program_text(suite: Suite, path: str, key: str) -> str:
    """`package main` of a test program that is built without the go command; `path` is the import path of the tested package."""
    inner, outer = f"inner_{key[:8]}", f"outer_{key[:8]}"
    used = [(inner, path)] if any(not case.outer for case in suite.cases) else []
    used += [(outer, f"{path}_test")] if any(case.outer for case in suite.cases) else []
    main = f"{outer if suite.main_outer else inner}.TestMain" if suite.main else ""
    if main and not any(main.startswith(f"{alias}.") for alias, _ in used):
        used.append((outer, f"{path}_test") if suite.main_outer else (inner, path))
    body = _body(suite, key, HARNESS, "testing", {False: f"{inner}.", True: f"{outer}."}, main)
    imports = [f'{HARNESS} "{HARNESS}"', '"testing"', *(f'{alias} "{where}"' for alias, where in used)]
    return _file("main", imports, f"func main() {{\n{body}}}\n", hosted=bool(main))


def test_main_text(suite: Suite, path: str, harness: str, key: str) -> str:
    """A test file with a TestMain, for the go command."""
    outside = any(case.outer for case in suite.cases) or suite.main_outer
    inner, ours, testing = (f"{word}_{key[:8]}" for word in ("inner", "harness", "testing"))
    reach = outside and (any(not case.outer for case in suite.cases) or (bool(suite.main) and not suite.main_outer))
    imports = [f'{ours} "{harness}"', f'{testing} "testing"', *([f'{inner} "{path}"'] if reach else [])]
    qualifier = f"{inner}." if outside else ""
    main = f"{'' if suite.main_outer else qualifier}{OWN_MAIN}" if suite.main else ""
    body = _body(suite, key, ours, testing, {False: qualifier, True: ""}, main)
    package = f"{suite.package}_test" if outside else suite.package
    return _file(package, imports, f"func TestMain(_ *{testing}.M) {{\n{body}}}\n", hosted=bool(main))


def renamed_main(text: str) -> str:
    """A task's test file whose TestMain has another name."""
    source = read(text)
    place = next(source.code[at].at for name, at in source.functions if name == "TestMain")
    return f"{text[:place]}{OWN_MAIN}{text[place + len('TestMain') :]}"


def _body(suite: Suite, key: str, ours: str, testing: str, where: dict[bool, str], main: str) -> str:
    """The list of all tests between two canaries, and the call that runs it."""
    cases = [_case(case, where[case.outer], ours) for case in suite.cases]
    names = [(f"Test_{key[8:16]}", f"{ours}.Canary"), *cases, (f"Test_{key[16:24]}", f"{ours}.FatalCanary")]
    tests = "".join(f'\t\t{{Name: "{name}", F: {function}}},\n' for name, function in names)
    listed = f'"{key}", {json.dumps(suite.folder or ".")}, []{testing}.InternalTest{{\n{tests}\t}}'
    if not main:
        return f"\t{ours}.Run({listed})\n"
    return f"\t{main}({testing}.MainStart(deps{{}}, {ours}.Tests({listed}), nil, nil, nil))\n"


def _case(case: Case, qualifier: str, ours: str) -> tuple[str, str]:
    function = f"{qualifier}{case.function}"
    if case.example is None:
        return case.function, function
    unordered = "true" if case.example.unordered else "false"
    return case.function, f"{ours}.Example({function}, {_quoted(case.example.output)}, {unordered})"


def _quoted(text: str) -> str:
    """A Go string literal; JSON's escapes are Go's but for those beyond 16 bits, which stay as they are."""
    return json.dumps(text, ensure_ascii=False)


def _file(package: str, imports: list[str], body: str, *, hosted: bool) -> str:
    every = [*imports, *((f'"{name}"' for name in HOSTED) if hosted else ())]
    listed = "".join(f"\t{each}\n" for each in every)
    return f"package {package}\n\nimport (\n{listed})\n\n{body}{_hosted() if hosted else ''}"
