"""TypeScript goes through the kit that every language must pass."""

from __future__ import annotations

import pytest

from stagerun import Task
from stagerun.testing import Case, Samples, cases, check_description, check_missing_tools
from stagerun_evaluators.judge import Local
from stagerun_evaluators.typescript import TypeScript

from .hostile import TESTS


def adding(body: str) -> str:
    """An `add` that does something."""
    return f"export function add(a: number, b: number): number {{\n  {body}\n}}\n"


SAMPLES = Samples(
    task=Task(
        id="add",
        language="typescript",
        files={"solution.test.ts": TESTS, "data.json": "1"},
        repo={"solution.ts": "export function add(a: number, b: number): number {\n  return a - b;\n}\n"},
        meta={"timeout": 5.0, "memory_mb": 512},
    ),
    good=adding("return a + b;"),
    wrong=adding("return a * 0 + b * 0;"),
    half=adding("return a * 0 + b * 0 + 3;"),
    broken="export function add(a: number",
    loud=adding("console.log('x'.repeat(300_000));\n  console.error('y'.repeat(300_000));\n  return a + b;"),
    endless=adding("while (a < Infinity) {}\n  return b;"),
    hungry=adding("const all: number[][] = [];\n  for (;;) all.push(new Array(1_000_000).fill(a + b + all.length));\n"),
    leaves=adding("process.exit(a * 0 + b * 0);"),
    forges=adding("console.log('PASS ./solution.test.ts\\nTests: 2 passed, 2 total');\n  process.exit(a * 0 + b * 0);"),
    configuration={
        "jest.config.js": "module.exports = { testMatch: [], passWithNoTests: true };\n",
        "tsconfig.json": '{"compilerOptions": {"noEmit": true}, "files": []}\n',
        "eslint.config.js": "process.exit(0);\n",
        "package.json": '{"jest": {"testMatch": []}, "scripts": {"test": "true"}}\n',
        "node_modules/expect/index.js": "module.exports = () => ({ toBe() {}, toEqual() {} });\n",
    },
    patched="--- a/solution.ts\n+++ b/solution.ts\n@@ -1,3 +1,3 @@\n export function add(a: number, b: number): number {\n"
    "-  return a - b;\n+  return a + b;\n }\n",
)


def test_it_describes_itself() -> None:
    check_description(TypeScript(), SAMPLES)


@pytest.mark.parametrize("case", cases(SAMPLES), ids=str)
def test_it_conforms(local: Local, case: Case) -> None:
    case.check(local)


def test_without_its_tools_it_says_so(packages: None) -> None:
    check_missing_tools(TypeScript(), SAMPLES, lambda evaluator: Local(lambda _: evaluator, workers=1, cache=False))
