"""The libraries that can train `train.sft`, and which one does: a name in the options, or what suits the backend.

Nothing heavy is imported here: the plan asks too.
"""

from __future__ import annotations

from collections.abc import Iterator, Mapping
from typing import TYPE_CHECKING, Any

from stagerun import Ctx, Hardware
from stagerun.errors import nearest

if TYPE_CHECKING:
    from stagerun_stages.train.sft import Sft

ENGINES = ("auto", "trl", "mlx", "unsloth")


def complaints(name: str) -> Iterator[str]:
    """What is wrong with the name of an engine."""
    if name not in ENGINES:
        hint = nearest(name, ENGINES) or f"there are {', '.join(ENGINES)}"
        yield f'engine is "{name}", which is none; {hint}'


def engine_of(name: str, backend: str) -> str:
    """The engine that a name stands for on a backend."""
    if name == "auto":
        return "mlx" if backend == "mlx" else "trl"
    return name


def misfits(options: Sft, origins: Mapping[str, Any], hardware: Hardware) -> Iterator[tuple[str, str]]:
    """What the engine cannot do of what is asked on this machine, each with its option."""
    engine = engine_of(options.engine, hardware.backend)
    if engine == "mlx":
        from stagerun_stages.mlx.fitting import misfits as of_mlx

        yield from of_mlx(options, origins, hardware)
    elif engine == "unsloth":
        from stagerun_stages.train.unsloth import misfits as of_unsloth

        yield from of_unsloth(options, origins, hardware)
    if options.launch.processes > 1 and engine != "trl":
        yield "launch.processes", f"engine {engine} trains in one process; say 1"
    if options.tiled_mlp and engine != "unsloth":
        yield "tiled_mlp", f"tiled_mlp is for engine unsloth, and engine {engine} has none"


def run_sft(options: Sft, ctx: Ctx) -> None:
    """Train with the engine; see Sft."""
    engine = engine_of(options.engine, ctx.backend.name)
    if engine == "unsloth":
        from stagerun_stages.train.unsloth import wake

        wake(ctx.work)
    if engine == "mlx":
        from stagerun_stages.mlx.run_sft import run
    else:
        from stagerun_stages.train.run_sft import run

    run(options, ctx)
