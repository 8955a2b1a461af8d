"""The little Markdown of plugins' sections."""

from __future__ import annotations

from hypothesis import given
from hypothesis import strategies as st

from stagerun.report.markdown import markdown

from .test_markup import read

OURS = {"p", "h4", "ul", "li", "table", "tr", "th", "td", "pre", "code", "strong", "div"}


@given(st.text(st.sampled_from("<>&\"'`*#|-: \nabc/="), max_size=120))
def test_no_text_makes_any_other_element_than_ours(text: str) -> None:
    assert set(read(markdown(text)).tags) <= OURS


def test_headings_lists_tables_code_and_bold_are_understood() -> None:
    text = "# Power\nUsed **3 kWh** of `gpu`\npower\n\n- a\n- b\n\n| s | kWh |\n|---|---|\n| sft | 1 |\n\n```sh\nx < y\n```\n"
    assert markdown(text) == (
        "<h4>Power</h4><p>Used <strong>3 kWh</strong> of <code>gpu</code> power</p><ul><li>a</li><li>b</li></ul>"
        '<div class="scroll"><table><tr><th>s</th><th>kWh</th></tr><tr><td>sft</td><td>1</td></tr></table></div>'
        "<pre>x &lt; y</pre>"
    )


def test_html_stays_text() -> None:
    assert markdown("<img src=x onerror=alert(1)>") == "<p>&lt;img src=x onerror=alert(1)&gt;</p>"
