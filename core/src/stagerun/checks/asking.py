"""Asks the checks: all of them for doctor, and before a run those that are not skipped. One that fails itself hides no other."""

from __future__ import annotations

import time
from collections.abc import Iterable, Iterator, Sequence
from typing import Any

from attrs import frozen

from stagerun.contracts import Checkup, Finding
from stagerun.errors import BadPipeline, Problem, nearest
from stagerun.plan import Plan
from stagerun.record.words import clean, cut
from stagerun.registry import NotFound, Registry
from stagerun.store.lock import is_held

KIND = "checks"
AT_ONCE = 4
SHORT = 160  # characters of a warning before a run, beside what mends it
FIRST = (
    "interpreter",
    "libraries",
    "device",
    "driver",
    "apple",
    "attention",
    "memory",
    "fit",
    "disk",
    "hub",
    "tracker",
)
OF_HARDWARE = ("device", "driver", "apple", "memory", "fit")  # what can be said of a machine that is only described
LAST = ("data", "environments", "limits", "clock", "lock", "toolchains")  # those of plugins stand between


class NotReady(BadPipeline):
    """A check before the run failed: nothing was run."""


@frozen
class Checked:
    """What was looked at before a run; `data()` is the event."""

    skipped: Sequence[str]
    findings: Sequence[Finding]
    seconds: float = 0.0

    def data(self) -> dict[str, Any]:
        """What is recorded of it; empty when nothing was skipped and all is well."""
        if not self.skipped and not self.warnings:
            return {}
        return {"skipped": list(self.skipped), "warnings": self.warnings, "seconds": self.seconds}

    @property
    def warnings(self) -> list[str]:
        """What is not as it might be, a short line each, with what mends it. `stagerun doctor` says more of each."""
        return [_told(one) for one in self.findings if one.status == "warn"]


def names(registry: Registry) -> list[str]:
    """The installed checks, in the order in which they are read."""
    known = registry.names(KIND)
    between = [name for name in known if name not in (*FIRST, *LAST)]
    return [name for name in (*FIRST, *between, *LAST) if name in known]


def ask(checkup: Checkup, wanted: Iterable[str]) -> Iterator[tuple[str, Finding]]:
    """The findings of these checks, each with its check's name."""
    if not checkup.thorough:
        for name in wanted:
            yield from _asked(checkup, name)
        return
    from concurrent.futures import ThreadPoolExecutor

    with ThreadPoolExecutor(AT_ONCE) as pool:  # most of them wait for other programs or for the network
        for found in pool.map(lambda name: _asked(checkup, name), list(wanted)):
            yield from found


def _asked(checkup: Checkup, name: str) -> list[tuple[str, Finding]]:
    try:
        look = checkup.registry.find(KIND, name).value
        return [(name, finding) for finding in look(checkup)]
    except NotFound as error:
        return [(name, Finding(name, "check", "warn", reason=error.what, fix=error.hint))]
    except Exception as error:  # a check is a stranger's code, and its fault must not stop a run
        what = f"the check itself failed: {type(error).__name__}: {error}"
        return [(name, Finding(name, "check", "warn", reason=what))]


def refuse_unknown(skip: Sequence[str], registry: Registry) -> None:
    """Raises BadPipeline for a name to skip that no check has."""
    known = names(registry)
    unknown = [name for name in skip if name not in known]
    if unknown:
        raise BadPipeline(
            Problem(
                f'there is no check "{name}"',
                where="--skip-check",
                expected=", ".join(known),
                hint=nearest(name, known),
            )
            for name in unknown
        )


def preflight(plan: Plan, registry: Registry, skip: Sequence[str] = ()) -> Checked:
    """Look before running, in some hundredths of a second. Raises NotReady with every failure, BadPipeline for an unknown name.

    Nothing is looked at when nothing is to run, or when another run holds the directory: it is refused anyhow.
    """
    refuse_unknown(skip, registry)
    if not plan.to_run or is_held(plan.run_dir / ".lock"):
        return Checked(tuple(skip), ())
    started = time.perf_counter()
    found = list(ask(Checkup(plan, registry, thorough=False), [name for name in names(registry) if name not in skip]))
    failed = [(name, one) for name, one in found if one.status == "fail"]
    if failed:
        raise NotReady(_problem(name, one) for name, one in failed)
    return Checked(tuple(skip), [one for _, one in found], round(time.perf_counter() - started, 3))


def _told(one: Finding) -> str:
    """'memory sft: 8 rows at once do not fit, 2 would; to mend it: ...'; what is there is told only where no reason is."""
    fix = f"; to mend it: {clean(one.fix)}" if one.fix else ""
    return f"{clean(one.check)} {clean(one.item)}: {cut(clean(one.reason or one.found), SHORT)}{fix}"


def _problem(name: str, one: Finding) -> Problem:
    to_mend = f"to mend it: {one.fix}; " if one.fix else ""
    hint = f"{to_mend}to run all the same: --skip-check {name}"
    return Problem(f"{one.check} {one.item}: {one.words}", where="check before the run", hint=hint)
