"""One stage of the graph on its own: its class, options, gates and resources, with every mistake found in them."""

from __future__ import annotations

from collections.abc import Iterable, Mapping
from fnmatch import fnmatchcase
from typing import Any

from attrs import define, frozen

from stagerun.contracts.stage import StageTraits, answers, describe
from stagerun.errors import Problem, nearest
from stagerun.plan.options import canonical, shown, structure
from stagerun.plan.shape import PlannedGate
from stagerun.registry import Found, NotFound, Registry
from stagerun.spec import EnvironmentSpec, GateSpec, PipelineSpec, StageSpec
from stagerun.spec.keys import GATE
from stagerun.spec.words import one_of


@frozen
class Prepared:
    """A stage whose class was loaded and whose options are right."""

    spec: StageSpec
    found: Found
    stage: Any
    traits: StageTraits
    options: Mapping[str, Any]
    shown: Mapping[str, Any]
    reads: tuple[str, ...]
    languages: tuple[str, ...]
    plugins: Mapping[str, Found]
    gates: tuple[PlannedGate, ...]
    resources: Mapping[str, int]
    environment: EnvironmentSpec | None


@define
class Preparer:
    """Prepares the stages of one pipeline; collects problems instead of stopping at the first."""

    spec: PipelineSpec
    registry: Registry
    capacity: Mapping[str, int]
    problems: list[Problem]

    def traits(self, stage: StageSpec) -> tuple[Found, StageTraits] | None:
        """The class a stage names and what it declares."""
        if not stage.uses:  # told when the file was read
            return None
        try:
            found = self.registry.find("stages", stage.uses)
            return found, describe(found.value)
        except NotFound as error:
            self._add(stage, ("uses",), error.what, hint=error.hint)
        except TypeError as error:
            self._add(stage, ("uses",), f'stage "{stage.uses}" is not usable: {error}')
        return None

    def prepare(self, stage: StageSpec, found: Found, traits: StageTraits) -> Prepared | None:
        """The whole stage, or None when its options are wrong."""
        instance, problems = structure(found.value, stage.options, ("stages", stage.name, "with"), self.spec)
        self.problems += problems
        self._check_needs(stage, traits)
        gates = tuple(gate for spec in stage.gates if (gate := self._gate(stage, traits, spec)) is not None)
        resources, environment = self._resources(stage, traits, instance), self._environment(stage)
        if instance is None:
            return None
        for complaint in self._answers(stage, instance, "check"):
            self._add(stage, ("with",), complaint)
        plugins = self._plugins(stage, instance)
        self._check_suits(stage, instance, plugins)
        return Prepared(
            spec=stage,
            found=found,
            stage=instance,
            traits=traits,
            options=canonical(instance),
            shown=shown(instance),
            reads=self._answers(stage, instance, "reads"),
            languages=self._answers(stage, instance, "languages"),
            plugins=plugins,
            gates=gates,
            resources=resources,
            environment=environment,
        )

    def _plugins(self, stage: StageSpec, instance: Any) -> dict[str, Found]:
        """What the options name, by kind and name."""
        plugins = {}
        for kind, name, option in self._answers(stage, instance, "plugins"):
            try:
                plugins[f"{kind}.{name}"] = self.registry.find(kind, name)
            except NotFound as error:
                self._add(stage, ("with", *option.split(".")), error.what, hint=error.hint)
        return plugins

    def _check_suits(self, stage: StageSpec, instance: Any, plugins: Mapping[str, Found]) -> None:
        loaded = {name: found.value for name, found in plugins.items()}
        for option, complaint in self._answers(stage, instance, "suits", loaded, self.spec.file.parent):
            self._add(stage, ("with", *option.split(".")), complaint)

    def _answers(self, owner: StageSpec | GateSpec, instance: Any, method: str, *given: Any) -> tuple[Any, ...]:
        try:
            return answers(instance, method, *given)
        except Exception as error:  # a stranger's method; its fault must not hide the other problems
            path = owner.path if isinstance(owner, GateSpec) else ("stages", owner.name)
            what = f"{method}() of {owner.uses} raised {type(error).__name__}: {error}"
            hint = "a fault of the plugin, not of this file"
            self.problems.append(self.spec.problem((*path, "uses"), what, hint=hint))
            return ()

    def _check_needs(self, stage: StageSpec, traits: StageTraits) -> None:
        for name in stage.needs:
            if name not in traits.needs:
                expected, hint = one_of(traits.needs) or "no needs", nearest(name, traits.needs)
                self._add(stage, ("needs", name), f'unknown need "{name}"', expected=expected, hint=hint)

    def _gate(self, stage: StageSpec, traits: StageTraits, gate: GateSpec) -> PlannedGate | None:
        if not gate.uses:  # told when the file was read
            return None
        try:
            found = self.registry.find("gates", gate.uses)
        except NotFound as error:
            self.problems.append(self.spec.problem((*gate.path, "uses"), error.what, hint=error.hint))
            return None
        instance, problems = structure(found.value, gate.options, gate.path, self.spec, beside=GATE)
        self.problems += problems
        if instance is None:
            return None
        for metric in self._answers(gate, instance, "wants"):
            self._check_metric(stage, traits, gate, metric)
        return PlannedGate(spec=gate, gate=instance, entry=found.entry)

    def _check_metric(self, stage: StageSpec, traits: StageTraits, gate: GateSpec, metric: str) -> None:
        where, metrics, name = stage.name, traits.metrics, metric
        other, _, rest = metric.partition(".")
        if rest and other in self.spec.stages:
            pair = self._quiet_traits(self.spec.stages[other])
            if pair is None:
                return
            where, metrics, name = other, pair.metrics, rest
        elif rest and not _made(metric, metrics):
            hint = nearest(other, self.spec.stages)
            problem = self.spec.problem(gate.path, f'a gate on "{metric}", but there is no stage "{other}"', hint=hint)
            self.problems.append(problem)
            return
        if not _made(name, metrics):
            what = f'a gate on metric "{name}", which {where} ({self.spec.stages[where].uses}) does not make'
            expected, hint = one_of(metrics) or "no gate on a metric", nearest(name, metrics)
            self.problems.append(self.spec.problem(gate.path, what, expected=expected, hint=hint))

    def _quiet_traits(self, stage: StageSpec) -> StageTraits | None:
        try:
            return describe(self.registry.find("stages", stage.uses).value)
        except (NotFound, TypeError):  # reported where that stage stands
            return None

    def _resources(self, stage: StageSpec, traits: StageTraits, instance: Any) -> Mapping[str, int]:
        asked = dict(self._answers(stage, instance, "claims")) if instance is not None else {}
        claimed = {**traits.resources, **asked, **stage.resources}
        for name, amount in claimed.items():
            offered = self.capacity.get(name)
            if name in stage.resources and offered is None:
                self._add(
                    stage,
                    ("resources", name),
                    f'unknown resource "{name}"',
                    expected=one_of(self.capacity),
                    hint=nearest(name, self.capacity) or f"declare it: resources.{name} = N in the pipeline",
                )
            elif offered is not None and amount > offered and name in stage.resources:
                self._add(
                    stage,
                    ("resources", name),
                    f"asks for {amount} {name}",
                    expected=f"at most {offered}, which is what this machine or the pipeline's resources offer",
                )
        return {name: min(amount, self.capacity.get(name, amount)) for name, amount in claimed.items()}

    def _environment(self, stage: StageSpec) -> EnvironmentSpec | None:
        if stage.environment is None:
            return None
        known = self.spec.environments
        if stage.environment not in known:
            self._add(
                stage,
                ("environment",),
                f'unknown environment "{stage.environment}"',
                hint=nearest(stage.environment, known)
                or f"declare it: [{self.spec.name}.environments.{stage.environment}]",
            )
        return known.get(stage.environment)

    def _add(self, stage: StageSpec, below: Iterable[str], what: str, **more: str) -> None:
        self.problems.append(self.spec.problem(("stages", stage.name, *below), what, **more))


def _made(metric: str, metrics: Iterable[str]) -> bool:
    return any(fnmatchcase(metric, pattern) for pattern in metrics)
