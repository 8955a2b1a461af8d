"""The page docs/benchmarks/evaluators.md: a head, what was missed, and tables, each with the moment it was measured.

A table that is measured anew replaces the one of the same title; the others stay. Written after every table, as a run is long.
"""

from __future__ import annotations

import os
import platform
import re
from collections.abc import Sequence
from datetime import UTC, datetime
from pathlib import Path

from benchmarks.engine import processor
from benchmarks.evaluators_candidates import LANGUAGES, evaluator
from benchmarks.evaluators_peers import PEERS
from benchmarks.table import Section
from benchmarks.tools import REPOSITORY
from stagerun_evaluators.judge import Local

PAGE = REPOSITORY / "docs" / "benchmarks" / "evaluators.md"
MISSED = re.compile(r"^\| (.*?) +\|.*\*\*miss\*\*", re.MULTILINE)


class Page:
    """`titles` is the order of the tables; `write` False keeps the file as it is."""

    def __init__(self, titles: Sequence[str], write: bool) -> None:
        self._titles, self._write, self._head = titles, write, _head()
        self._texts = _tables(PAGE) if write else {}
        self._load = os.getloadavg()[0]

    def add(self, section: Section) -> None:
        """Print a table and put it into its place; what was measured lies between this call and the one before."""
        load = os.getloadavg()[0]
        said = f"Measured {datetime.now(UTC):%Y-%m-%d %H:%M} UTC, load {self._load:.1f} before and {load:.1f} after."
        text = Section(section.title, f"{section.note}\n{said}", section.rows).markdown()
        print(text, flush=True)
        self._texts[section.title], self._load = text, load
        if self._write:
            known = [self._texts[title] for title in self._titles if title in self._texts]
            PAGE.write_text("\n".join([self._head, self.verdict(), "", *known]), encoding="utf-8")

    @property
    def missed(self) -> list[str]:
        """Rows with a goal that was not reached."""
        return [f"{title}, {row}" for title, text in self._texts.items() for row in MISSED.findall(text)]

    def verdict(self) -> str:
        """What was missed, in a sentence."""
        return f"Missed: {'; '.join(self.missed)}." if self.missed else "Every goal was reached."


def _tables(page: Path) -> dict[str, str]:
    """The tables of the page as it is, by title."""
    text = page.read_text(encoding="utf-8") if page.exists() else ""
    return {part.partition("\n")[0]: f"## {part}" for part in text.split("\n## ")[1:]}


def _head() -> str:
    """What a number needs beside it: the machine, the versions."""
    tier, tools = _tools()
    system = f"{platform.system()} {platform.release().partition('-')[0]}"
    return "\n".join(
        [
            "# Judging beside a script",
            "",
            "Written by `make bench-evaluators`. What a table compares took turns in one run: compare the rows of one table,",
            "not two runs. Candidates ran in the strongest tier of isolation that there is here.",
            "",
            "Naive is a fresh folder for each candidate and one subprocess for each check, exit codes believed, no isolation. It",
            "is too slow for all candidates: between two blocks of the judge it gets a few of the same ones. Candidates are the",
            "solutions of our own tasks, three in ten of them wrong, each with a comment of its own. Costs are CPU time of all",
            "processes, the judge's with its cache off.",
            "",
            f"- {processor()}, {os.cpu_count()} cores shared with other work, {system}, tier `{tier}`",
            *tools,
            f"- peers: {', '.join(f'{name} {number}' for name, number in PEERS.items())}",
            "",
        ]
    )


def _tools() -> tuple[str, list[str]]:
    """The tier, and of every language what its tools say of themselves."""
    local = Local(evaluator, 1, cache=False)
    try:
        found = {each: local.toolchains(each) for each in LANGUAGES}
        said = {
            each: [f"{tool.name} {_number(tool.version)}" for tool in tools if tool.found]
            for each, tools in found.items()
        }
        return local.isolation.tier, [f"- {language}: {', '.join(tools)}" for language, tools in said.items()]
    finally:
        local.close()


def _number(said: str) -> str:
    """The version in a line that a tool prints."""
    found = re.search(r"\d+\.\d+(\.\d+)?", said)
    return found.group() if found else said
