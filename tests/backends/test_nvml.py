"""NVIDIA's library asked by ctypes, against a stand-in written from its published API: no GPU can be had here."""

from __future__ import annotations

from pathlib import Path

import pytest

from stagerun_backends import nvml
from stagerun_backends.nvidia import Gpu, Nvidia, Unreadable

from .conftest import A100, H100, T4, Driver

INSTANCE = "MIG-11111111-2222-3333-4444-555555555555"
DIVIDED = H100[:-1] + "1"
EMPTY = H100[:-1] + "2"


def read(library: str, said: str | None = None) -> Nvidia:
    found = nvml.read(said, (library,))
    assert found is not None
    return found


def test_driver_cuda_and_every_gpu_are_read(driver: Driver) -> None:
    found = read(driver(H100, A100))
    assert (found.driver, found.cuda, found.installed) == ("580.65.06", (13, 0), 2)
    assert [(gpu.name, gpu.capability) for gpu in found.gpus] == [
        ("NVIDIA H100 80GB HBM3", (9, 0)),
        ("NVIDIA A100-SXM4-80GB", (8, 0)),
    ]


def test_what_the_driver_keeps_for_itself_is_not_offered(driver: Driver) -> None:
    assert read(driver(H100)).gpus[0].memory_bytes == 85520809984 - 577765376


def test_a_driver_that_does_not_say_what_it_keeps_offers_everything(driver: Driver) -> None:
    assert read(driver(H100, old="1")).gpus[0].memory_bytes == 85520809984


def test_a_gpu_that_shares_the_machine_s_memory_has_none_of_its_own(driver: Driver) -> None:
    assert read(driver(H100, shares="1")).gpus[0].memory_bytes == 0


@pytest.mark.parametrize(
    ("said", "names"),
    [
        ("1", ["NVIDIA A100-SXM4-80GB"]),
        ("2,0", ["Tesla T4", "NVIDIA H100 80GB HBM3"]),
        ("GPU-bbbb", ["NVIDIA A100-SXM4-80GB"]),
        ("", []),
        ("-1", []),
        ("0,9,1", ["NVIDIA H100 80GB HBM3"]),
        ("1,1", []),
    ],
)
def test_only_the_visible_gpus_are_told(driver: Driver, said: str, names: list[str]) -> None:
    found = read(driver(H100, A100, T4), said)
    assert [gpu.name for gpu in found.gpus] == names
    assert found.installed == 3


def test_a_divided_gpu_counts_as_its_first_instance(driver: Driver) -> None:
    (gpu,) = read(driver(DIVIDED)).gpus
    assert gpu == Gpu("NVIDIA H100 80GB HBM3", 10468982784, (9, 0))


def test_an_instance_can_be_named(driver: Driver) -> None:
    (gpu,) = read(driver(DIVIDED), INSTANCE).gpus
    assert gpu == Gpu("NVIDIA H100 80GB HBM3", 10468982784, (9, 0))


def test_a_divided_gpu_without_an_instance_is_none_at_all(driver: Driver) -> None:
    assert read(driver(EMPTY)).gpus == []


def test_a_driver_without_libcuda_tells_no_cuda(driver: Driver) -> None:
    assert read(driver(H100, cuda="0")).cuda is None


def test_a_driver_that_is_not_loaded_is_told_with_what_helps(driver: Driver) -> None:
    with pytest.raises(Unreadable) as caught:
        nvml.read(None, (driver(H100, init="9"),))
    assert caught.value.unloaded
    assert str(caught.value).startswith(
        "NVIDIA's driver does not answer (nvmlInit_v2: Driver Not Loaded (9)); load the driver"
    )


def test_without_the_library_there_is_no_answer(tmp_path: Path) -> None:
    assert nvml.read(None, (str(tmp_path / "libnvidia-ml.so.1"),)) is None
