"""`data.prepare` with named sources: limits, groups, what is dropped across sources, and what it says about it."""

from __future__ import annotations

import json
import subprocess
import sys
from pathlib import Path
from random import Random
from typing import Any

import pytest

from stagerun import StageError
from stagerun.testing import StageRun, dataset, run_stage
from stagerun_stages.data.prepare import Prepare, Source

LANGUAGES = ("Python", "JavaScript", "Go", "Rust", "Java", "TypeScript")
LONG = "the function takes a list of numbers and gives back the largest of them that stands at an even place in it"


def write(path: Path, rows: list[Any]) -> str:
    path.write_text("".join(json.dumps(row) + "\n" for row in rows), encoding="utf-8")
    return str(path)


def glaive(number: int) -> dict[str, Any]:
    return {"system": "SYSTEM: Hi.", "chat": f"USER: what is {number}?\n\nASSISTANT: it is {number}. <|endoftext|>"}


def commit(number: int, language: str) -> dict[str, Any]:
    return {
        "old_contents": f"x = {number}",
        "new_contents": "x",
        "message": f"Cut {number} {language}",
        "lang": language,
    }


def plain(number: int, text: str = "") -> dict[str, Any]:
    return {
        "messages": [{"role": "user", "content": f"{number}?"}, {"role": "assistant", "content": f"{number} {text}"}]
    }


def prepare(tmp_path: Path, *sources: Source | str, many: Any = None, seed: int = 0, **options: Any) -> StageRun:
    stage = Prepare(sources=sources, **{"validation": 0, **options})
    return run_stage(stage, tmp_path / f"run{len(list(tmp_path.iterdir()))}", many=many, seed=seed)


def rows(done: StageRun, output: str = "train") -> list[Any]:
    return [json.loads(line) for line in done.outputs[output].local().read_text(encoding="utf-8").splitlines()]


def report(done: StageRun) -> Any:
    return json.loads(done.outputs["report"].local().read_text(encoding="utf-8"))


def reasons(done: StageRun, place: int = 0) -> dict[str, int]:
    return {each["reason"]: each["rows"] for each in report(done)["sources"][place]["dropped"]}


def test_a_named_source_reads_its_rows_from_a_file(tmp_path: Path) -> None:
    path = write(tmp_path / "rows.jsonl", [*map(glaive, range(30)), {"chat": 5}, "text"])
    done = prepare(tmp_path, Source(name="glaive-v2", path=path, limit=20))
    assert done.metrics["train_rows"] == 20
    assert reasons(done) == {'no "system"': 1, "not a JSON object": 1}
    [told] = report(done)["sources"]
    assert (told["source"], told["kept"], told["taken"]) == (f"glaive-v2 ({path})", 30, 20)


def test_a_limit_counts_for_each_language(tmp_path: Path) -> None:
    made = [commit(number, language) for number in range(12) for language in LANGUAGES]
    path = write(tmp_path / "rows.jsonl", [*made, *(commit(number, "Ruby") for number in range(5))])
    done = prepare(tmp_path, Source(name="commitpackft", path=path, limit=5))
    found = [row["messages"][0]["content"].split()[2] for row in rows(done)]
    assert {language: found.count(language) for language in LANGUAGES} == dict.fromkeys(LANGUAGES, 5)
    assert reasons(done) == {"a language that is not among the six": 5}


def test_a_limit_counts_for_each_split(tmp_path: Path) -> None:
    from datasets import Dataset, DatasetDict

    def talk(split: str, number: int) -> dict[str, Any]:
        return {"conversations": [{"role": "user", "content": f"{number}"}, {"role": "assistant", "content": split}]}

    splits = {name: Dataset.from_list([talk(name, number) for number in range(9)]) for name in ("codeact", "general")}
    DatasetDict(splits).save_to_disk(str(tmp_path / "saved"))
    path = str(tmp_path / "saved")
    both = rows(prepare(tmp_path, Source(name="code-act", path=path, limit=4)))
    assert sorted(row["messages"][1]["content"] for row in both) == ["codeact"] * 4 + ["general"] * 4
    one = rows(prepare(tmp_path, Source(name="code-act", path=path, split="general")))
    assert [row["messages"][1]["content"] for row in one] == ["general"] * 9


@pytest.mark.parametrize(("limit", "taken"), [(None, 10_000), (0, 10_020), (7, 7)])
def test_a_source_says_itself_how_many_rows_are_taken(tmp_path: Path, limit: int | None, taken: int) -> None:
    made = [{"instruction": f"raise {number}", "input": f"x = {number}", "output": "x"} for number in range(10_020)]
    path = write(tmp_path / "rows.jsonl", made)
    assert prepare(tmp_path, Source(name="editpackft", path=path, limit=limit)).metrics["train_rows"] == taken


def test_a_developers_text_and_settings_for_the_template_go_with_each_row(tmp_path: Path) -> None:
    path = write(tmp_path / "rows.jsonl", [glaive(1)])
    [row] = rows(
        prepare(tmp_path, Source(name="glaive-v2", path=path, developer="Do it.", chat={"reasoning_effort": "high"}))
    )
    assert row["messages"][0] == {"role": "developer", "content": "Do it.\n\nHi."}
    assert row["chat_template_kwargs"] == {"reasoning_effort": "high"}


def test_a_source_of_another_format_is_refused_before_anything_is_read(tmp_path: Path) -> None:
    with pytest.raises(
        StageError, match='"hh-rlhf" gives preference rows and this stage prepares messages; put it into'
    ):
        prepare(tmp_path, Source(name="hh-rlhf", path=str(tmp_path / "none.jsonl")))


def test_rows_that_are_nearly_the_same_are_kept_once_also_across_sources(tmp_path: Path) -> None:
    words = [f"word{number}" for number in range(300)]
    first = [plain(1, " ".join(words)), plain(2, " ".join(reversed(words)))]
    second = [plain(3, " ".join([*words[:-2], "other", "end"])), plain(4, " ".join(sorted(words)))]
    sources = [Source(path=write(tmp_path / f"{name}.jsonl", each)) for name, each in (("a", first), ("b", second))]
    done = prepare(tmp_path, *sources)
    assert sorted(row["messages"][0]["content"] for row in rows(done)) == ["1?", "2?", "4?"]
    assert (done.metrics["near_duplicates"], done.metrics["dropped"]) == (1, 0)
    [dropped] = report(done)["sources"][1]["dropped"]
    assert dropped["reason"] == "nearly the same as a row before it"
    assert dropped["examples"][0]["where"] == f"{tmp_path}/b.jsonl:1"
    assert prepare(tmp_path, *sources, near_duplicates=0).metrics["train_rows"] == 4


def test_a_row_goes_only_for_one_that_stays(tmp_path: Path) -> None:
    words = [f"word{number}" for number in range(700)]
    made = [plain(at, " ".join(words[at * 20 : at * 20 + 450])) for at in range(12)]  # each is like the next one only
    done = prepare(tmp_path, Source(path=write(tmp_path / "a.jsonl", made)), near_duplicates=0.85)
    kept = sorted(int(row["messages"][0]["content"].rstrip("?")) for row in rows(done))
    assert len(kept) < 12
    gone = set(range(12)) - set(kept)
    assert all(min(abs(row - other) for other in kept if other < row) <= 2 for row in gone)


def test_what_is_asked_in_an_evaluation_is_not_trained_on(tmp_path: Path) -> None:
    tasks = dataset(
        tmp_path / "tasks.jsonl", [{"messages": [{"role": "user", "content": LONG}], "task": {"tests": "x"}}]
    )
    path = write(tmp_path / "a.jsonl", [plain(1, f"Now {LONG.upper()}."), *map(plain, range(2, 9))])
    done = prepare(tmp_path, Source(path=path), many={"against": (tasks,)})
    assert (done.metrics["contaminated"], done.metrics["dropped"], done.metrics["train_rows"]) == (1, 0, 7)
    assert reasons(done) == {"holds an evaluation question": 1}
    assert report(done)["against"] == {"questions": 1, "too_short": 0}


def test_evaluation_questions_that_are_too_short_to_look_for_are_told(tmp_path: Path) -> None:
    tasks = dataset(tmp_path / "tasks.jsonl", [{"messages": [{"role": "user", "content": "add two"}], "task": {}}])
    path = write(tmp_path / "a.jsonl", [*map(plain, range(9))])
    [warning] = prepare(tmp_path, Source(path=path), many={"against": (tasks,)}).kinds("stage.warning")
    assert warning["text"].startswith("1 evaluation questions are too short")


def test_rows_with_one_question_or_half_their_words_in_common_stay_on_one_side(tmp_path: Path) -> None:
    words = [f"word{number}" for number in range(80)]
    made = [plain(number // 2, f"answer {number}") for number in range(60)]
    made += [plain(100 + at, " ".join([*words[:60], *(f"own{at}x{n}" for n in range(20))])) for at in range(6)]
    for seed in range(5):
        done = prepare(tmp_path, Source(path=write(tmp_path / "a.jsonl", made)), validation=20, seed=seed)
        asked = [{row["messages"][0]["content"] for row in rows(done, side)} for side in ("train", "validation")]
        assert not asked[0] & asked[1]
        alike = {f"{number}?" for number in range(100, 106)}
        assert alike <= asked[0] or alike <= asked[1]
        assert 18 <= done.metrics["validation_rows"] <= 20


def test_validation_that_cannot_be_had_without_a_leak_is_told(tmp_path: Path) -> None:
    made = [plain(1, f"answer {number}") for number in range(10)]
    done = prepare(tmp_path, Source(path=write(tmp_path / "a.jsonl", made)), validation=3)
    assert done.metrics["validation_rows"] == 0
    assert "only 0 rows are kept out of training, not 3" in done.kinds("stage.warning")[0]["text"]


@pytest.mark.parametrize(
    ("row", "why"),
    [
        (plain(1, "x" * 2000), "longer than 1000 characters"),
        (plain(1, "before <|end|> behind"), "a special token in the text"),
        ({**plain(1), "chat_template_kwargs": {"a": float("1e999")}}, "a number that JSON does not have"),
    ],
)
def test_rows_that_would_do_harm_are_dropped(tmp_path: Path, row: Any, why: str) -> None:
    path = tmp_path / "a.jsonl"
    write(path, [plain(2), plain(3)])
    with path.open("a") as stream:
        stream.write(json.dumps(row).replace("Infinity", "1e999") + "\n")
    assert reasons(prepare(tmp_path, Source(path=str(path)), longest=1000)) == {why: 1}


def test_a_message_of_ten_megabytes_is_dropped_and_counted(tmp_path: Path) -> None:
    path = write(tmp_path / "a.jsonl", [plain(1), plain(2, "ab " * 3_500_000), plain(3)])
    done = prepare(tmp_path, Source(path=path))
    assert reasons(done) == {"longer than 1000000 characters": 1}
    assert len(report(done)["sources"][0]["dropped"][0]["examples"][0]["row"]) <= 200


def test_schemas_that_change_from_row_to_row_are_counted_apart(tmp_path: Path) -> None:
    odd = [{"text": "x"}, {"messages": {"role": "user"}}, {"messages": [{"from": "human", "value": "x"}]}, [], None, 7]
    done = prepare(tmp_path, Source(path=write(tmp_path / "a.jsonl", [plain(1), plain(2), *odd])))
    assert reasons(done) == {
        'no "messages"': 1,
        "messages is not a list": 1,
        "unknown role": 1,
        "not a JSON object": 3,
    }


def test_what_was_put_right_is_counted(tmp_path: Path) -> None:
    ending = {"messages": [*plain(1)["messages"], {"role": "user", "content": "and?"}]}
    done = prepare(tmp_path, Source(path=write(tmp_path / "a.jsonl", [ending, plain(2), plain(3)])))
    assert done.metrics["repaired"] == 1
    assert report(done)["sources"][0]["repaired"] == {"what follows the last answer is cut off": 1}


def test_a_fault_of_a_source_drops_the_row_and_not_the_run(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    from stagerun_stages.sources.glaive import glaive_v2

    whole = glaive_v2.convert
    monkeypatch.setattr(glaive_v2, "convert", lambda row: {}["gone"] if "3" in row["chat"] else whole(row))
    path = write(tmp_path / "a.jsonl", [*map(glaive, range(6))])
    done = prepare(tmp_path, Source(name="glaive-v2", path=path))
    assert (reasons(done), done.metrics["train_rows"]) == ({"KeyError in the source": 1}, 5)


def test_a_source_whose_rows_are_all_somewhere_else_too_fails(tmp_path: Path) -> None:
    sources = [Source(path=write(tmp_path / f"{name}.jsonl", [plain(1), plain(2)])) for name in "ab"]
    with pytest.raises(StageError, match=r"b\.jsonl gave no row: 2 of 2 were dropped for: duplicate"):
        prepare(tmp_path, *sources)


def test_another_seed_is_another_sample_and_the_same_seed_the_same_bytes(tmp_path: Path) -> None:
    source = Source(name="glaive-v2", path=write(tmp_path / "a.jsonl", [*map(glaive, range(200))]), limit=50)
    first, again, other = (prepare(tmp_path, source, seed=seed, validation=5) for seed in (1, 1, 2))
    assert first.outputs["train"].digest == again.outputs["train"].digest
    assert first.outputs["train"].digest != other.outputs["train"].digest


@pytest.mark.parametrize(
    ("source", "complaint"),
    [
        (Source(), "sources.0 has neither a name nor a path"),
        (Source(name="glaive-v2", limit=-1), "limit of glaive-v2 is -1"),
        (Source(path="a.jsonl", revision="v1"), "revision of a.jsonl is of no use with a path"),
    ],
)
def test_impossible_sources_are_found_while_planning(source: Source, complaint: str) -> None:
    assert any(complaint in text for text in Prepare(sources=(source,)).check())


@pytest.mark.parametrize("share", [0.2, 1.5])
def test_a_share_in_common_is_between_a_half_and_one(share: float) -> None:
    assert any("near_duplicates is" in text for text in Prepare(near_duplicates=share).check())


def test_names_and_tables_say_the_same() -> None:
    assert Prepare(sources=("glaive-v2",)) == Prepare(sources=(Source(name="glaive-v2"),))
    assert list(Prepare(sources=("a", Source(path="x"))).plugins()) == [("sources", "a", "sources.0")]


def test_the_licence_of_rows_is_said_by_who_names_them_or_by_their_card_or_by_the_source(tmp_path: Path) -> None:
    def told(*sources: Source) -> list[str]:
        done = prepare(tmp_path, *sources)
        assert [each.get("licence", "") for each in report(done)["sources"]] == [
            each["licence"] for each in done.outputs["train"].meta["sources"]
        ]
        return [each["licence"] for each in done.outputs["train"].meta["sources"]]

    (tmp_path / "folder").mkdir()
    write(tmp_path / "folder" / "rows.jsonl", [glaive(1), glaive(2)])
    named, file = Source(name="glaive-v2", path=str(tmp_path / "folder")), write(tmp_path / "b.jsonl", [plain(3)])
    assert told(named, Source(path=file)) == ["apache-2.0", ""]
    (tmp_path / "folder" / "README.md").write_text("---\nlicense: mit\n---\n")
    assert told(named, Source(path=file, licence="cc0-1.0")) == ["mit", "cc0-1.0"]


@pytest.mark.slow
def test_200_000_rows_are_prepared_within_a_gigabyte_and_a_half(tmp_path: Path) -> None:
    random, path = Random(0), tmp_path / "rows.jsonl"
    words = [f"word{number}" for number in range(20_000)]
    with path.open("w", encoding="utf-8") as stream:
        for number in range(200_000):
            stream.write(json.dumps(plain(number, " ".join(random.choices(words, k=300)))) + "\n")
    program = f"""
import resource, sys
from pathlib import Path
from stagerun.testing import run_stage
from stagerun_stages.data.prepare import Prepare, Source
done = run_stage(Prepare(sources=(Source(path={str(path)!r}),)), Path({str(tmp_path / "run")!r}))
assert done.metrics["train_rows"] + done.metrics["validation_rows"] == 200_000
print(resource.getrusage(resource.RUSAGE_SELF).ru_maxrss)
"""
    done = subprocess.run([sys.executable, "-c", program], capture_output=True, text=True, check=True)
    peak = int(done.stdout.split()[-1]) * (1 if sys.platform == "darwin" else 1024)
    assert peak < 1.5e9
