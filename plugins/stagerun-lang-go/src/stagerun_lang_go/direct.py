"""Commands without the go command: compiler, vet and linker are run over the seed's compiled standard library.

The go command spends more time on finding out what to do than these tools on doing it. What it would do otherwise than by names
and imports (build constraints, vendored modules, embedded files) is left to it: see `plain`.
"""

from __future__ import annotations

import json
from collections.abc import Mapping, Sequence

import attrs
from attrs import frozen

from stagerun.contracts import Command
from stagerun_lang_go.harness import program_text, starter
from stagerun_lang_go.names import BUILT, FACTS, STD, program
from stagerun_lang_go.order import order
from stagerun_lang_go.project import Project, folder_of
from stagerun_lang_go.source import Source
from stagerun_lang_go.suite import Suite
from stagerun_lang_go.toolchain import FEW, Toolchain

_VET = """tool=$0
while [ $# -gt 0 ]; do
  printf %s "$1" > .stagerun/vet.cfg && "$tool" -json .stagerun/vet.cfg || exit 1
  shift
done"""


@frozen
class Package:
    """`files` are compiled together; `imports` are all paths they name."""

    path: str
    name: str
    files: tuple[str, ...]
    imports: frozenset[str]


@frozen
class Direct:
    """Makes the commands for one project. `timeout` in CPU seconds and `memory_mb` for each of the tools."""

    toolchain: Toolchain
    project: Project
    timeout: float
    memory_mb: int

    def packages(self) -> dict[str, Package]:
        """The candidate's packages by import path, tests left out."""
        sources = self.project.sources
        folders = sorted({folder_of(path) for path in sources})
        made = (_package(self.project.module.package(folder), _in(folder, sources)) for folder in folders)
        return {package.path: package for package in made}

    def compile(self) -> tuple[Command, ...]:
        """Compile every package; raises Cycle."""
        packages = self.packages()
        ordered = order(packages, {path: package.imports for path, package in packages.items()})
        return self._all([packages[path] for path in ordered], "built", {})

    def vet(self) -> Command:
        """Vet every package, after `compile`."""
        packages = self.packages()
        ordered = order(packages, {path: package.imports for path, package in packages.items()})
        told = [json.dumps(self._told(packages[path], set(packages)), sort_keys=True) for path in ordered]
        return self._command(("sh", "-c", _VET, f"{self.toolchain.tools}/vet", *told))

    def test_program(self, suite: Suite, number: int, key: str) -> tuple[Command, ...]:
        """Compile a folder's package with its tests, and what either needs, and link them; raises Cycle."""
        packages, laid = self._with_tests(suite, key)
        imports = {path: package.imports for path, package in packages.items()}
        ordered = order(
            [path for path in (f"{self._path(suite)}_test", self._path(suite)) if path in packages], imports
        )
        main = Package("main", "main", (f"{BUILT}/main{number}.go",), frozenset())
        laid[main.files[0]] = program_text(suite, self._path(suite), key)
        phase = f"tested{number}"
        compiled = self._all([*(packages[path] for path in ordered), main], phase, laid)
        return (*compiled, self._link(phase, number))

    def _path(self, suite: Suite) -> str:
        return self.project.module.package(suite.folder)

    def _with_tests(self, suite: Suite, key: str) -> tuple[dict[str, Package], dict[str, str]]:
        """All packages as the suite needs them, each with a file that starts the harness; and the files to lay."""
        packages, tests = self.packages(), self.project.test_sources
        path, laid = self._path(suite), dict(self.project.tests)
        for where, package in packages.items():
            name = f"{folder_of(package.files[0])}/zz_{key[:8]}.go".lstrip("/")
            laid[name] = starter(package.name)
            packages[where] = attrs.evolve(package, files=(*package.files, name))
        if suite.inner:
            inner = _package(path, {name: tests[name] for name in suite.inner})
            own = packages.get(path, Package(path, inner.name, (), frozenset()))
            packages[path] = attrs.evolve(own, files=(*own.files, *inner.files), imports=own.imports | inner.imports)
        if suite.outer:
            packages[f"{path}_test"] = _package(f"{path}_test", {name: tests[name] for name in suite.outer})
        return packages, laid

    def _all(self, packages: Sequence[Package], phase: str, laid: Mapping[str, str]) -> tuple[Command, ...]:
        """One command for each package; the first makes the folders and lays the files."""
        folders = sorted({f"{BUILT}/{phase}", *(folder_of(f"{BUILT}/{phase}/{package.path}") for package in packages)})
        commands = [self._command(self._compiler(package, phase)) for package in packages]
        if not commands:
            return ()
        first = commands[0]
        argv = ("sh", "-c", 'mkdir -p $0 && exec "$@"', " ".join(folders), *first.argv)
        return (attrs.evolve(first, argv=argv, files=laid), *commands[1:])

    def _compiler(self, package: Package, phase: str) -> tuple[str, ...]:
        out = f"{BUILT}/{phase}"
        lang = f"-lang=go1.{self.project.module.minor}"
        flags = ("-complete", "-pack", "-nolocalimports", "-dwarf=false", "-c=1", lang, "-I", STD, "-I", out)
        files = (f"./{name}" for name in package.files)
        return (f"{self.toolchain.tools}/compile", "-p", package.path, *flags, "-o", f"{out}/{package.path}.a", *files)

    def _link(self, phase: str, number: int) -> Command:
        debug = self.toolchain.debug(self.project.module.minor)
        flags = ("-s", "-w", "-buildid=", *((f"-X=runtime.godebugDefault={debug}",) if debug else ()))
        folders = ("-L", STD, "-L", f"{BUILT}/{phase}")
        return self._command(
            (f"{self.toolchain.tools}/link", *flags, *folders, "-o", program(number), f"{BUILT}/{phase}/main.a")
        )

    def _command(self, argv: tuple[str, ...]) -> Command:
        environ = {**FEW, "TMPDIR": f"{{root}}/{BUILT}", "GOROOT": self.toolchain.root}  # what runtime.GOROOT() says
        return Command(argv, self.timeout, self.memory_mb, environ, reads=self.toolchain.reads)

    def _told(self, package: Package, local: set[str]) -> dict[str, object]:
        """What the go command would tell vet about a package."""
        imports = sorted(package.imports - {"unsafe"})
        place = {path: f"{BUILT}/built/{path}.a" if path in local else f"{STD}/{path}.a" for path in imports}
        facts = {path: f"{BUILT}/built/{path}.vetx" if path in local else f"{FACTS}/{path}.vetx" for path in imports}
        return {
            "ID": package.path,
            "Compiler": "gc",
            "Dir": ".",
            "ImportPath": package.path,
            "GoFiles": list(package.files),
            "ModulePath": self.project.module.path,
            "ImportMap": {path: path for path in package.imports},
            "PackageFile": place,
            "Standard": {path: True for path in imports if path not in local},
            "PackageVetx": facts,
            "VetxOutput": f"{BUILT}/built/{package.path}.vetx",
            "GoVersion": f"go1.{self.project.module.minor}",
        }


def _in(folder: str, sources: Mapping[str, Source]) -> dict[str, Source]:
    return {path: source for path, source in sources.items() if folder_of(path) == folder}


def _package(path: str, sources: Mapping[str, Source]) -> Package:
    names = [source.package for source in sources.values() if source.package]
    imports = frozenset(each.path for source in sources.values() for each in source.imports)
    return Package(path, names[0] if names else "main", tuple(sorted(sources)), imports)
