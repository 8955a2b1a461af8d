"""code-act: an assistant that writes code between `<execute>` tags; what the code printed comes back as a turn of the user."""

from __future__ import annotations

from collections.abc import Mapping
from typing import Any

from stagerun import Part, source
from stagerun_stages.sources.talk import says, turns_of

Row = dict[str, Any]


def _by_split(row: Mapping[str, Any], part: str) -> str:  # noqa: ARG001 - the contract of a group
    return part


@source(
    hub="xingyaoww/code-act",
    parts=(Part(split="codeact"), Part(split="general")),
    group=_by_split,
    licence="apache-2.0",
)
def code_act(row: Row) -> Row:
    """Tasks solved by running code, and plain conversations; the tags stay, since the system turn asks for them."""
    return {"messages": [says(role, text) for role, text in turns_of(row)]}
