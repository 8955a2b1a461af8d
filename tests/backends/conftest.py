"""A library that answers as NVIDIA's does, built from fake_nvml.c: no GPU can be had here."""

from __future__ import annotations

import shutil
import subprocess
from collections.abc import Callable
from pathlib import Path

import pytest

H100 = "GPU-aaaa0000-0000-0000-0000-000000000000,NVIDIA H100 80GB HBM3,85520809984,577765376,9,0,0"
A100 = "GPU-bbbb0000-0000-0000-0000-000000000000,NVIDIA A100-SXM4-80GB,85899345920,807403520,8,0,0"
T4 = "GPU-cccc0000-0000-0000-0000-000000000000,Tesla T4,16106127360,439353344,7,5,-1"

Driver = Callable[..., str]


@pytest.fixture(scope="session")
def library(tmp_path_factory: pytest.TempPathFactory) -> Path:
    """The shared library."""
    compiler = shutil.which("cc")
    if compiler is None:
        pytest.skip("there is no C compiler to build the stand-in for NVIDIA's library")
    made = tmp_path_factory.mktemp("nvml") / "libnvidia-ml.so.1"
    source = Path(__file__).with_name("fake_nvml.c")
    subprocess.run([compiler, "-shared", "-fPIC", "-w", "-o", str(made), str(source)], check=True)
    return made


@pytest.fixture
def driver(library: Path, monkeypatch: pytest.MonkeyPatch) -> Driver:
    """Gives the library's path after saying which GPUs it has and what else it should answer."""

    def has(*gpus: str, **answers: str) -> str:
        monkeypatch.setenv("FAKE_NVML_GPUS", ";".join(gpus))
        for name, answer in answers.items():
            monkeypatch.setenv(f"FAKE_NVML_{name.upper()}", answer)
        return str(library)

    return has
