"""What a step with MLX does when it is compiled, and when layers are recomputed: the same numbers."""

from __future__ import annotations

import shutil
from typing import Any

import pytest


@pytest.fixture
def adapted(mlx, model) -> Any:
    """A tiny model with a fresh adapter, and a batch."""
    import mlx.core as mx
    from mlx_lm.tuner.utils import linear_to_lora_layers

    from stagerun_stages.mlx import loading
    from stagerun_stages.mlx.batches import collate

    mx.random.seed(1)
    net = loading.load(model("llama"), "float32")
    net.freeze()
    linear_to_lora_layers(net, 2, {"rank": 4, "scale": 2.0, "dropout": 0.0})
    rows = [{"input_ids": list(range(3, 20)), "labels": list(range(3, 20))}]
    return net, collate(rows, 0)


def slope(adapted: Any, *, compiled: bool = False) -> tuple[float, dict[str, Any]]:
    import mlx.core as mx
    from mlx.utils import tree_flatten

    from stagerun_stages.mlx.stepping import slope_of

    net, batch = adapted
    net.train()
    (loss, _, _), gradients = slope_of(net, compiled=compiled)(*batch, mx.array(16))
    return float(loss.item()), dict(tree_flatten(gradients))


def alike(one: dict[str, Any], other: dict[str, Any]) -> bool:
    import mlx.core as mx

    return one.keys() == other.keys() and all(bool(mx.allclose(one[name], other[name], atol=1e-6)) for name in one)


def test_a_compiled_step_gives_the_same_gradient(adapted) -> None:
    import mlx.core as mx

    if not mx.metal.is_available() and shutil.which("g++") is None:
        pytest.skip("on a CPU MLX compiles with g++, which is not here")
    plain = slope(adapted)
    mx.enable_compile()
    try:
        made = slope(adapted, compiled=True)
    finally:
        mx.disable_compile()
    assert made[0] == pytest.approx(plain[0], abs=1e-5)
    assert alike(made[1], plain[1])


def test_recomputed_layers_give_the_same_gradient_and_leave_the_class_alone(adapted) -> None:
    from stagerun_stages.mlx.stepping import recomputing

    net, _ = adapted
    own = type(net.layers[0]).__call__
    plain = slope(adapted)
    with recomputing(net, wanted=True):
        assert type(net.layers[0]).__call__ is not own
        again = slope(adapted)
    assert type(net.layers[0]).__call__ is own
    assert again[0] == pytest.approx(plain[0], abs=1e-6)
    assert alike(again[1], plain[1])
