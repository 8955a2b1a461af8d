"""Is the attention there that the backend chose for each model? Seen from what is installed; nothing is imported.

The names are transformers'; which distribution each needs is in transformers.utils.import_utils.
"""

from __future__ import annotations

from collections.abc import Iterator, Mapping

from stagerun import Checkup, Finding, Plan
from stagerun.checks.scene import heavy
from stagerun.plan.estimate import origins
from stagerun_stages.models.shapes import config_of

NEEDS: Mapping[str, str] = {
    "flash_attention_2": "flash-attn",
    "flash_attention_3": "flash-attn-3",
    "flash_attention_4": "flash-attn-4",
    "flex_attention": "triton",  # it is compiled, where it runs on a GPU
}
SINKS = frozenset({"gpt_oss"})  # models whose attention has sinks, which flash attention 2 and 3 leave out


def attention(checkup: Checkup) -> Iterator[Finding]:
    """The attention of each model that will be loaded, for training and for generating."""
    plan: Plan | None = checkup.plan
    seen: set[tuple[str, str]] = set()
    for stage in heavy(plan) if plan is not None else ():
        chosen = plan.backend_of(stage) if plan is not None else None
        config = config_of(origins(plan, stage).get("model")) if plan is not None else None
        if chosen is None or config is None:
            continue
        kind, policy = str(config.get("model_type", "")), chosen.backend.policy()
        names = {policy.attention_for(kind), policy.attention_for(kind, generating=True)}
        for name in sorted(names - {known for model, known in seen if model == kind}):
            seen.add((kind, name))
            yield judged(kind, name, policy.device)


def judged(kind: str, name: str, device: str) -> Finding:
    """The finding for a model's attention on a torch device."""
    item = f"{kind} {name}"
    if kind in SINKS and name in ("flash_attention_2", "flash_attention_3"):
        return Finding(
            "attention", item, "fail", reason="it leaves out the attention sinks of this model", fix="flex_attention"
        )
    from importlib.metadata import PackageNotFoundError, version

    needs = NEEDS.get(name, "") if device.startswith("cuda") or name.startswith("flash") else ""
    if not needs:
        return Finding("attention", item, "pass", found="part of torch")
    try:
        return Finding("attention", item, "pass", found=f"{needs} {version(needs)}")
    except PackageNotFoundError:
        return Finding("attention", item, "fail", reason=f"{needs} is not installed", fix=f"pip install {needs}")
