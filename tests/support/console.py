"""Runs the `console` blocks of a page the way a reader would type them, and compares what they print.

`$ ` begins a command; the lines below it are all it prints, on either stream. `...` within a line stands for any text, alone on
a line for any lines. What changes from run to run (times, dates, process numbers) counts as equal. A command must end well
unless the next one is `echo $?`.
"""

from __future__ import annotations

import re
import subprocess
from collections.abc import Iterator, Mapping
from pathlib import Path

from attrs import define, frozen
from pages import Block

PATIENCE = 120.0  # seconds for one command

_CHANGING = (
    (re.compile(r"\d+ min \d\d s|\d+(\.\d)? s\b"), "TIME"),
    (re.compile(r"\d{4}-\d\d-\d\d \d\d:\d\d:\d\d"), "WHEN"),
    (re.compile(r"pid \d+"), "PID"),
)


@frozen
class Step:
    """A command and what the page says it prints."""

    command: str
    expected: tuple[str, ...]


def steps(block: Block) -> Iterator[Step]:
    """The commands of a console block; one that ends with a backslash goes on in the next line."""
    command, expected = "", list[str]()
    for line in block.text.splitlines():
        if command.endswith("\\"):
            command += "\n" + line
        elif line.startswith("$ "):
            if command:
                yield Step(command, tuple(expected))
            command, expected = line[2:], []
        elif not command:
            raise ValueError(f"line {block.line}: output before the first command")
        else:
            expected.append(line)
    yield Step(command, tuple(expected))


@define
class Console:
    """A folder to type in; `code` is the exit code of the command before."""

    folder: Path
    environ: Mapping[str, str]
    code: int = 0
    excused: bool = False  # whether the page shows that the command before went wrong

    def type(self, step: Step) -> None:
        """Run a command and compare; raises AssertionError with all that was printed."""
        fine = self.code == 0 or self.excused or step.command == "echo $?"
        assert fine, f"the command before `{step.command}` ended with {self.code}"
        if step.command.startswith("cd "):
            self.folder = self.folder / step.command.removeprefix("cd ")
            return
        done = subprocess.run(
            ["bash", "-c", f"(exit {self.code}); {step.command}"],
            cwd=self.folder,
            env=dict(self.environ),
            stdout=subprocess.PIPE,
            stderr=subprocess.STDOUT,
            stdin=subprocess.DEVNULL,
            text=True,
            timeout=PATIENCE,
            check=False,
        )
        self.code = done.returncode
        self.excused = any(line.startswith("error:") for line in step.expected)
        said = done.stdout.rstrip("\n")
        told = "\n".join(step.expected).rstrip("\n")
        assert matches(told, said), (
            f"$ {step.command}\nshould print:\n{told}\nprinted:\n{said}\n(exit code {self.code})"
        )


def matches(told: str, said: str) -> bool:
    """Whether a page's output describes what was printed."""
    pattern = ""
    for line in told.splitlines():
        if line.strip() == "...":
            pattern += r"(?:.*\n)*?"
        else:
            pattern += re.escape(_settled(line.rstrip())).replace(r"\.\.\.", ".*") + r"[ ]*\n"
    return re.fullmatch(pattern, _settled(said) + "\n" if said else "") is not None


def _settled(text: str) -> str:
    for changing, word in _CHANGING:
        text = changing.sub(word, text)
    return text
