"""Rows from the hub, streamed. Whether they can be had is asked before anything is read, and answered in one sentence.

The revision that the hub names is the one that is read, so that a data set that changes meanwhile does not come in two halves,
and the report says which one it was.
"""

from __future__ import annotations

from collections.abc import Iterator
from typing import Any

from attrs import frozen

from stagerun import DataSource, Part, StageError
from stagerun_stages.data.reading import Found
from stagerun_stages.data.tables import without_nulls
from stagerun_stages.models.hub import NAMES, find_token
from stagerun_stages.models.licences import licence_of

WAIT = 20.0  # seconds for the hub's answer
AHEAD = 10_000  # rows that a shuffled stream draws from


@frozen
class Remote:
    """A data set on the hub that answered: `name` is the source's, `revision` the commit to read, `licence` its card's."""

    name: str
    source: DataSource
    revision: str
    token: str | None = None
    licence: str = ""

    def rows(self, part: Part, seed: int, limit: int) -> Iterator[Found]:
        """The rows of a part; in an order that `seed` decides when only some are taken. Raises StageError."""
        shown = part.file or "/".join(filter(None, (part.config, part.split)))
        group = part.config or part.split
        try:
            data = self._stream(part)
            if limit:
                data = data.shuffle(seed=seed, buffer_size=min(AHEAD, 20 * limit))
            for number, row in enumerate(data, 1):
                yield Found(f"{self.source.hub}/{shown}#{number}", without_nulls(row), part=group)
        except Exception as error:  # the libraries below raise a dozen kinds
            raise StageError(
                f"{shown} of {self.source.hub} on the hub cannot be read: {_line(error)}", _instead(self.name)
            ) from error

    def _stream(self, part: Part) -> Any:
        from datasets import load_dataset

        given: dict[str, Any] = {"streaming": True, "token": self.token}
        if part.file:
            place = f"hf://datasets/{self.source.hub}@{self.revision}/{part.file}"
            return load_dataset("json", data_files=place, split="train", **given)
        return load_dataset(self.source.hub, part.config, split=part.split, revision=self.revision or None, **given)


def ask(name: str, source: DataSource, revision: str = "") -> Remote:
    """Ask the hub for the data set of a source; raises StageError that says what is in the way and what to do."""
    from huggingface_hub import HfApi

    if not source.hub:
        raise StageError(f'the source "{name}" has no place on the hub', f'say {{ name = "{name}", path = "..." }}')
    token = find_token()
    try:
        info = HfApi().dataset_info(source.hub, revision=revision or None, token=token or False, timeout=WAIT)
    except Exception as error:
        raise StageError(
            f'the source "{name}" is {source.hub} on the hub, {_why(error, source, token)}', _instead(name)
        ) from error
    return Remote(name, source, str(info.sha or revision), token, licence_of(info.card_data))


def _why(error: Exception, source: DataSource, token: str | None) -> str:
    from huggingface_hub import errors

    if isinstance(error, errors.OfflineModeIsEnabled):
        return "and this machine is to stay offline (HF_HUB_OFFLINE)"
    if isinstance(error, errors.GatedRepoError) or (source.gated and not token):
        asked = "this token has not been granted it" if token else f"{' and '.join(NAMES)} are not set"
        return f"which asks for a token with access to it, and {asked}"
    if isinstance(error, errors.RevisionNotFoundError):
        return "which has no such revision"
    if isinstance(error, errors.RepositoryNotFoundError):
        return "which is not there: it was moved, renamed or made private"
    return f"which cannot be reached: {_line(error)}"


def _instead(name: str) -> str:
    return f'mend that, or take rows from a file: {{ name = "{name}", path = "..." }}'


def _line(error: Exception) -> str:
    return (str(error) or type(error).__name__).splitlines()[0]
