"""The token for the Hugging Face hub. It is read from the environment, handed on in the environment, and never shown."""

from __future__ import annotations

import os

from stagerun import Ctx

NAMES = ("HF_TOKEN", "RUNPOD_SECRET_HF_TOKEN")  # RunPod gives a pod its secrets as RUNPOD_SECRET_name


def find_token() -> str | None:
    """The user's token, also from where `hf auth login` leaves it; a RunPod secret is put where the libraries look."""
    for name in NAMES:
        if token := os.environ.get(name, "").strip():
            os.environ["HF_TOKEN"] = token
            return token
    from huggingface_hub import get_token

    return get_token()


def log_in(ctx: Ctx) -> None:
    """Find the token where an input comes from the hub; warns when there is none."""
    given = [*ctx.inputs.values(), *(one for row in ctx.many.values() for one in row)]
    distant = sorted({base.source for one in given if (base := one.base or one).path is None})
    if distant and find_token() is None:
        ctx.warn(
            f"{', '.join(distant)} comes from the hub and there is no token: what is gated or private will be refused, "
            f"and the rest is slower; set {NAMES[0]}"
        )
