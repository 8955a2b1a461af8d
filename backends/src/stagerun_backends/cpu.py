"""The CPU: every machine has one, so `auto` takes it when nothing better is there.

Float32, because it is right everywhere; bfloat16 where the processor computes it and somebody asks. Compilation and quantised
kernels are not covered. Eager attention for GPT-OSS: its attention sinks have no SDPA path in transformers.
"""

from __future__ import annotations

import os
from collections.abc import Mapping, Sequence
from typing import ClassVar

from attrs import field, frozen

from stagerun.contracts import Policy, Probe
from stagerun_backends import machine

FEW_CORES = 2
DTYPE = "STAGERUN_CPU_DTYPE"
DTYPES = ("float32", "bfloat16")


@frozen
class Cpu:
    """The CPU in float32, on the cores that this process may use.

    `threads`: computing threads of one stage; None takes OMP_NUM_THREADS, or else the physical cores we may use.
    `dtype`: float32 or bfloat16; None takes STAGERUN_CPU_DTYPE, or else float32.

    On two cores it takes one: measured on a busy two-core machine, a tiny model trained 16 times slower on two OpenMP
    threads than on one (37 s against 2.3 s), as each waits at every barrier for the other to be scheduled.
    """

    name: str = "cpu"
    rank: int = 0
    threads: int | None = None
    dtype: str | None = None
    attention: Mapping[str, str] = field(factory=lambda: {"gpt_oss": "eager", "*": "sdpa"})
    seen: Probe | None = None
    tells: ClassVar[Mapping[str, Sequence[str]]] = {"cores": (), "threads": (), "bf16": (), "fp8": ()}

    def probe(self) -> Probe:
        """Model, cores and memory that this process may use, from files of the system; unavailable in a format it lacks."""
        if self.seen is not None:
            return self.seen
        found = machine.look()
        wrong = self._wrong(found.bf16)
        if wrong:
            return Probe(False, "", wrong)
        return Probe(
            available=True,
            device=self._device(found),
            memory_gb=round(found.memory_bytes / 2**30, 1),
            facts={"cores": found.cores, "threads": self._threads(), "bf16": found.bf16, "fp8": False},
        )

    def _device(self, found: machine.Machine) -> str:
        cores = f"{found.cores} core" + ("" if found.cores == 1 else "s")
        unusual = "" if self._dtype() == DTYPES[0] else f", in {self._dtype()}"
        return f"{found.model}, {cores}{unusual}"

    def _wrong(self, bf16: bool) -> str:
        """Why the number format that was asked for will not do, or the empty string."""
        if self._dtype() not in DTYPES:
            return f'{DTYPE}="{self._dtype()}" is no number format for the CPU: set it to one of {", ".join(DTYPES)}'
        if self._dtype() == "bfloat16" and not bf16:
            return f"{DTYPE}=bfloat16, and this processor has no instructions for it: unset it"
        return ""

    def environ(self) -> Mapping[str, str]:
        """Threads that sleep instead of spinning while they wait, for GNU's and Intel's OpenMP."""
        return {
            "OMP_NUM_THREADS": str(self._threads()),
            "OMP_WAIT_POLICY": "PASSIVE",
            "KMP_BLOCKTIME": "0",
            "GOMP_SPINCOUNT": "0",
        }

    def policy(self) -> Policy:
        """How to use it; the number of threads is the one `environ` has set."""
        return Policy(device="cpu", dtype=self._dtype(), attention=self.attention, threads=self._threads())

    def _dtype(self) -> str:
        return self.dtype or os.environ.get(DTYPE) or "float32"

    def _threads(self) -> int:
        said = os.environ.get("OMP_NUM_THREADS", "")
        if self.threads is not None:
            return self.threads
        if self.seen is not None and {"threads", "cores"} & self.seen.facts.keys():
            told = self.seen.facts
            return int(told["threads"]) if "threads" in told else threads_for(int(told["cores"]))
        if said.isdecimal() and int(said) > 0:
            return int(said)
        return threads_for(machine.look().cores)


def threads_for(cores: int) -> int:
    """Computing threads for some physical cores."""
    return 1 if cores <= FEW_CORES else cores
