"""A process that serves one GGUF file with llama.cpp until its input closes. Run by llama.py, never by hand.

A process of its own, because llama.cpp ends the process it runs in when a file is broken, and takes over its signals. It
says its address in one line on standard output. Keys and values are kept in 32 bits, so that what differs is the file's doing.
"""

from __future__ import annotations

import sys

ERRORS = 1  # llama.cpp's log level: its own complaints and nothing else


def main(file: str, threads: str, context: str) -> None:
    """Serve `file` on a free port of this machine's loopback interface."""
    import xllamacpp

    params = xllamacpp.CommonParams()
    params.model.path = file
    params.port = 0
    params.n_ctx, params.n_parallel, params.warmup, params.n_gpu_layers = int(context), 1, False, 0
    params.cpuparams.n_threads = params.cpuparams_batch.n_threads = int(threads)
    params.cache_type_k = params.cache_type_v = xllamacpp.ggml_type.GGML_TYPE_F32
    params.flash_attn_type = xllamacpp.llama_flash_attn_type.LLAMA_FLASH_ATTN_TYPE_DISABLED
    params.swa_full = True  # a sliding window would forget what the next question begins with
    params.cache_ram_mib = 0
    params.fit_params = False
    params.verbosity = ERRORS
    server = xllamacpp.Server(params)
    print(server.listening_address, flush=True)
    sys.stdin.read()


if __name__ == "__main__":
    main(*sys.argv[1:])
