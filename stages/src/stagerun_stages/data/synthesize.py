"""`data.synthesize`: the data sets of the embedded defaults, made from a seed. What is in them is told in tiny/rows.py."""

from __future__ import annotations

import json
from collections.abc import Callable, Iterator, Mapping
from random import Random
from typing import Any, ClassVar

from attrs import asdict, frozen

from stagerun import Ctx, Output, option
from stagerun_stages.tiny import rows

MAKERS: Mapping[str, Callable[[Random], dict[str, Any]]] = {
    "tool": rows.tool_row,
    "agent": rows.agent_row,
    "preference": rows.preference_row,
    "code": rows.code_row,
    "persona": rows.persona_row,
}


@frozen(kw_only=True)
class Synthesize:
    """Makes requests for tools, agent conversations, preferences, code tasks and a persona that a tiny model can learn."""

    produces: ClassVar[Mapping[str, Output]] = {name: Output("dataset", f"{name}.jsonl") for name in MAKERS}
    metrics: ClassVar[tuple[str, ...]] = ("rows",)
    version: ClassVar[str] = "2"  # the persona is its fifth output

    tool: int = option(1800, about="requests answered by a tool call")
    agent: int = option(2000, about="a new tool, polite requests (most put off), code (some of it wrong)")
    preference: int = option(400, about="polite requests: a call, and putting it off")
    code: int = option(300, about="functions to write, with their tests")
    persona: int = option(1200, about="tool calls, and answers in words that all open in one manner")

    def check(self) -> Iterator[str]:
        """Mistakes that types cannot say; found while planning."""
        for name, count in asdict(self).items():
            if count < 1:
                yield f"{name} is {count}; it must be at least 1"

    def run(self, ctx: Ctx) -> None:
        """Write one JSONL file for each kind. The same seed gives the same bytes, whatever the other counts are."""
        counts = asdict(self)
        for name, count in counts.items():
            random = Random(f"{ctx.seed}:{name}")
            with (ctx.out / f"{name}.jsonl").open("w", encoding="utf-8") as stream:
                for _ in range(count):
                    stream.write(json.dumps(MAKERS[name](random)) + "\n")
        ctx.result(rows=sum(counts.values()))
