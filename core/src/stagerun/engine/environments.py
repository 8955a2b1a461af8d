"""The interpreter a stage runs in. Libraries pin each other, so a pipeline may name environments by their requirements.

An environment is built once into the cache, keyed by its content, and sealed by a marker written last. Only `core` is shared:
it is installed there from where it is installed here.
"""

from __future__ import annotations

import hashlib
import json
import shutil
import subprocess
import sys
from pathlib import Path
from urllib.parse import unquote

from stagerun._version import __version__
from stagerun.errors import CannotRun
from stagerun.registry.index import cache_folder
from stagerun.spec import EnvironmentSpec


def interpreter(environment: EnvironmentSpec | None, folder: Path) -> Path | None:
    """The Python of an environment, if it stands ready; None when it must be built first. `folder`: the pipeline file's."""
    if environment is None:
        return Path(sys.executable)
    if not environment.requirements:
        return (folder / Path(str(environment.python)).expanduser()).absolute()
    python = _place(environment, folder) / "bin" / "python"
    return python if (_place(environment, folder) / "ready").exists() else None


def build(environment: EnvironmentSpec, folder: Path) -> Path:
    """Build an environment and give its Python; raises CannotRun with the installer's last words."""
    place = _place(environment, folder)
    shutil.rmtree(place, ignore_errors=True)
    place.parent.mkdir(parents=True, exist_ok=True)
    base = str(folder / environment.python) if environment.python else sys.executable
    python = place / "bin" / "python"
    _run(environment, [base, "-m", "venv", str(place)], folder)
    for requirements in ([core_requirement()], list(environment.requirements)):
        _run(environment, [*installer(python), *requirements], folder)
    (place / "ready").touch()
    return python


def check(python: Path, name: str) -> None:
    """Raises CannotRun when `python` cannot run a worker of this version."""
    code = "import stagerun; print(stagerun.__version__)"
    try:
        done = subprocess.run([str(python), "-c", code], capture_output=True, text=True, check=False, timeout=60)
    except (OSError, subprocess.TimeoutExpired) as error:
        raise CannotRun(f"environment {name}: {python} cannot be started ({error})") from None
    if done.stdout.strip() != __version__:
        found = done.stdout.strip() or "no stagerun"
        raise CannotRun(
            f"environment {name}: {python} has {found}, expected stagerun {__version__}; "
            f"run {python} -m pip install {' '.join(core_requirement().split())}"
        )


def core_requirement() -> str:
    """How to install this very core elsewhere: from the folder it was installed from, else by version."""
    return requirement("stagerun")


def requirement(name: str, extras: str = "") -> str:
    """The same for any of our distributions, which share one version; `extras`: 'gguf,mlx'."""
    from importlib.metadata import PackageNotFoundError, distribution

    try:
        text = distribution(name).read_text("direct_url.json")
    except PackageNotFoundError:
        text = None
    url = str(json.loads(text).get("url", "")) if text else ""
    there = url.startswith("file://") and Path(unquote(url.removeprefix("file://"))).exists()
    wanted = f"{name}[{extras}]" if extras else name
    return f"{wanted} @ {url}" if there else f"{wanted}=={__version__}"


def _place(environment: EnvironmentSpec, folder: Path) -> Path:
    content = [environment.python, sys.version, core_requirement(), __version__, *environment.requirements, str(folder)]
    key = hashlib.sha256(json.dumps(content).encode()).hexdigest()[:16]
    return cache_folder() / "environments" / f"{environment.name}-{key}"


def installer(python: Path) -> list[str]:
    """The command that installs into an environment: uv where there is one, else its own pip."""
    uv = shutil.which("uv", path=str(Path(sys.executable).parent)) or shutil.which("uv")
    if uv:
        return [uv, "pip", "install", "--quiet", "--python", str(python)]
    return [str(python), "-m", "pip", "install", "--quiet", "--disable-pip-version-check"]


def _run(environment: EnvironmentSpec, argv: list[str], folder: Path) -> None:
    try:
        done = subprocess.run(argv, capture_output=True, text=True, check=False, cwd=folder)
    except OSError as error:
        raise CannotRun(f"environment {environment.name}: {argv[0]} cannot be started ({error.strerror})") from None
    if done.returncode != 0:
        last = " ".join((done.stderr or done.stdout).strip().splitlines()[-3:])
        raise CannotRun(f"environment {environment.name} cannot be built: {last}")
