"""The MLX backend: found by its package alone, behind the CPU on Linux and behind MPS on a Mac."""

from __future__ import annotations

import subprocess
import sys
from importlib.machinery import ModuleSpec
from pathlib import Path

import pytest

from stagerun.contracts import Probe
from stagerun_backends import mlx, mps
from stagerun_backends.cpu import Cpu
from stagerun_backends.mlx import Mlx
from stagerun_backends.mps import Mps

MAC = Probe(True, "Apple M4, 32 GB", "", 21.3, {"chip": "Apple M4", "generation": "m4", "bf16": True})
LINUX = Probe(True, "EPYC, 8 cores, by MLX", "", 30.0, {"cores": 8, "threads": 8})


@pytest.fixture(autouse=True)
def fresh() -> None:
    mlx._probe.cache_clear()


def with_package(monkeypatch: pytest.MonkeyPatch, folder: Path) -> None:
    spec = ModuleSpec("mlx", None, is_package=True)
    spec.submodule_search_locations = [str(folder)]
    monkeypatch.setattr(mlx, "find_spec", lambda _: spec)


def test_without_the_package_it_says_what_to_install(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(mlx, "find_spec", lambda _: None)
    assert Mlx().probe().reason == 'the package mlx is not installed; install it: "mlx" on a Mac, "mlx[cpu]" on Linux'


def test_the_package_without_its_library_is_told(monkeypatch: pytest.MonkeyPatch, tmp_path: Path) -> None:
    with_package(monkeypatch, tmp_path)
    assert Mlx().probe().reason.startswith("the package mlx is installed without its library")


@pytest.mark.skipif(sys.platform == "darwin", reason="on a Mac it finds the Mac")
def test_on_linux_it_is_the_cpu_and_auto_never_takes_it(monkeypatch: pytest.MonkeyPatch, tmp_path: Path) -> None:
    (tmp_path / "lib").mkdir()
    (tmp_path / "lib/libmlx.so").touch()
    with_package(monkeypatch, tmp_path)
    found = Mlx().probe()
    assert found.available
    assert found.device.endswith(", by MLX")
    assert Mlx().rank < Cpu().rank


def test_on_a_mac_it_stands_between_the_cpu_and_mps() -> None:
    assert Cpu().rank < Mlx(seen=MAC).rank < Mps().rank


def test_stages_that_do_not_know_it_get_torch_on_the_same_device() -> None:
    mac, linux = Mlx(seen=MAC).policy(), Mlx(seen=LINUX).policy()
    assert (mac.device, mac.dtype, mac.options["mlx_device"]) == ("mps", "bfloat16", "gpu")
    assert (linux.device, linux.dtype, linux.options["mlx_device"]) == ("cpu", "float32", "cpu")
    assert mac.options["engine"] == linux.options["engine"] == "mlx"


def test_its_environment_is_that_of_torch_on_the_same_device() -> None:
    assert Mlx(seen=MAC).environ() == mps.Mps().environ()
    assert Mlx(seen=LINUX).environ()["OMP_NUM_THREADS"] == "8"


def test_looking_never_imports_it() -> None:
    script = (
        "import sys; from stagerun_backends.mlx import Mlx; Mlx().probe(); print({'mlx', 'torch'} & set(sys.modules))"
    )
    done = subprocess.run([sys.executable, "-c", script], capture_output=True, text=True, check=True)
    assert done.stdout.strip() == "set()"
