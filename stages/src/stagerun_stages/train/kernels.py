"""Which kernels a training uses beside torch's own, and whether it is compiled: where a wish cannot work.

One option names one set of kernels, so that two never stand on top of each other. Plain data: importing this loads no training
library; liger.py and cce.py put the kernels in place.
"""

from __future__ import annotations

import ast
from collections.abc import Iterator, Mapping
from functools import cache
from importlib.util import find_spec
from pathlib import Path
from typing import Any, Literal

from stagerun import Hardware
from stagerun_stages.models.compiling import compiler_there
from stagerun_stages.train.packages import missing

Kernels = Literal["none", "liger", "cce"]
Compile = Literal["auto"] | bool
PACKAGE: Mapping[str, str] = {"liger": "liger-kernel", "cce": "cut-cross-entropy"}
LIGER = frozenset(  # decoders of text that liger-kernel 0.7 patches; asked when it is not installed here
    {
        "deepseek_v4", "exaone4", "falcon_h1", "gemma", "gemma2", "gemma3_text", "gemma4_text", "glm4", "gpt_oss", "granite",
        "hunyuan_v1_dense", "hunyuan_v1_moe", "llama", "llama4_text", "ministral", "mistral", "mixtral", "nemotron", "olmo2",
        "olmo3", "phi3", "qwen2", "qwen3", "qwen3_5_text", "qwen3_moe", "qwen3_next", "smollm3",
    }
)  # fmt: skip
TABLE = "MODEL_TYPE_TO_APPLY_LIGER_FN"  # Liger's own, by architecture


def complaints(kernels: Kernels, compile_: Compile, trainer: Mapping[str, Any]) -> Iterator[str]:
    """What is wrong on any machine."""
    if trainer.get("use_liger_kernel") and kernels != "none":
        liger = "patches again" if kernels == "liger" else "would be two sets of kernels"
        yield f'kernels is "{kernels}", and trainer.use_liger_kernel {liger}; leave it out, kernels says it all'
    if kernels == "cce" and compile_ is True:
        yield 'kernels is "cce", which is not compiled; set compile = false, or kernels = "none" (or "liger") with compile'


def misfits(
    kernels: Kernels, compile_: Compile, config: Mapping[str, Any] | None, hardware: Hardware
) -> Iterator[tuple[str, str]]:
    """What cannot work on this machine, with the option."""
    if kernels != "none":
        for complaint in _kernels(kernels, str((config or {}).get("model_type", "")), hardware):
            yield "kernels", f'kernels is "{kernels}", {complaint}'
    if compile_ is True and hardware.policy.device not in ("cuda", "cpu"):
        yield (
            "compile",
            f"compile is true, which torch has for NVIDIA GPUs and CPUs, not {hardware.backend}; set it to false",
        )
    elif compile_ is True and hardware.here and not compiler_there():
        yield "compile", "compile is true, and no C compiler is on the path: install gcc, or set it to false"


def _kernels(kernels: Kernels, kind: str, hardware: Hardware) -> Iterator[str]:
    if hardware.policy.device != "cuda":
        yield f'whose kernels are for NVIDIA GPUs, not {hardware.probe.device}; "none" works there'
    elif lacking := missing(hardware, PACKAGE[kernels]):
        yield f"and {lacking}"
    elif kernels == "liger" and kind and kind not in known_to_liger():
        yield f'which has none for {kind}; "none" works'


@cache
def known_to_liger() -> frozenset[str]:
    """The architectures that the installed Liger patches, read from its source without importing it, else those of 0.7."""
    found = find_spec("liger_kernel")
    folders = (found.submodule_search_locations or ()) if found else ()
    for folder in folders:
        keys = _keys(Path(folder) / "transformers" / "monkey_patch.py")
        if keys:
            return keys
    return LIGER


def _keys(source: Path) -> frozenset[str]:
    try:
        tree = ast.parse(source.read_text(encoding="utf-8"))
    except (OSError, SyntaxError):
        return frozenset()
    tables = (node for node in tree.body if isinstance(node, ast.Assign) and isinstance(node.value, ast.Dict))
    table = next((node.value for node in tables if getattr(node.targets[0], "id", "") == TABLE), None)
    keys = table.keys if isinstance(table, ast.Dict) else ()
    return frozenset(str(key.value) for key in keys if isinstance(key, ast.Constant))
