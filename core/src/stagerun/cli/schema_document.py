"""A JSON schema of the pipeline file as the installed plugins make it, for editors to complete and check.

Not covered: what only a whole pipeline can say (cycles, kinds of artifacts), and names that a hook answers for; the plan
checks those.
"""

from __future__ import annotations

from collections.abc import Callable, Mapping
from typing import Any, TypeVar

from stagerun.cli.schema_types import PARAMETER, Schema, of, options_of
from stagerun.contracts.stage import StageTraits, describe
from stagerun.plan.hints import UnreadableHint
from stagerun.registry import NotFound, Registry
from stagerun.spec.keys import TIERS

DRAFT = "http://json-schema.org/draft-07/schema#"
NAMES = {"propertyNames": {"pattern": "^[A-Za-z0-9_-]{1,100}$"}}
TEXT: Schema = {"type": "string"}
TEXTS: Schema = {"type": "array", "items": {"type": "string", "minLength": 1}}
COUNT: Schema = {"anyOf": [{"type": "integer", "minimum": 0}, PARAMETER]}
POSITIVE: Schema = {"anyOf": [{"type": "integer", "minimum": 1}, PARAMETER]}
PRICE: Schema = {"anyOf": [{"type": "number", "exclusiveMinimum": 0}, PARAMETER]}
COUNTS: Schema = {"type": "object", "additionalProperties": COUNT}
REFERENCE: Schema = {"anyOf": [{"type": "string", "minLength": 1}, {**TEXTS, "minItems": 1}]}

Complain = Callable[[str], None]
Made = TypeVar("Made")


def document(registry: Registry, warn: Complain) -> Schema:
    """The whole schema; a plugin that cannot be loaded or read is told to `warn` and left out."""
    stages = _known(registry, "stages", _stage_parts, warn)
    gates = _known(registry, "gates", options_of, warn)
    pipeline = _pipeline(registry.names("backends"), registry.names("judges"))
    overlay = {
        **pipeline,
        "properties": {
            **pipeline["properties"],
            "stages": _named("overlaid_stage"),
            "when": _when(registry.names("backends")),
        },
    }
    full = {"profiles": _named("profile"), "stages": _named("stage")}
    return {
        "$schema": DRAFT,
        "title": "stagerun pipelines",
        "type": "object",
        "additionalProperties": {"$ref": "#/definitions/pipeline"},
        "definitions": {
            "pipeline": {**pipeline, "properties": {**pipeline["properties"], **full}, "required": ["stages"]},
            "profile": overlay,
            "stage": {**_stage(registry, stages), "required": ["uses"]},
            "overlaid_stage": _stage(registry, stages),
            "gate": _gate(gates),
            **{_definition(name): _own(traits, options) for name, (traits, options) in stages.items()},
        },
    }


def _known(registry: Registry, kind: str, make: Callable[[Any], Made], warn: Complain) -> dict[str, Made]:
    found = {}
    for name in registry.names(kind):
        try:
            found[name] = make(registry.find(kind, name).value)
        except NotFound as error:
            warn(str(error))
        except (TypeError, UnreadableHint) as error:
            warn(f'{kind[:-1]} "{name}" is left out: {error}')
    return found


def _stage_parts(cls: Any) -> tuple[StageTraits, Schema]:
    return describe(cls), options_of(cls)


def _pipeline(backends: list[str], judges: list[str]) -> Schema:
    """What a pipeline and a profile have in common; the keys of `spec.keys.PIPELINE`."""
    environment = {
        "type": "object",
        "properties": {"python": TEXT, "requirements": TEXTS},
        "additionalProperties": False,
        "oneOf": [{"required": ["python"]}, {"required": ["requirements"]}],
    }
    properties: Schema = {
        "about": {**TEXT, "description": "one line for people"},
        "params": {"type": "object", "description": "values for ${params.NAME}"},
        "backend": _backend(backends),
        "seed": {**COUNT, "default": 0},
        "retries": {**COUNT, "default": 2, "description": "attempts after the first while no progress is made"},
        "keep_checkpoints": {**POSITIVE, "default": 2},
        "run_dir": {**TEXT, "description": "relative to this file's folder; runs/NAME unless said otherwise"},
        "resources": {**COUNTS, "description": "what the machine offers: cpu, accelerator, names of your own"},
        "environments": {"type": "object", "additionalProperties": environment, **NAMES},
        "judge": _judge(judges),
        "price_per_hour": {**PRICE, "description": "what the machine costs, in whatever money; shown with the time"},
    }
    return {"type": "object", "properties": properties, "additionalProperties": False}


def _judge(names: list[str]) -> Schema:
    """What judges model-written code; the keys of `spec.keys.JUDGE`."""
    flag = {"anyOf": [{"type": "boolean"}, PARAMETER]}
    properties: Schema = {
        "uses": {"anyOf": [{"enum": names}, PARAMETER], "default": "local"},
        "workers": {**POSITIVE, "description": "candidates judged side by side; as many as there are cores"},
        "sandbox": {**TEXT, "default": "auto", "description": "which isolation; none needs allow_unsandboxed"},
        "min_tier": {"anyOf": [{"enum": list(TIERS)}, PARAMETER], "description": "no weaker isolation will do"},
        "allow_unsandboxed": {**flag, "default": False},
        "cache": {**flag, "default": True, "description": "keep judgements and use them again"},
    }
    return {"type": "object", "properties": properties, "additionalProperties": False}


def _backend(names: list[str]) -> Schema:
    return {"anyOf": [{"enum": ["auto", *names]}, PARAMETER], "description": "the hardware to use"}


def _named(definition: str) -> Schema:
    return {"type": "object", "additionalProperties": {"$ref": f"#/definitions/{definition}"}, **NAMES}


def _when(backends: list[str]) -> Schema:
    """Conditions on the hardware; the keys of `spec.keys.WHEN`."""
    version = {
        "anyOf": [{"type": "number", "exclusiveMinimum": 0}, {"type": "string", "pattern": "^[0-9]+([.][0-9]+)?$"}]
    }
    properties: Schema = {
        "backend": {"enum": backends, "description": "the backend in use"},
        "device": {**TEXT, "minLength": 1, "description": "a part of the device's name"},
        "chip": {**TEXT, "minLength": 1, "description": "a part of the chip's name, on Apple silicon"},
        "generation": {**TEXT, "minLength": 1, "description": "hopper, ampere, m4 and the like"},
        "memory_gb": {"type": "number", "exclusiveMinimum": 0, "description": "GiB of one device, at least"},
        "compute_capability": {**version, "description": "of NVIDIA's GPUs, at least"},
        "devices": {"type": "integer", "minimum": 1, "description": "how many, at least"},
    }
    about = "taken by itself on this hardware"
    return {
        "type": "object",
        "properties": properties,
        "additionalProperties": False,
        "minProperties": 1,
        "description": about,
    }


def _stage(registry: Registry, stages: Mapping[str, tuple[StageTraits, Schema]]) -> Schema:
    """A stage; once `uses` is known, `with` and `needs` are those of its class. The keys of `spec.keys.STAGE`."""
    choices = [{"const": name, "description": traits.about} for name, (traits, _) in stages.items()]
    properties: Schema = {
        "uses": {"anyOf": choices} if choices else TEXT,
        "needs": {"type": "object", "additionalProperties": REFERENCE},
        "with": {"type": "object"},
        "gates": {"type": "array", "items": {"$ref": "#/definitions/gate"}},
        "after": {**TEXTS, "description": "stages that must come first although nothing is taken from them"},
        "optional": of(bool),
        "about": TEXT,
        "backend": _backend(registry.names("backends")),
        "environment": TEXT,
        "resources": COUNTS,
        "retries": COUNT,
    }
    rules = [_rule(name, {"$ref": f"#/definitions/{_definition(name)}"}) for name in stages]
    return {"type": "object", "properties": properties, "additionalProperties": False, "allOf": rules}


def _definition(name: str) -> str:
    return f"uses-{name}"


def _own(traits: StageTraits, options: Schema) -> Schema:
    needs = {
        name: {**REFERENCE, "description": f"{' or '.join(need.kinds)}{': ' + need.about if need.about else ''}"}
        for name, need in traits.needs.items()
    }
    return {
        "properties": {"with": options, "needs": {"type": "object", "properties": needs, "additionalProperties": False}}
    }


def _rule(name: str, then: Schema) -> Schema:
    return {"if": {"properties": {"uses": {"const": name}}, "required": ["uses"]}, "then": then}


def _gate(gates: Mapping[str, Schema]) -> Schema:
    """A gate; its options stand beside `uses`, `name` and `hard`, the keys of `spec.keys.GATE`."""
    common: Schema = {"uses": {"enum": list(gates)} if gates else TEXT, "name": TEXT, "hard": of(bool)}
    rules = [
        _rule(name, {**options, "properties": {**common, **options["properties"]}}) for name, options in gates.items()
    ]
    return {"type": "object", "properties": common, "required": ["uses"], "allOf": rules}
