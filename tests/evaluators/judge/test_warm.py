"""Servers, zygotes and seeds: what is warm never lets one candidate answer for another."""

from __future__ import annotations

import sys
from collections.abc import Mapping, Sequence
from pathlib import Path

import pytest
from attrs import frozen

from stagerun import Candidate, Check, Command, Completed, Judgement, Seed, StageError, SuiteResult, Task, Tool
from stagerun_evaluators.judge import Local

SERVER = """
import json, sys
seen = 0
for line in sys.stdin:
    texts = json.loads(line)
    answers = []
    for text in texts:
        seen += 1
        if "die" in text:
            sys.exit(3)
        while "hang" in text:
            pass
        answers.append({"stdout": f"{text} of {len(texts)}, {seen} so far", "files": {"made.txt": text}})
    print(json.dumps(answers), flush=True)
"""
ZYGOTE = """
import os
def prepare():
    global warm
    warm = ["warm"]
def main():
    warm.append(open("code.txt").read())
    os.write(3, " ".join(warm).encode())
"""


@frozen
class Warm:
    """Passes what server, seed and zygote say on as the detail."""

    scripts: Path
    seed: str = "cp given made"
    name: str = "warm"
    suffixes: tuple[str, ...] = ()
    scoring: str = "1"

    def tools(self) -> Sequence[Tool]:
        return [Tool("python", Command((sys.executable, "-V")))]

    def seeds(self) -> Sequence[Seed]:
        return [Seed("s", Command(("sh", "-c", self.seed)), {"given": "seeded"})]

    def layout(self, candidate: Candidate) -> Mapping[str, str]:
        return {"code.txt": candidate.code}

    def checks(self, candidate: Candidate) -> Sequence[Check]:
        server = Command(
            (sys.executable, "-S", "-c", SERVER), service=True, stdin=candidate.code, timeout=1, memory_mb=512
        )
        made = Command(("cat", "made.txt", "{seed:s}/made"))
        forked = Command((str(self.scripts / "zygote.py"),), zygote=True)
        return [Check("served", 0.2, server), Check("test", 0.6, made, before=(server,)), Check("forked", 0.2, forked)]

    def parse(self, check: Check, done: Completed, candidate: Candidate) -> SuiteResult:
        said = done.stdout or done.report
        name = f"{check.name}: {said}" if done.returncode == 0 else f"{check.name} ended with {done.returncode}"
        return SuiteResult(passed=frozenset({name}), built=done.returncode == 0)


@pytest.fixture
def scripts(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> Path:
    monkeypatch.setenv("STAGERUN_CACHE", str(tmp_path / "cache"))
    (tmp_path / "zygote.py").write_text(ZYGOTE)
    return tmp_path


def judged(scripts: Path, *codes: str) -> list[Judgement]:
    judge = Local(lambda _: Warm(scripts), workers=1, cache=False)
    found = judge.judge([Candidate(Task(id="t", language="warm"), code) for code in codes])
    judge.close()
    return list(found)


def test_a_server_s_answer_and_its_files_and_the_seed_reach_the_checks(scripts: Path) -> None:
    assert judged(scripts, "a")[0].passed == {
        "served: a of 1, 1 so far",
        "test: aseeded",
        "forked: warm a",
    }


def test_a_server_is_asked_about_several_candidates_at_once_and_lives_on(scripts: Path) -> None:
    found = judged(scripts, *"abcdefgh")
    assert "served: e of 4, 5 so far" in found[4].passed


def test_a_fork_knows_nothing_of_the_fork_before(scripts: Path) -> None:
    assert [
        "forked: warm a" in judged(scripts, "a", "b")[0].passed,
        "forked: warm b" in judged(scripts, "a", "b")[1].passed,
    ] == [True, True]


def test_a_text_that_kills_the_server_answers_alone_for_it(scripts: Path) -> None:
    found = judged(scripts, "a", "b", "die", "c", "d", "e", "f", "g")
    assert [one.shares["test"] for one in found] == [1.0, 1.0, 0.0, 1.0, 1.0, 1.0, 1.0, 1.0]


def test_a_text_that_never_ends_is_the_only_timeout(scripts: Path) -> None:
    found = judged(scripts, "a", "hang", "c", "d", "e", "f", "g", "h")
    assert [number for number, one in enumerate(found) if one.verdict == "timeout"] == [1]


def test_a_seed_is_built_once_and_cannot_be_changed(scripts: Path) -> None:
    judged(scripts, "a")
    (folder,) = (scripts / "cache" / "seeds").iterdir()
    before = folder.stat().st_mtime_ns
    judged(scripts, "b")
    assert (folder.stat().st_mtime_ns, (folder / "made").stat().st_mode & 0o777) == (before, 0o444)


def test_a_seed_that_cannot_be_built_says_why_and_leaves_nothing(scripts: Path) -> None:
    judge = Local(lambda _: Warm(scripts, seed="echo no compiler >&2; exit 3"), workers=1, cache=False)
    with pytest.raises(StageError, match=r"its seed s could not be built \(exit code 3\): no compiler"):
        judge.judge([Candidate(Task(id="t", language="warm"), "a")])
    assert list((scripts / "cache" / "seeds").iterdir()) == []
    judge.close()
