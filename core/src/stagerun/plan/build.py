"""From a pipeline spec to a plan: names resolved, options structured, inputs found, order, fingerprints, reasons.

Every problem is collected, so that a user mends them in one go; nothing is run and nothing is written.
"""

from __future__ import annotations

import os
from collections.abc import Callable, Collection, Iterator, Mapping
from contextlib import suppress
from pathlib import Path

from attrs import define, evolve, field

from stagerun.contracts.stage import StageTraits
from stagerun.errors import BadPipeline, Problem
from stagerun.model import parse_reference
from stagerun.model.result import Result
from stagerun.plan.backends import Chosen, choose
from stagerun.plan.decide import decide
from stagerun.plan.fitting import misfits
from stagerun.plan.graph import find_cycle, order
from stagerun.plan.inputs import Inputs
from stagerun.plan.machines import Machine
from stagerun.plan.prepare import Prepared, Preparer
from stagerun.plan.shape import Decision, Plan, PlannedStage, Source
from stagerun.registry import Found, NotFound, Registry
from stagerun.spec import PipelineSpec, StageSpec

Earlier = Callable[[str], Result | str | None]
DigestOf = Callable[[Path], str]
DEFAULT_JUDGE = "local"
AUTO = "auto"  # the strongest isolation there is
ANY = "*"  # in a stage's languages: every one that is installed


def build(
    spec: PipelineSpec,
    problems: list[Problem],
    registry: Registry,
    run_dir: Path,
    *,
    earlier: Earlier = lambda _: None,
    digest: DigestOf = lambda _: "",
    fit: bool = True,
    machine: Machine | None = None,
) -> Plan:
    """Plan a pipeline. `problems` are those already found while reading; raises BadPipeline with them and all found here.

    `earlier(stage)` is a stage's committed result, or why it cannot be used; `digest(path)` the digest of an outside file; `fit`
    asks stages whether they can work on this machine, or on the described `machine` that is planned for in its place.
    """
    capacity = {**default_capacity(machine), **spec.resources}
    builder = Builder(spec, registry, list(problems), earlier, digest, capacity, machine)
    plan = builder.build(run_dir)
    if not builder.problems:
        builder.problems += misfits(plan) if fit else ()
        for found in registry.ask("stagerun_check_plan", plan=plan):
            builder.problems += list(found or ())
    if builder.problems:
        in_order = sorted(dict.fromkeys(builder.problems), key=lambda problem: problem.line or 0)
        raise BadPipeline(in_order)
    return plan


def default_capacity(machine: Machine | None = None) -> dict[str, int]:
    """What a machine offers unless the pipeline says otherwise: its cores, and one accelerator (the CPU counts as one)."""
    told = machine.backends["cpu"].facts.get("cores") if machine and "cpu" in machine.backends else None
    cores = told or len(os.sched_getaffinity(0)) if hasattr(os, "sched_getaffinity") else os.cpu_count() or 1
    return {"cpu": cores, "accelerator": 1}


@define
class Builder:
    """The state of building one plan."""

    spec: PipelineSpec
    registry: Registry
    problems: list[Problem]
    earlier: Earlier
    digest: DigestOf
    capacity: Mapping[str, int]
    machine: Machine | None = None
    prepared: dict[str, Prepared] = field(factory=dict)
    planned: dict[str, PlannedStage] = field(factory=dict)
    absent: dict[str, str] = field(factory=dict)  # optional stage that leaves nothing -> the root of it
    pending: dict[str, Decision] = field(factory=dict)
    digests: dict[tuple[str, str], str] = field(factory=dict)  # (stage, output) -> digest of the standing result
    told: frozenset[str] = field(init=False)  # places that were complained about before

    def __attrs_post_init__(self) -> None:
        self.told = frozenset(problem.where for problem in self.problems)

    def build(self, run_dir: Path) -> Plan:
        traits = self._prepare_all()
        inputs = Inputs(self.spec, {name: declared.produces for name, declared in traits.items()}, self.digest)
        upstream = self._references()
        self._check_cycle(upstream)
        for name in order(upstream):
            if name in self.prepared:
                self._plan_stage(self.prepared[name], inputs)
            elif name in traits:  # its options are wrong; its needs may be wrong as well
                self._sources(self.spec.stages[name], traits[name], inputs)
        evaluators, judge = self._languages()
        return Plan(
            spec=self.spec,
            run_dir=run_dir,
            stages=self.planned,
            backends=self._backends(traits),
            judge=judge,
            evaluators=evaluators,
            capacity=self.capacity,
            machine=self.machine,
        )

    def _prepare_all(self) -> dict[str, StageTraits]:
        preparer = Preparer(self.spec, self.registry, self.capacity, self.problems)
        traits: dict[str, StageTraits] = {}
        for stage in self.spec.stages.values():
            pair = preparer.traits(stage)
            if pair is None:
                continue
            traits[stage.name] = pair[1]
            prepared = preparer.prepare(stage, *pair)
            if prepared is not None:
                self.prepared[stage.name] = prepared
        return traits

    def _references(self) -> dict[str, list[str]]:
        stages, found = self.spec.stages, {}
        for stage in stages.values():
            names = [parse_reference(text)[0] for texts in stage.needs.values() for text in texts]
            found[stage.name] = [name for name in dict.fromkeys([*names, *stage.after]) if name in stages]
        return found

    def _check_cycle(self, upstream: Mapping[str, list[str]]) -> None:
        rest = dict(upstream)
        while cycle := find_cycle(rest):
            what, found = "the stages wait for each other in a circle", " -> ".join(cycle)
            self.problems.append(self.spec.problem(("stages", cycle[0]), what, found))
            rest = {name: ups for name, ups in rest.items() if name not in cycle}

    def _plan_stage(self, prepared: Prepared, inputs: Inputs) -> None:
        name = prepared.spec.name
        sources, need, root = self._sources(prepared.spec, prepared.traits, inputs)
        reads, missing = self._reads(prepared)
        unmet = missing or (f"need {need} has nothing to take: {root}" if root else "")
        if unmet and not prepared.spec.optional:  # told once: what depends on it is not told to miss it
            self._unmet(prepared, unmet, bool(missing))
        decision = Decision("absent", (f"optional, and {unmet}",)) if unmet else Decision("run", ())
        stage = PlannedStage(
            spec=prepared.spec,
            found=prepared.found,
            stage=prepared.stage,
            traits=prepared.traits,
            options=prepared.options,
            shown=prepared.shown,
            sources=tuple(sources),
            reads=reads,
            gates=prepared.gates,
            resources=prepared.resources,
            environment=prepared.environment,
            decision=decision,
            plugins=prepared.plugins,
        )
        if not unmet:
            stage = evolve(stage, decision=self._decide(stage))
        elif prepared.spec.optional:
            self.absent[name] = f"{name}: {missing}" if missing else root
        self.planned[name] = stage

    def _sources(self, stage: StageSpec, traits: StageTraits, inputs: Inputs) -> tuple[list[Source], str, str]:
        """Every source, and the first need that has none with the root of that."""
        sources, unmet_need, root = [], "", ""
        for need, declared in traits.needs.items():
            found, problems, unmet = inputs.resolve(stage, need, declared, self.absent)
            sources += found
            self.problems += [problem for problem in problems if not self._is_told(problem)]
            if unmet and not root:
                unmet_need, root = need, unmet
        return sources, unmet_need, root

    def _is_told(self, problem: Problem) -> bool:
        """Whether the file's own reading complained about this place or the table around it: a need that is no text."""
        return problem.where in self.told or problem.where.rpartition(".")[0] in self.told

    def _reads(self, prepared: Prepared) -> tuple[dict[str, str], str]:
        digests, missing = {}, []
        for text in prepared.reads:
            path = (self.spec.file.parent / Path(text).expanduser()).absolute()
            try:
                digests[text] = self.digest(path)
            except FileNotFoundError:
                missing.append(text)
            except OSError as error:
                missing.append(f"{text} ({error.strerror})")
        return digests, f"there is no file {', '.join(missing)}" if missing else ""

    def _unmet(self, prepared: Prepared, why: str, file: bool) -> None:
        below = "with" if file else "needs"
        hint = "optional = true would skip the stage instead"
        hint = f"paths are relative to the pipeline file; {hint}" if file else hint
        self.problems.append(self.spec.problem(("stages", prepared.spec.name, below), why, hint=hint))

    def _decide(self, stage: PlannedStage) -> Decision:
        digests: dict[str, str | list[str]] = {}
        pending = {up: self.pending[up] for up in stage.upstream if up in self.pending}
        for source in stage.sources:
            if source.stage not in pending:
                add_digest(digests, source, self._digest_of(source))
        earlier = self.earlier(stage.name)
        decision = decide(stage, self.spec.seed, digests, earlier, pending)
        if decision.action == "run":
            self.pending[stage.name] = decision
        elif isinstance(earlier, Result):
            self.digests.update({(stage.name, name): made.digest for name, made in earlier.outputs.items()})
        return decision

    def _digest_of(self, source: Source) -> str:
        if source.outside is not None:
            return source.outside.digest
        return self.digests.get((str(source.stage), str(source.output)), "")

    def _backends(self, traits: Mapping[str, StageTraits]) -> dict[str, Chosen]:
        """Every backend the graph names, each looked at once; none when all stages are light."""
        places: dict[str, tuple[str, ...]] = {self.spec.backend: ("backend",)} if self.spec.backend != "auto" else {}
        for name, declared in traits.items():
            own = self.spec.stages[name].backend
            if own or not declared.in_process:
                places.setdefault(own or self.spec.backend, ("stages", name, "backend") if own else ("backend",))
        chosen = {}
        for name, path in places.items():
            try:
                found = choose(self.registry, name, self.machine)
                if found is not None:
                    chosen[name] = found
            except NotFound as error:
                self.problems.append(self.spec.problem(path, error.what, hint=error.hint))
        return chosen

    def _languages(self) -> tuple[dict[str, str], Found | None]:
        """The languages that stages need a judge for, and the judge; one that the file names is looked at in any case."""
        entries: dict[str, str] = {}
        wanted = {name: prepared.languages for name, prepared in self.prepared.items() if prepared.languages}
        judge = self._judge() if wanted or self.spec.judge.uses != DEFAULT_JUDGE else None
        if judge is not None:
            self._check_sandbox()
        for stage, languages in wanted.items():
            for language in self._named(languages) or [ANY]:
                try:
                    entries[language] = self.registry.find("evaluators", language).entry
                except NotFound as error:
                    what = "no language is installed" if language == ANY else f'language "{language}": {error.what}'
                    hint = error.hint if judge else "install stagerun-evaluators, which brings the judge"
                    self.problems.append(self.spec.problem(("stages", stage, "with"), what, hint=hint))
        return entries, judge

    def _judge(self) -> Found | None:
        name = self.spec.judge.uses
        try:
            return self.registry.find("judges", name)
        except NotFound as error:
            if name != DEFAULT_JUDGE or any(entry.kind == "evaluators" for entry in self.registry.entries):
                self.problems.append(self.spec.problem(("judge", "uses"), error.what, hint=error.hint))
            return None  # without any language either, which is told of the language

    def _check_sandbox(self) -> None:
        """The isolation that the file names must be installed; whether it holds here is tried when a stage starts."""
        name = self.spec.judge.options.get("sandbox", AUTO)
        if name == AUTO:
            return
        try:
            self.registry.find("sandboxes", name)
        except NotFound as error:
            self.problems.append(self.spec.problem(("judge", "sandbox"), error.what, hint=error.hint))

    def _named(self, languages: Collection[str]) -> list[str]:
        """The languages of a stage, `*` as all that are installed and can be loaded."""
        named = [language for language in languages if language != ANY]
        return named if ANY not in languages else list(dict.fromkeys([*named, *self._usable()]))

    def _usable(self) -> Iterator[str]:
        for language in self.registry.names("evaluators"):
            with suppress(NotFound):  # a broken one that no task may be in
                self.registry.find("evaluators", language)
                yield language


def add_digest(digests: dict[str, str | list[str]], source: Source, digest: str) -> None:
    """File a source's digest under its need; a need that takes many gets a list in the graph's order."""
    if source.many:
        rows = digests.setdefault(source.need, [])
        assert isinstance(rows, list)
        rows.append(digest)
    else:
        digests[source.need] = digest
