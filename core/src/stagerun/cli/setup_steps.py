"""What each kind of machine needs, as steps: a command that can be typed by hand, and a check of what it came to.

Packages are installed in the versions that were tested (`tested.txt`), our own from where this one was installed. No recipe has
FlashAttention: no backend chooses it (GPT-OSS has attention sinks, which it drops; all else takes torch's own), and building it
takes an hour. Not covered: drivers and operating systems, which are only looked at.
"""

from __future__ import annotations

import json
import os
import shutil
import subprocess
import sys
from collections.abc import Callable, Mapping, Sequence
from pathlib import Path

from attrs import frozen

from stagerun._version import __version__
from stagerun.engine.environments import installer, requirement
from stagerun.errors import BadPipeline, Problem, nearest

STAGES = "stagerun-stages"
OURS = ("stagerun", "stagerun-backends", "stagerun-evaluators", STAGES)
BROUGHT = {"gguf": "xllamacpp", "mlx": "mlx-lm"}  # extra -> a package by which it is known that it is there
TESTED = Path(__file__).parent.parent / "checks" / "tested.txt"
WAIT = 120  # seconds for a check
Argv = tuple[str, ...]


class Unmet(Exception):
    """A check that did not pass; the text says what is not as it should be."""


@frozen
class Step:
    """One step. `check` gives what it found or raises Unmet; an `optional` step that fails is a warning."""

    name: str
    about: str
    check: Callable[[], str]
    checked: str  # the check in words, or as it would be typed
    run: tuple[Argv, ...] = ()
    optional: bool = False
    fix: str = ""


@frozen
class Recipe:
    """A kind of machine. `gigabytes`: free disk for packages and one 20B model; `look` shows its hardware."""

    about: str
    gigabytes: int
    look: Argv = ()
    extras: str = "gguf"  # of the distribution that trains
    kernels: tuple[str, ...] = ()


NVIDIA = ("nvidia-smi", "--query-gpu=name,memory.total,driver_version", "--format=csv,noheader")
GPU = ("liger-kernel", "bitsandbytes")  # fused losses, and 4-bit weights; torchao is for FP8, which an A100 has not
RECIPES: Mapping[str, Recipe] = {
    "h100": Recipe("one NVIDIA H100 with 80 GB", 50, NVIDIA, kernels=(*GPU, "torchao")),
    "a100": Recipe("one NVIDIA A100 with 80 GB", 50, NVIDIA, kernels=GPU),
    "m4": Recipe("a Mac with an M4", 30, ("sysctl", "-n", "machdep.cpu.brand_string"), extras="gguf,mlx"),
    "cpu": Recipe("no GPU", 10),
}


def recipe(name: str) -> Recipe:
    """The recipe of that name; raises BadPipeline for an unknown one."""
    if name not in RECIPES:
        problem = Problem(f'there is no set-up for "{name}"', expected=", ".join(RECIPES), hint=nearest(name, RECIPES))
        raise BadPipeline([problem])
    return RECIPES[name]


def steps(wanted: Recipe, into: Path) -> list[Step]:
    """The steps for a machine; `into` is the virtual environment."""
    python = into / "bin" / "python"
    look = [hardware(wanted)] if wanted.look else []
    more = [kernels(python, wanted.kernels)] if wanted.kernels else []
    return [
        interpreter(),
        disk(wanted, into),
        *look,
        environment(into),
        packages(wanted, python),
        *more,
        *after(into),
    ]


def interpreter() -> Step:
    """The Python that the environment is made from: the one that runs this, which an older one cannot."""
    found = f"Python {sys.version.split()[0]} ({sys.executable})"
    return Step("python", "Python 3.11 or newer", lambda: found, "the version of the Python that runs this")


def disk(wanted: Recipe, into: Path) -> Step:
    """Room for packages and weights."""

    def check() -> str:
        place = next(one for one in (into.absolute(), *into.absolute().parents) if one.exists())
        free = shutil.disk_usage(place).free / 1e9
        if free < wanted.gigabytes:
            raise Unmet(f"{free:.0f} GB free at {place}, {wanted.gigabytes} needed")
        return f"{free:.0f} GB free"

    about = (
        f"{wanted.gigabytes} GB free for packages and one model; `stagerun doctor FILE:PIPELINE` tells what a run needs"
    )
    return Step("disk", about, check, "free space", fix="give it a larger volume, or free some")


def hardware(wanted: Recipe) -> Step:
    """The machine itself, which nothing here can mend."""
    fix = "install the driver of this machine, or choose another set-up: stagerun setup cpu"
    return Step("hardware", wanted.about, lambda: first_line(wanted.look), " ".join(wanted.look), fix=fix)


def environment(into: Path) -> Step:
    """A virtual environment."""
    python = str(into / "bin" / "python")
    make = (sys.executable, "-m", "venv", str(into))
    fix = "install Python's venv (python3-venv on Debian), or remove the folder and try again"
    return Step(
        "environment",
        f"a virtual environment in {into}",
        lambda: first_line((python, "--version")),
        f"{python} --version",
        (make,),
        fix=fix,
    )


def packages(wanted: Recipe, python: Path) -> Step:
    """Our distributions with what they need."""
    named = [requirement(name, wanted.extras if name == STAGES else "") for name in OURS]
    fix = "read what the installer said above; a proxy or a full disk is the usual cause"
    return Step(
        "packages",
        "stagerun and its libraries, as tested",
        lambda: versions(python, [*OURS, *(BROUGHT[extra] for extra in wanted.extras.split(","))]),
        "their versions",
        (installing(python, named),),
        fix=fix,
    )


def kernels(python: Path, names: Sequence[str]) -> Step:
    """What makes training faster or smaller; it works without."""
    about = f"optional kernels: {', '.join(names)}"
    fix = "training works without them; leave out the options that name them"
    run = (installing(python, names),)
    return Step("kernels", about, lambda: versions(python, names), "their versions", run, optional=True, fix=fix)


def installing(python: Path, names: Sequence[str]) -> Argv:
    """The command that installs these, in the versions that were tested where those are known; it shows how far it is."""
    return (*(word for word in installer(python) if word != "--quiet"), "--constraint", str(TESTED), *names)


def versions(python: Path, names: Sequence[str]) -> str:
    """The installed versions; raises Unmet when one is missing, or is ours and not this one."""
    code = "import sys; from importlib.metadata import version as v; print(*(f'{n} {v(n)}' for n in sys.argv[1:]), sep=', ')"
    told = first_line((str(python), "-c", code, *names))
    other = [each for each in told.split(", ") if each.split()[0] in OURS and each.split()[1] != __version__]
    if other:
        raise Unmet(f"{', '.join(other)} is there, {__version__} is wanted")
    return told


def after(into: Path) -> list[Step]:
    """What is done with the new stagerun: tools of languages, logins, and a look at everything."""
    own = str(into / "bin" / "stagerun")
    return [
        Step("toolchains", "tools of languages that come from a package registry", lambda: tools(own), f"{own} toolchains",
             ((own, "toolchains", "install"),), True, "install Node.js (npm); what judges no TypeScript works without it"),
        Step("logins", "tokens of the hub and of Weights & Biases, where they are needed", lambda: logins(own), f"{own} doctor",
             (), True, "export HF_TOKEN=... for gated models and datasets, WANDB_API_KEY=... to send metrics"),
        Step("doctor", "a look at everything", lambda: healthy(own), f"{own} doctor", fix=f"{own} doctor lists what to mend"),
    ]  # fmt: skip


def first_line(argv: Argv) -> str:
    """What a command prints first; raises Unmet when it cannot be run or fails."""
    return (output(argv).strip().splitlines() or [""])[0]


def output(argv: Argv, *, codes: Sequence[int] = (0,)) -> str:
    """What a command prints; raises Unmet when it cannot be run, is too slow, or ends with another code."""
    try:
        done = subprocess.run(
            argv, capture_output=True, text=True, check=False, timeout=WAIT, env={**os.environ, "NO_COLOR": "1"}
        )
    except (OSError, subprocess.TimeoutExpired) as error:
        raise Unmet(f"{argv[0]}: {getattr(error, 'strerror', None) or error}") from None
    if done.returncode not in codes:
        last = (done.stderr or done.stdout).strip().splitlines()[-1:] or [f"exit code {done.returncode}"]
        raise Unmet(f"{argv[0]}: {last[0]}")
    return done.stdout


def found_by(argv: Argv) -> list[dict[str, str]]:
    """The findings that one of our commands prints as JSON; raises Unmet."""
    rows: list[dict[str, str]] = json.loads(output((*argv, "--json"), codes=(0, 1)))["findings"]
    return rows


def tools(own: str) -> str:
    """Whether what `toolchains install` brings is there."""
    missing = [
        row for row in found_by((own, "toolchains")) if "toolchains install" in row["fix"] and row["status"] != "pass"
    ]
    if missing:
        raise Unmet(", ".join(f"{row['check']} {row['item']} is not there" for row in missing))
    return "nothing is missing that can be installed here"


def logins(own: str) -> str:
    """Which logins there are."""
    rows = [row for row in found_by((own, "doctor")) if row["check"] in ("hub", "tracker")]
    return (
        "; ".join(f"{row['check']}: {row['found'] or row['reason']}" for row in rows)
        or "no check of logins is installed"
    )


def healthy(own: str) -> str:
    """Whether nothing fails."""
    rows = found_by((own, "doctor"))
    failing = [f"{row['check']} {row['item']}: {row['reason']}" for row in rows if row["status"] == "fail"]
    if failing:
        raise Unmet("; ".join(failing))
    return f"{len(rows)} findings, none of them a failure"
