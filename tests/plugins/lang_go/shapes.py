"""Test files of every shape that Go has: each asks for an `Add` that adds."""

from __future__ import annotations

OUTER = """package solution_test

import (
	"testing"

	"solution"
)

func TestOuter(t *testing.T) {
	if solution.Add(1, 1) != 2 {
		t.Error("no")
	}
}
"""
PARALLEL = """package solution

import "testing"

func TestParallel(t *testing.T) {
	t.Parallel()
	for n := range 3 {
		t.Run("n", func(t *testing.T) {
			t.Parallel()
			if Add(n, 1) != n+1 {
				t.Error("no")
			}
		})
	}
}
"""
MAIN = """package solution

import (
	"os"
	"testing"
)

var ready bool

func TestMain(m *testing.M) {
	ready = true
	os.Exit(m.Run())
}

func TestReady(t *testing.T) {
	if !ready || Add(1, 1) != 2 {
		t.Error("no")
	}
}
"""
OUTER_MAIN = (
    MAIN.replace("package solution", "package solution_test")
    .replace('"testing"\n', '"testing"\n\n\t"solution"\n', 1)
    .replace("Add(", "solution.Add(")
)
EXAMPLE = """package solution_test

import (
	"fmt"

	"solution"
)

func ExampleAdd() {
	fmt.Println(solution.Add(2, 2))
	// Output: 4
}
"""
DATA = """package sub

import (
	"os"
	"testing"
)

func TestData(t *testing.T) {
	if text, err := os.ReadFile("testdata/a.txt"); err != nil || string(text) != "a" {
		t.Error(err)
	}
}
"""
SHAPES = {"outer": OUTER, "parallel": PARALLEL, "main": MAIN, "outer main": OUTER_MAIN, "example": EXAMPLE}
