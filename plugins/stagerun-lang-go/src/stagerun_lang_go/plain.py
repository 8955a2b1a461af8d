"""Commands as a person would type them: go build, go vet, go test -c. Slower, and never wrong about what Go would do.

Used for what `direct` leaves to the go command, and for everything with `Go(plain=True)`. The seed's cache is read-only: each
candidate has links to its entries and puts its own beside them.
"""

from __future__ import annotations

import secrets

from attrs import field, frozen

from stagerun.contracts import Command
from stagerun_lang_go.harness import harness_files, renamed_main, starter, test_main_text
from stagerun_lang_go.names import BUILT, CACHE, program
from stagerun_lang_go.project import Project, folder_of
from stagerun_lang_go.suite import Suite
from stagerun_lang_go.toolchain import Toolchain, environ

_FIRST = f'mkdir -p {BUILT} && {{ [ -d {BUILT}/cache ] || cp -rs "$0" {BUILT}/cache; }} && exec "$@"'


@frozen
class Plain:
    """Makes the commands for one project. `timeout` in CPU seconds and `memory_mb` for each.

    `name` is of the files that start the harness, the same for all test programs of a candidate: those of one are laid over those
    of the one before. A package that started two harnesses would have the first one read what is meant for the second.
    """

    toolchain: Toolchain
    project: Project
    timeout: float
    memory_mb: int
    name: str = field(factory=lambda: f"zz_{secrets.token_hex(4)}")

    def compile(self) -> tuple[Command, ...]:
        """Build every package."""
        return (self._go("build", "-o", "/dev/null", "./..."),)

    def vet(self) -> Command:
        """Vet every package."""
        return self._go("vet", "-json", "./...")

    def test_program(self, suite: Suite, number: int, key: str) -> tuple[Command, ...]:
        """Build the folder's test program."""
        ours = f"harness_{key[8:16]}"  # a new name, that nobody can have put something into
        path, harness = self.project.module.package(suite.folder), self.project.module.package(ours)
        laid = dict(self.project.tests)
        if suite.main:
            laid[suite.main] = renamed_main(laid[suite.main])
        for folder, package in self._packages().items():
            laid[f"{folder}/{self.name}.go".lstrip("/")] = starter(package, harness)
        laid[f"{suite.folder}/{self.name}_test.go".lstrip("/")] = test_main_text(suite, path, harness, key)
        laid |= {f"{ours}/{file}": text for file, text in harness_files().items()}
        flags = ("-vet=off", "-ldflags=-s -w", "-o", program(number))
        return (self._go("test", "-c", *flags, f"./{suite.folder}", laid=laid),)

    def _packages(self) -> dict[str, str]:
        """The name of the package in each folder; files that a build may leave out are asked last."""
        sources = sorted(self.project.sources.items(), key=lambda each: "go:build" in each[1].directives)
        found: dict[str, str] = {}
        for path, source in sources:
            found.setdefault(folder_of(path), source.package)
        return found

    def _go(self, *words: str, laid: dict[str, str] | None = None) -> Command:
        argv = ("sh", "-c", _FIRST, CACHE, f"{self.toolchain.root}/bin/go", *words)
        variables = environ(f"{{root}}/{BUILT}/cache")
        return Command(argv, self.timeout, self.memory_mb, variables, files=laid or {}, reads=self.toolchain.reads)
