"""The contract of a hardware backend: is it here, and how is it used."""

from __future__ import annotations

from collections.abc import Mapping
from typing import Any, Protocol

from attrs import field, frozen


@frozen
class Probe:
    """What a cheap look at the machine found, without importing torch."""

    available: bool
    device: str  # 'AMD EPYC, 2 cores'; of hardware that is there and cannot be used as well, which the plan then tells
    reason: str = ""  # why it is not available
    memory_gb: float = 0.0  # memory that a model and its training may use on one device, in GiB
    facts: Mapping[str, Any] = field(factory=dict)  # what is known beyond that, see `Hardware`


@frozen
class Policy:
    """How training and generation use the device; a stage passes these on to its libraries."""

    device: str  # torch device: cpu, cuda, mps
    dtype: str  # float32, bfloat16, float16
    attention: Mapping[str, str]  # model_type -> attn_implementation, "*" for all others
    threads: int | None = None  # intra-op threads; None leaves the library's own choice
    options: Mapping[str, Any] = field(factory=dict)  # backend's own: compile, kernels, quantisation
    generation: Mapping[str, str] = field(factory=dict)  # model_type -> attn_implementation where generating differs

    def attention_for(self, model_type: str, *, generating: bool = False) -> str:
        """The attention implementation for an architecture (`config.model_type`), for training or for generating."""
        if generating and model_type in self.generation:
            return self.generation[model_type]
        return self.attention.get(model_type, self.attention.get("*", "eager"))


@frozen
class Hardware:
    """A backend on a machine, as stages and profiles are told of it.

    `probe.facts` of our backends use these names, each only where it is known: `devices` (how many), `generation` (hopper,
    ampere, m4), `compute_capability` ("9.0"), `driver`, `cuda` ("12.8"), `bf16` and `fp8` (true or false), `cores`, `threads`,
    `chip`, `system` ("macOS 15.3"), `unified_memory`.

    `here` is false for a machine that is only described. `requirements` are those of the stage's own environment, none for an
    interpreter that somebody looks after themselves; None for a stage that runs in this very Python.
    """

    backend: str
    probe: Probe
    policy: Policy
    here: bool = True
    requirements: tuple[str, ...] | None = None


class Backend(Protocol):
    """A kind of hardware, found by name; `auto` takes the available one with the highest `rank`.

    One whose class also takes `seen`, a Probe that stands for a look at the machine, can be planned for where its hardware is
    not: `probe` then gives `seen`, and `policy` what suits it.

    Two more are optional. `tells`, a class variable: the facts that `probe` may give, each with the values it can have, or with
    none where any will do; a profile's `when` that no machine can meet is then refused. `trial(self) -> str`: a small
    computation on the device, in a process of its own; it says what came out, or raises RuntimeError with why nothing did.
    """

    @property
    def name(self) -> str:
        """The name it is found by."""
        ...

    @property
    def rank(self) -> int:
        """`auto` takes the available backend with the highest rank."""
        ...

    def probe(self) -> Probe:
        """Look at the machine; at most 50 ms and no heavy import."""
        ...

    def environ(self) -> Mapping[str, str]:
        """Environment variables that must stand before the worker's Python starts."""
        ...

    def policy(self) -> Policy:
        """How to use the device; called inside the worker, and while planning, so without a heavy import."""
        ...
