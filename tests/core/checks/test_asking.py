"""Checks are found by name, one that fails itself hides no other, and those that fail stop a run unless they are skipped."""

from __future__ import annotations

from collections.abc import Callable, Iterable
from types import SimpleNamespace

import pytest
from workshop import Workshop

import stagerun
from stagerun import BadPipeline, Checkup, Finding, Registry
from stagerun.checks.asking import NotReady, ask, names, preflight
from stagerun.registry.index import Entry

LIGHT = '[demo.stages.a]\nuses = "test.make"\n'
Look = Callable[[Checkup], Iterable[Finding]]


def fails(checkup: Checkup) -> list[Finding]:
    return [Finding("licence", "base", "fail", "unknown", "it may not be used", "ask its owner")]


def warns(checkup: Checkup) -> list[Finding]:
    return [Finding("heat", "fan", "warn", reason="loud")]


def breaks(checkup: Checkup) -> list[Finding]:
    raise ZeroDivisionError("a fault of it")


def registry(**checks: Look) -> Registry:
    """Only these checks, beside everything else that is installed."""
    found = Registry()
    found.entries = [one for one in found.entries if one.kind != "checks"]
    found.entries += [Entry("checks", name, f"{__name__}:{name}", "me", "1") for name in checks]
    for name, look in checks.items():
        found._cache["checks", name] = SimpleNamespace(value=look)  # type: ignore[assignment]
    return found


@pytest.fixture
def plan(workshop: Workshop) -> stagerun.Plan:
    workshop.file.write_text(LIGHT)
    return workshop.plan()


def test_ours_come_in_the_order_of_reading_and_those_of_plugins_between() -> None:
    known = names(registry(clock=warns, licence=fails, interpreter=warns))
    assert known == ["interpreter", "licence", "clock"]


def test_every_check_of_ours_is_installed_under_its_name() -> None:
    ours = {"interpreter", "libraries", "device", "memory", "fit", "disk", "data", "environments", "limits", "clock"}
    assert ours | {"lock", "toolchains"} <= set(names(Registry()))


def test_a_check_that_fails_itself_is_a_warning_and_the_others_are_asked() -> None:
    found = list(ask(Checkup(None, registry(breaks=breaks, warns=warns)), ["breaks", "warns"]))
    assert [(name, one.status) for name, one in found] == [("breaks", "warn"), ("warns", "warn")]
    assert "ZeroDivisionError: a fault of it" in found[0][1].reason


def test_a_failing_check_stops_the_run_and_says_how_to_mend_or_to_skip_it(plan: stagerun.Plan) -> None:
    with pytest.raises(NotReady) as raised:
        preflight(plan, registry(licence=fails, heat=warns))
    assert str(raised.value) == (
        "check before the run: licence base: unknown; it may not be used; to mend it: ask its owner; "
        "to run all the same: --skip-check licence"
    )
    assert raised.value.exit_code == 64


def test_a_skipped_check_is_not_asked_and_is_recorded(plan: stagerun.Plan) -> None:
    checked = preflight(plan, registry(licence=fails, heat=warns), ["licence"])
    assert checked.data()["skipped"] == ["licence"]
    assert checked.data()["warnings"] == ["heat fan: loud"]


def test_a_name_to_skip_that_no_check_has_is_refused_with_the_nearest(plan: stagerun.Plan) -> None:
    with pytest.raises(BadPipeline, match=r'--skip-check: there is no check "licens".*did you mean "licence"\?'):
        preflight(plan, registry(licence=fails), ["licens"])


def test_nothing_is_asked_when_nothing_is_to_run(workshop: Workshop) -> None:
    workshop.file.write_text(LIGHT)
    workshop.run()
    assert preflight(workshop.plan(), registry(licence=fails)).findings == ()


def test_when_all_is_well_nothing_is_recorded(plan: stagerun.Plan) -> None:
    assert preflight(plan, registry()).data() == {}


def wordy(checkup: Checkup) -> list[Finding]:
    return [Finding("fan", "blade", "warn", "a fan", "long " * 100, "oil it"), Finding("fan", "cord", "warn", "worn")]


def test_a_warning_is_short_says_what_is_wrong_and_ends_with_what_mends_it(plan: stagerun.Plan) -> None:
    first, second = preflight(plan, registry(wordy=wordy)).warnings
    assert first.startswith("fan blade: long long")
    assert first.endswith("...; to mend it: oil it")
    assert len(first) < 200
    assert second == "fan cord: worn"
