"""The conformance kit for languages: cases that any evaluator must survive, ours or a stranger's.

`Samples` says a task and solutions of each kind in the language; `cases` makes the cases of it. Each case is a candidate with the
verdicts that are right for it. What needs no toolchain is in `check_description`: weights, names, garbage.
`check_missing_tools` takes the tools away one by one.

    @pytest.mark.parametrize("case", cases(SAMPLES), ids=str)
    def test_it_conforms(case: Case) -> None:
        case.check(judge)
"""

from __future__ import annotations

from collections.abc import Callable, Mapping, Sequence
from typing import Any

import attrs
from attrs import field, frozen

from stagerun.contracts import Candidate, Command, Completed, Evaluator, Judge, Task, Tool
from stagerun.errors import StageError

FAILED, CHEATED = ("failed",), ("failed", "tampered")
ENDED = ("failed", "timeout", "oom", "tampered")
GARBAGE = (
    "",
    "\x00\xff",
    "ok\n" * 1000,
    "{",
    "[]",
    '[{"verdict": "passed"}]',
    "passed passed passed",
    '{"Action":"pass","Test":"x"}',
)


@frozen
class Samples:
    """One task and solutions of it, each the text of the task's entry file."""

    task: Task
    good: str
    wrong: str  # runs, and passes no test
    half: str  # passes some tests and not others
    broken: str  # cannot be compiled or parsed
    loud: str  # as `good`, and writes 300 KB to both streams
    endless: str  # never ends
    hungry: str  # takes ten gigabytes
    leaves: str  # ends the process with success before any test could fail
    forges: str  # fails, and prints what the test tool prints for success, then ends the process
    hostile: Mapping[str, str] = field(factory=dict)  # more that must not pass a test, by name
    configuration: Mapping[str, str] = field(factory=dict)  # files that would bend the tools if they were believed
    patched: str = ""  # a patch that turns `task.repo` into a good solution; empty: the task has no repository


@frozen
class Case:
    """A candidate, the verdicts that are right, and whether it may pass tests (None: some and not all)."""

    name: str
    candidate: Candidate
    verdicts: tuple[str, ...]
    passes: bool | None = False
    after: Candidate | None = None  # judged next, and must pass

    def __str__(self) -> str:
        return self.name

    def check(self, judge: Judge) -> None:
        """Judge it; raises AssertionError that says what came instead."""
        asked = [self.candidate] if self.after is None else [self.candidate, self.after]
        found, *following = judge.judge(asked)
        told = f"{self.name}: {found.verdict} {found.score}, passed {sorted(found.passed)}: {found.detail}"
        assert found.verdict in self.verdicts, f"{told}; expected {' or '.join(self.verdicts)}"
        if self.passes is None:
            assert found.passed, told
            assert found.failed, told
        else:
            assert bool(found.passed) == self.passes, told
        if self.passes:
            assert found.score == 1.0, f"{told}; a good solution must earn all of every check"
        for next_one in following:
            assert next_one.verdict == "passed", f"after {self.name}: {next_one.verdict}: {next_one.detail}"


def cases(samples: Samples) -> Sequence[Case]:
    """Every case, honest ones first; after each hostile one the good solution is judged again."""

    def of(code: str, files: Mapping[str, str] | None = None) -> Candidate:
        return Candidate(samples.task, code, files or {})

    good = of(samples.good)
    honest = [
        Case("a good solution passes", good, ("passed",), True),
        Case("a good solution that writes 300 KB passes", of(samples.loud), ("passed",), True),
        Case("a wrong solution fails", of(samples.wrong), FAILED),
        Case("a half right solution passes some tests", of(samples.half), FAILED, None),
        Case("what cannot be compiled fails", of(samples.broken), FAILED),
        Case("an empty candidate fails", of(""), FAILED),
        Case("bytes that are no text fail", of("\0\x01\x02"), FAILED),
    ]
    hostile = {
        "what never ends is stopped": (of(samples.endless), ("timeout",)),
        "ten gigabytes are not had": (of(samples.hungry), ("oom", "failed", "timeout")),
        "leaving before the tests is worth nothing": (of(samples.leaves), CHEATED),
        "forged output is worth nothing": (of(samples.forges), CHEATED),
        "configuration of the candidate's own bends nothing": (of(samples.wrong, samples.configuration), CHEATED),
        "a file outside the folder is refused": (of(samples.good, {"../outside": ""}), ("tampered",)),
        **{name: (of(code), ENDED) for name, code in samples.hostile.items()},
    }
    return [
        *honest,
        *_of_repository(samples),
        *(Case(name, candidate, verdicts, after=good) for name, (candidate, verdicts) in hostile.items()),
    ]


def _of_repository(samples: Samples) -> Sequence[Case]:
    if not samples.patched:
        return []
    right, wrong = (
        Candidate(samples.task, patch=patch) for patch in (samples.patched, "--- a/no\n+++ b/no\n@@ -1 +1 @@\n-x\n+y\n")
    )
    return [
        Case("a patch to the repository passes", right, ("passed",), True),
        Case("a patch that does not apply fails", wrong, FAILED),
    ]


def check_description(evaluator: Evaluator, samples: Samples) -> None:
    """What a language says without any toolchain; raises AssertionError. Weights, tools, files that win, hostile output."""
    candidate = Candidate(samples.task, samples.good)
    checks = evaluator.checks(candidate)
    total = sum(check.weight for check in checks)
    assert abs(total - 1.0) < 1e-6, f"the weights add up to {total}"
    assert any(check.name == "test" and check.required for check in checks), "no required check is called test"
    assert evaluator.scoring, "scoring says no version"
    assert evaluator.suffixes, "suffixes is empty"
    assert all(suffix.startswith(".") for suffix in evaluator.suffixes), "a suffix starts with no dot"
    assert evaluator.tools(), "tools() names none"
    _check_files(evaluator, samples)
    for check in checks:
        for text in GARBAGE:
            for done in (Completed(0, text, text, text), Completed(1, text, text, text), Completed(None, text)):
                found = evaluator.parse(check, attrs.evolve(done, step=len(check.before)), candidate)
                assert check.name != "test" or not found.passed, (
                    f"{check.name} passes tests on the output {text[:40]!r}"
                )


def _check_files(evaluator: Evaluator, samples: Samples) -> None:
    """The task's files win over the candidate's, wherever the language lays them."""
    evil = dict.fromkeys(samples.task.files, "the candidate's")
    candidate = Candidate(samples.task, samples.good, evil)
    laid = [evaluator.layout(candidate)]
    laid += [each.files for check in evaluator.checks(candidate) for each in (*check.before, check.command)]
    for name in evil:
        assert all(files.get(name) != "the candidate's" for files in laid), (
            f"the candidate's {name} wins over the task's"
        )


def check_missing_tools(evaluator: Evaluator, samples: Samples, judge_of: Callable[[Evaluator], Judge]) -> None:
    """Without a tool it needs the judge refuses by name before anything runs; without an optional one the rest still adds up.

    `judge_of` makes a judge for which the language is the evaluator given.
    """
    for tool in evaluator.tools():
        without: Any = _Without(evaluator, tool.name)
        judge = judge_of(without)
        if tool.optional:
            found = judge.judge([Candidate(samples.task, samples.good)])[0]
            assert (found.verdict, found.score) == ("passed", 1.0), (
                f"without {tool.name}: {found.verdict} {found.score}"
            )
            continue
        told = _refusal(judge, Candidate(samples.task, samples.good))
        assert tool.name in told, f"without {tool.name} the error does not name it: {told or 'there is none'}"


def _refusal(judge: Judge, candidate: Candidate) -> str:
    try:
        judge.judge([candidate])
    except StageError as error:
        return str(error)
    return ""


class _Without:
    """An evaluator for which one tool cannot be found."""

    def __init__(self, evaluator: Evaluator, tool: str) -> None:
        self._evaluator, self._tool = evaluator, tool

    def __getattr__(self, name: str) -> Any:
        return getattr(self._evaluator, name)

    def tools(self) -> Sequence[Tool]:
        gone = Command(("no-such-program",))
        return [attrs.evolve(tool, probe=gone) if tool.name == self._tool else tool for tool in self._evaluator.tools()]
