"""Descriptions of machines are read whole or refused in one line, and pipelines are planned for them."""

from __future__ import annotations

import json
from pathlib import Path
from typing import Any

import pytest
from workshop import Workshop

import stagerun
from stagerun import BadPipeline, Engine, Registry
from stagerun.contracts import Policy, Probe
from stagerun.plan.machines import read
from stagerun.registry import Entry
from stagerun.render.opening import hardware

GOOD: dict[str, Any] = {
    "about": "a machine",
    "source": "published specification: none, a test",
    "date": "2026-11-27",
    "backends": {
        "test.gpu": {
            "device": "Test GPU 9000",
            "memory_gb": 79.1,
            "facts": {"generation": "hopper", "compute_capability": "9.0", "devices": 1, "bf16": True},
        },
        "cpu": {"available": True, "device": "Test CPU", "facts": {"cores": 14}},
        "nobody.has": {"available": False, "reason": "no such thing"},
    },
}
PIPELINE = """\
[demo]

[stages.data]
uses = "test.make"
with.text = "one"

[stages.spy]
uses = "shell"
with.run = "touch $STAGERUN_OUT/done"

[profiles.big]
when = { memory_gb = 70, generation = "hopper" }
seed = 7
"""


class Gpu:
    """Hardware that never is here, and can be planned for."""

    name, rank = "test.gpu", 50

    def __init__(self, seen: Probe | None = None) -> None:
        self.seen = seen

    def probe(self) -> Probe:
        return self.seen or Probe(False, "", "there is no test GPU")

    def environ(self) -> dict[str, str]:
        return {}

    def policy(self) -> Policy:
        return Policy("cuda", "bfloat16", {"*": "sdpa"})


class Idle(Gpu):
    """Hardware that is here and cannot be used."""

    name = "test.idle"

    def probe(self) -> Probe:
        return Probe(False, "Test GPU 1", "its driver is too old")


class Fixed:
    """Hardware that cannot be planned for where it is not."""

    name, rank = "nobody.has", 60

    def probe(self) -> Probe:
        return Probe(True, "a thing that is here")


@pytest.fixture
def registry(monkeypatch: pytest.MonkeyPatch) -> Registry:
    monkeypatch.setattr("teststages.Gpu", Gpu, raising=False)
    monkeypatch.setattr("teststages.Idle", Idle, raising=False)
    monkeypatch.setattr("teststages.Fixed", Fixed, raising=False)
    registry = Registry()
    registry.entries += [
        Entry("backends", "test.gpu", "teststages:Gpu", "test", "1"),
        Entry("backends", "test.idle", "teststages:Idle", "test", "1"),
        Entry("backends", "nobody.has", "teststages:Fixed", "test", "1"),
    ]
    return registry


def put(folder: Path, value: Any) -> Path:
    path = folder / "machine.json"
    path.write_text(value if isinstance(value, str) else json.dumps(value))
    return path


def changed(**changes: Any) -> dict[str, Any]:
    return {**GOOD, **changes}


def refused(path: Path) -> str:
    with pytest.raises(BadPipeline) as caught:
        read(path, "m")
    (problem,) = caught.value.problems
    return str(problem).replace(str(path), "machine.json")


def test_a_description_becomes_what_each_backend_would_find(tmp_path: Path) -> None:
    machine = read(put(tmp_path, GOOD), "m")
    assert (machine.name, machine.about, machine.date) == ("m", "a machine", "2026-11-27")
    gpu = machine.backends["test.gpu"]
    assert (gpu.available, gpu.device, gpu.memory_gb, gpu.facts["bf16"]) == (True, "Test GPU 9000", 79.1, True)
    assert machine.backends["nobody.has"] == Probe(False, "", "no such thing")


@pytest.mark.parametrize(
    ("value", "told"),
    [
        ('{"about": "x",\n oops}', "machine.json:2: not JSON: "),
        ("[]", "machine.json: wrong type; found [] (a list); expected a table"),
        (
            changed(memory=3),
            'machine.json: memory: unknown key "memory"; expected one of about, backends, date, source',
        ),
        ({key: GOOD[key] for key in ("about", "date", "backends")}, "machine.json: source: missing; expected a text"),
        (changed(backends={}), "machine.json: backends: no backends; expected what each would find there"),
        (changed(backends={"cuda": {}}), "machine.json: backends.cuda.device: missing; expected a text"),
        (
            changed(backends={"cuda": []}),
            "machine.json: backends.cuda: wrong type; found [] (a list); expected a table",
        ),
        (
            changed(backends={"cuda": {"device": "x", "memory_gb": "80"}}),
            'machine.json: backends.cuda.memory_gb: wrong type; found "80" (a string); expected a number of GiB, 0 or more',
        ),
        (
            changed(backends={"cuda": {"device": "x", "memory_gb": -1}}),
            "machine.json: backends.cuda.memory_gb: wrong value; found -1; expected a number of GiB, 0 or more",
        ),
        (
            changed(backends={"cuda": {"device": "x", "facts": {"compute_capability": 9.0}}}),
            "machine.json: backends.cuda.facts.compute_capability: wrong type; found 9.0 (a float); expected a text",
        ),
        (
            changed(backends={"cuda": {"device": "x", "facts": {"devices": 0}}}),
            "machine.json: backends.cuda.facts.devices: wrong value; found 0; expected a whole number above 0",
        ),
        (
            changed(backends={"cuda": {"device": "x", "facts": {"bf16": 1}}}),
            "machine.json: backends.cuda.facts.bf16: wrong type; found 1 (an integer); expected true or false",
        ),
        (
            changed(backends={"cuda": {"device": "x", "facts": {"own": [1]}}}),
            "machine.json: backends.cuda.facts.own: wrong type; found [1] (a list); "
            "expected a text, a number, true or false",
        ),
    ],
)
def test_a_malformed_description_is_refused_in_one_line(tmp_path: Path, value: Any, told: str) -> None:
    said = refused(put(tmp_path, value))
    assert said.startswith(told)
    assert "\n" not in said


def test_a_description_that_is_not_there_is_refused(tmp_path: Path) -> None:
    assert refused(tmp_path / "machine.json") == "machine.json: cannot be read (No such file or directory)"


def plan(workshop: Workshop, registry: Registry, path: Path, *sets: str) -> stagerun.Plan:
    workshop.write(PIPELINE)
    return stagerun.prepare(workshop.file, "demo", sets=sets, registry=registry, machine=str(path))


def test_a_pipeline_is_planned_for_the_hardware_that_is_described(
    workshop: Workshop, registry: Registry, tmp_path: Path
) -> None:
    made = plan(workshop, registry, put(tmp_path, GOOD))
    chosen = made.backend_of(made.stages["spy"])
    assert chosen is not None
    assert (chosen.found.name, chosen.probe.device) == ("test.gpu", "Test GPU 9000")
    assert made.machine is not None
    assert made.machine.about == "a machine"


def test_its_cores_are_what_the_plan_may_give_out(workshop: Workshop, registry: Registry, tmp_path: Path) -> None:
    assert plan(workshop, registry, put(tmp_path, GOOD)).capacity["cpu"] == 14


def test_conditions_are_judged_by_the_described_machine(workshop: Workshop, registry: Registry, tmp_path: Path) -> None:
    (applied,) = plan(workshop, registry, put(tmp_path, GOOD)).spec.applied
    assert applied.why == "when memory_gb 79.1 >= 70, generation = hopper"


def test_a_backend_that_the_description_lacks_cannot_be_forced(
    workshop: Workshop, registry: Registry, tmp_path: Path
) -> None:
    path = put(tmp_path, changed(backends={"test.gpu": GOOD["backends"]["test.gpu"]}))
    with pytest.raises(BadPipeline) as caught:
        plan(workshop, registry, path, "backend=cpu")
    (problem,) = caught.value.problems
    assert problem.what == f'backend "cpu" cannot be used on machine {path}: its description has no backend cpu'
    assert problem.hint == 'what is there: test.gpu (Test GPU 9000); say backend = "auto"'


def test_a_backend_that_takes_no_look_from_others_is_not_planned_for(
    workshop: Workshop, registry: Registry, tmp_path: Path
) -> None:
    backends = {"nobody.has": {"device": "a thing"}, "cpu": {"device": "Test CPU"}}
    with pytest.raises(BadPipeline, match="its class takes no `seen`"):
        plan(workshop, registry, put(tmp_path, changed(backends=backends)), "backend=nobody.has")


def test_a_plan_for_another_machine_is_never_run(workshop: Workshop, registry: Registry, tmp_path: Path) -> None:
    made = plan(workshop, registry, put(tmp_path, GOOD))
    with pytest.raises(BadPipeline, match="was made for machine"):
        next(iter(stagerun.run(made)))
    assert not workshop.runs.exists()


def test_better_hardware_that_is_there_and_cannot_be_used_is_told(
    workshop: Workshop, registry: Registry, tmp_path: Path
) -> None:
    gpu = {"available": False, "device": "Test GPU 9000", "reason": "its driver is too old: update it"}
    path = put(tmp_path, changed(backends={"test.gpu": gpu, "cpu": {"device": "Test CPU"}}))
    said = hardware(plan(workshop, registry, path))
    assert said == "backend cpu: Test CPU; NOT USED is test.gpu (Test GPU 9000): its driver is too old: update it"


def test_what_was_passed_over_is_kept_with_the_result(workshop: Workshop, registry: Registry) -> None:
    registry.entries = [entry for entry in registry.entries if entry.name != "nobody.has"]
    workshop.write(PIPELINE)
    workshop.engine = Engine(registry)
    workshop.run()
    kept = json.loads((workshop.runs / "spy" / "stage.json").read_text())
    assert kept["passed_over"] == ["test.idle (Test GPU 1): its driver is too old"]
