"""Checkpoints: whole ones are resumed, damaged ones named and passed over."""

from __future__ import annotations

from collections.abc import Iterator
from pathlib import Path
from typing import Any

import pytest

from stagerun.store.checkpoints import CheckpointFolder

Told = list[dict[str, Any]]
FILES = {"adapter.safetensors": b"weights", "optimizer.pt": b"moments", "sub/rng.pth": b"random"}


@pytest.fixture
def told() -> Told:
    return []


@pytest.fixture
def folder(tmp_path: Path, told: Told) -> CheckpointFolder:
    return CheckpointFolder(tmp_path, "abc", 2, lambda kind, **data: told.append({"kind": kind, **data}))


def save(folder: CheckpointFolder, step: int) -> Path:
    with folder.saving(step, {"epoch": 1}) as place:
        for name, data in FILES.items():
            (place / name).parent.mkdir(exist_ok=True)
            (place / name).write_bytes(data)
    return folder.root / f"step_{step:08d}"


def test_the_newest_checkpoint_is_found_and_told(folder: CheckpointFolder, told: Told) -> None:
    save(folder, 10)
    path = save(folder, 20)
    found = folder.latest()
    assert found is not None
    assert (found.step, found.path) == (20, path)
    assert told[-1]["kind"] == "checkpoint.resumed"


def test_the_last_n_are_kept(folder: CheckpointFolder) -> None:
    for step in (10, 20, 30):
        save(folder, step)
    assert sorted(path.name for path in folder.root.iterdir()) == ["step_00000020", "step_00000030"]


def damages() -> Iterator[tuple[str, str]]:
    for name in [*FILES, "state.json", "manifest.json"]:
        for how in ("deleted", "shortened", "flipped"):
            yield name, how


@pytest.mark.parametrize(("name", "how"), list(damages()))
def test_a_checkpoint_damaged_in_any_file_is_named_and_the_older_one_used(
    folder: CheckpointFolder, told: Told, name: str, how: str
) -> None:
    save(folder, 10)
    target = save(folder, 20) / name
    data = target.read_bytes()
    if how == "deleted":
        target.unlink()
    elif how == "shortened":
        target.write_bytes(data[:-1])
    else:
        target.write_bytes(data[:2] + bytes([data[2] ^ 1]) + data[3:])
    found = folder.latest()
    assert found is not None
    assert found.step == 10
    rejected = [event for event in told if event["kind"] == "checkpoint.rejected"]
    assert [Path(event["path"]).name for event in rejected] == ["step_00000020"]
    assert rejected[0]["why"]


def test_an_interrupted_save_leaves_no_checkpoint(folder: CheckpointFolder) -> None:
    save(folder, 10)
    with pytest.raises(RuntimeError), folder.saving(20) as place:
        (place / "half").write_bytes(b"x")
        raise RuntimeError
    found = folder.latest()
    assert found is not None
    assert found.step == 10


def test_a_checkpoint_made_with_other_options_is_not_resumed(folder: CheckpointFolder, told: Told) -> None:
    save(folder, 10)
    other = CheckpointFolder(folder.root, "xyz", 2, folder.tell)
    assert other.latest() is None
    assert told[-1]["why"] == "it was made with other options or inputs"


def test_saving_the_same_step_again_replaces_it(folder: CheckpointFolder) -> None:
    save(folder, 10)
    path = save(folder, 10)
    assert path.is_dir()
    assert folder.latest() is not None


def test_with_every_checkpoint_damaged_training_starts_anew(folder: CheckpointFolder, told: Told) -> None:
    (save(folder, 10) / "optimizer.pt").unlink()
    assert folder.latest() is None
    assert folder.resumed == 0
