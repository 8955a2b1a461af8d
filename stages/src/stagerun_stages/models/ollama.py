"""Writes an Ollama Modelfile: which file, which template, where answers end.

Ollama's templates are Go's, a model's is Jinja. Newer versions also read the Jinja template inside the GGUF; the Modelfile serves
the others, and says for all of them where an answer ends. For the template of GPT-OSS there is a Go twin with tools
(harmony.gotmpl). For any other, the texts between messages are read off conversations that the model's own template renders;
what comes of it is checked on further conversations, and left out where it is not the same. Not covered there: tools.
"""

from __future__ import annotations

from collections.abc import Callable, Mapping, Sequence
from hashlib import sha256
from pathlib import Path
from typing import Any

from attrs import astuple, evolve, frozen

from stagerun_stages.models.asking import default_template
from stagerun_stages.train.chat import pin_date

Render = Callable[..., str]  # messages, tools -> text
HARMONY = Path(__file__).with_name("harmony.gotmpl")
HARMONY_RENDERS = "2ac5c7b03c"  # begins the sha256 of what GPT-OSS's template makes of PROBE with PROBE_TOOLS
DAY = "2025-08-01"
SYSTEM, FIRST, ANSWER, SECOND = "sYsTeM", "uSeR-oNe", "aNsWeR", "uSeR-tWo"
PROBE = (
    {"role": "system", "content": SYSTEM},
    {"role": "user", "content": FIRST},
    {
        "role": "assistant",
        "thinking": "tHiNk",
        "content": "",
        "tool_calls": [{"type": "function", "function": {"name": "look", "arguments": {"at": "it"}}}],
    },
    {"role": "tool", "name": "look", "content": "sEeN"},
)
PROBE_TOOLS = (
    {
        "type": "function",
        "function": {
            "name": "look",
            "description": "Looks.",
            "parameters": {
                "type": "object",
                "properties": {"at": {"type": "string", "description": "What."}, "far": {"type": "boolean"}},
                "required": ["at"],
            },
        },
    },
)


@frozen
class Pieces:
    """The texts between what is said, in a conversation that a user begins and in which user and assistant take turns.

    `opening` stands before the first user without a system message; `before` and `after` stand around one.
    """

    opening: str
    before: str
    after: str
    to_assistant: str
    to_user: str
    asking: str

    def text(self, messages: Sequence[Mapping[str, str]]) -> str:
        """The conversation, up to where the assistant begins to answer."""
        system = next((row["content"] for row in messages if row["role"] == "system"), "")
        parts = [self.before + system + self.after if system else self.opening]
        for row in messages:
            if row["role"] == "user":
                parts.append(row["content"])
            elif row["role"] == "assistant":
                parts.append(self.to_assistant + row["content"] + self.to_user)
        return "".join(parts) + self.asking

    def go(self) -> str:
        """The same as a Go template of Ollama's."""
        return (
            f"{{{{ if .System }}}}{self.before}{{{{ .System }}}}{self.after}{{{{ else }}}}{self.opening}{{{{ end }}}}"
            '{{ range .Messages }}{{ if eq .Role "user" }}{{ .Content }}{{ else if eq .Role "assistant" }}'
            f"{self.to_assistant}{{{{ .Content }}}}{self.to_user}{{{{ end }}}}{{{{ end }}}}{self.asking}"
        )


def go_template(tokenizer: Any) -> str | None:
    """The tokenizer's chat template in Go, None where there is none that renders the same."""
    template = default_template(tokenizer)
    render = renderer(tokenizer)
    if _is_harmony(render):
        return HARMONY.read_text(encoding="utf-8").strip("\n")
    pieces = find_pieces(render)
    if pieces is None:
        return None
    written = _without_bos(pieces, tokenizer).go()
    if '"""' in written or "{{" in "".join(astuple(pieces)):
        return None
    return written.replace(DAY, "{{ currentDate }}") if "strftime_now" in template else written


def renderer(tokenizer: Any) -> Render:
    """The tokenizer's own template, on DAY, up to where the assistant begins to answer; raises what the template does."""
    template = pin_date(default_template(tokenizer), DAY)

    def render(messages: Sequence[Mapping[str, Any]], tools: Sequence[Mapping[str, Any]] | None = None) -> str:
        given = {"chat_template": template, "tools": list(tools) if tools else None}
        return str(tokenizer.apply_chat_template(list(messages), tokenize=False, add_generation_prompt=True, **given))

    return render


def find_pieces(render: Render) -> Pieces | None:
    """The texts around messages; None when the template is not made of such (it may look at what was said)."""
    try:
        with_system, without = _between(render, system=True), _between(render, system=False)
    except Exception:  # templates raise whatever their authors wrote, for a system message or two users in a row
        return None
    before, after, to_assistant, to_user, asking = with_system
    opening, *rest = without
    pieces = Pieces(opening, before, after, to_assistant, to_user, asking)
    same = rest == [to_assistant, to_user, asking] and all(pieces.text(row) == render(row) for row in _trials())
    return pieces if same else None


def stop_texts(tokenizer: Any, stop_ids: Sequence[int]) -> list[str]:
    """The tokens that end an answer, as text."""
    return [str(tokenizer.convert_ids_to_tokens(token)) for token in stop_ids]


def modelfile(name: str, files: Sequence[str], template: str | None, stops: Sequence[str]) -> str:
    """The Modelfile. `files` are GGUF files beside it; the first is served, the others are named."""
    first, *others = files
    lines = [f"# {name}, for Ollama: ollama create {name.lower()} -f Modelfile", f"FROM ./{first}"]
    lines += [f"# FROM ./{other}" for other in others]
    if "<|return|>" in stops:
        lines.append(
            "# <|end|> ends a message, not an answer: reasoning comes in a message of its own, before the reply."
        )
    lines += [f'PARAMETER stop "{stop}"' for stop in stops]
    if template is None:
        lines.append("# The chat template is the one inside the GGUF; it has no twin in Go's template language.")
    else:
        lines.append(f'TEMPLATE """{template}"""')
    return "\n".join(lines) + "\n"


def _is_harmony(render: Render) -> bool:
    try:
        return sha256(render(PROBE, PROBE_TOOLS).encode()).hexdigest().startswith(HARMONY_RENDERS)
    except Exception:  # a template that knows no tools may raise anything
        return False


def _without_bos(pieces: Pieces, tokenizer: Any) -> Pieces:
    """Without the token that begins every text, where it is added by whoever makes tokens of it."""
    if tokenizer.bos_token is None or tokenizer("")["input_ids"][:1] != [tokenizer.bos_token_id]:
        return pieces
    opening, before = (text.removeprefix(tokenizer.bos_token) for text in (pieces.opening, pieces.before))
    return evolve(pieces, opening=opening, before=before)


def _between(render: Render, *, system: bool) -> list[str]:
    """What stands before, between and after the contents of a conversation; raises ValueError when one is not there once."""
    contents = [SYSTEM, FIRST, ANSWER, SECOND][0 if system else 1 :]
    roles = ["system", "user", "assistant", "user"][-len(contents) :]
    messages = [{"role": role, "content": content} for role, content in zip(roles, contents, strict=True)]
    rest, parts = render(messages), []
    for content in contents:
        part, rest = rest.split(content)
        parts.append(part)
    return [*parts, rest]


def _trials() -> list[list[dict[str, str]]]:
    """Conversations that the pieces were not read from."""
    said = [("user", "a?"), ("assistant", "b."), ("user", "c d"), ("assistant", "e"), ("user", "f\ng")]
    long = [{"role": role, "content": content} for role, content in said]
    return [long[:1], long, [{"role": "system", "content": "be\nbrief"}, *long[:3]]]
