"""Read one pipeline out of a TOML file: text, profiles, `--set`, parameters, shape.

All mistakes are collected and as much of the pipeline as makes sense is still returned, so that the plan can add what it
finds and a person mends everything in one go. Whether stages, gates and backends exist is for the plan to say.
"""

from __future__ import annotations

from collections.abc import Sequence
from pathlib import Path
from typing import Any

from stagerun.errors import Problem, nearest
from stagerun.spec import toml
from stagerun.spec.judging import judge_of
from stagerun.spec.keys import COUNT, NAME, PIPELINE, POSITIVE, PRICE, TEXT, WORD, Table
from stagerun.spec.params import interpolate
from stagerun.spec.places import Layer, Places
from stagerun.spec.profiles import Stack, stacked
from stagerun.spec.shape import PipelineSpec
from stagerun.spec.stages import check_after, counts, environments_of, stages_of
from stagerun.spec.toml import Unusable
from stagerun.spec.when import Here, Nowhere
from stagerun.spec.words import one_of


def read(
    file: Path,
    pipeline: str,
    profiles: Sequence[str] = (),
    sets: Sequence[str] = (),
    here: Here | None = None,
) -> tuple[PipelineSpec | None, list[Problem]]:
    """The pipeline with `profiles` and `--set` texts applied, and every problem found.

    `here` tells of the machine, for profiles with a `when`. The pipeline is None only when there is nothing to plan: an
    unreadable file, text that is not TOML, a pipeline that is not there.
    """
    try:
        return _read(file, pipeline, profiles, sets, here or Nowhere())
    except Unusable as unusable:
        return None, [unusable.problem]
    except RecursionError:
        return None, [Problem("brackets or keys are nested too deeply", str(file))]


def _read(
    file: Path, pipeline: str, profiles: Sequence[str], sets: Sequence[str], here: Here
) -> tuple[PipelineSpec, list[Problem]]:
    text, document = toml.parse(file)
    base = _base(file, document, pipeline)
    problems: list[Problem] = []
    places = Places(text, base.layers)

    def report(*args: Any, **words: Any) -> None:
        problems.append(places(*args, **words))

    stack = stacked(base, Table(document[pipeline], (), report).below("profiles"), profiles, sets, here)
    places.layers = stack.layers
    tree, unfilled = interpolate(stack.tree, places)
    problems += [*stack.problems, *unfilled]
    spec = _spec(file, stack, Table(tree, (), report), places)
    return spec, list(dict.fromkeys(problems))


def _base(file: Path, document: dict[str, Any], pipeline: str) -> Stack:
    tables = [name for name, value in document.items() if isinstance(value, dict)]
    if not tables:
        expected = f"[{pipeline}.stages.NAME] tables"
        raise Unusable(Problem("the file has no pipelines", str(file), expected=expected))
    if pipeline not in tables:
        what, hint = f'the file has no pipeline "{pipeline}"', nearest(pipeline, tables)
        raise Unusable(Problem(what, str(file), expected=one_of(tables), hint=hint))
    tree = {key: value for key, value in document[pipeline].items() if key != "profiles"}
    return Stack(pipeline, tree, (Layer(str(file), (pipeline,), document[pipeline]),))


def _spec(file: Path, stack: Stack, root: Table, places: Places) -> PipelineSpec:
    root.only(PIPELINE, hint=f"a stage is written [{stack.name}.stages.NAME]")
    if not NAME.fullmatch(stack.name):
        root.report((), f'bad pipeline name "{stack.name}"', expected="letters, digits, _ and -, at most 100 of them")
    stages, environments = stages_of(root.below("stages")), environments_of(root.below("environments"))
    if root.lacks("stages", PIPELINE) or root.raw.get("stages") == {}:
        root.report((), "the pipeline has no stages", expected=f'[{stack.name}.stages.NAME] with uses = "..."')
    check_after(stages, root)
    return PipelineSpec(
        name=stack.name,
        file=file,
        stages=stages,
        about=root.get("about", TEXT, ""),
        params=root.below("params").raw,
        backend=root.get("backend", WORD, "auto"),
        seed=root.get("seed", COUNT, 0),
        retries=root.get("retries", COUNT, 2),
        keep_checkpoints=root.get("keep_checkpoints", POSITIVE, 2),
        run_dir=root.get("run_dir", WORD, ""),
        resources=counts(root.below("resources")),
        environments=environments,
        judge=judge_of(root.below("judge")),
        price_per_hour=float(root.get("price_per_hour", PRICE, 0.0)),
        applied=stack.applied,
        problem=places,
    )
