"""A file that cannot be read as TOML is told in words that help."""

from __future__ import annotations

from pathlib import Path

import pytest

from stagerun.spec.toml import Unusable, parse


def told(file: Path) -> str:
    with pytest.raises(Unusable) as caught:
        parse(file)
    return str(caught.value).replace(str(file), "p.toml")


ONE_LINE = "a table in { } stands on one line, with no comma at its end"
QUOTES = 'one KEY = VALUE on a line, and texts in quotes: "..."'
VALUE = 'this is no value; found {}; texts stand in quotes: "..."; true and false are written small'
BACKSLASH = (
    "a backslash in a text in double quotes starts an escape; found {}; "
    "write \\\\ for every backslash, or put the text in 'single quotes'"
)


@pytest.mark.parametrize(
    ("text", "line", "message"),
    [
        ("a = train.sft", 1, VALUE.format("a = train.sft")),
        ("\na = True\n", 2, VALUE.format("a = True")),
        ("a = [1,\n\n", 3, VALUE.format("the end of the file")),
        ("a 3", 1, 'no "=" after the key; found a 3'),
        ("a = 1\na = 2\n", 2, "this place has a value already; found a = 2; keep one of the two"),
        ("[a]\n[b]\n[a]", 3, "this table was written already; found [a]; put all of it in one place"),
        ("a = { b = 1 }\n[a.c]", 2, "this table was written already; found [a.c]; put all of it in one place"),
        ("a = 1,000", 1, f"the line goes on after its value; found a = 1,000; {QUOTES}"),
        ("a = { b = 1,\n  c = 2 }", 1, f"no key where one should be; found a = {{ b = 1,; {ONE_LINE}"),
        ("a = [1 2]", 1, "a list is not closed, or lacks a comma; found a = [1 2]; lists are written [1, 2, 3]"),
        ("a = { b = 1", 1, f"a table is not closed; found a = {{ b = 1; {ONE_LINE}"),
        ('a = "x\nb = 1', 1, 'a text is not closed by its quote; found a = "x'),
        ("a = 'x", 1, "a text is not closed by its quote; found a = 'x"),
        ("a = '''x", 1, "a text is not closed by its quote; found a = '''x"),
        ('a = "C:\\Users"', 1, BACKSLASH.format('a = "C:\\Users"')),
        ('a = "C:\\data"', 1, BACKSLASH.format('a = "C:\\data"')),
        ("[a\nb = 1", 1, "a table's name is not closed by its bracket; found [a"),
        ("<<<<<<< HEAD", 1, "neither KEY = VALUE nor [TABLE]; found <<<<<<< HEAD"),
        ("a = 2024-02-31", 1, "Invalid date or datetime; found a = 2024-02-31"),
    ],
)
def test_a_slip_is_told_in_plain_words_with_its_line(tmp_path, text, line, message):
    file = tmp_path / "p.toml"
    file.write_text(text)
    assert told(file) == f"p.toml:{line}: not valid TOML: {message}"


def test_a_file_that_cannot_be_read_is_told(tmp_path):
    (tmp_path / "pipelines.toml").write_text("")
    assert told(tmp_path / "pipeline.toml") == 'p.toml: there is no such file; did you mean "pipelines.toml"?'
    assert told(tmp_path) == "p.toml: the file cannot be read; found Is a directory"


def test_a_file_that_is_not_utf8_is_told_with_the_line_of_the_first_strange_byte(tmp_path):
    file = tmp_path / "p.toml"
    file.write_bytes("[p]\n# na\xefve".encode("latin-1"))
    assert told(file) == "p.toml:2: the file is not UTF-8 text; found byte 0xef; save it as UTF-8"


def test_a_byte_order_mark_and_windows_line_ends_do_no_harm(tmp_path):
    file = tmp_path / "p.toml"
    file.write_bytes(b"\xef\xbb\xbf[p]\r\nseed = 1\r\n")
    assert parse(file)[1] == {"p": {"seed": 1}}
