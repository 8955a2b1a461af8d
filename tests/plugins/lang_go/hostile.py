"""What hostile Go is written with: the task it attacks, wrong and right functions, files around them."""

from __future__ import annotations

from collections.abc import Mapping

from attacks import Attack

from stagerun import Task

TESTS = """package solution

import (
	"errors"
	"testing"
)

func TestAdd(t *testing.T) {
	if got := Add(1, 2); got != 3 {
		t.Errorf("Add(1, 2) = %d, want 3", got)
	}
}

func TestLarge(t *testing.T) {
	for _, c := range []struct{ a, b, want int }{{20, 22, 42}, {-1, 1, 0}} {
		t.Run("case", func(t *testing.T) {
			if got := Add(c.a, c.b); got != c.want {
				t.Fatalf("got %d, want %d", got, c.want)
			}
		})
	}
}

func TestEven(t *testing.T) {
	if IsEven(3) == true || IsEven(4) == false {
		t.Error("even and odd are mixed up")
	}
	if err := Check(-1); err == nil || !errors.Is(err, ErrNegative) {
		t.Error("no error for -1")
	}
}
"""
TIMEOUT = ("timeout",)
ENDED = ("failed", "tampered", "timeout", "oom")
EVERY = frozenset({"TestAdd", "TestLarge", "TestEven"})
WRONG = """
var ErrNegative = errors.New("negative")

func Add(a, b int) int      { return 0 }
func IsEven(n int) bool     { return true }
func Check(n int) error     { return nil }
"""
RIGHT = """
var ErrNegative = errors.New("negative")

func Add(a, b int) int  { return a + b }
func IsEven(n int) bool { return n%2 == 0 }
func Check(n int) error {
	if n < 0 {
		return ErrNegative
	}
	return nil
}
"""


def task(tests: str = TESTS, **other: object) -> Task:
    """The task that most attacks are made on."""
    return Task(id="go/add", language="go", tests=tests, meta={"timeout": 2.0, "memory_mb": 512} | other)


def attack(
    imports: str,
    code: str,
    body: str = WRONG,
    *,
    verdicts: tuple[str, ...] = ("failed", "tampered"),
    earned: frozenset[str] = frozenset(),
    files: Mapping[str, str] | None = None,
    least: str = "limits",
    tests: str = TESTS,
) -> Attack:
    """A file of this package with these imports, hostile code, and wrong (or right) functions."""
    listed = "".join(f'\t"{name}"\n' for name in dict.fromkeys([*imports.split(), "errors"]))
    text = f"package solution\n\nimport (\n{listed})\n{code}\n{body}"
    if files is None:
        return Attack(task(tests), text, verdicts=verdicts, earned=earned, least=least)
    return Attack(task(tests), files={"solution.go": text, **files}, verdicts=verdicts, earned=earned, least=least)


def honest(imports: str, code: str, body: str = RIGHT, files: Mapping[str, str] | None = None) -> Attack:
    """Code that must get its full score."""
    return attack(imports, code, body, verdicts=("passed",), earned=EVERY, files=files)


def in_add(statements: str) -> str:
    """Functions of which Add does something first."""
    return WRONG.replace(
        "func Add(a, b int) int      { return 0 }", f"func Add(a, b int) int {{\n{statements}\n\treturn 0\n}}"
    )


REFUSED = """package solution

import "testing"

func TestRefused(t *testing.T) {
	if Reached() {
		t.Error("a door was open")
	}
}
"""


def refused(imports: str, body: str, least: str) -> Attack:
    """Code that must find a door closed: its test passes when it does."""
    listed = "".join(f'\t"{name}"\n' for name in imports.split())
    text = f"package solution\n\nimport (\n{listed})\n\nfunc Reached() bool {{\n{body}\n}}\n"
    return Attack(task(REFUSED), text, verdicts=("passed",), earned=frozenset({"TestRefused"}), least=least)
