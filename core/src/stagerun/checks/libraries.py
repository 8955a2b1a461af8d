"""Are the libraries that training needs there, in the range our distributions ask for, and in the versions that were tested?

Read from the metadata of what is installed: no library is imported. `tested.txt` is constraints.txt as it was when this was
released. Not covered: what is in an environment of a stage's own, which has other libraries on purpose.
"""

from __future__ import annotations

from collections.abc import Iterator, Mapping
from functools import cache
from pathlib import Path

from attrs import frozen

from stagerun.checks.scene import heavy, idle
from stagerun.checks.versions import canonical, installed, meets, requirements
from stagerun.contracts import Checkup, Finding, Status
from stagerun.plan import Plan

OWN = "stagerun"


@frozen
class Library:
    """A library that a distribution needs: the range it asks for, what is installed, what was tested ('' when unknown)."""

    name: str
    wanted: str
    here: str | None
    tested: str = ""

    @property
    def wrong(self) -> str:
        """Why it cannot be used; empty when it can."""
        if self.here is None:
            return "not installed"
        return f"{self.here} is installed" if meets(self.here, self.wanted) is False else ""

    @property
    def differs(self) -> str:
        """How it differs from what was tested; empty when it does not. A local part, such as '+cu130', is no difference."""
        same = not self.tested or self.here is None or self.here.partition("+")[0] == self.tested
        return "" if same else f"{self.name} {self.here} (tested: {self.tested})"


def libraries(checkup: Checkup) -> Iterator[Finding]:
    """Installed versions against the ranges our distributions ask for and the versions that were tested."""
    if idle(checkup):
        return
    needed = checkup.plan is not None
    for dist in distributions(checkup):
        found = [
            Library(name, wanted, installed(name), tested().get(canonical(name), ""))
            for name, wanted in requirements(dist)
        ]
        yield from judged(dist, found, needed=needed)


def distributions(checkup: Checkup) -> list[str]:
    """Those whose stages load models, and their backends; without a plan, all that bring anything."""
    plan: Plan | None = checkup.plan
    if plan is None:
        return list(dict.fromkeys([OWN, *(entry.dist for entry in checkup.registry.entries)]))
    used = [OWN]
    for stage in heavy(plan):
        chosen = plan.backend_of(stage)
        used += [stage.found.dist] if stage.environment is None else []
        used += [chosen.found.dist] if chosen is not None and stage.environment is None else []
    return list(dict.fromkeys(used))


def judged(dist: str, found: list[Library], *, needed: bool) -> Iterator[Finding]:
    """One finding for each library that is wrong, one for all that differ, and one when all is well."""
    wrong = [one for one in found if one.wrong]
    for one in wrong:
        status: Status = "fail" if needed or one.here is not None else "warn"
        fix = f"pip install '{one.name}{one.wanted}'"
        reason = f"{one.wrong}, and {dist} asks for {one.wanted or 'it'}"
        yield Finding("libraries", one.name, status, reason=reason, fix=fix)
    differing = [one for one in found if one.differs and not one.wrong]
    if differing:
        fix = f"pip install {' '.join(f'{one.name}=={one.tested}' for one in differing)}"
        told = ", ".join(one.differs for one in differing)
        yield Finding("libraries", dist, "warn", reason=f"others than were tested: {told}", fix=fix)
    elif not wrong:
        count = "1 library" if len(found) == 1 else f"{len(found)} libraries"
        yield Finding("libraries", dist, "pass", found=f"{installed(dist)}; {count} as asked for and tested")


@cache
def tested() -> Mapping[str, str]:
    """Library -> the version that was tested."""
    lines = (Path(__file__).parent / "tested.txt").read_text(encoding="utf-8").splitlines()
    pairs = (line.partition("==") for line in lines if "==" in line and not line.startswith("#"))
    return {canonical(name.strip()): version.strip() for name, _, version in pairs}
