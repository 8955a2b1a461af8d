"""What every test shares: the test kit's stages on the path, a cache of its own, and a workshop to run pipelines in."""

from __future__ import annotations

import os
import sys
from collections.abc import Iterator
from pathlib import Path

import pytest

SUPPORT = Path(__file__).parent / "support"
sys.path.insert(0, str(SUPPORT))  # entry points of the dist-info folder there are found like installed ones

from workshop import Workshop  # noqa: E402 - lies in the folder just added


@pytest.fixture(scope="session", autouse=True)
def _surroundings(tmp_path_factory: pytest.TempPathFactory) -> Iterator[None]:
    """Children find the test kit too; nothing of the user's own cache or plugins is used."""
    patch = pytest.MonkeyPatch()
    before = os.environ.get("PYTHONPATH")
    patch.setenv("PYTHONPATH", os.pathsep.join(filter(None, [str(SUPPORT), before])))
    patch.setenv("STAGERUN_CACHE", str(tmp_path_factory.mktemp("cache")))
    patch.setenv("HF_HUB_OFFLINE", "1")
    patch.delenv("STAGERUN_DISABLE_PLUGINS", raising=False)
    yield
    patch.undo()


@pytest.fixture
def workshop(tmp_path: Path) -> Workshop:
    """A folder with a pipeline file, and ways to plan and run it."""
    return Workshop(tmp_path)
