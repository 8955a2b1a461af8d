"""A stage's class says what its options may be; whatever does not fit is told, all of it at once."""

from __future__ import annotations

import json
import typing
from collections.abc import Callable, Mapping, Sequence
from enum import Enum
from pathlib import Path
from typing import Annotated, Any, ClassVar, Literal

import pytest
from attrs import Attribute, define, field, frozen, validators
from hypothesis import given
from hypothesis import strategies as st

from stagerun.contracts import option
from stagerun.plan.options import canonical, shown, structure
from stagerun.spec import PipelineSpec
from stagerun.spec.params import Unresolved

SPEC = PipelineSpec("p", Path("p.toml"), {})


class Colour(Enum):
    RED = "red"
    BLUE = "blue"


@frozen
class Lora:
    rank: int = option(16, validator=validators.ge(1))
    alpha: float | None = None
    targets: tuple[str, ...] = ("q", "v")
    log: bool = option(False, affects_result=False)


@frozen
class Options:
    produces: ClassVar = {}
    text: str = "t"
    count: int = 1
    rate: float = 0.5
    flag: bool = False
    loss: Literal["ipo", "sigmoid"] = "ipo"
    level: Literal[1, 2, True] = 1
    colour: Colour = Colour.RED
    maybe: int | None = None
    auto: int | Literal["auto"] = "auto"
    names: list[str] = option(factory=list)
    either: str | list[str] = "x"
    pair: tuple[int, float] = (1, 2.0)
    unique: frozenset[int] = frozenset()
    weights: dict[str, float] = option(factory=dict)
    by_loss: Mapping[Literal["ipo", "sigmoid"], Sequence[int]] = option(factory=dict)
    lora: Lora = option(factory=Lora)
    loras: list[Lora] = option(factory=list)
    table_or_path: Lora | str = "none"
    place: Path = Path()
    anything: Any = None
    noted: Annotated[int, "a note"] = 0
    save: int = option(250, affects_result=False)


@frozen
class Required:
    rows: int
    source: str
    bigger: int = field(default=9)

    @bigger.validator
    def _bigger(self, attribute: Attribute[int], value: int) -> None:
        if value <= self.rows:
            raise ValueError(f"must be more than rows, {self.rows}")


def read(cls: type[Any] = Options, **raw: Any) -> Any:
    instance, problems = structure(cls, raw, ("with",), SPEC)
    assert not problems, "\n".join(map(str, problems))
    return instance


def told(cls: type[Any] = Options, **raw: Any) -> list[str]:
    instance, problems = structure(cls, raw, ("with",), SPEC)
    assert instance is None
    return [str(problem) for problem in problems]


def test_an_empty_table_gives_the_defaults():
    assert read() == Options()


@pytest.mark.parametrize(
    ("raw", "value"),
    [
        ({"rate": 3}, 3.0),
        ({"loss": "sigmoid"}, "sigmoid"),
        ({"level": True}, True),
        ({"colour": "blue"}, Colour.BLUE),
        ({"maybe": 3}, 3),
        ({"auto": 3}, 3),
        ({"auto": "auto"}, "auto"),
        ({"either": ["a"]}, ["a"]),
        ({"pair": [3, 4]}, (3, 4.0)),
        ({"unique": [2, 2, 1]}, frozenset({1, 2})),
        ({"weights": {"a": 1}}, {"a": 1.0}),
        ({"by_loss": {"ipo": [1]}}, {"ipo": (1,)}),
        ({"lora": {"rank": 8}}, Lora(8)),
        ({"loras": [{}, {"targets": ["k"]}]}, [Lora(), Lora(targets=("k",))]),
        ({"table_or_path": {"rank": 2}}, Lora(2)),
        ({"table_or_path": "x"}, "x"),
        ({"place": "a/b"}, Path("a/b")),
        ({"anything": [{"a": True}]}, [{"a": True}]),
        ({"noted": 4}, 4),
    ],
)
def test_a_value_is_read_as_the_type_of_its_field(raw, value):
    (key,) = raw
    found = getattr(read(**raw), key)
    assert (found, type(found)) == (value, type(value))


@pytest.mark.parametrize(
    ("raw", "message"),
    [
        ({"count": "3"}, 'count: wrong type; found "3" (a string); expected an integer'),
        ({"count": True}, "count: wrong type; found true (a boolean); expected an integer"),
        ({"count": 3.0}, "count: wrong type; found 3.0 (a float); expected an integer"),
        ({"count": 2**63}, "count: the integer is too large; expected at most 64 bits"),
        ({"rate": True}, "rate: wrong type; found true (a boolean); expected a number"),
        ({"rate": float("nan")}, "rate: not a finite number; found nan (a float); expected a number"),
        ({"rate": float("-inf")}, "rate: not a finite number; found -inf (a float); expected a number"),
        ({"flag": 1}, "flag: wrong type; found 1 (an integer); expected true or false"),
        ({"text": ["a"]}, 'text: wrong type; found ["a"] (a list); expected a string'),
        (
            {"loss": "ip0"},
            'loss: wrong value; found "ip0" (a string); expected one of "ipo", "sigmoid"; did you mean "ipo"?',
        ),
        ({"level": 1.0}, "level: wrong value; found 1.0 (a float); expected one of 1, 2, true"),
        ({"colour": "RED"}, 'colour: wrong value; found "RED" (a string); expected one of "red", "blue"'),
        ({"maybe": "3"}, 'maybe: wrong type; found "3" (a string); expected an integer'),
        ({"auto": "atuo"}, 'auto: wrong type; found "atuo" (a string); expected an integer or "auto"'),
        ({"names": "a"}, 'names: wrong type; found "a" (a string); expected a list of strings'),
        ({"names": ["a", 1]}, "names.1: wrong type; found 1 (an integer); expected a string"),
        ({"either": 1}, "either: wrong type; found 1 (an integer); expected a string or a list of strings"),
        ({"either": [1]}, "either.0: wrong type; found 1 (an integer); expected a string"),
        ({"pair": [1]}, "pair: wrong type; found [1] (a list); expected a list of 2: an integer, a number"),
        ({"weights": {"a": "b"}}, 'weights.a: wrong type; found "b" (a string); expected a number'),
        ({"weights": []}, "weights: wrong type; found [] (a list); expected a table"),
        (
            {"by_loss": {"ip": [1]}},
            'by_loss.ip: wrong value; found "ip" (a string); expected one of "ipo", "sigmoid"; did you mean "ipo"?',
        ),
        ({"lora": 8}, "lora: wrong type; found 8 (an integer); expected a table"),
        ({"lora": {"rank": 0}}, "lora.rank: 'rank' must be >= 1: 0"),
        ({"loras": [{}, {"r": 1}]}, 'loras.1.r: unknown option "r"; expected one of alpha, log, rank, targets'),
        ({"loras": {}}, "loras: wrong type; found {} (a table); expected a list, each a table"),
        ({"table_or_path": {"rank": "x"}}, 'table_or_path.rank: wrong type; found "x" (a string); expected an integer'),
        ({"table_or_path": 1}, "table_or_path: wrong type; found 1 (an integer); expected a table or a string"),
        ({"place": 1}, "place: wrong type; found 1 (an integer); expected a path"),
    ],
)
def test_a_value_of_another_kind_is_told_and_never_bent_to_fit(raw, message):
    assert told(**raw) == [f"with.{message}"]


def test_a_misspelt_option_is_told_with_the_nearest_and_all_right_names():
    assert told(Lora, rnk=3) == [
        'with.rnk: unknown option "rnk"; expected one of alpha, log, rank, targets; did you mean "rank"?'
    ]


def test_a_key_of_the_stage_inside_with_is_told_where_it_belongs():
    expected = "expected one of alpha, log, rank, targets"
    assert told(Lora, needs={}) == [
        f'with.needs: unknown option "needs"; {expected}; "needs" belongs beside "with", not in it'
    ]


def test_keys_beside_the_options_are_offered_when_they_are_near():
    problems = structure(Lora, {"hrad": True}, ("gates", "0"), SPEC, beside=("hard", "name"))[1]
    assert [problem.hint for problem in problems] == ['did you mean "hard"?']


def test_every_mistake_of_a_table_is_told_at_once():
    messages = told(Required, sorce="x", rows="many", bigger=0.5, lora={})
    assert [message.split(";")[0] for message in messages] == [
        'with.sorce: unknown option "sorce"',
        'with.lora: unknown option "lora"',
        'with: the option "source" is missing',
        "with.rows: wrong type",
        "with.bigger: wrong type",
    ]


def test_a_validator_that_compares_two_options_is_asked(tmp_path):
    assert told(Required, rows=3, source="x", bigger=2) == [
        "with.bigger: must be more than rows, 3; found 2 (an integer)"
    ]
    assert read(Required, rows=3, source="x", bigger=4).bigger == 4


def test_a_fault_that_only_the_finished_instance_shows_is_told():
    @define
    class Post:
        low: int = 0
        high: int = 1

        def __attrs_post_init__(self) -> None:
            if self.low > self.high:
                raise ValueError("low is above high")

    assert told(Post, low=2) == ["with: low is above high"]


def test_a_converter_decides_what_the_option_takes():
    assert read(Converted, words="a b").words == ("a", "b")
    assert told(Converted, words=["a"]) == ['with.words: wrong type; found ["a"] (a list); expected a string']
    assert read(Converted, sizes=[1]).sizes == (1,)


def _split(text: str) -> tuple[str, ...]:
    return tuple(text.split())


@frozen
class Converted:
    words: tuple[str, ...] = field(default="", converter=_split)
    sizes: tuple[int, ...] = field(default=(), converter=tuple)


def test_a_private_field_is_called_by_its_alias():
    @frozen
    class Private:
        _seed: int = 0
        made: int = field(init=False, default=3)

    assert read(Private, seed=2)._seed == 2
    assert canonical(read(Private, seed=2)) == {"seed": 2}
    assert told(Private, made=2) == ['with.made: unknown option "made"; expected seed']


def test_a_value_with_a_missing_parameter_is_not_complained_about_again():
    assert told(count=Unresolved("${params.x}"), names=[Unresolved("${params.x}")]) == []


def test_a_type_that_toml_cannot_carry_is_the_fault_of_the_class():
    @frozen
    class Odd:
        call: Callable[[], None]

    (message,) = told(Odd, call="x")
    assert message.startswith(
        "with: the options of test_a_type_that_toml_cannot_carry_is_the_fault_of_the_class.<locals>.Odd cannot"
    )


def test_a_type_that_cannot_be_found_is_the_fault_of_the_class():
    @frozen
    class Lost:
        what: NoSuchType  # type: ignore[name-defined] # noqa: F821

    assert "a type in its annotations is not known" in told(Lost, what=1)[0]


def test_only_options_that_affect_the_result_are_canonical():
    options = Options(lora=Lora(log=True), save=1)
    assert "save" not in canonical(options)
    assert "log" not in canonical(options)["lora"]
    assert (shown(options)["save"], shown(options)["lora"]["log"]) == (1, True)
    assert canonical(options) == canonical(Options())


def test_canonical_options_are_json_with_every_default():
    options = Options(colour=Colour.BLUE, unique=frozenset({3, 1, 2}), place=Path("a/b"), loras=[Lora()])
    found = canonical(options)
    assert json.loads(json.dumps(found)) == found
    assert (found["colour"], found["unique"], found["place"], found["rate"]) == ("blue", [1, 2, 3], "a/b", 0.5)
    assert found.keys() == {name for name in typing.get_type_hints(Options) if name not in ("produces", "save")}


def test_a_whole_number_is_the_same_option_however_it_is_written():
    assert json.dumps(canonical(read(rate=2))) == json.dumps(canonical(read(rate=2.0)))
    assert json.dumps(canonical(Options(rate=2))) == json.dumps(canonical(Options(rate=2.0)))
    assert canonical(Options(rate=2.5))["rate"] == 2.5


SCALARS = st.one_of(st.booleans(), st.integers(-5, 5), st.floats(), st.sampled_from(["", "ipo", "red", "auto"]))
RAW = st.recursive(
    SCALARS,
    lambda inner: (
        st.lists(inner, max_size=3) | st.dictionaries(st.sampled_from(["ipo", "rank", "alpha", "x"]), inner, max_size=3)
    ),
    max_leaves=6,
)
TABLES = st.dictionaries(st.sampled_from([*typing.get_type_hints(Options), "unknown"]), RAW, max_size=5)


@given(TABLES)
def test_either_an_instance_or_problems_come_back_whatever_the_table_holds(raw):
    instance, problems = structure(Options, raw, ("with",), SPEC)
    assert (instance is None) == bool(problems)


@given(TABLES)
def test_problems_of_two_keys_are_the_problems_of_each(raw):
    """No mistake hides another, and the order in the file does not matter."""
    together = structure(Options, raw, ("with",), SPEC)[1]
    alone = [problem for key, value in raw.items() for problem in structure(Options, {key: value}, ("with",), SPEC)[1]]
    assert set(together) == set(alone)


@given(TABLES)
def test_what_is_shown_reads_back_as_the_same_options(raw):
    instance, _ = structure(Options, raw, ("with",), SPEC)
    if instance is not None:
        assert structure(Options, json.loads(json.dumps(shown(instance))), ("with",), SPEC) == (instance, [])


@given(st.permutations(["text", "count", "lora", "names"]))
def test_the_order_of_keys_in_the_file_does_not_change_the_canonical_options(order):
    raw = {"text": "a", "count": 2, "lora": {"rank": 3, "alpha": 1}, "names": ["b"]}
    shuffled = {key: raw[key] for key in order}
    assert json.dumps(canonical(read(**shuffled))) == json.dumps(canonical(read(**raw)))
