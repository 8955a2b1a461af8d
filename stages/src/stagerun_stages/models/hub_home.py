"""Where the hub's libraries keep things on this machine, read without importing them: cache, token, and whether to stay offline.

After huggingface_hub.constants, whose environment variables these are. The token itself is never read further than to see that
it is there.
"""

from __future__ import annotations

import os
from collections.abc import Mapping
from pathlib import Path

TRUE = frozenset({"1", "ON", "YES", "TRUE"})
TOKENS = ("HF_TOKEN", "RUNPOD_SECRET_HF_TOKEN", "HUGGING_FACE_HUB_TOKEN")  # what models/hub.py and the library look at


def home(environ: Mapping[str, str] = os.environ) -> Path:
    """The folder of everything."""
    base = Path(environ.get("XDG_CACHE_HOME") or Path.home() / ".cache")
    return Path(os.path.expandvars(environ.get("HF_HOME") or base / "huggingface")).expanduser()


def cache(environ: Mapping[str, str] = os.environ) -> Path:
    """The folder of what was downloaded."""
    own = environ.get("HF_HUB_CACHE") or environ.get("HUGGINGFACE_HUB_CACHE")
    return Path(os.path.expandvars(own)).expanduser() if own else home(environ) / "hub"


def token_place(environ: Mapping[str, str] = os.environ) -> str:
    """Where a token is: the name of a variable, or the stored login; empty when there is none."""
    for name in TOKENS:
        if environ.get(name, "").strip():
            return name
    stored = Path(environ.get("HF_TOKEN_PATH") or home(environ) / "token").expanduser()
    try:
        return "the stored login" if stored.read_text(encoding="utf-8").strip() else ""
    except OSError:
        return ""


def offline(environ: Mapping[str, str] = os.environ) -> str:
    """The variable that says this machine is to stay offline; empty when none does."""
    names = ("HF_HUB_OFFLINE", "TRANSFORMERS_OFFLINE")
    return next((name for name in names if environ.get(name, "").upper() in TRUE), "")


def cached(model: str, environ: Mapping[str, str] = os.environ) -> int:
    """Bytes of a model's weights in the cache, `org/name` or `org/name@revision`; 0 when there is no whole download.

    The library links a file into its snapshot when it is whole; what is not yet is named `.incomplete` beside the blobs.
    """
    name, _, revision = model.partition("@")
    folder = cache(environ) / f"models--{name.replace('/', '--')}"
    if any(folder.glob("blobs/*.incomplete")):
        return 0
    named = folder / "refs" / (revision or "main")
    commit = named.read_text(encoding="utf-8").strip() if named.is_file() else revision
    return sum(
        file.stat().st_size for file in (folder / "snapshots" / (commit or "-")).rglob("*.safetensors") if file.exists()
    )
