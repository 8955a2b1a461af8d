"""Macs, as Apple's specifications describe them: there is none here."""

from __future__ import annotations

import json
from pathlib import Path

import pytest

from stagerun import Checkup, Finding, Registry, prepare
from stagerun_backends.checks.apple import advice, apple, judged


def mac(
    gigabytes: float = 32, system: str = "macOS 15.3", chip: str = "Apple M4", *, small: bool = False
) -> dict[str, Finding]:
    facts = {"chip": chip, "system": system, "unified_memory": gigabytes}
    return {one.item: one for one in judged(facts, small=small)}


@pytest.mark.parametrize(
    ("gigabytes", "status", "word"),
    [(8, "fail", "insufficient"), (15.9, "fail", "insufficient"), (16, "warn", "limited"), (24, "warn", "limited"),
     (32, "pass", "sufficient"), (64, "pass", "sufficient")],
)  # fmt: skip
def test_under_16_gb_is_insufficient_under_32_limited_and_from_then_on_sufficient(
    gigabytes: float, status: str, word: str
) -> None:
    found = mac(gigabytes)["unified memory"]
    assert found.status == status
    assert word in found.words


def test_a_small_model_has_room_on_any_mac() -> None:
    assert mac(8, small=True)["unified memory"].status == "pass"


def test_an_old_macos_is_a_failure() -> None:
    found = mac(system="macOS 13.7")["macOS"]
    assert (found.status, found.fix) == ("fail", "update macOS to 14 or newer")


def test_the_chip_and_what_to_do_about_heat_and_other_programs_are_told() -> None:
    found = mac(chip="Apple M4 Pro")
    assert found["chip"].found == "Apple M4 Pro"
    assert "close other programs" in found["time and heat"].found
    assert "caffeinate" in found["time and heat"].found


def test_the_time_is_told_honestly_and_more_cores_take_less() -> None:
    assert advice("Apple M4").found.startswith("an hour of an H100 takes 5 days to 10 days here")
    assert advice("Apple M4 Max").found.startswith("an hour of an H100 takes 30 hours to 3 days here")


@pytest.mark.parametrize(("name", "status"), [("m4", "pass"), ("m4-16", "warn"), ("eight.json", "fail")])
def test_recorded_macs_are_judged_through_the_plan_of_a_training(tmp_path: Path, name: str, status: str) -> None:
    about = {
        "about": "a Mac with 8 GB",
        "source": "published specification: Apple's MacBook Air (2020)",
        "date": "2026-11-27",
    }
    facts = {
        "chip": "Apple M1",
        "generation": "m1",
        "system": "macOS 14.5",
        "unified_memory": 8.0,
        "bf16": True,
        "fp8": False,
    }
    seen = {"available": True, "device": "Apple M1, 8 GB", "memory_gb": 5.3, "facts": facts}
    (tmp_path / "eight.json").write_text(json.dumps({**about, "backends": {"mps": seen}}))
    (tmp_path / "rows.jsonl").write_text("{}\n")
    (tmp_path / "p.toml").write_text(
        '[demo.stages.sft]\nuses = "train.sft"\nneeds = { model = "openai/gpt-oss-20b", train = "rows.jsonl" }\n'
    )
    registry, machine = Registry(), str(tmp_path / name) if name.endswith(".json") else name
    plan = prepare(tmp_path / "p.toml", "demo", registry=registry, fit=False, machine=machine)
    found = {one.item: one for one in apple(Checkup(plan, registry))}
    assert found["unified memory"].status == status


def test_a_machine_that_is_no_mac_is_told_nothing(tmp_path: Path) -> None:
    assert list(apple(Checkup(None, Registry()))) == []
