"""One stage's section of the page: what it took, what was changed, how it went, how it was judged."""

from __future__ import annotations

from collections.abc import Iterable, Mapping, Sequence
from typing import Any

from stagerun.record import StageRecord
from stagerun.record.timing import compared
from stagerun.record.words import STATES, number, seconds, size
from stagerun.report.curves import curves
from stagerun.report.facts import Facts
from stagerun.report.markup import Content, Html, join, tag
from stagerun.report.tables import badge, facts, folded, gate_row, numbers, shown, table


def stage_part(stage: StageRecord, files: Facts, changes: Sequence[Sequence[Any]]) -> Html:
    """The section; parts about which nothing is known are left out, and all of it when nothing is."""
    component = files.described.get("component") or {}
    title = [stage.name, tag("small", component.get("name") or "")]
    state = badge(STATES.get(stage.status, stage.status), stage.status)
    body = _body(stage, files, changes)
    return tag("section", tag("h3", title, state), body, id=f"stage-{stage.name}") if body else Html()


def _body(stage: StageRecord, files: Facts, changes: Sequence[Sequence[Any]]) -> Html:
    described = files.described
    parts: list[Content] = [
        tag("p", stage.reason, class_="reason") if stage.reason and stage.status != "up-to-date" else None,
        numbers(stage.metrics),
        curves(stage, files.rows),
        facts(
            [
                ("ran because", stage.cause),
                ("inputs", _inputs(stage, described.get("inputs") or {})),
                ("outputs", _outputs(stage.outputs)),
                ("changed", _changes(stage.name, changes)),
                ("took", _time(stage)),
                ("estimated", compared(stage.timing) if stage.timing.get("took") else None),
                ("ran on", _place(described)),
            ]
        ),
        table(("gate", "", "evidence"), [gate_row(gate) for gate in stage.gates.values()]),
        table(("proof", "", "evidence"), [_proof(proof) for proof in stage.proofs]),
        [tag("p", text, class_="warning") for text in stage.warnings],
        folded("Options", _options(described.get("options") or {})),
        folded("Versions and fingerprint", _versions(stage, described)),
    ]
    return join(parts)


def _time(stage: StageRecord) -> str:
    took = seconds(stage.seconds) if stage.seconds else ""
    again = f"{stage.attempts} attempts" if stage.attempts > 1 else ""
    step = f"step {stage.step}" if stage.step is not None and stage.status != "done" else ""
    return ", ".join(part for part in (took, again, step) if part)


def _inputs(stage: StageRecord, digests: Mapping[str, Any]) -> list[Content]:
    rows: list[Content] = []
    for need, source in stage.inputs.items():
        given = digests.get(need)
        digest = str(given.get("digest", "")) if isinstance(given, Mapping) else ""
        rows.append(
            tag(
                "div",
                f"{need}: {' and '.join(source) if isinstance(source, list) else shown(source)} ",
                tag("code", _short(digest)) if digest else None,
            )
        )
    return rows


def _outputs(outputs: Mapping[str, Any]) -> list[Content]:
    return [
        tag(
            "div",
            f"{name}: {made.get('kind', '')} {made.get('path', '')}, {size(float(made.get('bytes') or 0))} ",
            tag("code", _short(str(made.get("digest", "")))),
        )
        for name, made in outputs.items()
        if isinstance(made, Mapping)
    ]


def _short(digest: str) -> str:
    """Enough of a digest to tell two apart."""
    return digest if len(digest) <= 24 else f"{digest[:19]}..."


def _changes(name: str, changes: Iterable[Sequence[Any]]) -> list[Content]:
    below = f"stages.{name}."
    return [
        tag("div", f"{str(place).removeprefix(below)} {_was(old)} \u2192 {shown(new)} ", tag("small", f"by {by}"))
        for place, old, new, by in changes
        if str(place).startswith(below)
    ]


def _was(old: Any) -> str:
    return "unset" if old is None else shown(old)


def _place(described: Mapping[str, Any]) -> str:
    backend, device, host = (described.get(key) for key in ("backend", "device", "host"))
    return ", ".join(str(part) for part in (backend, device, host) if part)


def _proof(proof: Mapping[str, Any]) -> list[Content]:
    holds = bool(proof.get("passed"))
    evidence = ", ".join(f"{key} {number(value)}" for key, value in (proof.get("evidence") or {}).items())
    return [
        badge("holds" if holds else "failed", "passed" if holds else "failed"),
        str(proof.get("name", "")),
        evidence,
    ]


def _options(options: Mapping[str, Any]) -> Html:
    return table(("option", "value"), [(tag("code", place), shown(value)) for place, value in _leaves(options)])


def _leaves(options: Mapping[str, Any], below: str = "") -> Iterable[tuple[str, Any]]:
    for name, value in options.items():
        if isinstance(value, Mapping) and value:
            yield from _leaves(value, f"{below}{name}.")
        else:
            yield f"{below}{name}", value


def _versions(stage: StageRecord, described: Mapping[str, Any]) -> Html:
    component, dist = described.get("component") or {}, described.get("distribution") or {}
    libraries = described.get("libraries") or {}
    named = f"{component.get('entry', '')}, version {component.get('version', '')}" if component else ""
    return facts(
        [
            ("component", named),
            ("distribution", f"{dist.get('name', '')} {dist.get('version', '')}".strip()),
            ("libraries", ", ".join(f"{name} {version}" for name, version in libraries.items())),
            ("git commit", str(described.get("git") or "")),
            ("seed", str(described.get("seed", ""))),
            ("fingerprint", tag("code", stage.fingerprint) if stage.fingerprint else None),
        ]
    )
