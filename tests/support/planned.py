"""A stage `train.sft` on a base and rows that are only there to be planned with."""

from __future__ import annotations

from workshop import Workshop


def refusal(shop: Workshop, lines: str) -> str:
    """What the plan says to these lines of the stage, the first of which is the file's fifth; it must end with 64."""
    (shop.root / "rows.jsonl").write_text('{"messages": []}\n', encoding="utf-8")
    (shop.root / "base").mkdir()
    (shop.root / "base" / "config.json").write_text('{"model_type": "llama"}', encoding="utf-8")
    needs = 'needs = { model = "./base", train = "./rows.jsonl" }'
    shop.write(f'\n[stages.sft]\nuses = "train.sft"\n{needs}\n{lines}\n')
    done = shop.command("plan", "p.toml:demo")
    assert done.returncode == 64
    return done.stderr + done.stdout
