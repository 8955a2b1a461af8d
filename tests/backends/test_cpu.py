"""The CPU backend: what it says of the machine and how it wants it used."""

from __future__ import annotations

import subprocess
import sys

import pytest

from stagerun.contracts import Probe
from stagerun_backends import machine
from stagerun_backends.cpu import Cpu
from stagerun_backends.machine import Machine


@pytest.fixture(autouse=True)
def no_own_wish(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.delenv("OMP_NUM_THREADS", raising=False)
    monkeypatch.delenv("STAGERUN_CPU_DTYPE", raising=False)


def machine_with(monkeypatch: pytest.MonkeyPatch, cores: int, bf16: bool = False) -> None:
    monkeypatch.setattr(machine, "look", lambda: Machine("Epyc", cores, 24 * 2**30, bf16))


def test_the_probe_names_model_cores_and_memory(monkeypatch: pytest.MonkeyPatch) -> None:
    machine_with(monkeypatch, 8)
    found = Cpu().probe()
    assert (found.available, found.device, found.memory_gb) == (True, "Epyc, 8 cores", 24.0)
    assert found.facts == {"cores": 8, "threads": 8, "bf16": False, "fp8": False}


@pytest.mark.parametrize(("cores", "threads"), [(1, 1), (2, 1), (3, 3), (16, 16)])
def test_one_thread_on_one_or_two_cores_and_otherwise_one_for_each(
    monkeypatch: pytest.MonkeyPatch, cores: int, threads: int
) -> None:
    machine_with(monkeypatch, cores)
    assert Cpu().policy().threads == threads


def test_the_environment_s_own_number_of_threads_is_kept(monkeypatch: pytest.MonkeyPatch) -> None:
    machine_with(monkeypatch, 8)
    monkeypatch.setenv("OMP_NUM_THREADS", "3")
    assert Cpu().environ()["OMP_NUM_THREADS"] == "3"


def test_the_option_wins_over_the_environment(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setenv("OMP_NUM_THREADS", "3")
    assert Cpu(threads=5).policy().threads == 5


def test_the_policy_inside_the_worker_agrees_with_the_environment_made_for_it(monkeypatch: pytest.MonkeyPatch) -> None:
    machine_with(monkeypatch, 8)
    environ = Cpu().environ()
    monkeypatch.setenv("OMP_NUM_THREADS", environ["OMP_NUM_THREADS"])
    machine_with(monkeypatch, 2)
    assert Cpu().policy().threads == 8


def test_waiting_threads_sleep_instead_of_spinning() -> None:
    environ = Cpu().environ()
    assert (environ["OMP_WAIT_POLICY"], environ["KMP_BLOCKTIME"], environ["GOMP_SPINCOUNT"]) == ("PASSIVE", "0", "0")


def test_gpt_oss_attends_eagerly_and_others_by_sdpa() -> None:
    policy = Cpu().policy()
    assert (policy.attention_for("gpt_oss"), policy.attention_for("llama")) == ("eager", "sdpa")
    assert (policy.device, policy.dtype) == ("cpu", "float32")


def test_bfloat16_is_a_fact_and_float32_the_format_all_the_same(monkeypatch: pytest.MonkeyPatch) -> None:
    machine_with(monkeypatch, 8, bf16=True)
    assert (Cpu().probe().facts["bf16"], Cpu().policy().dtype) == (True, "float32")


def test_bfloat16_can_be_asked_for(monkeypatch: pytest.MonkeyPatch) -> None:
    machine_with(monkeypatch, 8, bf16=True)
    monkeypatch.setenv("STAGERUN_CPU_DTYPE", "bfloat16")
    found = Cpu().probe()
    assert (found.available, found.device, Cpu().policy().dtype) == (True, "Epyc, 8 cores, in bfloat16", "bfloat16")


def test_a_format_that_the_processor_lacks_is_refused_with_what_to_do(monkeypatch: pytest.MonkeyPatch) -> None:
    machine_with(monkeypatch, 8)
    monkeypatch.setenv("STAGERUN_CPU_DTYPE", "bfloat16")
    found = Cpu().probe()
    assert (found.available, found.reason) == (
        False,
        "STAGERUN_CPU_DTYPE=bfloat16, and this processor has no instructions for it: unset it",
    )
    monkeypatch.setenv("STAGERUN_CPU_DTYPE", "float8")
    assert "set it to one of float32, bfloat16" in Cpu().probe().reason


def test_a_described_machine_decides_the_threads_whatever_this_one_says(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setenv("OMP_NUM_THREADS", "3")
    assert Cpu(seen=Probe(True, "a server", facts={"cores": 14})).policy().threads == 14
    assert Cpu(seen=Probe(True, "a server", facts={"cores": 14, "threads": 7})).policy().threads == 7


def test_looking_at_this_machine_imports_nothing_heavy() -> None:
    script = (
        "import sys; from stagerun_backends.cpu import Cpu; found = Cpu().probe(); "
        "assert found.available and found.memory_gb > 0 and found.facts['cores'] >= 1; "
        "print({'torch', 'numpy', 'transformers'} & set(sys.modules))"
    )
    done = subprocess.run([sys.executable, "-c", script], capture_output=True, text=True, check=True)
    assert done.stdout.strip() == "set()"
