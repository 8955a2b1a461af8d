"""Libraries in the wrong version or missing are found from metadata alone; what was tested is shipped."""

from __future__ import annotations

from pathlib import Path

import pytest
from pages import ROOT

from stagerun import Checkup, Finding, Registry
from stagerun.checks import libraries as module
from stagerun.checks.libraries import Library, judged, libraries
from stagerun.cli.findings import plain


def dist_info(place: Path, name: str, version: str, *requires: str) -> None:
    """A distribution that is installed as far as its metadata goes."""
    folder = place / f"{name}-{version}.dist-info"
    folder.mkdir()
    lines = [
        "Metadata-Version: 2.1",
        f"Name: {name}",
        f"Version: {version}",
        *(f"Requires-Dist: {one}" for one in requires),
    ]
    (folder / "METADATA").write_text("\n".join(lines) + "\n")


def look(monkeypatch: pytest.MonkeyPatch, *dists: str) -> list[Finding]:
    monkeypatch.setattr(module, "distributions", lambda _: list(dists))
    return list(libraries(Checkup(object(), Registry(entries=[]))))


def test_a_wrong_version_on_the_path_is_a_failure_with_the_line_that_installs_a_right_one(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    dist_info(tmp_path, "trainkit", "1.0", "oldlib>=2,<3")
    dist_info(tmp_path, "oldlib", "1.4")
    monkeypatch.syspath_prepend(tmp_path)
    line = "[fail] libraries oldlib: 1.4 is installed, and trainkit asks for >=2,<3"
    assert next(plain(look(monkeypatch, "trainkit"))) == f"{line}; to mend it: pip install 'oldlib>=2,<3'"


def test_a_library_that_is_not_installed_is_a_failure_for_a_pipeline_that_needs_it(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    dist_info(tmp_path, "trainkit", "1.0", "no-such-library")
    monkeypatch.syspath_prepend(tmp_path)
    (found,) = look(monkeypatch, "trainkit")
    assert (found.status, found.reason) == ("fail", "not installed, and trainkit asks for it")


def test_a_version_that_was_not_tested_is_a_warning_with_the_tested_one() -> None:
    (found,) = judged("trainkit", [Library("lib", ">=1", "2.1", "2.0")], needed=True)
    assert (found.status, found.fix) == ("warn", "pip install lib==2.0")
    assert "lib 2.1 (tested: 2.0)" in found.reason


def test_a_build_for_another_cuda_is_the_version_that_was_tested() -> None:
    (found,) = judged("trainkit", [Library("torch", ">=2.13", "2.15.0+cu130", "2.15.0")], needed=True)
    assert found.status == "pass"


def test_without_a_pipeline_what_is_missing_is_a_hint_and_what_is_wrong_a_failure() -> None:
    missing, wrong = Library("a", ">=1", None), Library("b", ">=2", "1.0")
    assert [one.status for one in judged("kit", [missing, wrong], needed=False)] == ["warn", "fail"]


def test_what_was_tested_is_what_stands_in_constraints() -> None:
    shipped = Path(module.__file__).parent / "tested.txt"
    assert shipped.read_text() == (ROOT / "constraints.txt").read_text(), (
        f"cp constraints.txt {shipped.relative_to(ROOT)}"
    )
    assert module.tested()["transformers"]
