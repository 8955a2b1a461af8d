"""Digests are cached by size, time and inode, and a long reading is said before it starts."""

from __future__ import annotations

from pathlib import Path

import pytest

from stagerun.store import digests
from stagerun.store.digests import DigestCache


def test_a_file_is_read_once_and_again_when_it_changed(tmp_path: Path) -> None:
    file = tmp_path / "a"
    file.write_text("one")
    cache = DigestCache(tmp_path / "cache.json")
    first = cache.file(file)
    assert (cache.file(file), cache.bytes_read) == (first, 3)
    file.write_text("three")
    assert cache.file(file) != first
    assert cache.bytes_read == 8


def test_a_saved_cache_spares_the_next_engine_the_reading(tmp_path: Path) -> None:
    (tmp_path / "a").write_text("one")
    cache = DigestCache(tmp_path / "cache.json")
    cache.file(tmp_path / "a")
    cache.save()
    again = DigestCache(tmp_path / "cache.json").load()
    again.file(tmp_path / "a")
    assert again.bytes_read == 0


def test_a_torn_cache_is_no_cache(tmp_path: Path) -> None:
    (tmp_path / "cache.json").write_text('{"/a": [[1, 2')
    assert DigestCache(tmp_path / "cache.json").load().known == {}


def test_a_large_file_is_announced_before_it_is_read(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(digests, "LARGE", 4)
    said: list[tuple[str, int]] = []
    cache = DigestCache(tmp_path / "cache.json", lambda path, size: said.append((path.name, size)))
    for name, text in (("small", "123"), ("large", "12345")):
        (tmp_path / name).write_text(text)
        cache.file(tmp_path / name)
        cache.file(tmp_path / name)
    assert said == [("large", 5)]


def test_a_folders_digest_depends_on_names_and_contents_and_not_on_time(tmp_path: Path) -> None:
    for place in ("one", "two"):
        (tmp_path / place).mkdir()
        (tmp_path / place / "x").write_text("same")
    cache = DigestCache(tmp_path / "cache.json")
    assert cache.outside(tmp_path / "one") == cache.outside(tmp_path / "two")
    (tmp_path / "two/x").rename(tmp_path / "two/y")
    assert cache.outside(tmp_path / "one") != cache.outside(tmp_path / "two")
