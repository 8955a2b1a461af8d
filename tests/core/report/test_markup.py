"""Nothing that a stage wrote becomes markup."""

from __future__ import annotations

from html.parser import HTMLParser

from hypothesis import given
from hypothesis import strategies as st

from stagerun.report.markup import Html, join, tag


class Reader(HTMLParser):
    """Collects tags, attributes and text as a browser would."""

    def __init__(self) -> None:
        super().__init__(convert_charrefs=True)
        self.tags: list[str] = []
        self.values: list[str | None] = []
        self.text = ""

    def handle_starttag(self, tag: str, attrs: list[tuple[str, str | None]]) -> None:
        self.tags.append(tag)
        self.values += [value for _, value in attrs]

    def handle_data(self, data: str) -> None:
        self.text += data


def read(text: str) -> Reader:
    reader = Reader()
    reader.feed(text)
    reader.close()
    return reader


SIGNS = st.text(st.sampled_from("<>&\"'/=-!;#ab\u00e9"), max_size=30)  # those that mean something to a browser, often
VISIBLE = st.text(st.characters(exclude_categories=("C", "Z")), max_size=60) | SIGNS


@given(VISIBLE, VISIBLE)
def test_whatever_a_text_holds_a_browser_sees_one_element_with_that_text(text: str, value: str) -> None:
    reader = read(tag("b", text, title=value))
    assert (reader.tags, reader.text, reader.values) == (["b"], text, [value])


@given(st.text(max_size=60))
def test_control_characters_never_reach_the_page(text: str) -> None:
    assert all(char.isprintable() or char in "\n\t" for char in join(text))


def test_attributes_that_are_none_are_left_out_and_names_are_made_readable_for_python() -> None:
    assert tag("p", "x", class_="a b", stroke_width=2, id=None) == '<p class="a b" stroke-width="2">x</p>'


def test_markup_in_markup_stays_markup() -> None:
    assert tag("p", ["a & ", tag("b", "c")], None) == "<p>a &amp; <b>c</b></p>"
    assert isinstance(join(Html("<i>")), Html)
