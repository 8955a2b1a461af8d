"""Checks of toolchains: which tools of each language are there, and what isolation model-written code would run in.

The judge is asked, through the registry: it knows how to probe within its walls. Core knows no judge and no language itself.
"""

from __future__ import annotations

from collections.abc import Callable, Iterator, Mapping, Sequence
from contextlib import closing, nullcontext
from typing import Any

from attrs import field, frozen

from stagerun.contracts import Checkup, Finding, Status
from stagerun.contracts.stage import answers
from stagerun.errors import StagerunError
from stagerun.plan import Plan
from stagerun.registry import NotFound, Registry

INSTALL = "pip install stagerun-evaluators"
STRONG = ("namespaces", "landlock")


@frozen
class Wanted:
    """What is to be judged, by what. `needed` are the languages that something cannot do without; of others a lack is a hint."""

    languages: Sequence[str]
    needed: frozenset[str] = frozenset()
    judge: str = "local"
    options: Mapping[str, Any] = field(factory=dict)


def toolchains(checkup: Checkup) -> Iterator[Finding]:
    """The tools of the languages that stages have judged, and the isolation that model-written code runs in."""
    plan: Plan | None = checkup.plan
    if not checkup.thorough:
        return
    if plan is not None and not plan.evaluators:
        yield Finding("toolchains", "needed", "pass", found="no stage of this pipeline has code judged")
        return
    yield from findings(
        checkup.registry, everything(checkup.registry) if plan is None else wanted_by(plan, checkup.registry)
    )


def wanted_by(plan: Plan, registry: Registry) -> Wanted:
    """What a pipeline's stages have judged: the languages they name are needed, any that they would take is not."""
    named = {language for stage in plan.stages.values() for language in answers(stage.stage, "languages")}
    needed = frozenset(named & set(registry.names("evaluators")))
    return Wanted(sorted(plan.evaluators), needed, plan.spec.judge.uses, plan.spec.judge.options)


def everything(registry: Registry) -> Wanted:
    """All that is installed, none of it needed by anybody."""
    return Wanted(registry.names("evaluators"))


def findings(registry: Registry, wanted: Wanted) -> Iterator[Finding]:
    """The isolation, then each language's tools."""
    if not wanted.languages:
        yield Finding(
            "judge", "languages", "warn", reason="no language is installed: nothing can be judged", fix=INSTALL
        )
        return
    try:
        judge = judge_of(registry, wanted)
    except NotFound as error:
        yield Finding("judge", wanted.judge, "fail" if wanted.needed else "warn", reason=error.what, fix=INSTALL)
        return
    except StagerunError as error:
        what, todo = getattr(error, "what", str(error)), getattr(error, "todo", "")
        yield Finding("isolation", "tier", "fail", reason=what, fix=todo)
        return
    except Exception as error:  # a stranger's judge, or a machine that lacks what any has
        what = f"the judge cannot be made: {type(error).__name__}: {error}"
        fix = "see that PATH names the folders of the system's own programs"
        yield Finding("isolation", "tier", "fail" if wanted.needed else "warn", reason=what, fix=fix)
        return
    with closing(judge) if callable(getattr(judge, "close", None)) else nullcontext():
        yield from isolation(judge)
        for language in wanted.languages:
            yield from tools(judge, language, language in wanted.needed)


def judge_of(registry: Registry, wanted: Wanted) -> Any:
    """The judge, made as a stage's would be; raises NotFound, and what the judge raises."""
    make: Callable[..., Any] = registry.find("judges", wanted.judge).value
    return make(lambda name: registry.find("evaluators", name).value(), **wanted.options)


def isolation(judge: Any) -> Iterator[Finding]:
    """The tier in force and what it does not stop."""
    found = getattr(judge, "isolation", None)
    if found is None:
        yield Finding("isolation", "tier", "warn", reason=str(getattr(judge, "notice", "")) or "the judge does not say")
        return
    stops, leaves = ", ".join(found.stops), ", ".join(found.open)
    strong = found.tier in STRONG
    yield Finding(
        "isolation",
        "tier",
        "pass" if strong else "warn",
        found=f"{found.tier}; it stops {stops or 'nothing'}",
        reason=f"it does not stop {leaves}" if leaves else "",
        fix="" if strong else why_not_stronger(found),
    )


def why_not_stronger(found: Any) -> str:
    """What the judge says of the tiers it could not have."""
    reasons = tuple(getattr(found, "reasons", ()))
    return "; ".join(map(str, reasons)) or "run it on a kernel that has Landlock, or lets you have namespaces"


def tools(judge: Any, language: str, needed: bool) -> Iterator[Finding]:
    """Each tool of a language."""
    ask = getattr(judge, "toolchains", None)
    if not callable(ask):
        yield Finding(language, "tools", "warn", reason="the judge does not say which tools there are")
        return
    try:
        reports = ask(language)
    except (NotFound, StagerunError) as error:
        yield Finding(language, "tools", "fail" if needed else "warn", reason=str(error))
        return
    except Exception as error:  # a stranger's language
        what = f"its toolchain cannot be looked at: {type(error).__name__}: {error}"
        yield Finding(language, "tools", "fail" if needed else "warn", reason=what)
        return
    for each in reports:
        yield _tool(language, each, needed)


def _tool(language: str, each: Any, needed: bool) -> Finding:
    if each.found:
        return Finding(language, each.name, "pass", found=each.version or "found")
    costs = getattr(each, "lack", "") or "its check is left out"
    lacking = f"optional: {costs}" if each.optional else "without it nothing in this language can be judged"
    said = f" ({each.version})" if each.version else ""
    status: Status = "fail" if needed and not each.optional else "warn"
    return Finding(language, each.name, status, reason=f"not found{said}; {lacking}", fix=each.install)
