"""`make bench-evaluators`: what judging costs beside a script, what isolation costs beside peers, and whether verdicts hold.

Writes docs/benchmarks/evaluators.md; exit code 1 when a goal was missed. `--part` and, for the costs, `--language` measure a
part of it anew. Tools of the naive way and peers are installed into places of their own under .cache/bench; the judge has a
cache of its own there, so that seeds are built in the run and counted apart. Takes about 20 minutes on two cores. Needs
Linux, cargo, go and node, and `stagerun toolchains install` once.
"""

from __future__ import annotations

import argparse
import os
import shutil
import sys
import tempfile
from collections.abc import Iterator
from pathlib import Path

from benchmarks import evaluators_cost, evaluators_identity, evaluators_naive, evaluators_pool, evaluators_sandbox
from benchmarks.evaluators_candidates import LANGUAGES
from benchmarks.evaluators_page import PAGE, Page
from benchmarks.table import Section
from benchmarks.tools import REPOSITORY, VENVS
from stagerun.registry.index import cache_folder

PARTS = ("cost", "sandbox", "pool", "identity")
TITLES = (
    *map(evaluators_cost.title, LANGUAGES),
    *evaluators_sandbox.TITLES,
    *evaluators_pool.TITLES,
    evaluators_identity.TITLE,
)


def main() -> int:
    """Measure, print, write the page."""
    args = _arguments()
    VENVS.mkdir(parents=True, exist_ok=True)
    home = Path(tempfile.mkdtemp(prefix="judge-", dir=VENVS))
    try:
        _own_cache(home)
        page = Page(TITLES, args.write)
        for section in _measure(args):
            page.add(section)
    finally:
        shutil.rmtree(home, ignore_errors=True)
    print(page.verdict())
    return 1 if page.missed else 0


def _arguments() -> argparse.Namespace:
    parser = argparse.ArgumentParser(description="measure the judge, its isolation and its verdicts")
    parser.add_argument("--language", action="append", choices=LANGUAGES, help="only this one; may be given again")
    parser.add_argument("--part", action="append", choices=PARTS, help="only this one; may be given again")
    parser.add_argument("--count", type=int, default=200, help="candidates of each language for its cost")
    parser.add_argument("--naive", type=int, default=20, help="how many of them are judged naively too")
    parser.add_argument("--identity", type=int, default=1000, help="candidates for warm against cold, of all languages")
    parser.add_argument("--repeats", type=int, default=5, help="for the flip rate")
    parser.add_argument("--rounds", type=int, default=5, help="of one worker and two")
    kept = f"leave {PAGE.relative_to(REPOSITORY)} as it is"
    parser.add_argument("--no-write", dest="write", action="store_false", help=kept)
    args = parser.parse_args()
    if args.write and args.language and args.part != ["cost"]:
        parser.error("--language leaves rows out of the page: give --part cost or --no-write with it")
    return args


def _own_cache(home: Path) -> None:
    """A cache with nothing in it but the packages that were installed by hand, as open to all users as the usual one."""
    home.chmod(0o755)
    installed = cache_folder() / "toolchains"
    if installed.is_dir():
        shutil.copytree(installed, home / "toolchains", symlinks=True, copy_function=_linked)
    os.environ["STAGERUN_CACHE"] = str(home)


def _linked(source: str, target: str) -> None:
    try:
        os.link(source, target)
    except OSError:  # another file system
        shutil.copy2(source, target)


def _measure(args: argparse.Namespace) -> Iterator[Section]:
    languages, parts = args.language or list(LANGUAGES), args.part or PARTS
    if "cost" in parts:
        for language in languages:
            way = evaluators_naive.way(language)
            yield evaluators_cost.section(evaluators_cost.measure(language, way, args.count, args.naive), way)
    if "sandbox" in parts:
        yield from evaluators_sandbox.sections(launches=100, runs=15)
    if "pool" in parts:
        yield evaluators_pool.hits(languages)
        yield evaluators_pool.sharing(languages, args.rounds)
    if "identity" in parts:
        yield evaluators_identity.section(languages, args.identity, args.repeats)


if __name__ == "__main__":
    sys.exit(main())
