"""Which GPUs a program would see, what their generation is called, and whether a card is there without a driver."""

from __future__ import annotations

from pathlib import Path

import pytest

from stagerun_backends.nvidia import Version, generation, plugged_in, visible


@pytest.mark.parametrize(
    ("capability", "name"),
    [
        ((12, 1), "blackwell"),
        ((10, 0), "blackwell"),
        ((9, 0), "hopper"),
        ((8, 9), "ada"),
        ((8, 6), "ampere"),
        ((8, 0), "ampere"),
        ((7, 5), "turing"),
        ((7, 0), "volta"),
        ((6, 1), "pascal"),
        ((5, 2), "older"),
    ],
)
def test_a_compute_capability_has_the_name_of_its_architecture(capability: Version, name: str) -> None:
    assert generation(capability) == name


def test_without_a_wish_every_gpu_is_seen() -> None:
    assert visible(None, [("GPU-a", 1), ("GPU-b", 2)]) == [1, 2]


def test_an_identifier_that_two_gpus_begin_with_names_neither() -> None:
    assert visible("GPU-a", [("GPU-a1", 1), ("GPU-a2", 2)]) == []


def test_the_list_ends_at_what_is_no_gpu() -> None:
    assert visible("0, none, 1", [("GPU-a", 1), ("GPU-b", 2)]) == [1]


def test_a_card_on_the_bus_is_found_without_its_driver(tmp_path: Path) -> None:
    device = tmp_path / "sys/bus/pci/devices/0000:01:00.0"
    device.mkdir(parents=True)
    (device / "vendor").write_text("0x8086\n")
    assert not plugged_in(tmp_path)
    (device / "vendor").write_text("0x10de\n")
    assert plugged_in(tmp_path)
