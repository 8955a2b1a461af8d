"""The distribution alone, beside only `stagerun` and `stagerun-evaluators`, makes Go appear, with no torch."""

from __future__ import annotations

import shutil
import subprocess
import sys
from pathlib import Path

import pytest

REPO = Path(__file__).parents[3]
OURS = ("core", "evaluators", "plugins/stagerun-lang-go")


def test_nothing_of_go_stands_in_core_or_evaluators() -> None:
    sources = [path for member in ("core/src", "evaluators/src") for path in (REPO / member).rglob("*.py")]
    assert not [path for path in sources if "golang" in path.read_text() or "stagerun_lang_go" in path.read_text()]


def test_the_distribution_imports_only_stagerun() -> None:
    words = [
        line.split()[1].partition(".")[0]
        for path in (REPO / "plugins/stagerun-lang-go/src").rglob("*.py")
        for line in path.read_text().splitlines()
        if line.startswith(("import ", "from "))
    ]
    assert set(words) <= {*sys.stdlib_module_names, "attrs", "stagerun", "stagerun_lang_go"}


@pytest.mark.slow
def test_installed_beside_stagerun_and_its_evaluators_go_appears_without_torch(tmp_path: Path) -> None:
    uv = shutil.which("uv") or str(Path(sys.executable).with_name("uv"))
    python = tmp_path / "venv" / "bin" / "python"
    subprocess.run([uv, "venv", "--quiet", "--python", sys.executable, tmp_path / "venv"], check=True)
    install = [uv, "pip", "install", "--quiet", "--python", python]
    subprocess.run([*install, *(REPO / member for member in OURS)], check=True, cwd=tmp_path)
    plugins = subprocess.run(
        [python, "-m", "stagerun", "plugins"], check=True, capture_output=True, text=True, cwd=tmp_path
    )
    assert "stagerun-lang-go" in plugins.stdout
    torch = subprocess.run([python, "-c", "import torch"], check=False, capture_output=True, cwd=tmp_path)
    assert torch.returncode != 0
