"""Run as `python trying_torch.py DEVICE DTYPE`: multiplies two matrices there and compares with the CPU in float32.

Besides, it takes a step of what training is made of and notes which operators Apple's backend left to the CPU. Needs torch
and nothing of ours, so that any interpreter can run it. Prints one line of JSON; ends with an error where something is wrong.
"""

from __future__ import annotations

import json
import re
import sys
import time
import warnings
from collections.abc import Callable
from typing import Any

SIZE = 512
OFF = {"float32": 1e-3, "bfloat16": 3e-2, "float16": 5e-3}  # largest relative error: a few roundings of the format
FALLEN = re.compile(r"The operator '([^']+)' is not currently supported on the MPS backend")


def main(device: str, dtype: str) -> None:
    """Compute, compare, tell."""
    import torch

    with warnings.catch_warnings(record=True) as said:
        warnings.simplefilter("always")
        milliseconds = multiply(torch, device, dtype)
        step(torch, device, dtype)
    fallen = [found[1] for one in said if (found := FALLEN.search(str(one.message)))]
    print(
        json.dumps(
            {
                "version": torch.__version__,
                "device": named(torch, device),
                "memory_gb": memory(torch, device),
                "milliseconds": milliseconds,
                "fell_back": sorted(set(fallen)),
            }
        )
    )


def multiply(torch: Any, device: str, dtype: str) -> float:
    """Milliseconds of the second multiplication, the first being a warm-up; raises ValueError when it is wrong."""
    generator = torch.Generator().manual_seed(1)
    left, right = (torch.randn(SIZE, SIZE, generator=generator) for _ in range(2))
    there = [one.to(device=device, dtype=getattr(torch, dtype)) for one in (left, right)]
    timed(torch, device, lambda: there[0] @ there[1])
    milliseconds, product = timed(torch, device, lambda: there[0] @ there[1])
    expected = left @ right
    off = float((product.float().cpu() - expected).norm() / expected.norm())
    if not off <= OFF[dtype]:
        raise ValueError(f"a matrix product on {device} in {dtype} is off by {off:.2e}, more than {OFF[dtype]:.0e}")
    return milliseconds


def timed(torch: Any, device: str, compute: Callable[[], Any]) -> tuple[float, Any]:
    """Run something and wait for the device."""
    wait = getattr(getattr(torch, device.partition(":")[0], None), "synchronize", lambda: None)
    started = time.perf_counter()
    result = compute()
    wait()
    return 1000 * (time.perf_counter() - started), result


def step(torch: Any, device: str, dtype: str) -> None:
    """One training step with what our models are made of: embedding, attention, a routed choice, loss, AdamW."""
    kind = getattr(torch, dtype)
    table = torch.nn.Embedding(64, 32, device=device, dtype=kind)
    head = torch.nn.Linear(32, 64, device=device, dtype=kind)
    rows = torch.randint(0, 64, (2, 16), device=device)
    hidden = table(rows)
    heads = hidden.view(2, 16, 2, 16).transpose(1, 2)
    mixed = torch.nn.functional.scaled_dot_product_attention(heads, heads, heads, is_causal=True)
    mixed = torch.nn.functional.rms_norm(mixed.transpose(1, 2).reshape(2, 16, 32), (32,))
    weights, chosen = mixed.softmax(-1).topk(4, dim=-1)
    mixed = mixed + torch.zeros_like(mixed).scatter(-1, chosen, weights)
    loss = torch.nn.functional.cross_entropy(head(mixed).float().flatten(0, 1), rows.flatten())
    loss.backward()
    trained = [*table.parameters(), *head.parameters()]
    torch.nn.utils.clip_grad_norm_(trained, 1.0)
    torch.optim.AdamW(trained).step()
    torch.multinomial(head(mixed[:, -1]).float().softmax(-1), 1)


def named(torch: Any, device: str) -> str:
    """The device as torch calls it."""
    return str(torch.cuda.get_device_name(device)) if device.startswith("cuda") else device


def memory(torch: Any, device: str) -> float:
    """GiB that torch may use there; on Apple what Metal recommends; 0 for the CPU."""
    if device.startswith("cuda"):
        return float(torch.cuda.get_device_properties(device).total_memory) / 2**30
    return float(torch.mps.recommended_max_memory()) / 2**30 if device == "mps" else 0.0


if __name__ == "__main__":
    main(sys.argv[1], sys.argv[2])
