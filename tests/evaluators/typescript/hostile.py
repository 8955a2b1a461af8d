"""What attacks in TypeScript are written with: the task they attack, right and wrong functions, ways to say where."""

from __future__ import annotations

from collections.abc import Mapping

from attacks import Attack

from stagerun import Task

TESTS = """
import { add } from './solution';

describe('add', () => {
  it('small', () => {
    expect(add(1, 2)).toBe(3);
  });
  it('large', () => {
    expect(add(20, 22)).toEqual(42);
  });
});
"""
BOTH = frozenset({"add small", "add large"})
NOTHING: frozenset[str] = frozenset()
WRONG = "export function add(a: number, b: number): number { return 0 * a * b; }"
RIGHT = "export function add(a: number, b: number): number { return a + b; }"


def task(tests: str = TESTS, name: str = "add", **meta: object) -> Task:
    """A task with one test file."""
    return Task(
        id=f"attack/{name}", language="typescript", tests=tests, meta={"timeout": 2.0, "memory_mb": 1024} | meta
    )


def value_task(matcher: str, most: int = 5000) -> Task:
    """One test about what `f` gives, which may take `most` milliseconds; unless told, as many as jest gives."""
    return task(f"import {{ f }} from './solution';\ntest('it', async () => {{\n  {matcher}\n}}, {most});\n", "value")


def on(
    code: str,
    files: Mapping[str, str] | None = None,
    *,
    verdicts: tuple[str, ...] = ("failed", "tampered"),
    earned: frozenset[str] = NOTHING,
    least: str = "limits",
) -> Attack:
    """An attack on `add`."""
    return Attack(task(), code, files or {}, verdicts, earned, least)


def liar(code: str, matcher: str, most: int = 5000) -> Attack:
    """A value that claims to be what the test wants."""
    return Attack(value_task(matcher, most), code)


def honest(code: str, tests: str = TESTS, files: Mapping[str, str] | None = None) -> Attack:
    """Code that must get its full score."""
    return Attack(task(tests, "honest"), code, files or {}, ("passed",), least="none")


PATCHED = """
const any = globalThis as any;
try { %s } catch { /* refused */ }
export function add(a: number, b: number): number { return 0 * a * b; }
"""


def patching(statement: str) -> Attack:
    """A wrong solution that first replaces something the tests stand on."""
    return on(PATCHED % statement)
