"""What is wrong with a candidate can be seen before anything runs: nothing in it, no text, names that climb out, a bad patch."""

from __future__ import annotations

from collections.abc import Mapping
from pathlib import PurePosixPath

import attrs

from stagerun.contracts import Candidate
from stagerun.tasks.patch import BadPatch, apply
from stagerun_evaluators.judge.work import Refusal

LARGEST = 1 << 20  # characters of one file
MOST = 1000  # files


def admitted(candidate: Candidate) -> Candidate | Refusal:
    """The candidate with its patch applied to the task's repository, or why it is refused."""
    refusal = _refusal(candidate)
    if refusal is not None:
        return refusal
    try:
        start = apply(candidate.task.repo, candidate.patch) if candidate.patch.strip() else dict(candidate.task.repo)
    except BadPatch as error:
        return Refusal("failed", f"the patch does not apply: {error}")
    files = {str(PurePosixPath(name)): text for name, text in {**start, **candidate.files}.items()}  # "./a//b" is "a/b"
    if len(files) > MOST:
        return Refusal("failed", f"{len(files)} files; at most {MOST} are judged")
    if clash := _clash(files):
        return Refusal("failed", f"{clash!r} is both a file and a folder")
    return attrs.evolve(candidate, files=files, patch="")


def _refusal(candidate: Candidate) -> Refusal | None:
    if not (candidate.code.strip() or candidate.files or candidate.patch.strip()):
        return Refusal("failed", "the candidate is empty")
    if astray := [name for name in candidate.files if not stays_inside(name)]:
        return Refusal("tampered", f"a file outside the candidate's folder: {astray[0]!r}")
    texts = {**candidate.files, "the code": candidate.code, "the patch": candidate.patch}
    wrong = next((f"{name}: {why}" for name, text in texts.items() if (why := unfit(text))), "")
    return Refusal("failed", wrong) if wrong else None


def unfit(text: str) -> str:
    """Why a text is not one that tools can read; empty when it is."""
    if "\0" in text:
        return "binary, not text"
    if len(text) > LARGEST:
        return f"{len(text)} characters; at most {LARGEST} are judged"
    try:
        text.encode()
    except UnicodeEncodeError:
        return "not valid Unicode"
    return ""


def stays_inside(name: str) -> bool:
    """Whether a relative path names a file below the candidate's folder and nothing else."""
    path = PurePosixPath(name)
    parts_fit = all(part != ".." and len(part.encode("utf-8", "replace")) < 255 for part in path.parts)
    plain = not name.endswith("/") and "\0" not in name and "\n" not in name
    return bool(path.parts) and not path.is_absolute() and parts_fit and plain and len(name) < 1000


def _clash(files: Mapping[str, str]) -> str:
    folders = {str(parent) for name in files for parent in PurePosixPath(name).parents}
    return next((name for name in files if str(PurePosixPath(name)) in folders), "")
