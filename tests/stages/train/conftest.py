"""Runs that die: training is cut off at a step, the way a crash does it."""

from __future__ import annotations

import json
from collections.abc import Callable
from pathlib import Path
from typing import Any

import pytest


class Died(Exception):
    """Stands for whatever ends a process."""


@pytest.fixture
def dying_at(monkeypatch: pytest.MonkeyPatch) -> Callable[[int], Any]:
    """`with dying_at(5): ...` raises Died in the middle of telling the metrics of step 5."""
    from contextlib import contextmanager

    from stagerun.worker.context import Context

    @contextmanager
    def cut(step: int) -> Any:
        whole = Context.metric

        def metric(self: Context, at: int, **values: float) -> None:
            if at == step:
                raise Died
            whole(self, at, **values)

        with monkeypatch.context() as patch, pytest.raises(Died):
            patch.setattr(Context, "metric", metric)
            yield

    return cut


@pytest.fixture
def history() -> Callable[[Path], list[dict[str, Any]]]:
    """`history(root)`: the rows of a stage's metrics.jsonl."""

    def read(root: Path) -> list[dict[str, Any]]:
        return [json.loads(line) for line in (root / "metrics.jsonl").read_text().splitlines()]

    return read


@pytest.fixture
def same_run(history: Any, contents: Any) -> Callable[[Path, Path], None]:
    """`same_run(a, b)`: two stage folders hold the same metrics at every step and the same artifact, byte for byte."""

    def check(one: Path, other: Path) -> None:
        assert history(one) == history(other)
        assert contents(one / "final") == contents(other / "final")

    return check
