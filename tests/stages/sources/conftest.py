"""A row as training gets it: through its source and the checks of its format."""

from __future__ import annotations

from collections.abc import Callable
from typing import Any

import pytest

from stagerun import DataSource, DropRow
from stagerun_stages.data.formats import clean


@pytest.fixture
def made() -> Callable[[DataSource, Any], Any]:
    """`made(source, row)`: the clean row."""
    return lambda source, row: clean(source(row), source.makes)


@pytest.fixture
def reason() -> Callable[[DataSource, Any], str]:
    """`reason(source, row)`: why the row is dropped."""

    def give(source: DataSource, row: Any) -> str:
        with pytest.raises(DropRow) as dropped:
            clean(source(row), source.makes)
        return str(dropped.value)

    return give
