"""The CUDA backend: what it makes of the GPUs that the driver tells of, and how each generation is used.

The driver is a stand-in written from NVIDIA's published API; no GPU can be had here.
"""

from __future__ import annotations

import os
import subprocess
import sys
from collections.abc import Mapping
from typing import Any

import pytest

from stagerun.contracts import Probe
from stagerun_backends import cuda, machine
from stagerun_backends.cuda import Cuda
from stagerun_backends.machine import Machine
from stagerun_backends.nvidia import Gpu, Nvidia, Unreadable, Version

from .conftest import A100, H100, Driver

GIB = 2**30


def gpu(name: str = "NVIDIA H100 80GB HBM3", gib: float = 79.1, capability: Version = (9, 0)) -> Gpu:
    return Gpu(name, int(gib * GIB), capability)


def probe(*gpus: Gpu, version: Version | None = (13, 0), said: str | None = None, installed: int = 1) -> Probe:
    return cuda.probe(said, lambda _: Nvidia("580.65.06", version, gpus, installed))


def seen(capability: str) -> Cuda:
    return Cuda(seen=Probe(True, "a GPU", "", 16.0, {"compute_capability": capability}))


def test_one_gpu_is_told_with_name_memory_and_facts() -> None:
    found = probe(gpu())
    assert (found.available, found.device, found.memory_gb) == (True, "NVIDIA H100 80GB HBM3", 79.1)
    assert found.facts == {
        "devices": 1,
        "generation": "hopper",
        "compute_capability": "9.0",
        "driver": "580.65.06",
        "cuda": "13.0",
        "bf16": True,
        "fp8": True,
    }


def test_several_gpus_are_counted_and_memory_is_that_of_one() -> None:
    found = probe(gpu(), gpu())
    assert (found.device, found.memory_gb, found.facts["devices"]) == ("2 x NVIDIA H100 80GB HBM3", 79.1, 2)


def test_gpus_of_different_kinds_are_judged_by_the_weakest() -> None:
    found = probe(gpu(), gpu("Tesla T4", 14.6, (7, 5)))
    assert (found.device, found.memory_gb) == ("NVIDIA H100 80GB HBM3 and Tesla T4", 14.6)
    assert (found.facts["generation"], found.facts["bf16"]) == ("turing", False)


def test_a_gpu_without_memory_of_its_own_has_the_machine_s(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(machine, "look", lambda: Machine("Grace", 20, 120 * GIB))
    assert probe(gpu("NVIDIA GB10", 0.0, (12, 1))).memory_gb == 120.0


@pytest.mark.parametrize(
    ("capability", "bf16", "fp8"),
    [((10, 0), True, True), ((9, 0), True, True), ((8, 9), True, True), ((8, 0), True, False), ((7, 5), False, False)],
)
def test_the_generation_says_which_number_formats_there_are(capability: Version, bf16: bool, fp8: bool) -> None:
    facts = probe(gpu(capability=capability)).facts
    assert (facts["bf16"], facts["fp8"]) == (bf16, fp8)


def test_a_driver_older_than_cuda_12_1_is_refused_with_what_to_install() -> None:
    found = probe(gpu(), version=(12, 0))
    assert (found.available, found.device) == (False, "NVIDIA H100 80GB HBM3")
    assert found.reason == (
        "driver 580.65.06 speaks CUDA 12.0, and 12.1 or newer is needed: install driver 530.30 or newer"
    )
    assert probe(gpu(), version=(12, 1)).available


def test_a_driver_that_does_not_say_its_cuda_is_refused() -> None:
    assert "does not say which CUDA it speaks" in probe(gpu(), version=None).reason


def test_gpus_that_are_hidden_are_told_from_gpus_that_are_not_there() -> None:
    assert (
        probe(said="", installed=4).reason == 'CUDA_VISIBLE_DEVICES="" leaves none of the 4 GPUs: unset it, or name one'
    )
    assert probe(installed=0).reason == "the driver finds no GPU: see nvidia-smi"


def test_without_a_driver_the_reason_says_so(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(cuda, "plugged_in", lambda: False)
    found = cuda.probe(None, lambda _: None)
    assert (found.available, found.device) == (False, "")
    assert "driver" in found.reason


def test_a_card_without_its_driver_is_told_what_to_install(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(cuda, "plugged_in", lambda: True)
    found = cuda.probe(None, lambda _: None)
    assert (found.available, found.device) == (False, "an NVIDIA device")
    assert "install driver 530.30 or newer" in found.reason


def test_a_driver_that_does_not_answer_is_told_with_what_helps() -> None:
    def read(_: str | None) -> Nvidia | None:
        raise Unreadable("NVIDIA's driver does not answer", "restart the machine")

    found = cuda.probe(None, read)
    assert (found.device, found.reason) == ("an NVIDIA device", "NVIDIA's driver does not answer; restart the machine")


def test_a_driver_that_is_not_loaded_and_has_no_card_is_as_good_as_none(monkeypatch: pytest.MonkeyPatch) -> None:
    def read(_: str | None) -> Nvidia | None:
        raise Unreadable("NVIDIA's driver does not answer", unloaded=True)

    monkeypatch.setattr(cuda, "plugged_in", lambda: False)
    found = cuda.probe(None, read)
    assert (found.device, found.reason) == ("", "there is no NVIDIA driver (NVIDIA's driver does not answer)")


@pytest.mark.parametrize(
    ("capability", "dtype", "options"),
    [
        ("10.0", "bfloat16", {"compile_mode": "max-autotune", "tf32": True}),
        ("9.0", "bfloat16", {"compile_mode": "max-autotune", "tf32": True}),
        ("8.0", "bfloat16", {"compile_mode": "default", "tf32": True}),
        ("7.5", "float16", {"tf32": False}),
    ],
)
def test_the_policy_goes_by_the_generation(capability: str, dtype: str, options: Mapping[str, Any]) -> None:
    policy = seen(capability).policy()
    assert (policy.device, policy.dtype, policy.options) == ("cuda", dtype, options)


def test_a_description_without_the_capability_goes_by_its_generation() -> None:
    described = Cuda(seen=Probe(True, "an H200", "", 140.0, {"generation": "hopper"}))
    assert (described.policy().dtype, described.policy().options["compile_mode"]) == ("bfloat16", "max-autotune")


def test_gpt_oss_trains_on_flex_attention_and_generates_eagerly_and_never_on_flash_attention() -> None:
    policy = seen("9.0").policy()
    assert (policy.attention_for("gpt_oss"), policy.attention_for("gpt_oss", generating=True)) == (
        "flex_attention",
        "eager",
    )
    assert policy.attention_for("qwen2") == policy.attention_for("qwen2", generating=True) == "sdpa"


def test_memory_grows_in_place_unless_the_user_said_something_else(monkeypatch: pytest.MonkeyPatch) -> None:
    for name in cuda.ALLOCATOR:
        monkeypatch.delenv(name, raising=False)
    assert seen("9.0").environ()["PYTORCH_CUDA_ALLOC_CONF"] == "expandable_segments:True"
    monkeypatch.setenv("PYTORCH_ALLOC_CONF", "max_split_size_mb:128")
    assert "PYTORCH_CUDA_ALLOC_CONF" not in seen("9.0").environ()


def test_gpus_are_numbered_as_the_driver_numbers_them(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.delenv("CUDA_DEVICE_ORDER", raising=False)
    assert seen("9.0").environ()["CUDA_DEVICE_ORDER"] == "PCI_BUS_ID"
    monkeypatch.setenv("CUDA_DEVICE_ORDER", "FASTEST_FIRST")
    assert seen("9.0").environ()["CUDA_DEVICE_ORDER"] == "FASTEST_FIRST"


def test_a_machine_that_is_described_is_not_looked_for() -> None:
    described = Probe(True, "NVIDIA A100", "", 79.2, {"compute_capability": "8.0"})
    assert Cuda(seen=described).probe() is described


def test_looking_through_the_library_imports_nothing_heavy(driver: Driver) -> None:
    script = (
        "import sys; from stagerun_backends import nvml; nvml.LIBRARIES = (sys.argv[1],); "
        "nvml.read.__defaults__ = (nvml.LIBRARIES,); "
        "from stagerun_backends.cuda import Cuda; found = Cuda().probe(); Cuda().policy(); Cuda().environ(); "
        "print(found.device, found.facts['generation'], {'torch', 'numpy', 'transformers'} & set(sys.modules))"
    )
    words = [sys.executable, "-c", script, driver(H100, A100)]
    environ = {**os.environ, "CUDA_VISIBLE_DEVICES": "1"}
    done = subprocess.run(words, capture_output=True, text=True, check=True, env=environ)
    assert done.stdout.strip() == "NVIDIA A100-SXM4-80GB ampere set()"
