"""A language that needs no toolchain: shell scripts that must print `right`. Its probe, seed, server and zygote are real."""

from __future__ import annotations

from collections.abc import Mapping, Sequence

from attrs import frozen

from stagerun import Candidate, Check, Command, Completed, Diagnostic, StageError, SuiteResult, Task, Tool


def toy(code: str) -> Candidate:
    """A candidate for the one task there is."""
    return Candidate(Task(id="say-right", language="toy"), code)


@frozen
class Toy:
    """Runs the candidate, then compares what it printed, outside."""

    name: str = "toy"
    suffixes: tuple[str, ...] = (".sh",)
    scoring: str = "toy-1"
    tool: str = "sh"

    def tools(self) -> Sequence[Tool]:
        return [Tool(self.tool, Command((self.tool, "-c", "echo sh 1")), install="apt install it")]

    def layout(self, candidate: Candidate) -> Mapping[str, str]:
        return {**candidate.files, "solution.sh": candidate.code}

    def checks(self, candidate: Candidate) -> Sequence[Check]:
        if candidate.task.meta.get("unfit"):
            raise StageError(f"task {candidate.task.id} has no test")
        run = Command(("sh", "-c", "sh solution.sh > said; code=$?; cat said; exit $code"), timeout=1.0)
        answer = Command(("sh", "-c", "tail -n 1 said | cmp -s - answer && echo right"), files={"answer": "right\n"})
        return [
            Check("compile", 0.1, run),
            Check("test", 0.9, answer, before=(run,), metric="toy_pass_rate"),
            Check("lint", 0.0, run, required=False),
        ]

    def parse(self, check: Check, done: Completed, candidate: Candidate) -> SuiteResult:
        said = done.stdout.strip()
        if "unreadable" in said:
            raise KeyError(said)
        if check.name == "test":
            return SuiteResult(
                passed=frozenset({"says"} if said == "right" else ()),
                failed=frozenset(() if said == "right" else {"says"}),
            )
        if check.name == "lint" and "untidy" in candidate.code:
            return SuiteResult(diagnostics=(Diagnostic("solution.sh", 1, "untidy", "warning"),))
        told = Diagnostic("solution.sh", 0, said.splitlines()[0] if said else "", "note")
        return SuiteResult(built=done.returncode == 0, diagnostics=(told,) if check.name == "compile" else ())
