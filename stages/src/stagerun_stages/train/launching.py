"""Runs a training in the processes that its option `launch` asks for: here, or in several that torchrun starts.

torchrun (`torch.distributed.run`) meets its processes on this machine's loopback, so that nothing listens to others. Not covered:
what the engine hears of them, see stagerun.worker.ranks; and what each does, see rank.py.
"""

from __future__ import annotations

import os
import sys
from typing import TYPE_CHECKING, Any

from attrs import evolve

from stagerun import Ctx, Policy
from stagerun.worker.ranks import spread
from stagerun_stages.train import zero
from stagerun_stages.train.launch import Launch
from stagerun_stages.train.processes import usable

if TYPE_CHECKING:
    from stagerun_stages.train.options import Training

LOOPBACK = "lo0" if sys.platform == "darwin" else "lo"


def run(options: Training, ctx: Ctx) -> None:
    """Train; raises what the training raises, and AttemptFailed for what went wrong in one of several processes."""
    processes = options.launch.processes
    if processes == 1:
        options.train(ctx)
        return
    ctx.note(
        f"trains in {processes} processes ({options.launch.strategy}) of {options.batch_size // processes} rows each"
    )
    threads = share(ctx.backend.policy(), processes).threads
    environ = {
        "OMP_NUM_THREADS": os.environ.get("OMP_NUM_THREADS", str(threads)),
        "GLOO_SOCKET_IFNAME": os.environ.get("GLOO_SOCKET_IFNAME", LOOPBACK),
    }
    launcher = [sys.executable, "-m", "stagerun_stages.train.launcher", str(processes)]
    spread(ctx, launcher, processes, environ, judging=processes if options.judges_in_each else 1)


def first_at(launch: Launch, policy: Policy) -> Policy:
    """Where a model is loaded to: with fsdp2 to the CPU, since a device may not hold more than its part."""
    return evolve(policy, device="cpu") if launch.processes > 1 and launch.strategy == "fsdp2" else policy


def arguments(launch: Launch, number_format: str) -> dict[str, Any]:
    """What transformers is told of the strategy; its Trainer makes accelerate's plugin of it."""
    if launch.processes == 1 or launch.strategy == "ddp":
        return {}
    if launch.strategy == "deepspeed":
        return zero.arguments(number_format)
    return {"fsdp": True, "fsdp_config": {"version": 2, "reshard_after_forward": True}}


def share(policy: Policy, processes: int) -> Policy:
    """What one of several processes takes of the machine: its part of the threads."""
    if processes == 1:
        return policy
    return evolve(policy, threads=max(1, usable(policy.threads) // processes))
