"""Machines that pipelines can be planned for without having them: descriptions from published specifications, as JSON files.

What a backend finds on real hardware may differ a little, and where it does, that counts.
"""

from __future__ import annotations

from pathlib import Path

HERE = Path(__file__).parent


def h100() -> Path:
    """One NVIDIA H100 SXM with 80 GB."""
    return HERE / "h100.json"


def a100() -> Path:
    """One NVIDIA A100 SXM with 80 GB."""
    return HERE / "a100.json"


def m4() -> Path:
    """An Apple M4 with 32 GB."""
    return HERE / "m4.json"


def m4_16() -> Path:
    """An Apple M4 with 16 GB."""
    return HERE / "m4-16.json"


def cpu() -> Path:
    """A laptop with eight cores, 32 GB and no GPU that trains."""
    return HERE / "cpu.json"
