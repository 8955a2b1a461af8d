"""Needs to sources: which stage's output, which file or which hub name an input is taken from."""

from __future__ import annotations

import re
from collections.abc import Callable, Mapping
from pathlib import Path

from attrs import frozen

from stagerun.contracts import Need, Output
from stagerun.errors import Problem, nearest
from stagerun.model import Artifact, parse_reference
from stagerun.plan.shape import Source
from stagerun.spec import PipelineSpec, StageSpec

HUB_NAME = re.compile(r"[A-Za-z0-9][\w.-]*/[A-Za-z0-9][\w.-]*(@[\w.-]+)?")
FILE_ENDINGS = (".jsonl", ".json", ".parquet", ".csv", ".txt", ".safetensors", ".gguf")


@frozen
class Inputs:
    """Resolves the needs of one pipeline. `produces` is known for the stages whose class could be loaded.

    `absent` gives, for an optional stage that leaves nothing, the root of it; `digest` the digest of a file or folder
    outside the graph.
    """

    spec: PipelineSpec
    produces: Mapping[str, Mapping[str, Output]]
    digest: Callable[[Path], str]

    def resolve(
        self, stage: StageSpec, name: str, need: Need, absent: Mapping[str, str]
    ) -> tuple[list[Source], list[Problem], str]:
        """Sources of a need (several only for `many`), problems, and why an unmet need is unmet ('' when it is met)."""
        choices = stage.needs.get(name, ())
        if not choices:
            return self._missing(stage, name, need)
        if need.many:
            return self._all(stage, name, need, absent)
        return self._first(stage, name, need, absent)

    def _missing(self, stage: StageSpec, name: str, need: Need) -> tuple[list[Source], list[Problem], str]:
        if need.optional:
            return [], [], ""
        if nearest(name, stage.needs):  # a misspelt one, told as unknown
            return [], [], ""
        path, hint = ("stages", stage.name, "needs", name), f'add needs.{name} = "..."'
        problem = self.spec.problem(path, f'missing need "{name}"', expected=" or ".join(need.kinds), hint=hint)
        return [], [problem], ""

    def _all(
        self, stage: StageSpec, name: str, need: Need, absent: Mapping[str, str]
    ) -> tuple[list[Source], list[Problem], str]:
        sources: list[Source] = []
        problems: list[Problem] = []
        for text in stage.needs[name]:
            source, problem = self._one(stage, name, need, text)
            problems += [problem] if problem else []
            if source and source.stage in absent and not need.optional:
                return [], problems, absent[str(source.stage)]
            if source and source.stage not in absent:
                sources.append(source)
        return sources, problems, ""

    def _first(
        self, stage: StageSpec, name: str, need: Need, absent: Mapping[str, str]
    ) -> tuple[list[Source], list[Problem], str]:
        problems: list[Problem] = []
        passed_over: dict[str, str] = {}
        chosen: Source | None = None
        for text in stage.needs[name]:
            source, problem = self._one(stage, name, need, text)
            problems += [problem] if problem else []
            if source is None or chosen is not None:
                continue
            why = self._nothing_there(source, absent)
            if why:
                passed_over[text] = why
            else:
                chosen = source
        if chosen is not None:
            told = tuple(f"{text} is absent ({why})" for text, why in passed_over.items())
            return [_with_passed_over(chosen, told)], problems, ""
        unmet = "" if problems or need.optional else "; ".join(dict.fromkeys(passed_over.values()))
        return [], problems, unmet

    @staticmethod
    def _nothing_there(source: Source, absent: Mapping[str, str]) -> str:
        if source.stage in absent:
            return absent[str(source.stage)]
        if source.outside is not None and source.outside.path is not None and not source.outside.path.exists():
            return f"there is no file {source.text}"
        return ""

    def _one(self, stage: StageSpec, name: str, need: Need, text: str) -> tuple[Source | None, Problem | None]:
        upstream, output = parse_reference(text)
        if upstream in self.spec.stages and not text.startswith((".", "/", "~")):
            return self._from_stage(stage, name, need, upstream, output)
        return self._from_outside(stage, name, need, text)

    def _from_stage(
        self, stage: StageSpec, name: str, need: Need, upstream: str, output: str | None
    ) -> tuple[Source | None, Problem | None]:
        path = ("stages", stage.name, "needs", name)
        output, _, below = (output or "").partition("/")
        if upstream not in self.produces:  # its own class could not be loaded: reported there
            return None, None
        outputs = self.produces[upstream]
        if not output:
            chosen, problem = self._choose(path, need, name, upstream, outputs)
            if chosen is None:
                return None, problem
            output = chosen
        if output not in outputs:
            hint = nearest(output, outputs) or f"it makes {', '.join(outputs)}"
            return None, self.spec.problem(path, f'{upstream} makes no output "{output}"', hint=hint)
        kind = outputs[output].kind
        if not _fits(kind, need):
            problem = self.spec.problem(
                path, "wrong kind of artifact", found=f"{upstream}.{output}, a {kind}", expected=" or ".join(need.kinds)
            )
            return None, problem
        taken_as = need.kinds[0] if kind == "*" else kind
        shown = f"{upstream}.{output}/{below}" if below else f"{upstream}.{output}"
        return Source(name, shown, upstream, output, below, taken_as, many=need.many), None

    def _choose(
        self, path: tuple[str, ...], need: Need, name: str, upstream: str, outputs: Mapping[str, Output]
    ) -> tuple[str | None, Problem | None]:
        """The output a bare stage name means: the one named like the need, else the only one of a fitting kind."""
        fitting = [key for key, made in outputs.items() if _fits(made.kind, need)]
        if name in fitting:
            return name, None
        if len(fitting) == 1:
            return fitting[0], None
        if fitting:
            choices = " or ".join(f'"{upstream}.{key}"' for key in fitting)
            return None, self.spec.problem(path, "ambiguous need", found=f'"{upstream}"', expected=choices)
        made = ", ".join(f"{upstream}.{key}, a {value.kind}" for key, value in outputs.items()) or "nothing"
        expected = " or ".join(need.kinds)
        return None, self.spec.problem(path, "wrong kind of artifact", found=made, expected=expected)

    def _from_outside(self, stage: StageSpec, name: str, need: Need, text: str) -> tuple[Source | None, Problem | None]:
        local = (self.spec.file.parent / Path(text).expanduser()).absolute()
        if local.exists():
            outside = Artifact(need.kinds[0], text, self.digest(local), path=local)
            return Source(name, text, outside=outside, many=need.many), None
        is_file = text.startswith((".", "/", "~")) or text.endswith(FILE_ENDINGS)
        if is_file and len(stage.needs[name]) > 1 and not need.many:
            return Source(name, text, outside=Artifact(need.kinds[0], text, "missing", path=local)), None
        if not is_file and HUB_NAME.fullmatch(text) and text.partition("/")[0] not in self.spec.stages:
            return Source(name, text, outside=Artifact(need.kinds[0], text, f"hub:{text}"), many=need.many), None
        return None, self._unknown(stage, name, text, is_file)

    def _unknown(self, stage: StageSpec, name: str, text: str, is_file: bool) -> Problem:
        path = ("stages", stage.name, "needs", name)
        if is_file:
            return self.spec.problem(path, f'there is no file "{text}"', hint="paths are relative to the pipeline file")
        return self.spec.problem(
            path,
            f'nothing is called "{text}"',
            expected="a stage of this pipeline, a file, or a hub name such as org/model",
            hint=self._nearest(text),
        )

    def _nearest(self, text: str) -> str:
        """The hint for a name that is none: a stage's output written like a path, or a misspelt stage."""
        stage, slash, output = text.partition("/")
        if slash and stage in self.spec.stages:
            return f'did you mean "{stage}.{output}"?'
        return nearest(parse_reference(text)[0], self.spec.stages)


def _fits(kind: str, need: Need) -> bool:
    return kind in need.kinds or kind == "*" or "*" in need.kinds


def _with_passed_over(source: Source, passed_over: tuple[str, ...]) -> Source:
    from attrs import evolve

    return evolve(source, passed_over=passed_over)
