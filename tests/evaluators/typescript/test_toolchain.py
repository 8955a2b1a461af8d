"""Installing the packages: where, once, whole; without npm. Nothing is downloaded here."""

from __future__ import annotations

import json
import re
from pathlib import Path

import pytest
from stand_in import stand_in

from stagerun import StageError
from stagerun_evaluators.typescript import toolchain


@pytest.fixture(autouse=True)
def _own_cache(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setenv("STAGERUN_CACHE", str(tmp_path / "cache"))


def test_the_lock_names_no_address_and_a_digest_of_every_package() -> None:
    text = (toolchain.SHIPPED / "package-lock.json").read_text(encoding="utf-8")
    packages = [value for path, value in json.loads(text)["packages"].items() if path]
    assert "://" not in text
    assert all(re.match(r"sha512-", package["integrity"]) for package in packages)


def test_versions_are_exact() -> None:
    wanted = json.loads((toolchain.SHIPPED / "package.json").read_text(encoding="utf-8"))["dependencies"]
    assert all(re.fullmatch(r"\d+\.\d+\.\d+", version) for version in wanted.values())


def test_packages_are_installed_once(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    stand_in("npm", f"echo run >> {tmp_path}/runs; mkdir node_modules", tmp_path, monkeypatch)
    said: list[str] = []
    assert toolchain.installed() is None
    assert toolchain.install(said.append) == toolchain.install(said.append) == toolchain.installed()
    assert (tmp_path / "runs").read_text() == "run\n"


def test_a_failed_install_leaves_nothing_and_says_why(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    stand_in("npm", "mkdir node_modules; echo no network >&2; exit 1", tmp_path, monkeypatch)
    with pytest.raises(StageError, match="could not install the packages: no network"):
        toolchain.install(lambda _: None)
    assert toolchain.installed() is None
    assert list((tmp_path / "cache" / "toolchains").iterdir()) == []


def test_a_missing_npm_is_named(monkeypatch: pytest.MonkeyPatch, tmp_path: Path) -> None:
    monkeypatch.setenv("PATH", str(tmp_path))
    with pytest.raises(StageError, match="npm was not found"):
        toolchain.install(lambda _: None)
