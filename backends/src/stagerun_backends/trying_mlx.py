"""Run as `python trying_mlx.py`: multiplies two matrices with MLX on its default device and compares with its CPU.

Needs mlx and nothing of ours. Prints one line of JSON; ends with an error where something is wrong.
"""

from __future__ import annotations

import json
import time
from importlib.metadata import version

SIZE = 512
OFF = 1e-3  # largest relative error of float32


def main() -> None:
    """Compute, compare, tell."""
    import mlx.core as mx

    mx.random.seed(1)
    left, right = mx.random.normal((SIZE, SIZE)), mx.random.normal((SIZE, SIZE))
    mx.eval(left @ right)  # a warm-up
    started = time.perf_counter()
    product = left @ right
    mx.eval(product)
    milliseconds = 1000 * (time.perf_counter() - started)
    expected = mx.matmul(left, right, stream=mx.cpu)
    off = float(mx.linalg.norm(product - expected, stream=mx.cpu) / mx.linalg.norm(expected, stream=mx.cpu))
    if not off <= OFF:
        raise ValueError(f"a matrix product is off by {off:.2e}, more than {OFF:.0e}")
    print(json.dumps({"version": version("mlx"), "device": str(mx.default_device()), "milliseconds": milliseconds}))


if __name__ == "__main__":
    main()
