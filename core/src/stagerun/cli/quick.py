"""The shortest way for the commonest call: a plain run of a pipeline that is up to date.

Reads the command line by hand, because click alone costs more than the rest of such a run. Whatever is not understood here
at once is left to app.py, which also says what is wrong with it: nothing here reports a mistake.
"""

from __future__ import annotations

import os
import sys

NAMES_SHOWN = 12
VALUED = {"--profile": "profiles", "--set": "sets", "--backend": "backend", "--run-dir": "run_dir"}

TYPE_CHECKING = False
if TYPE_CHECKING:
    from collections.abc import Sequence

Words = dict[str, list[str]]


def answer(argv: Sequence[str]) -> int | None:
    """The exit code when the run was settled here; None when app.py has to look."""
    words = read(argv)
    if words is None:
        return None
    from stagerun.cli.target import only_pipeline, split

    file, pipeline = split(words["target"][0])
    pipeline = pipeline or only_pipeline(file)
    if not pipeline:
        return None
    return _recall(file, pipeline, words)


def _recall(file: str, pipeline: str, words: Words) -> int | None:
    import shlex

    from stagerun.store.standing import Selection, enter, recall

    profiles, sets = selected(words)
    run_dir = words["run_dir"][-1] if words["run_dir"] else None
    standing = recall(Selection(file, pipeline, profiles, sets, run_dir))
    if standing is None or not enter(standing, shlex.join(["stagerun", *sys.argv[1:]])):
        return None
    _say(lines(str(standing.root), standing.stages))
    return 0


def lines(run_dir: str, stages: Sequence[str]) -> list[str]:
    """What a run that had nothing to do says, as `render.plain` would."""
    near = os.path.relpath(run_dir)
    number = "1 stage" if len(stages) == 1 else f"{len(stages)} stages"
    more = f" and {len(stages) - NAMES_SHOWN} more" if len(stages) > NAMES_SHOWN else ""
    names = ", ".join(stages[:NAMES_SHOWN])
    return [
        f"[skipped] {number} up to date: {names}{more}",
        f"[run] done, nothing to do; `stagerun status {run_dir if near.startswith('..') else near}` shows metrics and gates",
    ]


def _say(texts: Sequence[str]) -> None:
    try:
        sys.stdout.write("".join(f"{text}\n" for text in texts))
        sys.stdout.flush()
    except OSError:  # nobody reads any more, and Python must not try again at its end
        os.dup2(os.open(os.devnull, os.O_WRONLY), 1)


def read(argv: Sequence[str]) -> Words | None:
    """The words of a plain run by their meaning; None for any other command line."""
    words: Words = {"target": [], "profiles": [], "sets": [], "backend": [], "run_dir": []}
    rest = list(argv[1:] if argv[:1] == ["run"] else argv)
    while rest:
        word = rest.pop(0)
        name, equals, value = word.partition("=")
        if name in VALUED:
            if not equals and not rest:
                return None
            words[VALUED[name]].append(value if equals else rest.pop(0))
        elif word.startswith("-") and word != "--plain":
            return None
        elif word != "--plain":
            words["target"].append(word)
    return words if len(words["target"]) == 1 else None


def selected(words: Words) -> tuple[list[str], list[str]]:
    """Profiles and sets as the planner takes them; shared with the click commands, so that both mean the same."""
    profiles = [name.strip() for text in words["profiles"] for name in text.split(",") if name.strip()]
    return profiles, [*words["sets"], *(f"backend={name}" for name in words["backend"])]
