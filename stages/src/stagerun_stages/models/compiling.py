"""torch.compile for a training: each decoder layer in place, so that no name changes and nothing has to be unwrapped.

Layers are all alike, so that one is compiled and the others take its code; torchtitan compiles by the layer for the same reason.
`nn.Module.compile` keeps the module itself, where `torch.compile(model)` would put one around it whose names begin with
`_orig_mod.`, in checkpoints too. What is around the layers stays as it is: TRL's fused head, whose number of tokens differs
from batch to batch, is not compiled. Not covered: generation, which runs uncompiled, see attention.py.
"""

from __future__ import annotations

import shutil
from collections.abc import Iterator, Mapping
from contextlib import contextmanager
from typing import Any

WRAPPER = "_orig_mod"
GRAPHS = {  # with CUDA graphs, of which rows of different lengths would each need one of their own
    "max-autotune": "max-autotune-no-cudagraphs",
    "reduce-overhead": "default",
}
COMPILERS = ("cc", "gcc", "clang", "g++", "c++", "clang++", "cl")


def wanted(wish: bool | str, options: Mapping[str, Any]) -> bool:
    """Whether to compile: as the option says, `auto` as the backend's policy does (its `compile_mode`, none where it is off)."""
    return bool(options.get("compile_mode")) if wish == "auto" else bool(wish)


def mode_of(options: Mapping[str, Any]) -> str:
    """The backend's mode, without CUDA graphs."""
    mode = str(options.get("compile_mode") or "default")
    return GRAPHS.get(mode, mode)


def compiler_there() -> bool:
    """Whether a C compiler is on the path: both of torch's ways, C++ on a CPU and Triton on a GPU, build with one."""
    return any(shutil.which(name) for name in COMPILERS)


def layers(model: Any) -> list[Any]:
    """The decoder layers: modules of the classes that transformers keeps whole when it splits a model."""
    kinds = set(getattr(model, "_no_split_modules", None) or ())
    return [module for module in model.modules() if type(module).__name__ in kinds]


def compile_layers(model: Any, mode: str = "default", backend: str = "inductor") -> int:
    """Have each decoder layer compiled at its next call; gives their number, 0 for a model that does not name its layers."""
    found = layers(model)
    for layer in found:
        layer.compile(mode=mode if backend == "inductor" else None, backend=backend)
    return len(found)


@contextmanager
def uncompiled(model: Any) -> Iterator[None]:
    """Call the layers as they are; their compiled code comes back afterwards and is not made anew."""
    compiled = [
        (module, module._compiled_call_impl) for module in model.modules() if module._compiled_call_impl is not None
    ]
    for module, _ in compiled:
        module._compiled_call_impl = None
    try:
        yield
    finally:
        for module, code in compiled:
            module._compiled_call_impl = code
