"""Weights & Biases: installed and logged in where a stage reports to it. The key is never shown.

Without WANDB_MODE our stages keep it offline (see train/trackers.py), and then no login is needed.
"""

from __future__ import annotations

import netrc
import os
from collections.abc import Iterator, Mapping
from importlib.util import find_spec
from pathlib import Path

from stagerun import Checkup, Finding, Plan

NAME, HOST = "wandb", "api.wandb.ai"
SENDING = ("online", "shared")
LOGIN = "export WANDB_API_KEY=..., or `wandb login`; or WANDB_MODE=offline, and `wandb sync` later"


def tracker(checkup: Checkup) -> Iterator[Finding]:
    """Whether Weights & Biases can be reported to, and whether any stage wants to."""
    plan: Plan | None = checkup.plan
    users = reporting(plan) if plan is not None else []
    yield judged(
        users, installed=find_spec(NAME) is not None, mode=os.environ.get("WANDB_MODE", "offline"), key=key_place()
    )


def reporting(plan: Plan) -> list[str]:
    """The stages that will run and report to it."""
    found = []
    for name in plan.to_run:
        trainer = plan.stages[name].shown.get("trainer")
        named = trainer.get("report_to", ()) if isinstance(trainer, Mapping) else ()
        found += [name] if NAME in ([named] if isinstance(named, str) else named) else []
    return found


def judged(users: list[str], *, installed: bool, mode: str, key: str) -> Finding:
    """The finding. `mode` is WANDB_MODE's, `key` where a key is."""
    login = f"a login in {key}" if key else "no login"
    if not users:
        return Finding("tracker", NAME, "pass", found=f"{login}; no stage reports to it")
    who = f"{', '.join(users)} reports to it"
    if not installed:
        fix = "pip install wandb, or take it out of trainer.report_to"
        return Finding("tracker", NAME, "fail", reason=f"{who}, and it is not installed", fix=fix)
    if mode in SENDING and not key:
        return Finding("tracker", NAME, "fail", reason=f"{who} in mode {mode}, and there is no login", fix=LOGIN)
    return Finding("tracker", NAME, "pass", found=f"{login}; {who} in mode {mode}")


def key_place(environ: Mapping[str, str] = os.environ) -> str:
    """Where a key is; empty when there is none."""
    if environ.get("WANDB_API_KEY", "").strip():
        return "WANDB_API_KEY"
    file = Path(environ.get("NETRC") or "~/.netrc").expanduser()
    try:
        return str(file) if netrc.netrc(str(file)).authenticators(HOST) else ""
    except (OSError, netrc.NetrcParseError):
        return ""
