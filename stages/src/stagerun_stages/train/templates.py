"""Chat templates by name: those that TRL ships, or a file; and whether a tokenizer knows the markers that a template writes."""

from __future__ import annotations

import re
from collections.abc import Iterable, Iterator
from importlib.util import find_spec
from pathlib import Path
from typing import TYPE_CHECKING, Any

from stagerun import StageError
from stagerun.errors import nearest
from stagerun_stages.train.dialect import BadConversation

if TYPE_CHECKING:
    from stagerun_stages.train.chat import Chat

Row = dict[str, Any]

ENDING = ".jinja"
_MARKER = re.compile(r"<\|[^|<>\s]+\|>")
_LAST = "zebu"  # what the trial conversation ends with


def names() -> list[str]:
    """The templates that TRL ships, without loading it; none without TRL. Their marked twins are found by themselves."""
    found = find_spec("trl")
    folders = found.submodule_search_locations if found is not None else None
    files = [file for folder in folders or () for file in (Path(folder) / "chat_templates").glob(f"*{ENDING}")]
    return sorted(file.stem for file in files if not file.stem.endswith("_training"))


def complaints(name: str) -> Iterator[str]:
    """What is wrong with the name of a template, while planning; nothing when it cannot be known here."""
    known = names() if name and not name.endswith(ENDING) else []
    if known and name not in known:
        hint = nearest(name, known) or f"expected one of {', '.join(known)}, or a {ENDING} file"
        yield f'chat_template is "{name}", which TRL does not ship; {hint}'


def named(name: str) -> str:
    """The text of a template; raises StageError when there is no such file."""
    if name.endswith(ENDING):
        file = Path(name).expanduser()
    else:
        import trl

        file = Path(str(trl.__file__)).parent / "chat_templates" / f"{name}{ENDING}"
    try:
        return file.read_text(encoding="utf-8")
    except (OSError, UnicodeDecodeError) as error:
        raise StageError(f"the chat template {name} cannot be read: {error}", "name another one") from error


def check_markers(chat: Chat) -> None:
    """Every marker is one token, or none is, and the one that ends an answer always is; raises StageError.

    With a tokenizer that cuts some of them to pieces a model would never stop, or read its own turns wrongly.
    """
    text = _trial(chat)
    markers = list(dict.fromkeys(_MARKER.findall(text)))
    broken = [marker for marker in markers if len(chat.ids(marker)) != 1]
    last = _MARKER.search(text.rpartition(_LAST)[2])
    if not broken or (len(broken) == len(markers) and (last is None or last[0] not in broken)):
        return
    raise StageError(
        f"the tokenizer has no token for {', '.join(broken)}, which the chat template writes",
        "take a model whose tokenizer has them, or another chat_template",
    )


def _trial(chat: Chat) -> str:
    """A conversation with a call, where the template has a form for it; empty when it refuses even a plain one."""
    asked: Row = {"role": "user", "content": "?"}
    call: Row = {"name": "f", "arguments": {}}
    called: list[Row] = [
        {"role": "assistant", "content": "", "tool_calls": [{"id": "call00000", "type": "function", "function": call}]},
        {"role": "tool", "content": "!", "tool_call_id": "call00000", "name": "f"},
    ]
    answer: Row = {"role": "assistant", "content": _LAST}
    return _first_that_works(chat, [[asked, *called, answer], [asked, answer]])


def _first_that_works(chat: Chat, conversations: Iterable[list[Row]]) -> str:
    for messages in conversations:
        try:
            return chat.text(messages)
        except BadConversation:
            continue
    return ""
