"""The MPS backend, judged from descriptions of Macs: none can be had here."""

from __future__ import annotations

import sys

import pytest

from stagerun_backends import mps
from stagerun_backends.apple import Apple
from stagerun_backends.mps import Mps

GIB = 2**30


def mac(generation: int = 4, system: tuple[int, ...] = (15, 3), gib: int = 32) -> Apple:
    return Apple(f"Apple M{generation}", generation, system, gib * GIB, gib * GIB * 2 // 3)


def test_memory_is_the_gpu_s_share_and_the_whole_is_a_fact() -> None:
    found = mps.judged(mac())
    assert (found.available, found.device, found.memory_gb) == (True, "Apple M4, 32 GB", 21.3)
    assert found.facts["unified_memory"] == 32.0


def test_a_macos_that_is_too_old_is_told_with_what_to_do() -> None:
    found = mps.judged(mac(system=(13, 6)))
    assert (found.available, found.device, found.reason) == (
        False,
        "Apple M4, 32 GB",
        "macOS 13.6 is too old for torch on the GPU: update to 14 or newer",
    )


@pytest.mark.parametrize(("generation", "dtype"), [(1, "float16"), (2, "bfloat16"), (4, "bfloat16"), (0, "float16")])
def test_chips_without_bfloat16_of_their_own_compute_in_float16(generation: int, dtype: str) -> None:
    assert Mps(seen=mps.judged(mac(generation))).policy().dtype == dtype


def test_gpt_oss_attends_eagerly_and_what_never_runs_on_the_gpu_is_named() -> None:
    policy = Mps(seen=mps.judged(mac())).policy()
    assert (policy.device, policy.attention_for("gpt_oss"), policy.attention_for("llama")) == ("mps", "eager", "sdpa")
    assert "linalg_svd" in policy.options["on_the_cpu"]


def test_operators_that_mps_lacks_fall_back_unless_the_user_forbids_it(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.delenv(mps.FALL_BACK, raising=False)
    assert Mps().environ() == {"PYTORCH_ENABLE_MPS_FALLBACK": "1"}
    monkeypatch.setenv(mps.FALL_BACK, "0")
    assert Mps().environ() == {"PYTORCH_ENABLE_MPS_FALLBACK": "0"}


@pytest.mark.skipif(sys.platform == "darwin", reason="says what is there on a machine that is no Mac")
def test_elsewhere_it_is_not_available() -> None:
    assert (Mps().probe().available, Mps().probe().reason) == (False, "this is not a Mac")
