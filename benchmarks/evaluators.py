"""`make bench-evaluators`: what judging costs beside a script, what isolation costs beside peers, and whether verdicts hold.

Writes docs/benchmarks/evaluators.md; exit code 1 when a goal was missed. Tools of the naive way and peers are installed into
places of their own under .cache/bench; the judge has a cache of its own there, so that seeds are built in the run and counted
apart. Needs Linux, cargo, go and node, and `stagerun toolchains install` once.
"""

from __future__ import annotations

import argparse
import os
import platform
import shutil
import sys
import tempfile
import time
from collections.abc import Iterator, Sequence
from datetime import UTC, datetime
from pathlib import Path

from benchmarks import evaluators_cost, evaluators_identity, evaluators_naive, evaluators_pool, evaluators_sandbox
from benchmarks.engine import processor
from benchmarks.evaluators_candidates import LANGUAGES, evaluator
from benchmarks.table import Section
from benchmarks.tools import REPOSITORY, VENVS
from stagerun.registry.index import cache_folder
from stagerun_evaluators.judge import Local

PAGE = REPOSITORY / "docs" / "benchmarks" / "evaluators.md"
PARTS = ("cost", "sandbox", "pool", "identity")


def main() -> int:
    """Measure, print, write the page."""
    args = _arguments()
    load, started = os.getloadavg()[0], time.perf_counter()
    VENVS.mkdir(parents=True, exist_ok=True)
    home = Path(tempfile.mkdtemp(prefix="judge-", dir=VENVS))
    try:
        _own_cache(home)
        sections = [_shown(section) for section in _measure(args)]
        head = _head(args, load, time.perf_counter() - started)
    finally:
        shutil.rmtree(home, ignore_errors=True)
    missed = [f"{section.title}: {row.what}" for section in sections for row in section.rows if row.passed is False]
    said = f"Missed: {'; '.join(missed)}." if missed else "Every goal was reached."
    if args.write:
        PAGE.write_text("\n".join([head, said, "", *(each.markdown() for each in sections)]), encoding="utf-8")
    print(said)
    return 1 if missed else 0


def _arguments() -> argparse.Namespace:
    parser = argparse.ArgumentParser(description="measure the judge, its isolation and its verdicts")
    parser.add_argument("--language", action="append", choices=LANGUAGES, help="only this one; may be given again")
    parser.add_argument("--part", action="append", choices=PARTS, help="only this one; may be given again")
    parser.add_argument("--count", type=int, default=200, help="candidates of each language for its cost")
    parser.add_argument("--naive", type=int, default=16, help="how many of them are judged naively too")
    parser.add_argument("--identity", type=int, default=1000, help="candidates for warm against cold, of all languages")
    parser.add_argument("--repeats", type=int, default=5, help="for the flip rate")
    parser.add_argument("--rounds", type=int, default=5, help="of one worker and two")
    parser.add_argument("--no-write", dest="write", action="store_false", help="leave the page as it is")
    return parser.parse_args()


def _own_cache(home: Path) -> None:
    """A cache with nothing in it but the packages that were installed by hand; open to the candidates' user, as the usual one."""
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
        ways = evaluators_naive.ways(languages)
        costs = [evaluators_cost.measure(each, ways[each], args.count, args.naive) for each in languages]
        yield evaluators_cost.section(costs, ways)
    if "sandbox" in parts:
        yield from evaluators_sandbox.sections(launches=100, runs=15)
    if "pool" in parts:
        yield evaluators_pool.hits(languages)
        yield evaluators_pool.sharing(languages, args.rounds)
    if "identity" in parts:
        yield evaluators_identity.section(languages, args.identity, args.repeats)


def _shown(section: Section) -> Section:
    print(section.markdown(), flush=True)
    return section


def _head(args: argparse.Namespace, load: float, seconds: float) -> str:
    """What a number needs beside it: the day, the machine, how busy it was, the versions."""
    languages = args.language or list(LANGUAGES)
    tier, tools = _tools(languages)
    return "\n".join(
        [
            "# Judging beside a script",
            "",
            f"Written by `make bench-evaluators` in {seconds / 60:.0f} minutes. What is compared took turns in one run;",
            "compare the rows of one run, not two runs. Candidates ran in the strongest tier of isolation that there is here.",
            "",
            f"- {datetime.now(UTC):%Y-%m-%d}, {processor()}, {os.cpu_count()} cores shared with other work,",
            f"  load {load:.1f} before and {os.getloadavg()[0]:.1f} after, "
            f"{platform.system()} {platform.release().partition('-')[0]}, tier `{tier}`",
            f"- {tools}",
            f"- peers: {evaluators_sandbox.versions()}",
            "",
        ]
    )


def _tools(languages: Sequence[str]) -> tuple[str, str]:
    """The tier, and every language with what its tools say of themselves."""
    local = Local(evaluator, 1, cache=False)
    try:
        said = {each: [tool.version for tool in local.toolchains(each) if tool.found] for each in languages}
    finally:
        local.close()
    return local.isolation.tier, "; ".join(f"{language}: {', '.join(found)}" for language, found in said.items())


if __name__ == "__main__":
    sys.exit(main())
