"""The file formats that a model can be exported to: their names in TOML, and what each of them may lose.

Light on purpose: the plan reads it. How a GGUF is written is in converting.py, how it is compared in comparing.py.
"""

from __future__ import annotations

from collections.abc import Iterator, Mapping, Sequence
from importlib.util import find_spec

from attrs import frozen

from stagerun.errors import nearest

SAFETENSORS = "safetensors"
QUANTIZER = "llama-quantize"  # llama.cpp's own program; K-quants exist nowhere else
PACKAGES = ("conversion", "gguf", "xllamacpp")  # import names of what the extra brings
INSTALL = "pip install 'stagerun-stages[gguf]'"


@frozen
class Gguf:
    """A kind of GGUF file.

    `file_type` is its name in llama.cpp's LlamaFileType, `weights` the tensor type that gives it its name, `limit` the largest
    mean divergence from the source in nats to a token: several times what healthy files of the models measured in
    docs/explanation/proofs.md show, and far below what a wrong file does.
    """

    name: str
    file_type: str
    weights: str
    limit: float
    exact: bool = False  # must give the same greedy text as the source
    quantizer: bool = False  # made by llama-quantize

    @property
    def tag(self) -> str:
        """The end of the file's name: `q8_0`."""
        return self.name.removeprefix("gguf-")


GGUF: Mapping[str, Gguf] = {
    each.name: each
    for each in (
        Gguf("gguf-f16", "MOSTLY_F16", "F16", 1e-3, exact=True),
        Gguf("gguf-q8_0", "MOSTLY_Q8_0", "Q8_0", 0.02),
        Gguf("gguf-q4_k_m", "MOSTLY_Q4_K_M", "Q4_K", 0.3, quantizer=True),
        Gguf("gguf-q4_0", "MOSTLY_Q4_0", "Q4_0", 0.6),
        Gguf("gguf-mxfp4", "MOSTLY_MXFP4_MOE", "MXFP4", 0.3),
    )
}
FORMATS = (SAFETENSORS, *GGUF)


def ggufs(formats: Sequence[str]) -> list[Gguf]:
    """The GGUF files among the formats, in their order."""
    return [GGUF[name] for name in formats if name in GGUF]


def complaints(formats: Sequence[str], limits: Mapping[str, float]) -> Iterator[str]:
    """What is wrong with these formats and limits, and what of the software they need is not installed."""
    if not formats:
        yield f"formats is empty; there are {', '.join(FORMATS)}"
    for name in formats:
        if name not in FORMATS:
            yield f'there is no format "{name}"; {nearest(name, FORMATS) or "there are " + ", ".join(FORMATS)}'
    for name in sorted({name for name in formats if formats.count(name) > 1}):
        yield f'formats names "{name}" more than once'
    for name in limits:
        if name not in GGUF:
            yield f'max_divergence names "{name}"; {nearest(name, GGUF) or "it may name " + ", ".join(GGUF)}'
    missing = missing_packages()
    if ggufs(formats) and missing:
        yield f"a GGUF needs {', '.join(missing)}, which this interpreter lacks; {INSTALL}"


def missing_packages() -> list[str]:
    """Import names of what writing and running a GGUF needs and this interpreter lacks."""
    return [name for name in PACKAGES if find_spec(name) is None]
