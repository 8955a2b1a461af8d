"""Every link of every page leads somewhere, and every page can be reached from the README."""

from __future__ import annotations

import pytest
from pages import ROOT, Page, pages

PAGES = pages()


@pytest.mark.parametrize("page", PAGES, ids=lambda page: page.name)
def test_every_link_leads_to_a_file_and_a_heading_that_exist(page: Page) -> None:
    for link in page.links():
        if link.startswith("https://"):
            continue
        target, _, anchor = link.partition("#")
        path = (page.path.parent / target).resolve() if target else page.path
        assert path.exists(), f"{page.name}: {link} leads nowhere"
        assert path.is_relative_to(ROOT), f"{page.name}: {link} leads out of the repository"
        if anchor:
            assert anchor in Page(path).anchors(), f"{page.name}: {link} names a heading that is not there"


def test_every_page_can_be_reached_from_the_readme() -> None:
    seen = set()
    waiting = [ROOT / "README.md"]
    while waiting:
        path = waiting.pop()
        if path in seen or path.suffix != ".md" or not path.is_file():
            continue
        seen.add(path)
        here = [link.partition("#")[0] for link in Page(path).links() if not link.startswith("https://")]
        waiting += [(path.parent / target).resolve() for target in here if target]
    lost = [page.name for page in PAGES if page.path not in seen]
    assert not lost
