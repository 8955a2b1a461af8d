"""commitpackft: commits of permissively licensed repositories whose message reads like a request."""

from __future__ import annotations

import re
from collections.abc import Mapping
from typing import Any

from stagerun import DropRow, Part, source
from stagerun_stages.sources.edits import edit
from stagerun_stages.sources.talk import text_of

Row = dict[str, Any]

LANGUAGES = ("python", "javascript", "go", "rust", "java", "typescript")
_TRAILER = re.compile(r"(?:[A-Z][a-z]+(?:-[A-Za-z]+)+|git-svn-id): \S.*")


def _language(row: Mapping[str, Any], part: str = "") -> str:
    language = row.get("lang")
    return language.lower() if isinstance(language, str) else part


@source(
    hub="bigcode/commitpackft",
    parts=tuple(Part(config=name, file=f"data/{name}/data.jsonl") for name in LANGUAGES),
    limit=5000,
    group=_language,
    licence="mit",
)
def commitpackft(row: Row) -> Row:
    """Commits of one file in six languages: the message, and the file before and after."""
    language = _language(row)
    if language and language not in LANGUAGES:
        raise DropRow("a language that is not among the six")
    name = row.get("new_file") or row.get("old_file") or ""
    message = without_trailers(text_of(row, "message", "subject"))
    return edit(message, row.get("old_contents"), row.get("new_contents"), name if isinstance(name, str) else "")


def without_trailers(message: str) -> str:
    """The message without lines such as `Signed-off-by: A <a@b.c>` at its end; raises DropRow when nothing else is in it."""
    lines = message.strip().splitlines()
    while lines and (not lines[-1].strip() or _TRAILER.fullmatch(lines[-1].strip())):
        lines.pop()
    if not lines:
        raise DropRow("empty message")
    return "\n".join(lines)
