"""The `judge` table: which judge, how many candidates at once, behind which walls. Where and how fast, never what counts."""

from __future__ import annotations

from stagerun.spec.keys import FLAG, JUDGE, POSITIVE, TIER, WORD, Table
from stagerun.spec.shape import JudgeSpec

KINDS = {"workers": POSITIVE, "sandbox": WORD, "min_tier": TIER, "allow_unsandboxed": FLAG, "cache": FLAG}


def judge_of(table: Table) -> JudgeSpec:
    """The judge with what was written about it; the rest is left to its class."""
    table.only(JUDGE)
    given = {key: value for key, kind in KINDS.items() if (value := table.get(key, kind)) is not None}
    if given.get("sandbox") == "none" and not given.get("allow_unsandboxed"):
        what = 'sandbox = "none" lets model-written code do whatever you can do'
        table.report((*table.path, "sandbox"), what, hint="allow_unsandboxed = true, if that is meant")
    return JudgeSpec(table.get("uses", WORD, "local"), given)
