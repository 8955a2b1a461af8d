"""FILE:PIPELINE, as a person types it. Light enough for the quick path: no click, no attrs."""

from __future__ import annotations

import os


def split(text: str) -> tuple[str, str]:
    """File and pipeline; the pipeline is empty when it was left out or the whole text is a file's name."""
    file, colon, pipeline = text.rpartition(":")
    if not colon or os.path.isfile(text):  # noqa: PTH113 - pathlib costs as much as the rest of this module's work
        return text, ""
    return file, pipeline


def pipelines(file: str) -> list[str]:
    """Names of the pipelines in a file; empty when it cannot be read or is not TOML, which the planner reports."""
    import tomllib

    try:
        with open(file, "rb") as stream:  # noqa: PTH123 - as above
            document = tomllib.load(stream)
    except (OSError, ValueError, RecursionError):
        return []
    return [name for name, value in document.items() if isinstance(value, dict)]


def only_pipeline(file: str) -> str:
    """The pipeline of a file that has just one, else the empty string."""
    found = pipelines(file)
    return found[0] if len(found) == 1 else ""
