"""The CPU: every machine has one, so `auto` takes it when nothing better is there.

Float32, because it is right everywhere; bfloat16 where the processor has it is left to a later change, as are compilation and
quantised kernels. Eager attention for GPT-OSS: its attention sinks have no SDPA path in transformers.
"""

from __future__ import annotations

import os
from collections.abc import Mapping

from attrs import field, frozen

from stagerun.contracts import Policy, Probe
from stagerun_backends import machine

FEW_CORES = 2


@frozen
class Cpu:
    """The CPU in float32, on the cores that this process may use.

    `threads`: computing threads of one stage; None takes OMP_NUM_THREADS, or else the physical cores we may use.

    On two cores it takes one: measured on a busy two-core machine, a tiny model trained 16 times slower on two OpenMP
    threads than on one (37 s against 2.3 s), as each waits at every barrier for the other to be scheduled.
    """

    name: str = "cpu"
    rank: int = 0
    threads: int | None = None
    dtype: str = "float32"
    attention: Mapping[str, str] = field(factory=lambda: {"gpt_oss": "eager", "*": "sdpa"})

    def probe(self) -> Probe:
        """Model, cores and memory that this process may use, from files of the system."""
        found = machine.look()
        cores = f"{found.cores} core" + ("" if found.cores == 1 else "s")
        return Probe(
            available=True,
            device=f"{found.model}, {cores}",
            memory_gb=round(found.memory_bytes / 2**30, 1),
            facts={"cores": found.cores, "threads": self._threads()},
        )

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
        return Policy(device="cpu", dtype=self.dtype, attention=self.attention, threads=self._threads())

    def _threads(self) -> int:
        said = os.environ.get("OMP_NUM_THREADS", "")
        if self.threads is not None:
            return self.threads
        if said.isdecimal() and int(said) > 0:
            return int(said)
        cores = machine.look().cores
        return 1 if cores <= FEW_CORES else cores
