"""What stands before anything is computed: TF32 where the backend says so, and nowhere else."""

from __future__ import annotations

from collections.abc import Iterator

import pytest
import torch

from stagerun import Policy
from stagerun_stages.models.loading import prepare


@pytest.fixture(autouse=True)
def _as_before() -> Iterator[None]:
    before = torch.get_float32_matmul_precision(), torch.backends.cudnn.allow_tf32
    yield
    torch.set_float32_matmul_precision(before[0])
    torch.backends.cudnn.allow_tf32 = before[1]


@pytest.mark.parametrize(("tf32", "expected"), [(True, "high"), (False, "highest"), (None, "highest")])
def test_a_gpu_multiplies_float32_as_the_backend_says(tf32: bool | None, expected: str) -> None:
    options = {} if tf32 is None else {"tf32": tf32}
    prepare(Policy("cuda", "float32", {"*": "sdpa"}, options=options), 0)
    assert torch.get_float32_matmul_precision() == expected
    assert torch.backends.cudnn.allow_tf32 == bool(tf32)


def test_a_cpu_is_left_alone() -> None:
    torch.set_float32_matmul_precision("highest")
    prepare(Policy("cpu", "float32", {"*": "sdpa"}, options={"tf32": True}), 0)
    assert torch.get_float32_matmul_precision() == "highest"
