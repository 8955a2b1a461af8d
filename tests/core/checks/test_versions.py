"""Versions and ranges, as Python packages write them."""

from __future__ import annotations

from pathlib import Path

import pytest

from stagerun.checks.versions import canonical, installed, meets, release, requirements


@pytest.mark.parametrize(
    ("version", "wanted", "met"),
    [
        ("2.15.0", ">=2.13", True),
        ("2.15.0+cu130", ">=2.13", True),
        ("2.9.1", ">=2.13", False),
        ("5.23.0", ">=5.23,<6", True),
        ("6.0", ">=5.23,<6", False),
        ("1.17", ">=1.16,<1.17", False),
        ("0.1.0", "==0.1", True),
        ("0.1.5", "==0.1.*", True),
        ("0.2.0", "==0.1.*", False),
        ("0.1.5", "!=0.1.*", False),
        ("1.4.9", "~=1.4", True),
        ("2.0", "~=1.4", False),
        ("3", "<=3.0.0", True),
        ("3.1", ">3", True),
        ("3", "", True),
        ("unknown", ">=1", None),
        ("1", "sometime", None),
    ],
)
def test_a_version_meets_a_range_does_not_or_cannot_be_judged(version: str, wanted: str, met: bool | None) -> None:
    assert meets(version, wanted) is met


def test_the_numbers_of_a_version_are_what_counts() -> None:
    assert release("v2.15.0rc1") == (2, 15, 0)
    assert release("today") is None


def test_what_a_distribution_always_needs_is_read_from_its_metadata(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    place = tmp_path / "somewhere-1.0.dist-info"
    place.mkdir()
    lines = ["Name: somewhere", "Version: 1.0", "Requires-Dist: attrs>=25", "Requires-Dist: Click[x] (<9,>=8.1)"]
    lines += ["Requires-Dist: rich", 'Requires-Dist: mlx>=1; sys_platform == "darwin"']
    (place / "METADATA").write_text("Metadata-Version: 2.1\n" + "\n".join(lines) + "\n")
    monkeypatch.syspath_prepend(tmp_path)
    assert list(requirements("somewhere")) == [("attrs", ">=25"), ("Click", "<9,>=8.1"), ("rich", "")]
    assert installed("somewhere") == "1.0"


def test_what_is_not_installed_has_no_version_and_needs_nothing() -> None:
    assert installed("no-such-thing-at-all") is None
    assert list(requirements("no-such-thing-at-all")) == []


def test_names_are_compared_as_indexes_do() -> None:
    assert canonical("Huggingface_Hub") == canonical("huggingface.hub") == "huggingface-hub"
