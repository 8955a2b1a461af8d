"""What is read from Go source is what the compiler sees."""

from __future__ import annotations

import pytest

from stagerun_lang_go.conditions import holds
from stagerun_lang_go.examples import examples
from stagerun_lang_go.lexer import tokens
from stagerun_lang_go.source import constrained, read

FILE = """// Package x, not package y.
package x // the end

import "fmt"
import (
	str "strings"
	. "errors" // import "not/this"
	_ `embed`
)

/* func Commented() {} */
const a, b = 1, 2

var (
	c = "func Text() {}" +
		"more"
	d, e int
)

type (
	F struct{ g int }
	H = int
)

func (f F) Method() { const true = false }

func I[T any](x T) { var hidden T; _ = hidden }
"""


def test_package_and_imports_are_read() -> None:
    found = read(FILE)
    assert found.package == "x"
    assert [(each.path, each.alias) for each in found.imports] == [
        ("fmt", ""),
        ("strings", "str"),
        ("errors", "."),
        ("embed", "_"),
    ]


def test_only_names_at_top_level_are_declared_and_methods_are_not() -> None:
    assert read(FILE).declared == {"a", "b", "c", "d", "e", "F", "H", "I"}


def test_a_name_after_a_line_that_goes_on_is_not_declared() -> None:
    assert read("package x\nvar (\n\ta = b +\n\t\ttrue\n)\n").declared == {"a"}


def test_quotes_of_every_kind_hide_code() -> None:
    assert read("package x\nvar a = `\nfunc A() {}\n`\nvar b = '\"'\nfunc C() {}\n").declared == {"a", "b", "C"}


def test_a_quote_that_never_closes_is_broken() -> None:
    assert read('package x\nvar a = "b\n').broken
    assert read("package x\nvar a = `b\n").broken


def test_a_file_without_a_package_is_broken() -> None:
    assert read("func A() {}").broken


def test_lines_are_counted_through_comments_and_raw_strings() -> None:
    assert [token.line for token in tokens("/*\n\n*/ a `\n` b") if token.kind == "name"] == [3, 4]


@pytest.mark.parametrize(
    ("text", "names"),
    [
        ("func TestA(t *testing.T) {}", ["TestA"]),
        ("func Test(t *testing.T) {}", ["Test"]),
        ("func Test_a(tt *testing.T) {}", ["Test_a"]),
        ("func Testify(t *testing.T) {}", []),
        ("func TestA(t testing.T) {}", []),
        ("func TestA() {}", []),
        ("func TestA(t *testing.T, n int) {}", []),
        ("// func TestA(t *testing.T) {}", []),
        ("var s = `\nfunc TestA(t *testing.T) {}\n`", []),
        ("func (s S) TestA(t *testing.T) {}", []),
        ("func BenchmarkA(b *testing.B) {}", []),
        ('func TestA(t *testing.T) {\n\tt.Skip("later")\n}', []),
        ("func TestA(t *testing.T) {\n\tif true {\n\t\tt.Skip()\n\t}\n}", ["TestA"]),
    ],
)
def test_tests_are_found_as_go_finds_them(text: str, names: list[str]) -> None:
    assert read(f"package x\n\n{text}\n").tests() == names


def test_selected_names_are_found_under_an_alias_too() -> None:
    source = read('package x\nimport s "syscall"\nfunc f() { s.Mprotect(nil, 7) }\n')
    assert list(source.uses("syscall")) == [("Mprotect", 3)]


@pytest.mark.parametrize(
    ("path", "text"),
    [
        ("a_windows.go", "package x"),
        ("a_arm64.go", "package x"),
        ("a_linux_test.go", "package x"),
        ("a.go", "//go:build linux\n\npackage x"),
        ("a.go", "// +build linux\n\npackage x"),
    ],
)
def test_files_that_a_build_may_leave_out_are_known(path: str, text: str) -> None:
    assert constrained(path, read(text))


def test_other_files_are_in_every_build() -> None:
    assert not constrained("linux.go", read('package x\n\nvar a = "//go:build linux"\n'))


@pytest.mark.parametrize(
    ("line", "true"),
    [
        ("gc", True),
        ("!windows", True),
        ("ignore", False),
        ("windows || (gc && go1.18)", True),
        ("gc && go1.99", False),
        ("(gc", False),
        ("gc gc", False),
    ],
)
def test_build_conditions_are_evaluated(line: str, true: bool) -> None:
    assert holds(read(f"//go:build {line}\n\npackage x\n"), 22) is true


def test_the_output_of_an_example_is_its_last_comment() -> None:
    text = "package x\n\nfunc ExampleA() {\n\t// Output: not this\n\n\tf()\n\t// Unordered output:\n\t// one\n\t//   two\n}\n"
    found = examples(read(text))[0]
    assert (found.name, found.output, found.unordered) == ("ExampleA", "\none\n  two", True)


def test_an_example_without_output_does_not_count() -> None:
    assert examples(read("package x\n\nfunc ExampleA() {\n\tf() // prints\n}\n")) == []
