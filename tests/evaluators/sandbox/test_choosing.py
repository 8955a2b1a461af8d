"""Which tier is taken, what is said of it, and when a judge does not start."""

from __future__ import annotations

import json
import subprocess
import sys
from collections.abc import Callable
from pathlib import Path

import pytest

from stagerun.errors import StageError
from stagerun_evaluators.sandbox import choosing
from stagerun_evaluators.sandbox.choosing import ORDER, OURS, PROMISES, Isolation, choose, strength
from stagerun_evaluators.sandbox.doors import ESCAPES
from stagerun_evaluators.sandbox.probing import Tried, probe

REFUSING = Path(__file__).with_name("refusing.py")
FAKE: dict[str, Tried] = {}


@pytest.fixture
def told(monkeypatch: pytest.MonkeyPatch) -> Callable[..., None]:
    """Say what a probe finds, by tier; the others are refused."""

    def say(**found: Tried) -> None:
        by_entry = {OURS[tier]: tried for tier, tried in found.items()}
        monkeypatch.setattr(
            choosing, "probe", lambda entry: by_entry.get(entry, Tried(reason="unshare: not permitted"))
        )

    return say


def keeps(tier: str, *but: str) -> Tried:
    stops = PROMISES[tier] - set(but)
    return Tried(tuple(sorted(stops)), tuple(name for name in ESCAPES if name not in stops))


def chosen_where(what: str) -> Isolation:
    """What a process chooses in which system calls are refused."""
    code = (
        "import attrs, json; from stagerun_evaluators.sandbox.choosing import choose; "
        "print(json.dumps(attrs.asdict(choose())))"
    )
    argv = [sys.executable, str(REFUSING), what, sys.executable, "-c", code]
    done = subprocess.run(argv, capture_output=True, text=True, check=True)
    found = json.loads(done.stdout)
    return Isolation(**{name: tuple(value) if isinstance(value, list) else value for name, value in found.items()})


def test_the_strongest_tier_here_keeps_what_it_promises() -> None:
    found = choose()
    assert found.tier in ORDER
    assert PROMISES[found.tier] <= set(found.stops)
    assert set(found.stops) | set(found.open) == set(ESCAPES)
    assert found.tier in found.notice


def test_where_namespaces_are_refused_landlock_is_taken_and_that_is_said() -> None:
    found = chosen_where("clone")
    if found.tier == "limits":
        pytest.skip(f"no landlock here: {found.notice}")
    assert found.tier == "landlock"
    assert found.reasons == ("namespaces: unshare: Operation not permitted",)
    assert "namespaces: unshare: Operation not permitted" in found.notice


def test_where_all_is_refused_the_notice_says_what_is_open() -> None:
    found = chosen_where("landlock")
    assert found.tier == "limits"
    assert "TCP" in found.open
    assert "does not stop TCP, UDP" in found.notice
    assert [reason.partition(":")[0] for reason in found.reasons] == ["namespaces", "landlock"]


def test_a_tier_that_breaks_its_promise_is_not_taken(told: Callable[..., None]) -> None:
    told(namespaces=keeps("namespaces", "UDP"), landlock=keeps("landlock"))
    found = choose()
    assert (found.tier, found.reasons) == ("landlock", ("namespaces: does not stop UDP",))


def test_a_judge_that_must_have_more_does_not_start(told: Callable[..., None]) -> None:
    told(limits=keeps("limits"))
    with pytest.raises(
        StageError, match="isolation tier limits found, landlock wanted .*namespaces: unshare: not permitted"
    ):
        choose(min_tier="landlock")


def test_a_tier_that_is_named_is_not_replaced_by_a_weaker_one(told: Callable[..., None]) -> None:
    told(limits=keeps("limits"))
    with pytest.raises(StageError, match="no isolation for model-written code: landlock: unshare: not permitted"):
        choose("landlock")


def test_none_needs_words() -> None:
    with pytest.raises(StageError, match='sandbox "none" runs model-written code with all rights of yours'):
        choose("none", min_tier="none")


def test_none_with_words_still_has_to_be_strong_enough() -> None:
    with pytest.raises(StageError, match="isolation tier none found, limits wanted"):
        choose("none", allow_unsandboxed=True)


def test_none_is_had_by_saying_so_and_stops_nothing() -> None:
    found = choose("none", min_tier="none", allow_unsandboxed=True)
    assert (found.tier, found.stops, found.open) == ("none", (), ESCAPES)


def test_auto_never_means_none(told: Callable[..., None]) -> None:
    told()
    with pytest.raises(StageError, match="no isolation for model-written code"):
        choose(min_tier="none", allow_unsandboxed=True)


def test_an_unknown_name_is_told_with_what_is_near() -> None:
    with pytest.raises(StageError, match="there is no isolation 'namespace'.*namespaces"):
        choose("namespace")


def test_one_from_elsewhere_is_as_strong_as_what_it_was_seen_to_stop() -> None:
    assert strength(Isolation("theirs", "a:B", tuple(PROMISES["landlock"]))) == "landlock"
    assert strength(Isolation("theirs", "a:B", ("UDP",))) == "none"


def test_a_probe_leaves_nothing_behind() -> None:
    places = ((Path("/tmp"), "stagerun-doors-*"), (Path.home() / ".cache/stagerun", "canary-*"))
    before = {path for place, name in places for path in place.glob(name)}  # another judge may be probing
    probe.cache_clear()
    probe(OURS["limits"])
    assert {path for path in before if path.exists()} >= {path for place, name in places for path in place.glob(name)}
