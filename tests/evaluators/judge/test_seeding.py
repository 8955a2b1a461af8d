"""A seed that several need at once is built by one of them, and who waits is told why."""

from __future__ import annotations

import threading
from collections.abc import Mapping
from concurrent.futures import ThreadPoolExecutor
from pathlib import Path

import pytest

from stagerun.contracts import Command, Completed, Seed
from stagerun.registry.index import cache_folder
from stagerun_evaluators.judge import seeding
from stagerun_evaluators.keeper.wire import CommandRow

SEED = Seed("s", Command(("sh", "-c", "true")), {})


class Builds:
    """Counts builds; none is finished before somebody waits for it, if somebody must."""

    def __init__(self, waits: bool) -> None:
        self.count, self.said = 0, list[str]()
        self.waited = threading.Event()
        if not waits:
            self.waited.set()

    def run(self, _files: Mapping[str, str], _row: CommandRow, root: str) -> Completed:
        self.count += 1
        assert self.waited.wait(30)
        Path(root, "made").write_text("x", encoding="utf-8")
        return Completed(returncode=0)

    def say(self, line: str) -> None:
        self.said.append(line)
        if "waiting" in line:
            self.waited.set()

    def build(self) -> str:
        return seeding.build("toy", SEED, {}, "1", self.run, self.say)


@pytest.fixture
def cache(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> Path:
    monkeypatch.setenv("STAGERUN_CACHE", str(tmp_path))
    return cache_folder()


def test_of_two_that_need_a_seed_one_builds_and_the_other_waits(cache: Path) -> None:
    builds = Builds(waits=True)
    with ThreadPoolExecutor(2) as pool:
        one, two = pool.submit(builds.build), pool.submit(builds.build)
        assert one.result() == two.result()
    assert builds.count == 1
    assert sorted(line.split()[0] for line in builds.said) == ["another", "building"]


def test_a_seed_that_is_there_is_not_spoken_of(cache: Path) -> None:
    builds = Builds(waits=False)
    builds.build()
    builds.said.clear()
    builds.build()
    assert (builds.count, builds.said) == (1, [])


def test_what_a_killed_process_left_of_a_seed_is_removed(cache: Path) -> None:
    place = Path(Builds(waits=False).build())
    left = place.with_name(f"{place.name}.1.partial")
    place.rename(left)
    assert Path(Builds(waits=False).build()) == place
    assert [each.name for each in place.parent.iterdir()] == [place.name]
