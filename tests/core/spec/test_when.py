"""A profile's `when`: which machines meet it, why it was taken, and the conditions that no machine can meet."""

from __future__ import annotations

from collections.abc import Collection, Mapping
from pathlib import Path
from typing import Any

import pytest
from attrs import field, frozen

from stagerun.spec import PipelineSpec
from stagerun.spec.load import read
from stagerun.spec.when import Told

H100 = {
    "device": "NVIDIA H100 80GB HBM3",
    "memory_gb": 79.1,
    "generation": "hopper",
    "compute_capability": "9.0",
    "devices": 2,
}
MAC = {"device": "Apple M4 Pro, 24 GB", "memory_gb": 16.0, "generation": "m4", "chip": "Apple M4 Pro"}
TELLS: Mapping[str, Told] = {
    "cuda": {"generation": ("hopper", "ampere"), "compute_capability": (), "devices": ()},
    "mps": {"generation": ("m3", "m4"), "chip": ()},
}


@frozen
class Machine:
    """What each backend finds; `auto` is the first. Backends that are installed but absent find nothing."""

    finds: Mapping[str, Mapping[str, Any]] = field(factory=dict)
    told: Mapping[str, Told] = TELLS
    installed: tuple[str, ...] = ("cpu", "cuda", "mps")

    def backends(self) -> Collection[str]:
        return self.installed

    def has(self, backend: str) -> bool:
        return backend in self.backends()

    def facts(self, backend: str) -> Mapping[str, Any]:
        name = next(iter(self.finds), "") if backend == "auto" else backend
        return {"backend": name, **self.finds[name]} if name in self.finds else {}

    def tells(self, backend: str) -> Told | None:
        return self.told.get(backend, {})


POD = Machine({"cuda": H100, "cpu": {"device": "EPYC"}})
LAPTOP = Machine({"mps": MAC, "cpu": {"device": "Apple M4 Pro"}})
BARE = Machine({"cpu": {"device": "EPYC", "memory_gb": 80.0}})


@pytest.fixture
def file(tmp_path: Path) -> Path:
    return tmp_path / "p.toml"


def write(file: Path, when: str, more: str = "") -> None:
    file.write_text(f'[p.stages.a]\nuses = "x"\n[p.profiles.own]\nwhen = {when}\n{more}\n')


def good(file: Path, here: Machine, *args: Any) -> PipelineSpec:
    spec, problems = read(file, "p", *(args or ((), ())), here)
    assert not problems, "\n".join(map(str, problems))
    assert spec is not None
    return spec


def why(file: Path, here: Machine, *args: Any) -> str:
    return "".join(one.why for one in good(file, here, *args).applied if one.name == "own")


def problems(file: Path, here: Machine = BARE) -> list[str]:
    return [str(problem).replace(str(file), "p.toml") for problem in read(file, "p", (), (), here)[1]]


@pytest.mark.parametrize(
    ("when", "said"),
    [
        ('{ backend = "cuda" }', "when backend = cuda"),
        ('{ device = "h100" }', "when device = h100"),
        ('{ generation = "Hopper" }', "when generation = Hopper"),
        ("{ memory_gb = 70 }", "when memory_gb 79.1 >= 70"),
        ("{ memory_gb = 79.1 }", "when memory_gb 79.1 >= 79.1"),
        ("{ memory_gb = 79.2 }", ""),
        ("{ compute_capability = 8.9 }", "when compute_capability 9.0 >= 8.9"),
        ('{ compute_capability = "9.0" }', "when compute_capability 9.0 >= 9.0"),
        ("{ compute_capability = 9 }", "when compute_capability 9.0 >= 9"),
        ('{ compute_capability = "10.0" }', ""),
        ("{ devices = 2 }", "when devices 2 >= 2"),
        ("{ devices = 3 }", ""),
        ('{ backend = "cuda", memory_gb = 70 }', "when backend = cuda, memory_gb 79.1 >= 70"),
        ('{ backend = "cuda", memory_gb = 90 }', ""),
        ('{ chip = "M4" }', ""),
    ],
)
def test_every_condition_has_to_hold_and_the_reason_says_what_was_found(file: Path, when: str, said: str) -> None:
    write(file, when)
    assert why(file, POD) == said


def test_a_chip_is_found_by_a_part_of_its_name(file: Path) -> None:
    write(file, '{ chip = "m4" }')
    assert (why(file, LAPTOP), why(file, BARE)) == ("when chip = m4", "")


def test_a_machine_that_does_not_tell_its_memory_meets_no_bound(file: Path) -> None:
    write(file, "{ memory_gb = 1 }")
    assert why(file, Machine({"cpu": {"device": "EPYC"}})) == ""


FORCED = """[p]
backend = "{pipeline}"
[p.params]
hardware = "cpu"
[p.stages.a]
uses = "x"
[p.profiles.own]
when.backend = "cpu"
[p.profiles.slow]
backend = "cpu"
"""


@pytest.mark.parametrize(
    ("pipeline", "profiles", "sets"),
    [
        ("cpu", [], []),
        ("auto", ["slow"], []),
        ("auto", [], ["backend=cpu"]),
        ("auto", [], ['backend="cpu"']),
        ("cuda", ["slow"], []),
        ("cuda", [], ["backend=cpu"]),
        ("${params.hardware}", [], []),
    ],
)
def test_conditions_are_judged_by_the_backend_that_is_forced_wherever_it_is_said(
    file: Path, pipeline: str, profiles: list[str], sets: list[str]
) -> None:
    file.write_text(FORCED.replace("{pipeline}", pipeline))
    assert why(file, POD, profiles, sets) == "when backend = cpu"


def test_without_a_word_auto_decides(file: Path) -> None:
    file.write_text(FORCED.replace("{pipeline}", "auto"))
    assert (why(file, POD), why(file, BARE)) == ("", "when backend = cpu")


def test_a_profile_that_is_taken_by_itself_has_no_say_in_which_others_are(file: Path) -> None:
    write(file, '{ backend = "cpu" }', '[p.profiles.big]\nwhen.device = "H100"\nbackend = "cpu"')
    spec = good(file, POD)
    assert ([one.name for one in spec.applied], spec.backend) == (["big"], "cpu")


IMPOSSIBLE = [
    (
        '{ backend = "cuad" }',
        '.backend: unknown backend "cuad"; expected one of cpu, cuda, mps; did you mean "cuda"?',
    ),
    (
        '{ backend = "rocm" }',
        '.backend: unknown backend "rocm"; expected one of cpu, cuda, mps; install the plugin that brings it',
    ),
    ("{ memory_gb = 0 }", ".memory_gb: wrong value; found 0 (an integer); expected a number of GiB above 0"),
    ("{ memory_gb = -70 }", ".memory_gb: wrong value; found -70 (an integer); expected a number of GiB above 0"),
    ("{ memory_gb = inf }", ".memory_gb: wrong value; found inf (a float); expected a number of GiB above 0"),
    ('{ memory_gb = "80" }', '.memory_gb: wrong type; found "80" (a string); expected a number of GiB above 0'),
    ("{ devices = 0 }", ".devices: wrong value; found 0 (an integer); expected a whole number, 1 or more"),
    (
        '{ compute_capability = "sm90" }',
        '.compute_capability: wrong value; found "sm90" (a string); expected a compute capability such as "9.0"',
    ),
    ('{ generation = "hoper" }', '.generation: generation is never "hoper"; expected one of ampere, hopper, m3, m4; '
     'did you mean "hopper"?'),
    (
        '{ backend = "cuda", generation = "m4" }',
        '.generation: generation is never "m4"; expected one of ampere, hopper',
    ),
    ('{ backend = "cuda", chip = "M4" }', ".chip: no machine with backend cuda has a chip; leave it out"),
    (
        '{ backend = "cpu", compute_capability = 9.0 }',
        ".compute_capability: no machine with backend cpu has a compute_capability; leave it out",
    ),
    (
        '{ backend = "cpu", chip = "M4", devices = 2 }',
        ".chip: no machine with backend cpu has a chip; leave it out",
    ),
]  # fmt: skip


@pytest.mark.parametrize(("when", "told"), IMPOSSIBLE, ids=[when for when, _ in IMPOSSIBLE])
def test_a_condition_that_no_machine_can_meet_is_refused_with_its_line(file: Path, when: str, told: str) -> None:
    write(file, when)
    assert problems(file)[0] == f"p.toml:4: p.profiles.own.when{told}"


def test_every_impossible_condition_of_a_profile_is_told(file: Path) -> None:
    write(file, '{ backend = "cpu", chip = "M4", devices = 2 }')
    assert len(problems(file)) == 2


def test_a_profile_that_is_taken_on_one_backend_cannot_set_another(file: Path) -> None:
    write(file, '{ backend = "mps" }', 'backend = "cuda"')
    assert problems(file) == [
        'p.toml:4: p.profiles.own.when.backend: taken on backend "mps", and then sets backend = "cuda"; '
        "leave out one of the two"
    ]
    write(file, '{ backend = "mps" }', 'backend = "mps"')
    assert problems(file) == []


def test_nothing_is_held_against_backends_that_do_not_say_what_they_tell(file: Path) -> None:
    write(file, '{ backend = "own", chip = "X1" }')
    assert problems(file, Silent()) == []


class Silent(Machine):
    """A machine whose backends say nothing of what they tell."""

    def backends(self) -> Collection[str]:
        return ("own",)

    def tells(self, backend: str) -> Told | None:
        return None


def test_what_two_backends_tell_is_offered_once(file: Path) -> None:
    write(file, '{ generation = "m33" }')
    (told,) = problems(file, Machine(told={**TELLS, "mlx": TELLS["mps"]}, installed=("cpu", "cuda", "mlx", "mps")))
    assert "expected one of ampere, hopper, m3, m4; did you mean" in told
