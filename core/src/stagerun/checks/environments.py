"""Are the interpreters there that stages ask for, or can they be built?

Whether an environment can be built is tried by resolving its requirements, without installing: that needs `uv` and, for what is
not in its cache, the network. It is waited for a second or two; what takes longer is left to the run, which builds it before the
first stage.
"""

from __future__ import annotations

import os
import shutil
import subprocess
import sys
from collections.abc import Iterator
from importlib.util import find_spec
from pathlib import Path

from stagerun.contracts import Checkup, Finding
from stagerun.engine import environments as engine
from stagerun.errors import CannotRun
from stagerun.plan import Plan
from stagerun.spec import EnvironmentSpec

WAIT = 2.0  # seconds for the requirements to be resolved


def environments(checkup: Checkup) -> Iterator[Finding]:
    """Each environment of a stage that is to run: ready, buildable, or neither."""
    plan: Plan | None = checkup.plan
    if plan is None:
        return
    wanted = {
        stage.environment.name: stage.environment for name in plan.to_run if (stage := plan.stages[name]).environment
    }
    for one in wanted.values():
        yield judged(one, plan.spec.file.parent, thorough=checkup.thorough)


def judged(wanted: EnvironmentSpec, folder: Path, *, thorough: bool) -> Finding:
    """The finding for one; `folder` is the pipeline file's."""
    python = engine.interpreter(wanted, folder)
    if python is None:
        return to_build(wanted, folder, thorough=thorough)
    if not os.access(python, os.X_OK):
        fix = f"environments.{wanted.name}.python: say a Python that exists, or make it: python3 -m venv {python.parent.parent}"
        return Finding("environments", wanted.name, "fail", reason=f"there is no {python}", fix=fix)
    if thorough:
        try:
            engine.check(python, wanted.name)
        except CannotRun as error:
            what, _, fix = str(error).rpartition("; ")
            return Finding("environments", wanted.name, "fail", reason=what or fix, fix=fix if what else "")
    return Finding("environments", wanted.name, "pass", found=f"ready: {python}")


def to_build(wanted: EnvironmentSpec, folder: Path, *, thorough: bool) -> Finding:
    """One that the run builds before its first stage."""
    base = str(folder / wanted.python) if wanted.python else sys.executable
    if not os.access(base, os.X_OK):
        fix = f"environments.{wanted.name}.python: say a Python that exists"
        return Finding("environments", wanted.name, "fail", reason=f"there is no {base} to build it with", fix=fix)
    if not wanted.python and find_spec("ensurepip") is None:
        fix = "install Python's venv, such as `apt install python3-venv`"
        return Finding("environments", wanted.name, "fail", reason="this Python cannot make environments", fix=fix)
    told = f"not built yet; the run does it first: {', '.join(wanted.requirements)}"
    why = unresolved(base, wanted, folder) if thorough else ""
    if why:
        fix = f"mend environments.{wanted.name}.requirements, or the network"
        return Finding("environments", wanted.name, "fail", told, f"it cannot be built: {why}", fix)
    return Finding("environments", wanted.name, "pass", told)


def unresolved(base: str, wanted: EnvironmentSpec, folder: Path) -> str:
    """Why no set of packages meets the requirements; empty when one does, or when it cannot be said in time."""
    uv = shutil.which("uv", path=str(Path(sys.executable).parent)) or shutil.which("uv")
    if uv is None:
        return ""
    argv = [uv, "pip", "compile", "--quiet", "--python", base, "-"]
    try:
        done = subprocess.run(
            argv,
            input="\n".join(wanted.requirements),
            capture_output=True,
            text=True,
            check=False,
            timeout=WAIT,
            cwd=folder,
        )
    except (OSError, subprocess.TimeoutExpired):
        return ""
    lines = [line.strip(" ╰─▶├│×") for line in done.stderr.strip().splitlines()]
    return "" if done.returncode == 0 else " ".join(" ".join(lines[:4]).split())
