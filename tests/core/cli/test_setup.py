"""`stagerun setup`: steps that can be typed by hand, tagged lines, and an end at the first failure."""

from __future__ import annotations

import shutil
from pathlib import Path

import pytest

from stagerun.cli.setup_doing import apply_all
from stagerun.cli.setup_steps import RECIPES, Step, Unmet, recipe, steps

from .conftest import Say

Told = list[tuple[str, str]]


@pytest.mark.parametrize("machine", sorted(RECIPES))
def test_every_recipe_prints_tagged_lines_with_a_check_for_each_step(say: Say, machine: str) -> None:
    said = say("setup", machine)
    lines = said.out.splitlines()
    assert (said.code, said.err) == (0, "")
    assert all(line.startswith(f"[setup {machine}] ") for line in lines)
    words = [tuple(line.partition("] ")[2].partition(": ")[0].split(" ")) for line in lines]
    assert {step for step, word in words if word == "check"} == {step for step, _ in words}


def test_the_versions_that_were_tested_are_installed_and_flash_attention_is_not(say: Say) -> None:
    lines = say("setup", "h100").out.splitlines()
    (packages,) = [line for line in lines if "] packages run: " in line]
    assert "--constraint" in packages
    assert "stagerun-stages[gguf]" in packages
    assert "flash" not in "".join(lines)


def test_a_mac_gets_mlx_and_no_kernels_of_nvidia(say: Say) -> None:
    out = say("setup", "m4").out
    assert "stagerun-stages[gguf,mlx]" in out
    assert "bitsandbytes" not in out


def test_an_unknown_machine_is_refused_with_the_nearest(say: Say) -> None:
    said = say("setup", "h10")
    assert said.code == 64
    assert 'there is no set-up for "h10"; expected h100, a100, m4, cpu; did you mean "h100"?' in said.err


def test_without_a_name_it_is_for_this_machine(say: Say) -> None:
    assert say("setup").out.startswith("[setup ")


def told(*chosen: Step) -> tuple[bool, Told]:
    lines: Told = []
    return apply_all(chosen, lambda step, word, text: lines.append((step, word))), lines


def step(name: str, place: Path, *argv: str, optional: bool = False) -> Step:
    """A step that is done when a file is there."""

    def check() -> str:
        if not place.exists():
            raise Unmet(f"{place} is not there")
        return "there"

    return Step(name, "", check, "", (argv,) if argv else (), optional, "make it")


def test_a_step_is_done_and_checked_and_the_next_time_left_alone(tmp_path: Path) -> None:
    one = step("file", tmp_path / "a", "touch", str(tmp_path / "a"))
    assert told(one) == (True, [("file", "run"), ("file", "ok")])
    assert told(one) == (True, [("file", "done")])


def test_the_first_failure_ends_it_with_what_to_do(tmp_path: Path) -> None:
    first, second = step("a", tmp_path / "a", "false"), step("b", tmp_path / "b", "true")
    assert told(first, second) == (False, [("a", "run"), ("a", "failed"), ("a", "fix")])


def test_a_command_that_ends_well_and_does_nothing_is_a_failure(tmp_path: Path) -> None:
    assert told(step("a", tmp_path / "a", "true"))[1][1:] == [("a", "failed"), ("a", "fix")]


def test_an_optional_step_that_fails_is_a_warning_and_the_rest_goes_on(tmp_path: Path) -> None:
    first, second = step("a", tmp_path / "a", "no-such-program", optional=True), step("b", tmp_path)
    assert told(first, second) == (True, [("a", "run"), ("a", "warn"), ("a", "fix"), ("b", "ok")])


def test_hardware_that_is_not_there_ends_it_before_anything_is_installed(tmp_path: Path, say: Say) -> None:
    if shutil.which("nvidia-smi"):
        pytest.skip("this machine has NVIDIA's tools")
    said = say("setup", "h100", "--apply", "--into", str(tmp_path / "e"))
    assert said.code == 1
    assert "[setup h100] hardware failed: nvidia-smi: No such file or directory" in said.out
    assert not (tmp_path / "e").exists()


def test_a_disk_that_is_too_small_ends_it(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    """The recipe asks for more than any disk has, in place of a small disk."""
    wanted = recipe("cpu")
    huge = type(wanted)(wanted.about, 10**12)
    chosen = [one for one in steps(huge, tmp_path / "e") if one.name == "disk"]
    assert told(*chosen) == (False, [("disk", "failed"), ("disk", "fix")])


@pytest.mark.slow
def test_the_set_up_for_a_cpu_is_done_for_real_and_is_done_only_once(tmp_path: Path, say: Say) -> None:
    place = tmp_path / "e"
    said = say("setup", "cpu", "--apply", "--into", str(place))
    lines = [line.partition("] ")[2].partition(":")[0] for line in said.out.splitlines()]
    assert said.code == 0, said.out
    assert [line for line in lines if line in ("environment ok", "packages ok")] == ["environment ok", "packages ok"]
    assert lines[-1] == "doctor ok"
    again = say("setup", "cpu", "--apply", "--into", str(place))
    assert "[setup cpu] packages done: " in again.out
    assert "packages run" not in again.out
