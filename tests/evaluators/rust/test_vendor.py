"""What is shipped of crates, and fetching their sources: where, once, whole; without cargo. Nothing is downloaded here."""

from __future__ import annotations

import json
import re
import tomllib
from pathlib import Path

import pytest
from stand_in import stand_in

from stagerun import StageError
from stagerun_evaluators.rust import Rust, vendor
from stagerun_evaluators.rust.prebuilt import SHIPPED

CARGO = tomllib.loads((SHIPPED / "Cargo.toml").read_text(encoding="utf-8"))
SUMS = [line.split() for line in (SHIPPED / "checksums").read_text(encoding="utf-8").splitlines()]


@pytest.fixture(autouse=True)
def _own_cache(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setenv("STAGERUN_CACHE", str(tmp_path / "cache"))


def lay(folder: Path, wrong: str = "") -> None:
    """Every crate of the list as `cargo vendor` would lay it, without its sources; one has another digest."""
    for name, version, digest in SUMS:
        place = folder / f"{name}-{version}"
        place.mkdir(parents=True)
        (place / "Cargo.toml").write_text(f'[package]\nname = "{name}"\nversion = "{version}"\n')
        (place / "lib").mkdir()
        (place / "lib" / "libx.a").write_text("a library for Windows")
        files = {"lib/libx.a": "0", "Cargo.toml": "1"}
        said = {"files": files, "package": "other" if name == wrong else digest}
        (place / ".cargo-checksum.json").write_text(json.dumps(said))


def test_every_version_is_exact_and_every_crate_has_a_digest() -> None:
    tables = (CARGO["dependencies"], CARGO["target"]["cfg(any())"]["dependencies"])
    pinned = {(said.get("package", key), said["version"]) for table in tables for key, said in table.items()}
    assert all(re.fullmatch(r"=\d+\.\d+\.\d+", version) for _, version in pinned)
    assert {(name, f"={version.partition('+')[0]}") for name, version, _ in SUMS} == pinned
    assert all(re.fullmatch(r"[0-9a-f]{64}", digest) for *_, digest in SUMS)


def test_what_is_shipped_names_no_address() -> None:
    assert not any("://" in path.read_text(encoding="utf-8") for path in SHIPPED.iterdir())


def test_sources_are_fetched_once_and_without_what_is_for_windows(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    lay(tmp_path / "given")
    stand_in("cargo", f"echo run >> {tmp_path}/runs; cp -r {tmp_path}/given vendor", tmp_path, monkeypatch)
    said: list[str] = []
    assert not vendor.installed()
    assert vendor.install(said.append) == vendor.install(said.append)
    assert (tmp_path / "runs").read_text() == "run\n"
    one = next(vendor.sources().glob("md5-*"))
    assert json.loads((one / ".cargo-checksum.json").read_text())["files"] == {"Cargo.toml": "1"}
    assert not (one / "lib" / "libx.a").exists()


def test_a_package_that_is_another_than_was_looked_at_is_not_taken(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    lay(tmp_path / "given", wrong="regex")
    stand_in("cargo", f"cp -r {tmp_path}/given vendor", tmp_path, monkeypatch)
    with pytest.raises(StageError, match=r"regex 1\.\S+ is not what was to come"):
        vendor.install(lambda _: None)
    assert not vendor.installed()


def test_a_failed_fetch_leaves_nothing_and_says_why(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    stand_in("cargo", "mkdir vendor; echo no network >&2; exit 101", tmp_path, monkeypatch)
    with pytest.raises(StageError, match="could not fetch the crates: no network"):
        vendor.install(lambda _: None)
    assert list((tmp_path / "cache" / "toolchains").iterdir()) == []


def test_without_cargo_there_is_nothing_to_install_and_the_tool_says_what_is_first(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setenv("PATH", str(tmp_path))
    said: list[str] = []
    Rust().install(said.append)
    assert "no cargo" in said[0]
    assert "install Rust" in vendor.tool().install
