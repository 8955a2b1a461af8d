"""The `judge` table: which judge, how many candidates at once, behind which walls. Where and how fast, never what counts."""

from __future__ import annotations

from stagerun.spec.keys import FLAG, JUDGE, POSITIVE, TIER, WORD, Table
from stagerun.spec.shape import JudgeSpec

KINDS = {"workers": POSITIVE, "sandbox": WORD, "min_tier": TIER, "allow_unsandboxed": FLAG, "cache": FLAG}


def judge_of(table: Table) -> JudgeSpec:
    """The judge with what was written about it; the rest is left to its class."""
    table.only(JUDGE)
    given = {key: value for key, kind in KINDS.items() if (value := table.get(key, kind)) is not None}
    open_doors = [key for key in ("sandbox", "min_tier") if given.get(key) == "none"]
    if open_doors and not given.get("allow_unsandboxed"):
        what = f'{open_doors[0]} = "none" lets model-written code do whatever you can do'
        table.report((*table.path, open_doors[0]), what, hint="allow_unsandboxed = true, if that is meant")
    if given.get("sandbox") == "none":
        given.setdefault("min_tier", "none")  # two words for it are enough
    return JudgeSpec(table.get("uses", WORD, "local"), given)
