"""One candidate, made ready: what to lay out, what to ask servers, what to run where, and what to make of the outcome.

Pure: nothing is started here. A check is a chain of commands; chains that run in the same kind of keeper make one job.
"""

from __future__ import annotations

from collections.abc import Mapping, Sequence

import attrs
from attrs import field, frozen

from stagerun.contracts import Candidate, Check, Command, Completed, Judgement, SuiteResult
from stagerun_evaluators.judge.languages import Language
from stagerun_evaluators.judge.verdict import judgement
from stagerun_evaluators.keeper.wire import CommandRow, CompletedRow, Job, Reply

Rows = dict[int, CompletedRow]


@frozen
class Work:
    """Everything about one candidate that can be known before it runs. `commands` are each there once."""

    candidate: Candidate
    language: Language
    files: Mapping[str, str]
    checks: tuple[Check, ...]
    commands: tuple[Command, ...]
    chains: tuple[tuple[int, ...], ...]  # of each check: positions in `commands`
    key: str = ""  # of its judgement in the cache

    @classmethod
    def of(cls, candidate: Candidate, language: Language, key: str = "") -> Work:
        """Ask the language; raises StageError for a task that cannot be judged."""
        checks = tuple(language.evaluator.checks(candidate))
        commands: list[Command] = []
        for check in checks:
            commands += [each for each in (*check.before, check.command) if each not in commands]
        chains = tuple(tuple(commands.index(each) for each in (*check.before, check.command)) for check in checks)
        files = dict(language.evaluator.layout(candidate))
        return cls(candidate, language, files, checks, tuple(commands), chains, key)

    def row(self, at: int) -> CommandRow:
        """A command as the keeper takes it."""
        return command_row(self.commands[at], self.language.seeds)

    @property
    def asked(self) -> list[int]:
        """Positions of the commands that go to servers."""
        return [at for at, command in enumerate(self.commands) if command.service]

    def jobs(self, given: Mapping[int, Reply]) -> list[tuple[str, Job, list[int]]]:
        """What is left to run: the zygote's script (empty: none), the job, and which command each of its own is."""
        kinds: dict[str, list[tuple[int, ...]]] = {}
        for chain in self.chains:
            zygotes = {self._zygote(at) for at in chain if not self.commands[at].service}
            if len(zygotes) > 1:
                raise ValueError("the commands of one check need different keepers")
            for zygote in zygotes:
                kinds.setdefault(zygote, []).append(chain)
        return [(zygote, *self._job(chains, given)) for zygote, chains in kinds.items()]

    def _zygote(self, at: int) -> str:
        return self.commands[at].argv[0] if self.commands[at].zygote else ""

    def _job(self, chains: Sequence[tuple[int, ...]], given: Mapping[int, Reply]) -> tuple[Job, list[int]]:
        used = list(dict.fromkeys(at for chain in chains for at in chain))
        job = Job(
            files=dict(self.files),
            commands=[self.row(at) for at in used],
            chains=[[used.index(at) for at in chain] for chain in chains],
            given={str(place): given[at] for place, at in enumerate(used) if at in given},
            root="",
        )
        return job, used

    def judged(self, rows: Rows, changed: Sequence[str], tier: str) -> Judgement:
        """The judgement on the outcomes of the commands that were run."""
        results = [self._parsed(check, chain, rows) for check, chain in zip(self.checks, self.chains, strict=True)]
        done = [Completed(**row) for row in rows.values()]
        made = judgement(self.checks, done, results, changed)
        return attrs.evolve(made, isolation=tier, scoring=self.language.evaluator.scoring)

    def _parsed(self, check: Check, chain: tuple[int, ...], rows: Rows) -> SuiteResult:
        step = next((place for place, at in enumerate(chain) if at not in rows or rows[at]["returncode"] != 0), None)
        step = len(chain) - 1 if step is None else step
        row = rows.get(chain[step])
        if row is None:  # what follows a timeout is not run
            return SuiteResult(built=False)
        return self.language.evaluator.parse(check, Completed(**row, step=step), self.candidate)


@frozen
class Refusal:
    """A candidate that is judged without a run."""

    verdict: str
    detail: str
    score: float = field(default=0.0)


def command_row(command: Command, seeds: Mapping[str, str]) -> CommandRow:
    """A command for a keeper; the seeds it names are filled in and may be read."""
    used = [path for name, path in seeds.items() if _names(command, name)]
    return CommandRow(
        argv=[_fill(word, seeds) for word in command.argv],
        timeout=command.timeout,
        memory_mb=command.memory_mb,
        environ={name: _fill(value, seeds) for name, value in command.environ.items()},
        stdin=command.stdin,
        files=dict(command.files),
        reads=[*command.reads, *used],
    )


def _names(command: Command, seed: str) -> bool:
    return any(f"{{seed:{seed}}}" in text for text in (*command.argv, *command.environ.values()))


def _fill(text: str, seeds: Mapping[str, str]) -> str:
    for name, path in seeds.items():
        text = text.replace(f"{{seed:{name}}}", path)
    return text
