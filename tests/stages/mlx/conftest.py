"""MLX on this machine, wherever its packages are installed: on Linux it computes on the CPU."""

from __future__ import annotations

from collections.abc import Callable
from typing import Any

import pytest

WHY = "mlx and mlx-lm are not installed: stagerun-stages[mlx] brings them"


@pytest.fixture
def mlx() -> Any:
    """The backend; skips the test where MLX is not."""
    pytest.importorskip("mlx.core", reason=WHY)
    from stagerun_backends.mlx import Mlx
    from stagerun_stages.mlx.loading import limits_kept

    with limits_kept():
        pytest.importorskip("mlx_lm", reason=WHY)

    return Mlx()


@pytest.fixture
def sft() -> Callable[..., Any]:
    """`sft(max_steps=50)`: a stage of eight quick steps, with other options."""
    from stagerun_stages.train.options import Lora
    from stagerun_stages.train.sft import Sft

    def give(**options: Any) -> Sft:
        lora = Lora(rank=4, alpha=8.0)
        return Sft(**{"lora": lora, "learning_rate": 1e-2, "max_steps": 8, "batch_size": 2, "save_steps": 3, **options})

    return give


@pytest.fixture
def proofs() -> Callable[[Any], dict[str, dict[str, Any]]]:
    """`proofs(done)`: the evidence of each proof, by its name."""
    return lambda done: {event["name"]: event["evidence"] for event in done.kinds("stage.proof")}
