"""What a task's go.mod says, as far as a build without the go command needs it; a task without one gets a module of its own."""

from __future__ import annotations

import re
from collections.abc import Mapping

from attrs import frozen

from stagerun.contracts import Task
from stagerun.errors import StageError
from stagerun_lang_go.names import MODULE

_COMMENT = re.compile(r"//.*")
_MODULE = re.compile(r"^\s*module\s+\"?([^\s\"]+)", re.MULTILINE)
_VERSION = re.compile(r"^\s*go\s+1\.(\d+)", re.MULTILINE)
_ANCIENT = 16  # the language of a go.mod that names none


@frozen
class Module:
    """`minor` is the N of Go 1.N that the code is written for. `text` is the go.mod to lay."""

    path: str
    minor: int
    text: str
    special: bool = False  # it changes more than names: GODEBUG, replacements, tools

    def owns(self, path: str) -> bool:
        """Whether an import path is one of its packages."""
        return path == self.path or path.startswith(f"{self.path}/")

    def package(self, folder: str) -> str:
        """The import path of a folder."""
        return f"{self.path}/{folder}" if folder else self.path


def module_of(task: Task, minor: int) -> Module:
    """The task's module; `minor` is the toolchain's. Raises StageError for a go.mod that it cannot build."""
    text = {**task.repo, **task.files}.get("go.mod")
    if text is None:
        return Module(MODULE, minor, f"module {MODULE}\n\ngo 1.{minor}\n")
    plain = _COMMENT.sub("", text)
    named = _MODULE.search(plain)
    if named is None:
        raise StageError(f"task {task.id}: its go.mod names no module", "expected a line `module NAME`")
    version = _VERSION.search(plain)
    wanted = int(version.group(1)) if version else _ANCIENT
    if wanted > minor:
        raise StageError(f"task {task.id}: its go.mod wants Go 1.{wanted}, found Go 1.{minor}", "install a newer Go")
    special = re.search(r"^\s*(godebug|replace|tool|exclude|ignore)\b", plain, re.MULTILINE) is not None
    return Module(named.group(1), wanted, text, special)


def vendored(files: Mapping[str, str], path: str) -> bool:
    """Whether the task brings an imported package along."""
    return any(name.startswith(f"vendor/{path}/") for name in files)


def external(path: str) -> bool:
    """Whether an import path is of a module from somewhere else: a host name comes first."""
    return "." in path.partition("/")[0]
