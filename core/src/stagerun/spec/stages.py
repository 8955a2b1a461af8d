"""From checked tables to stages, gates and environments. What a name stands for is the plan's business, not ours."""

from __future__ import annotations

from collections.abc import Iterable, Mapping

from stagerun.errors import nearest
from stagerun.spec.keys import (
    COUNT,
    ENVIRONMENT,
    FLAG,
    GATE,
    NAME,
    STAGE,
    TABLES,
    TEXT,
    TEXTS,
    WORD,
    Table,
)
from stagerun.spec.params import Unresolved
from stagerun.spec.shape import EnvironmentSpec, GateSpec, StageSpec
from stagerun.spec.words import found, one_of


def stages_of(stages: Table) -> dict[str, StageSpec]:
    """Every stage that is a table; the tables' problems are reported on the way."""
    _check_names(stages)
    return {name: _stage(name, table, stages.raw) for name, table in stages.children()}


def _check_names(stages: Table) -> None:
    """A stage's name is the name of its folder in the run directory, on any file system."""
    seen: dict[str, str] = {}
    for name in stages.raw:
        place = (*stages.path, name)
        if not NAME.fullmatch(name):
            stages.report(place, f'bad stage name "{name}"', expected="letters, digits, _ and -, at most 100 of them")
        elif (first := seen.setdefault(name.lower(), name)) != name:
            stages.report(
                place, f'stages "{first}" and "{name}" differ only in upper and lower case', hint="rename one"
            )


def _stage(name: str, table: Table, others: Iterable[str]) -> StageSpec:
    table.only(STAGE, hint='options of the stage belong in its "with" table')
    if table.lacks("uses", STAGE):
        hint = nearest(name, [other for other in others if other != name])
        expected = 'uses = "NAME", the kind of stage it is'
        table.report(table.path, "the stage has no `uses`", expected=expected, hint=hint)
    needs = table.below("needs")
    return StageSpec(
        name=name,
        uses=table.get("uses", WORD, ""),
        needs={need: refs for need in needs.raw if (refs := _references(needs, need))},
        listed=frozenset(need for need, value in needs.raw.items() if isinstance(value, list)),
        options=table.below("with").raw,
        gates=_gates(table, name),
        after=tuple(table.get("after", TEXTS, [])),
        optional=table.get("optional", FLAG, False),
        about=table.get("about", TEXT, ""),
        backend=table.get("backend", WORD),
        environment=table.get("environment", WORD),
        resources=counts(table.below("resources")),
        retries=table.get("retries", COUNT),
    )


def _references(needs: Table, need: str) -> tuple[str, ...]:
    value = needs.raw[need]
    if isinstance(value, str) and value:
        return (value,)
    if isinstance(value, list) and value and all(isinstance(item, str) and item for item in value):
        return tuple(value)
    expected = 'a stage, "stage.output", a path, a hub name, or a list of these'
    needs.report((*needs.path, need), "not something to take", found=found(value), expected=expected)
    return ()


def _gates(stage: Table, name: str) -> tuple[GateSpec, ...]:
    raws = stage.get("gates", TABLES, [])
    path = (*stage.path, "gates")
    gates = [_gate(Table(raw, (*path, str(index)), stage.report)) for index, raw in enumerate(raws)]
    seen: set[str] = set()
    for gate in gates:
        if gate.name in seen:
            what = f'two gates of stage "{name}" are called "{gate.name}"'
            stage.report(gate.path, what, hint='give one of them a name = "..." of its own')
        seen.add(gate.name)
    return tuple(gates)


def _gate(table: Table) -> GateSpec:
    uses = table.get("uses", WORD, "")
    if "uses" not in table.raw:
        table.report(table.path, "the gate has no `uses`", expected='uses = "NAME", such as "metric"')
    metric = table.raw.get("metric")
    options = {key: value for key, value in table.raw.items() if key not in GATE}
    default = metric if isinstance(metric, str) and metric else uses
    return GateSpec(
        uses=uses,
        name=table.get("name", WORD) or default,
        hard=table.get("hard", FLAG, True),
        options=options,
        path=table.path,
    )


def counts(resources: Table) -> dict[str, int]:
    """Amounts of resources, such as `cpu = 2`."""
    amounts = {name: resources.get(name, COUNT) for name in resources.raw}
    return {name: amount for name, amount in amounts.items() if amount is not None}


def environments_of(table: Table) -> dict[str, EnvironmentSpec]:
    """The interpreters that stages may name."""
    return {name: _environment(name, inner) for name, inner in table.children()}


def _environment(name: str, table: Table) -> EnvironmentSpec:
    table.only(ENVIRONMENT)
    if not NAME.fullmatch(name):
        table.report(table.path, f'bad environment name "{name}"', expected="letters, digits, _ and -")
    both, neither = table.raw.keys() >= ENVIRONMENT, all(table.lacks(key, ENVIRONMENT) for key in ENVIRONMENT)
    if both or neither:
        what = "an environment is an existing `python` or one built from `requirements`"
        table.report(table.path, what, found="both" if both else "neither", expected="exactly one of the two")
    return EnvironmentSpec(name, table.get("python", WORD), tuple(table.get("requirements", TEXTS, [])))


def check_after(stages: Mapping[str, StageSpec], root: Table) -> None:
    """`after` names stages of this file, so it is looked up here."""
    for stage in stages.values():
        for index, other in enumerate(stage.after):
            if other not in stages and not isinstance(other, Unresolved):
                place = (*root.path, "stages", stage.name, "after", str(index))
                hint = nearest(other, stages)
                root.report(place, f'unknown stage "{other}"', expected=one_of(stages), hint=hint)
