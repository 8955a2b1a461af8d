"""A pipeline file becomes a spec; whatever is wrong with it is told with file and line, all of it together."""

from __future__ import annotations

import json
import subprocess
import sys
from collections.abc import Callable, Mapping
from pathlib import Path
from typing import Any

import pytest
from heres import One
from hypothesis import HealthCheck, given, settings
from hypothesis import strategies as st

from stagerun.spec import GateSpec, PipelineSpec
from stagerun.spec.keys import GATE, PIPELINE, STAGE, WHEN
from stagerun.spec.load import read

Written = Callable[[str], Path]


@pytest.fixture
def written(tmp_path: Path) -> Written:
    def write(text: str) -> Path:
        file = tmp_path / "p.toml"
        file.write_text(text, encoding="utf-8")
        return file

    return write


def good(file: Path, **more: Any) -> PipelineSpec:
    spec, problems = read(file, "p", **more)
    assert not problems, "\n".join(map(str, problems))
    assert spec is not None
    return spec


def told(file: Path, **more: Any) -> list[str]:
    return [str(problem).replace(str(file), "p.toml") for problem in read(file, "p", **more)[1]]


def toml(value: Any) -> str:
    """Any value, on one line."""
    if isinstance(value, dict):
        return "{" + ", ".join(f"{json.dumps(key)} = {toml(inner)}" for key, inner in value.items()) + "}"
    return "[" + ", ".join(map(toml, value)) + "]" if isinstance(value, list) else json.dumps(value)


WHOLE = """
[p]
about = "all of it"
backend = "cpu"
seed = 7
retries = 0
keep_checkpoints = 3
run_dir = "elsewhere"
resources = { cpu = 4, accelerator = 0 }
params.base = "org/model"
environments.old.requirements = ["trl==0.1"]
environments.new.python = "/usr/bin/python3"

[p.stages.data]
uses = "data.prepare"

[p.stages.sft]
about = "teaches"
uses = "train.sft"
needs = { model = "${params.base}", train = ["data", "data.other"] }
after = ["data"]
optional = true
backend = "cuda"
environment = "old"
resources.cpu = 2
retries = 5
with.lora.rank = 8
gates = [
  { uses = "metric", metric = "loss", max = 2.0 },
  { uses = "size", hard = false, min_gb = 5 },
  { uses = "metric", metric = "loss", name = "low", min = 0.1 },
]
"""


def test_everything_a_file_may_say_is_read(written):
    file = written(WHOLE)
    spec = good(file)
    assert (spec.name, spec.file, spec.about, spec.backend, spec.seed) == ("p", file, "all of it", "cpu", 7)
    assert (spec.retries, spec.keep_checkpoints, spec.run_dir) == (0, 3, "elsewhere")
    assert (spec.resources, spec.params) == ({"cpu": 4, "accelerator": 0}, {"base": "org/model"})
    assert spec.environments["old"].requirements == ("trl==0.1",)
    assert spec.environments["new"].python == "/usr/bin/python3"
    sft = spec.stages["sft"]
    assert (sft.name, sft.uses, sft.about, sft.after, sft.optional) == ("sft", "train.sft", "teaches", ("data",), True)
    assert sft.needs == {"model": ("org/model",), "train": ("data", "data.other")}
    assert sft.listed == {"train"}
    assert (sft.backend, sft.environment, sft.resources, sft.retries) == ("cuda", "old", {"cpu": 2}, 5)
    assert sft.options == {"lora": {"rank": 8}}


def test_a_gate_is_called_by_its_name_else_its_metric_else_its_kind(written):
    gates = good(written(WHOLE)).stages["sft"].gates
    path = ("stages", "sft", "gates")
    assert gates == (
        GateSpec("metric", "loss", True, {"metric": "loss", "max": 2.0}, (*path, "0")),
        GateSpec("size", "size", False, {"min_gb": 5}, (*path, "1")),
        GateSpec("metric", "low", True, {"metric": "loss", "min": 0.1}, (*path, "2")),
    )


def test_what_a_file_leaves_out_has_a_default(written):
    spec = good(written('[p.stages.a]\nuses = "x"'))
    assert (spec.backend, spec.seed, spec.retries, spec.keep_checkpoints, spec.run_dir) == ("auto", 0, 2, 2, "")
    assert (spec.stages["a"].optional, spec.stages["a"].retries, spec.applied) == (False, None, ())


def test_every_mistake_is_told_together_with_its_line(written):
    text = """[p]
sead = 3
retries = -1
resources = { cpu = 1.5, gpu = true }
environments.old = { python = "x", requirements = [] }

[p.stages.data]
use = "data.prepare"
[p.stages.sft]
uses = 3
needs = { train = [], model = 4 }
with = "epochs=3"
gates = { uses = "metric" }
after = ["daat"]
optional = "yes"
epochs = 3
["p".stages."my stage"]
uses = ""
[p.stages.DATA]
uses = "x"
[p.stages.report]
uses = "x"
gates = [{ metric = "a" }, { uses = "metric", metric = "b" }, { uses = "b", hard = 1 }]
"""
    assert told(written(text)) == EVERY


REFERENCE = 'expected a stage, "stage.output", a path, a hub name, or a list of these'
STAGE_KEYS = "one of about, after, backend, environment, gates, needs, optional, resources, retries, uses, with"
PIPELINE_KEYS = (
    "one of about, backend, environments, judge, keep_checkpoints, params, price_per_hour, "
    "profiles, resources, retries, run_dir, seed, stages"
)
COUNT = "expected a whole number, 0 or more"
EVERY = [
    f'p.toml:2: p.sead: unknown key "sead"; expected {PIPELINE_KEYS}; did you mean "seed"?',
    'p.toml:17: p.stages."my stage": bad stage name "my stage"; expected letters, digits, _ and -, at most 100 of them',
    'p.toml:19: p.stages.DATA: stages "data" and "DATA" differ only in upper and lower case; rename one',
    f'p.toml:8: p.stages.data.use: unknown key "use"; expected {STAGE_KEYS}; did you mean "uses"?',
    f'p.toml:16: p.stages.sft.epochs: unknown key "epochs"; expected {STAGE_KEYS}; '
    'options of the stage belong in its "with" table',
    "p.toml:10: p.stages.sft.uses: wrong type; found 3 (an integer); expected a string that is not empty",
    f"p.toml:11: p.stages.sft.needs.train: not something to take; found [] (a list); {REFERENCE}",
    f"p.toml:11: p.stages.sft.needs.model: not something to take; found 4 (an integer); {REFERENCE}",
    'p.toml:12: p.stages.sft.with: wrong type; found "epochs=3" (a string); expected a table',
    'p.toml:13: p.stages.sft.gates: wrong type; found { uses = "metric" } (a table); '
    'expected a list of tables, such as [{ uses = "metric", metric = "loss", max = 2.0 }]',
    'p.toml:15: p.stages.sft.optional: wrong type; found "yes" (a string); expected true or false',
    'p.toml:18: p.stages."my stage".uses: wrong value; found "" (a string); expected a string that is not empty',
    'p.toml:23: p.stages.report.gates.0: the gate has no `uses`; expected uses = "NAME", such as "metric"',
    "p.toml:23: p.stages.report.gates.2.hard: wrong type; found 1 (an integer); expected true or false",
    'p.toml:23: p.stages.report.gates.2: two gates of stage "report" are called "b"; '
    'give one of them a name = "..." of its own',
    "p.toml:5: p.environments.old: an environment is an existing `python` or one built from `requirements`; "
    "found both; expected exactly one of the two",
    'p.toml:14: p.stages.sft.after.0: unknown stage "daat"; '
    'expected one of DATA, data, my stage, report, sft; did you mean "data"?',
    f"p.toml:3: p.retries: wrong value; found -1 (an integer); {COUNT}",
    f"p.toml:4: p.resources.cpu: wrong type; found 1.5 (a float); {COUNT}",
    f"p.toml:4: p.resources.gpu: wrong type; found true (a boolean); {COUNT}",
]


@pytest.mark.parametrize(
    ("text", "message"),
    [
        ("", "p.toml: the file has no pipelines; expected [p.stages.NAME] tables"),
        ("[q]\n[pp]", 'p.toml: the file has no pipeline "p"; expected one of pp, q; did you mean "pp"?'),
        ("p = 3", "p.toml: the file has no pipelines; expected [p.stages.NAME] tables"),
        ("[p]\nstages = {}", 'p.toml:1: p: the pipeline has no stages; expected [p.stages.NAME] with uses = "..."'),
    ],
)
def test_a_file_without_the_pipeline_is_told(written, text, message):
    assert told(written(text)) == [message]


@pytest.mark.parametrize("deep", ["[p]\na = " + "[" * 10_000, "[p]\n" + "a." * 3_000 + "b = 1"])
def test_a_file_nested_beyond_reason_is_told(written, deep):
    spec, problems = read(written(deep), "p")
    assert spec is None
    assert [problem.what for problem in problems] == ["brackets or keys are nested too deeply"]


def test_one_unresolved_parameter_makes_one_problem(written):
    text = '[p.stages.a]\nuses = "x"\nretries = "${params.n}"\nneeds.b = "${params.n}"\nafter = ["${params.n}"]'
    assert [message.split(": ")[1:3] for message in told(written(text))] == [
        [f"p.stages.a.{place}", 'unknown parameter "n"; declare it under params']
        for place in ("retries", "needs.b", "after.0")
    ]


names = st.sampled_from(["a", "b", "data-1", "SFT", "x_y"])
junk = st.recursive(
    st.one_of(st.booleans(), st.integers(-3, 3), st.sampled_from(["", "a", "${params.a}", "${params.b} ${", "1"])),
    lambda inner: (
        st.lists(inner, max_size=3)
        | st.dictionaries(st.sampled_from([*PIPELINE, *STAGE, *GATE, *WHEN, "a", "when"]), inner, max_size=4)
    ),
    max_leaves=15,
)
stage_like = st.dictionaries(st.sampled_from([*STAGE, "x"]), junk, max_size=6)
when_like = st.dictionaries(st.sampled_from([*WHEN]), junk, max_size=3) | junk
profile_like = st.builds(
    lambda laid, when: {**laid, **when},
    st.dictionaries(st.sampled_from([*PIPELINE]), junk, max_size=3),
    st.fixed_dictionaries({}, optional={"when": when_like}),
)
pipeline_like = st.fixed_dictionaries(
    {},
    optional={
        **dict.fromkeys([*PIPELINE, "x"], junk),
        "stages": st.dictionaries(names, stage_like | junk, max_size=3),
        "profiles": st.dictionaries(names, profile_like, max_size=2),
    },
)


@settings(max_examples=200, suppress_health_check=[HealthCheck.function_scoped_fixture, HealthCheck.too_slow])
@given(
    pipeline_like,
    st.lists(st.sampled_from(["a", "b", "seed=x", "stages.a.with={}", "params.a=${params.b}"]), max_size=3),
)
def test_whatever_stands_in_a_file_is_told_and_never_raised(written, pipeline, words):
    file = written("[p]\n" + "".join(f"{key} = {toml(value)}\n" for key, value in pipeline.items()))
    profiles, sets = [word for word in words if "=" not in word], [word for word in words if "=" in word]
    spec, problems = read(file, "p", profiles, sets, One({"backend": "a", "device": "a", "devices": 1}))
    assert spec is not None
    assert len(set(problems)) == len(problems)
    for problem in problems:
        assert problem.what
        assert problem.line is not None or problem.file in ("--set", "--profile")


good_stage = st.fixed_dictionaries(
    {"uses": st.sampled_from(["x", "data.prepare"])},
    optional={
        "needs": st.dictionaries(
            names, st.sampled_from(["a", "a.b"]) | st.lists(st.just("./f"), min_size=1, max_size=2)
        ),
        "with": st.dictionaries(names, st.integers() | st.lists(st.booleans()) | st.dictionaries(names, st.text("ab"))),
        "optional": st.booleans(),
        "retries": st.integers(0, 9),
        "resources": st.dictionaries(names, st.integers(0, 9)),
    },
)


@settings(suppress_health_check=[HealthCheck.function_scoped_fixture])
@given(st.dictionaries(names, good_stage, min_size=1, max_size=4))
def test_what_a_right_file_says_comes_back_unchanged(written, stages):
    spec = good(written(f"p = {toml({'stages': stages})}"))
    assert list(spec.stages) == list(stages)
    for name, raw in stages.items():
        stage = spec.stages[name]
        assert (stage.uses, stage.options, stage.optional) == (
            raw["uses"],
            raw.get("with", {}),
            raw.get("optional", False),
        )
        assert stage.needs == {need: _tuple(refs) for need, refs in raw.get("needs", {}).items()}
        assert (stage.retries, stage.resources) == (raw.get("retries"), raw.get("resources", {}))


def _tuple(refs: Any) -> tuple[str, ...]:
    return (refs,) if isinstance(refs, str) else tuple(refs)


def test_lines_are_looked_up_only_when_something_is_wrong(written, monkeypatch):
    from stagerun.spec import places

    def never(text: str) -> Mapping[Any, int]:
        raise AssertionError("a good file was scanned for lines")

    monkeypatch.setattr(places, "locate", never)
    good(written(WHOLE))


def test_reading_imports_nothing_heavy():
    heavy = "{'torch', 'cattrs', 'rich', 'click'}"
    code = f"import sys, stagerun.spec.load, stagerun.plan.options; print(sorted({heavy} & set(sys.modules)))"
    assert subprocess.run([sys.executable, "-c", code], capture_output=True, text=True, check=True).stdout == "[]\n"
