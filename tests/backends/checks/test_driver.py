"""NVIDIA's driver, as other machines would show it: the numbers are NVIDIA's, from its CUDA release notes."""

from __future__ import annotations

from types import SimpleNamespace

import pytest

from stagerun.checks.device import passed_over
from stagerun_backends import cuda
from stagerun_backends.checks.driver import judged, runtime
from stagerun_backends.nvidia import Gpu, Nvidia

H100 = Gpu("NVIDIA H100 80GB HBM3", 79 * 2**30, (9, 0))


def statuses(driver: str, speaks: str, built_for: str) -> list[str]:
    return [one.status for one in judged({"driver": driver, "cuda": speaks}, built_for)]


def test_a_driver_that_speaks_an_old_cuda_is_a_failure() -> None:
    (found,) = judged({"driver": "525.60.13", "cuda": "12.0"}, "12.8")
    assert (found.status, found.reason) == ("fail", "12.1 or newer is needed")
    assert found.fix == "install driver 530.30 or newer"


@pytest.mark.parametrize(
    ("driver", "speaks", "built_for", "expected"),
    [
        ("550.54.15", "12.4", "12.8", ["pass", "pass"]),  # the same major version, whatever the minor
        ("580.65.06", "13.0", "12.8", ["pass", "pass"]),
        ("550.54.15", "12.4", "13.2", ["pass", "fail"]),
        ("550.54.15", "12.4", "", ["pass"]),
    ],
)
def test_a_torch_built_for_a_newer_cuda_than_the_driver_speaks_is_a_failure(
    driver: str, speaks: str, built_for: str, expected: list[str]
) -> None:
    assert statuses(driver, speaks, built_for) == expected


def test_the_failure_says_which_driver_would_do() -> None:
    found = list(judged({"driver": "550.54.15", "cuda": "12.4"}, "13.2"))[-1]
    assert found.fix == "install driver 580.65 or newer, or a torch that was built for CUDA 12"


def test_a_gpu_that_auto_would_pass_over_for_its_old_driver_is_a_failure_of_the_device() -> None:
    old = cuda.probe(None, lambda _: Nvidia("470.82.01", (11, 4), (H100,), 1))
    assert not old.available
    chosen = SimpleNamespace(found=SimpleNamespace(name="cpu"), passed_over=(f"cuda ({old.device}): {old.reason}",))
    (found,) = passed_over(chosen, needed=True)  # type: ignore[arg-type]
    assert (found.status, found.fix) == ("fail", 'install driver 530.30 or newer; or say backend = "cpu"')
    assert found.reason.startswith("cuda (NVIDIA H100 80GB HBM3): driver 470.82.01 speaks CUDA 11.4")
    assert [one.status for one in passed_over(chosen, needed=False)] == ["warn"]  # type: ignore[arg-type]


def test_the_cuda_of_the_installed_torch_is_read_from_what_came_with_it() -> None:
    found = runtime()
    assert not found or len(found.split(".")) == 2
