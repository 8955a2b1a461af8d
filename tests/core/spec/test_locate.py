"""Every key of a TOML text is found on the line where it stands, however it is written."""

from __future__ import annotations

import json
import re
import tomllib
from collections.abc import Callable
from typing import Any

from hypothesis import given
from hypothesis import strategies as st

from stagerun.spec.locate import locate

Place = tuple[str, ...]


class Writer:
    """Writes a document, `pick(n)` choosing among the ways TOML has to write each value. `lines` is what `locate` must find."""

    def __init__(self, pick: Callable[[int], int]) -> None:
        self.pick, self.text = pick, ""
        self.lines: dict[Place, int] = {}

    def document(self, tree: dict[str, Any]) -> str:
        self.table(tree, (), ())
        return self.text

    def put(self, text: str) -> None:
        self.text += text

    def mark(self, path: Place) -> None:
        self.lines[path] = self.text.count("\n") + 1

    def table(self, tree: dict[str, Any], path: Place, names: Place) -> None:
        """The pairs of a table, then the tables below it under headers of their own."""
        headed = []
        for key, value in tree.items():
            if _headable(value) and self.pick(2):
                headed.append((key, value))
            else:
                self.noise()
                self.pair((key,), value, path)
                self.put("\n")
        for key, value in headed:
            for index, inner in enumerate(value if isinstance(value, list) else [value]):
                many = isinstance(value, list)
                below = (*path, key, str(index)) if many else (*path, key)
                self.noise()
                self.mark(below)
                name = " . ".join(map(self.key, (*names, key)))
                self.put(f"[[{name}]] # [x]\n" if many else f"[ {name} ]\n")
                self.table(inner, below, (*names, key))

    def pair(self, keys: Place, value: Any, path: Place) -> None:
        if isinstance(value, dict) and len(value) == 1 and self.pick(2):
            ((key, inner),) = value.items()
            self.pair((*keys, key), inner, path)
            return
        self.mark((*path, *keys))
        self.put(" . ".join(map(self.key, keys)) if self.pick(2) else ".".join(map(self.key, keys)))
        self.put(" = " if self.pick(2) else "=")
        self.value(value, (*path, *keys))

    def value(self, value: Any, path: Place) -> None:
        if isinstance(value, dict):
            self.put("{ ")
            for index, (key, inner) in enumerate(value.items()):
                self.put(", " if index else "")
                self.pair((key,), inner, path)
            self.put(" }")
        elif isinstance(value, list):
            self.items(value, path)
        else:
            self.put(self.string(value) if isinstance(value, str) else json.dumps(value))

    def items(self, value: list[Any], path: Place) -> None:
        self.put("[")
        for index, inner in enumerate(value):
            self.put("\n  # ], [ \n" if self.pick(2) else " ")
            self.mark((*path, str(index)))
            self.value(inner, (*path, str(index)))
            self.put("," if index + 1 < len(value) or self.pick(2) else "")
        self.put("\n]" if self.pick(2) else "]")

    def noise(self) -> None:
        self.put(["", "\n", "# [no.table]\n", "   # x = \"'''\n\t\n"][self.pick(4)])

    def key(self, key: str) -> str:
        if re.fullmatch("[A-Za-z0-9_-]+", key) and self.pick(2):
            return key
        return f"'{key}'" if "'" not in key and key.isprintable() and self.pick(2) else json.dumps(key)

    def string(self, value: str) -> str:
        escaped = value.replace("\\", "\\\\").replace('"', '\\"')
        ways = [
            json.dumps(value),
            f'"""\n{escaped}"""',
            f'"""{escaped}"""' if not value.startswith("\n") else json.dumps(value),
        ]
        if "'" not in value:
            ways += [f"'''\n{value}'''"] + ([f"'{value}'"] if "\n" not in value else [])
        return ways[self.pick(len(ways))]


def _headable(value: Any) -> bool:
    return isinstance(value, dict) or (
        bool(value) and isinstance(value, list) and all(isinstance(i, dict) for i in value)
    )


def leaves(value: Any, path: Place = ()) -> dict[Place, Any]:
    """Every value that holds no others, by its place."""
    if isinstance(value, dict | list) and value:
        pairs = value.items() if isinstance(value, dict) else enumerate(value)
        return {place: leaf for key, inner in pairs for place, leaf in leaves(inner, (*path, str(key))).items()}
    return {path: value}


TEXTS = st.text(alphabet="ab\"'#[]{}=,.\n\\ é$", max_size=6)
KEYS = st.one_of(st.sampled_from(["a", "b", "with", "0", "x-y"]), st.text(alphabet="a.\"' #=[", max_size=4))
SCALARS = st.one_of(st.booleans(), st.integers(-99, 99), st.sampled_from([0.5, -1e30]), TEXTS)
VALUES = st.recursive(
    SCALARS, lambda inner: st.lists(inner, max_size=3) | st.dictionaries(KEYS, inner, max_size=3), max_leaves=12
)
TREES = st.dictionaries(KEYS, VALUES, max_size=4)


@given(TREES, st.randoms(use_true_random=False))
def test_every_place_is_found_on_its_own_line(tree, random):
    writer = Writer(random.randrange)
    text = writer.document(tree)
    assert tomllib.loads(text) == tree
    found = locate(text)
    for place, line in writer.lines.items():
        assert found[place] == line, (place, text)
    assert leaves(tree).keys() - {()} <= found.keys()


def test_a_table_is_located_at_its_header_even_when_a_table_below_it_came_first():
    assert locate("[a.b]\n[a]\nx = 1\n")["a",] == 2


def test_a_table_without_a_header_is_located_where_it_is_first_named():
    found = locate("\n[a.b.c]\n[a.b.d]\nwith.x = 1\nwith.y = 1")
    assert (found["a",], found["a", "b"], found["a", "b", "d", "with"]) == (2, 2, 4)


def test_a_header_below_an_array_of_tables_belongs_to_its_newest_element():
    found = locate("[[a]]\n[a.b]\nx = 1\n[[a]]\n[a.b]\nx = 1\n[[a.c]]\n[[a.c]]\n")
    assert (found["a", "0", "b", "x"], found["a", "1", "b", "x"], found["a", "1", "c", "1"]) == (3, 6, 8)
    assert found["a",] == 1


def test_strings_of_many_lines_hide_what_looks_like_keys():
    strings = 'a = """\n[x]\ny = 1 \\""" """"" # [z]\nb = \'\'\'\nc = 1\'\'\'\'\n'
    text = strings + "d = 1979-05-27 07:32:00 # a date\ne = [1979-05-27 07:32:00, 07:32:00]"
    assert tomllib.loads(text).keys() == {"a", "b", "d", "e"}
    assert {key[0]: line for key, line in locate(text).items() if len(key) == 1} == {"a": 1, "b": 4, "d": 6, "e": 7}


def test_windows_line_ends_count_once():
    assert locate("a = 1\r\n\r\nb = '''\r\n\r\n'''\r\nc = 3\r\n")["c",] == 6
