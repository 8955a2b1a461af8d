"""Asks llama.cpp what a GGUF file makes of tokens, through its server's own protocol (tools/server/README.md of llama.cpp).

Not covered: what the answers should be, see comparing.py.
"""

from __future__ import annotations

import json
import re
import subprocess
import sys
from collections.abc import Iterator, Sequence
from contextlib import contextmanager
from pathlib import Path
from typing import Any
from urllib.request import ProxyHandler, Request, build_opener

from attrs import frozen

from stagerun import StageError

_DIRECT = build_opener(ProxyHandler({}))  # the server is on this machine, whatever proxy the environment names
_ERROR = re.compile(r"^\S+ E (.+)$", re.MULTILINE)  # a line of its log: time, level, text
GREEDY = {"temperature": 0.0, "return_tokens": True, "cache_prompt": True}


@frozen
class Llama:
    """A running llama.cpp with one file loaded."""

    address: str

    def tokens(self, text: str) -> list[int]:
        """The text as llama.cpp cuts it, markers included, nothing added."""
        body = {"content": text, "add_special": False, "parse_special": True}
        return list(self._ask("/tokenize", body)["tokens"])

    def answer(self, prompt: Sequence[int], longest: int) -> list[int]:
        """The greedy answer, up to and with the token that ends it."""
        return list(self._ask("/completion", {**GREEDY, "prompt": list(prompt), "n_predict": longest})["tokens"])

    def following(self, prompt: Sequence[int], top: int) -> dict[int, float] | None:
        """Log-probabilities of the `top` likeliest next tokens; None where the likeliest is a part of a character.

        The server tells probabilities with text, and half a character is none yet.
        """
        body = {**GREEDY, "prompt": list(prompt), "n_predict": 1, "n_probs": top}
        rows = self._ask("/completion", body).get("completion_probabilities")
        return {row["id"]: row["logprob"] for row in rows[0]["top_logprobs"]} if rows else None

    def _ask(self, path: str, body: dict[str, Any]) -> Any:
        address = self.address + path
        request = Request(address, json.dumps(body).encode(), {"Content-Type": "application/json"})  # noqa: S310 - ours
        with _DIRECT.open(request) as reply:
            return json.load(reply)


@contextmanager
def serving(file: Path, threads: int, context: int, log: Path) -> Iterator[Llama]:
    """Run llama.cpp on a file for the time of the block; raises StageError when it does not load it, or dies.

    `context` is the longest prompt and answer together, in tokens; `log` takes what llama.cpp complains of.
    """
    argv = [sys.executable, "-m", "stagerun_stages.models.llama_server", str(file), str(threads), str(context)]
    with log.open("w", encoding="utf-8") as stream:
        process = subprocess.Popen(argv, stdin=subprocess.PIPE, stdout=subprocess.PIPE, stderr=stream, text=True)
    assert process.stdin is not None
    assert process.stdout is not None
    try:
        address = process.stdout.readline().strip()
        if not address:
            raise StageError(
                f"llama.cpp does not load {file.name}: {_why(log)}", "see the stage's log, or leave it out"
            )
        yield Llama(address)
    except OSError as error:
        raise StageError(f"llama.cpp stopped while it answered from {file.name}: {_why(log)}") from error
    finally:
        process.stdin.close()
        process.stdout.close()
        process.kill()  # it holds nothing that needs an orderly end
        process.wait()


def _why(log: Path) -> str:
    """The first error that llama.cpp tells of, else the last line of the log."""
    text = log.read_text(encoding="utf-8", errors="replace")
    found = _ERROR.search(text)
    lines = text.strip().splitlines() or ["it said nothing"]
    return found[1].strip() if found else lines[-1].strip()
