"""`stagerun setup`: what a bare machine needs before it can train, printed or done step by step, with a check after each.

The steps are in setup_steps.py, the doing in setup_doing.py.
"""

from __future__ import annotations

import sys
from pathlib import Path

import click


@click.command("setup", short_help="Print or do what a bare machine needs.")
@click.argument("machine", metavar="[h100|a100|m4|cpu]", required=False)
@click.option("--apply", is_flag=True, help="Do it; what is done already is left alone.")
@click.option("--into", metavar="DIR", default=".venv", show_default=True, help="The virtual environment to make.")
def command(machine: str | None, apply: bool, into: str) -> int:
    """Print what a bare H100 or A100 pod, a Mac with an M4 or a machine without a GPU needs: a virtual environment, our packages
    in the versions that were tested, optional kernels, the tools of languages, logins. Without a name: what it runs on.

    With --apply the steps are done, and each is checked; the first that fails ends it with exit code 1 and what to do. Every line
    on stdout is `[setup MACHINE] STEP WORD: text`, where the word is one of about, run, check, done, ok, warn, failed, fix; what
    installers say goes to stderr.
    """
    from stagerun.cli.setup_doing import apply_all, shown
    from stagerun.cli.setup_steps import recipe, steps

    name = machine or here()
    plan = steps(recipe(name), Path(into))

    def say(step: str, word: str, text: str) -> None:
        sys.stdout.write(f"[setup {name}] {step} {word}: {text}\n")
        sys.stdout.flush()

    if apply:
        return 0 if apply_all(plan, say) else 1
    shown(plan, say)
    return 0


def here() -> str:
    """The recipe for the machine this runs on."""
    from stagerun.plan.backends import choose
    from stagerun.registry import NotFound, Registry

    try:
        found = choose(Registry(), "auto")
    except NotFound:
        found = None
    facts = found.probe.facts if found is not None else {}
    if "chip" in facts:
        return "m4"
    if found is None or found.found.name != "cuda":
        return "cpu"
    return "a100" if facts.get("generation") == "ampere" else "h100"
