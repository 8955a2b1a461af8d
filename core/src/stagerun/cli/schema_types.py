"""Type hints of options as JSON schema, the same hints that `plan.options` reads values by.

Every value may also be a parameter, `${params.NAME}`: its type is known only when the pipeline is read.
"""

from __future__ import annotations

import json
from collections.abc import Mapping
from pathlib import PurePath
from typing import Any

import attrs

from stagerun.plan import hints

Schema = dict[str, Any]

PARAMETER: Schema = {"type": "string", "pattern": r"^\$\{params\.[^{}]+\}$"}
SCALARS: Mapping[Any, str] = {str: "string", bool: "boolean", int: "integer", float: "number"}


def options_of(cls: Any) -> Schema:
    """The table that an attrs class takes; raises UnreadableHint for a class TOML cannot fill."""
    fields = hints.schema(cls)
    required = [key for key, (option, _) in fields.items() if option.default is attrs.NOTHING]
    table: Schema = {
        "type": "object",
        "properties": {key: _option(option, hint) for key, (option, hint) in fields.items()},
        "additionalProperties": False,
    }
    return {**table, "required": required} if required else table


def _option(option: Any, hint: Any) -> Schema:
    value = of(hint)
    about = option.metadata.get("about", "")
    if about:
        value = {**value, "description": about}
    default = _default(option.default)
    return value if default is attrs.NOTHING else {**value, "default": default}


def _default(default: Any) -> Any:
    """The default where JSON can say it; a factory's is left out, it may depend on the day."""
    if default is None or isinstance(default, attrs.Factory):  # type: ignore[arg-type]
        return attrs.NOTHING
    try:
        return json.loads(json.dumps(default))
    except (TypeError, ValueError):
        return attrs.NOTHING


def of(hint: Any) -> Schema:
    """A value of this type, or a parameter in its place."""
    schema = _plain(hint)
    return schema if schema in ({}, {"type": "string"}) else {"anyOf": [schema, PARAMETER]}


def _plain(hint: Any) -> Schema:
    if (allowed := hints.choices(hint)) is not None:
        return {"enum": [choice for choice, _ in allowed]}
    if (union := hints.arms(hint)) is not None:
        return _plain(union[0]) if len(union) == 1 else {"anyOf": [_plain(arm) for arm in union]}
    if (listed := hints.items(hint)) is not None:
        return _list(hint, listed[1])
    if (table := hints.table(hint)) is not None:
        return {"type": "object", "additionalProperties": of(table[1])}
    return _class(hint)


def _class(hint: Any) -> Schema:
    """A nested table of options, a path, a scalar; anything for a hint that takes anything."""
    if isinstance(hint, type) and attrs.has(hint):
        return options_of(hint)
    if isinstance(hint, type) and issubclass(hint, PurePath):
        return {"type": "string"}
    return {"type": SCALARS[hint]} if hint in SCALARS else {}


def _list(hint: Any, inner: tuple[Any, ...]) -> Schema:
    if hints.is_fixed(hint):
        return {"type": "array", "items": [of(item) for item in inner], "minItems": len(inner), "maxItems": len(inner)}
    return {"type": "array", "items": of(inner[0])}
