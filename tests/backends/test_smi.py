"""`nvidia-smi` as the way out: a stand-in that prints what NVIDIA's documentation of the command shows."""

from __future__ import annotations

from pathlib import Path

import pytest

from stagerun_backends import smi
from stagerun_backends.nvidia import Unreadable

ROWS = """\
GPU-aaaa, NVIDIA H100 80GB HBM3, 81559, 551, 9.0, 580.65.06
GPU-bbbb, Tesla T4, 15360, [N/A], 7.5, 580.65.06
"""
TABLE = "| NVIDIA-SMI 580.65.06     Driver Version: 580.65.06     CUDA Version: 13.0     |"


def command(folder: Path, rows: str, code: int = 0) -> str:
    """An executable that answers a query with rows and otherwise with the table for people."""
    (folder / "rows").write_text(rows)
    place = folder / "nvidia-smi"
    place.write_text(f'#!/bin/sh\ncase "$1" in --query*) cat "{folder}/rows";; *) echo "{TABLE}";; esac\nexit {code}\n')
    place.chmod(0o755)
    return str(place)


def test_gpus_driver_and_cuda_are_read(tmp_path: Path) -> None:
    found = smi.read(None, command(tmp_path, ROWS))
    assert found is not None
    assert (found.driver, found.cuda, found.installed) == ("580.65.06", (13, 0), 2)
    assert [(gpu.name, gpu.memory_bytes >> 20, gpu.capability) for gpu in found.gpus] == [
        ("NVIDIA H100 80GB HBM3", 81008, (9, 0)),
        ("Tesla T4", 15360, (7, 5)),
    ]


def test_only_the_visible_gpus_are_told(tmp_path: Path) -> None:
    found = smi.read("1", command(tmp_path, ROWS))
    assert found is not None
    assert [gpu.name for gpu in found.gpus] == ["Tesla T4"]


def test_a_failure_is_told_in_the_command_s_own_words(tmp_path: Path) -> None:
    with pytest.raises(Unreadable, match="Failed to initialize NVML"):
        smi.read(None, command(tmp_path, "Failed to initialize NVML: Driver/library version mismatch\n", code=18))


def test_an_answer_of_another_form_is_not_guessed_at(tmp_path: Path) -> None:
    with pytest.raises(Unreadable, match="cannot be understood"):
        smi.read(None, command(tmp_path, "No devices were found\n"))


def test_without_the_command_there_is_no_answer(tmp_path: Path) -> None:
    assert smi.read(None, str(tmp_path / "nvidia-smi")) is None
