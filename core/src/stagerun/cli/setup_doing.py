"""Shows the steps of a set-up, or does them: what is done is left alone, each is checked, the first failure ends it."""

from __future__ import annotations

import shlex
import subprocess
from collections.abc import Callable, Sequence

from stagerun.cli.setup_steps import Step, Unmet

Say = Callable[[str, str, str], None]  # step, word, text


def shown(steps: Sequence[Step], say: Say) -> None:
    """Every step with its commands and its check, nothing done."""
    for step in steps:
        say(step.name, "about", step.about + (" (optional)" if step.optional else ""))
        for argv in step.run:
            say(step.name, "run", shlex.join(argv))
        say(step.name, "check", step.checked)


def apply_all(steps: Sequence[Step], say: Say) -> bool:
    """Do them in order; False when one failed that is not optional, and then none after it was begun."""
    return all(apply(step, say) or step.optional for step in steps)


def apply(step: Step, say: Say) -> bool:
    """Do one, unless its check passes already."""
    try:
        say(step.name, "done" if step.run else "ok", step.check())
        return True
    except Unmet as error:
        why = str(error)
    for argv in step.run:
        say(step.name, "run", shlex.join(argv))
        why = failure(argv)
        if why:
            break
    if step.run and not why:
        try:
            say(step.name, "ok", step.check())
            return True
        except Unmet as error:
            why = str(error)
    say(step.name, "warn" if step.optional else "failed", why)
    if step.fix:
        say(step.name, "fix", step.fix)
    return False


def failure(argv: Sequence[str]) -> str:
    """Run a command, its words on stderr; why it failed, or the empty string."""
    try:
        done = subprocess.run(argv, stdout=2, check=False)
    except OSError as error:
        return f"{argv[0]} cannot be started: {error.strerror}"
    return f"{argv[0]} ended with exit code {done.returncode}" if done.returncode else ""
