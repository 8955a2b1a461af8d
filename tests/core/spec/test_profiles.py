"""Profiles and `--set` are laid over a pipeline in a known order, and what they bring is located where it was written."""

from __future__ import annotations

from pathlib import Path
from typing import Any

import pytest
from heres import One

from stagerun.errors import Problem
from stagerun.spec import PipelineSpec
from stagerun.spec import keys as keywords
from stagerun.spec.load import read

FILE = """[p]
about = "base"
retries = 1
[p.stages.a]
uses = "x"
with = { steps = 100, lora.rank = 8 }

[p.profiles.quick]
about = "a few steps"
stages.a.with.steps = 5
stages.a.with.fast = true
[p.profiles.small.stages.a.with]
steps = 3
lora = { rank = 2 }
[p.profiles.more.stages.b]
uses = "y"
[p.profiles.h100]
when = { backend = "cuda", device = "h100" }
stages.a.with.steps = 1000
[p.profiles.gpu]
when.backend = "cuda"
retries = 9
"""

H100 = One({"backend": "cuda", "device": "NVIDIA H100 80GB HBM3"})


@pytest.fixture
def file(tmp_path: Path) -> Path:
    (tmp_path / "p.toml").write_text(FILE)
    return tmp_path / "p.toml"


def good(file: Path, *args: Any) -> PipelineSpec:
    spec, problems = read(file, "p", *args)
    assert not problems, "\n".join(map(str, problems))
    assert spec is not None
    return spec


def options(file: Path, *args: Any) -> Any:
    return good(file, *args).stages["a"].options


def problems(file: Path, text: str, *args: Any) -> list[str]:
    file.write_text(text)
    return [str(problem).replace(str(file), "p.toml") for problem in read(file, "p", *args)[1]]


def test_without_a_profile_the_pipeline_is_as_written(file):
    assert options(file) == {"steps": 100, "lora": {"rank": 8}}


def test_profiles_stack_in_the_order_in_which_they_are_named(file):
    assert options(file, ["quick", "small"]) == {"steps": 3, "lora": {"rank": 2}, "fast": True}
    assert options(file, ["small", "quick"]) == {"steps": 5, "lora": {"rank": 2}, "fast": True}


def test_set_comes_after_every_profile_and_the_last_one_wins(file):
    assert options(file, ["quick"], ["stages.a.with.steps=7", "stages.a.with.steps=8"])["steps"] == 8


def test_a_profile_may_add_a_stage(file):
    assert list(good(file, ["more"]).stages) == ["a", "b"]


def test_a_profiles_own_about_does_not_replace_the_pipelines(file):
    assert good(file, ["quick"]).about == "base"


def test_a_profile_is_taken_by_itself_where_every_key_of_its_when_holds(file):
    assert [one.name for one in good(file, [], [], H100).applied] == ["h100", "gpu"]
    assert [one.name for one in good(file, [], [], One({"backend": "cuda", "device": "A100"})).applied] == ["gpu"]
    assert good(file, [], [], One({"backend": "cud", "device": "h100"})).applied == ()
    assert good(file).applied == ()


def test_a_named_profile_wins_over_one_taken_by_itself(file):
    assert options(file, ["quick"], [], H100)["steps"] == 5
    assert [one.name for one in good(file, ["quick", "h100"], [], H100).applied] == ["gpu", "quick", "h100"]


def test_what_was_applied_is_told_with_old_and_new_values(file):
    applied = good(file, ["quick"], ["stages.a.with.lora.rank=4", "retries=9"], H100).applied
    assert [(one.name, one.why, one.changes) for one in applied] == [
        ("h100", "when backend = cuda, device = h100", (("stages.a.with.steps", 100, 1000),)),
        ("gpu", "when backend = cuda", (("retries", 1, 9),)),
        ("quick", "--profile", (("stages.a.with.steps", 1000, 5), ("stages.a.with.fast", None, True))),
        ("stages.a.with.lora.rank=4", "--set", (("stages.a.with.lora.rank", 8, 4),)),
        ("retries=9", "--set", ()),
    ]


@pytest.mark.parametrize(
    ("path", "line", "where"),
    [
        ("stages.a.with.steps", 13, "p.profiles.small.stages.a.with.steps"),
        ("stages.a.with.fast", 11, "p.profiles.quick.stages.a.with.fast"),
        ("stages.a.with.lora.rank", None, "stages.a.with.lora.rank"),
        ("stages.a.with.lora", 6, "p.stages.a.with.lora"),
        ("stages.a.uses", 5, "p.stages.a.uses"),
        ("stages.a.needs", 4, "p.stages.a.needs"),
        ("stages.b", 15, "p.profiles.more.stages.b"),
        ("stages.b.needs.model", 15, "p.profiles.more.stages.b.needs.model"),
        ("seed", 1, "p.seed"),
    ],
)
def test_a_problem_is_placed_where_the_value_was_written(file, path, line, where):
    spec = good(file, ["quick", "small", "more"], ["stages.a.with.lora.rank=4"])
    problem = spec.problem(tuple(path.split(".")), "bad")
    assert problem == Problem("bad", str(file) if line else "--set", line, where)


def test_an_unknown_profile_is_told_with_the_nearest_one(file):
    assert problems(file, FILE, ["quik"]) == [
        '--profile: the pipeline has no profile "quik"; expected one of gpu, h100, more, quick, small; did you mean "quick"?'
    ]
    bare = '[p.stages.a]\nuses = "x"'
    assert problems(file, bare, ["quick"]) == ['--profile: the pipeline has no profile "quick"; it has no profiles']


def test_profiles_are_checked_even_when_they_are_not_applied(file):
    text = """[p.stages.a]
uses = "x"
[p.profiles]
p1 = 3
p2.stagse.a.with.x = 1
p3.when = { gpu = "H100" }
p4.when = {}
p5.when.backend = ["cuda"]
p6.when = "cuda"
"""
    keys = ", ".join(sorted(keywords.PIPELINE - {"profiles"} | {"when"}))
    conditions = ", ".join(sorted(keywords.WHEN))
    assert problems(file, text) == [
        "p.toml:4: p.profiles.p1: wrong type; found 3 (an integer); expected a table",
        f'p.toml:5: p.profiles.p2.stagse: unknown key "stagse"; expected one of {keys}; did you mean "stages"?',
        f'p.toml:6: p.profiles.p3.when.gpu: unknown key "gpu"; expected one of {conditions}',
        f"p.toml:7: p.profiles.p4.when: an empty `when` would always match; expected one of {conditions}",
        'p.toml:8: p.profiles.p5.when.backend: wrong type; found ["cuda"] (a list); expected a string that is not empty',
        'p.toml:9: p.profiles.p6.when: wrong type; found "cuda" (a string); expected a table',
    ]


def test_the_machine_is_not_looked_at_unless_a_profile_asks(file):
    class Untouched:
        def look(self, *_: object) -> Any:
            raise AssertionError("the machine was looked at")

        backends = has = facts = tells = look

    file.write_text('[p.stages.a]\nuses = "x"\n[p.profiles.b]\nseed = 3')
    good(file, ["b"], [], Untouched())
