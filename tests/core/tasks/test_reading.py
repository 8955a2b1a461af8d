"""Tasks in every form are read alike, and each malformed one is refused in one line that names file and fault."""

from __future__ import annotations

import gzip
import json
import os
from collections.abc import Callable, Mapping
from pathlib import Path
from typing import Any

import pytest

from stagerun import StageError
from stagerun.tasks import read_solutions, read_tasks
from stagerun.tasks.humaneval import continued

ROW = {"id": "t/add", "language": "python", "statement": "Add.", "tests": "def test(): ..."}
HUMANEVAL = {
    "task_id": "HumanEval/0",
    "prompt": "import math\n\n\ndef half(x):\n    '''Half.'''\n",
    "entry_point": "half",
    "canonical_solution": "    return x / 2\n",
    "test": "def check(candidate):\n    assert candidate(2) == 1\n",
}
TOML = 'id = "python/add"\nlanguage = "python"\nexpected = ["test_small"]\n[meta]\ntimeout = 2.5\n'
TOML += '[wrong]\n"minus.py" = "it takes away"\n'
CONFIG = {
    "files": {"solution": ["src/lib.rs", "Cargo.toml"], "test": ["tests/add.rs"], "example": [".meta/example.rs"]}
}


def write(root: Path, files: Mapping[str, str | bytes]) -> Path:
    for name, text in files.items():
        path = root / name
        path.parent.mkdir(parents=True, exist_ok=True)
        path.write_bytes(text if isinstance(text, bytes) else text.encode())
    return root


def lines(*rows: Any) -> str:
    return "".join((row if isinstance(row, str) else json.dumps(row)) + "\n" for row in rows)


def folder(root: Path, **changes: str | bytes | None) -> Path:
    """A task folder; a change to None leaves a file out. Names are written with `__` for `/` and `_dot_` for a dot."""
    files: dict[str, str | bytes | None] = {
        "task.toml": TOML,
        "statement.md": "Add.\n",
        "tests/test_solution.py": "from solution import add\n",
        "files/data/n.txt": "1\n",
        "repo/solution.py": "def add(): ...\n",
        "good/plain.py": "def add(a, b): return a + b\n",
        "good/parts/solution.py": "from other import add\n",
        "good/parts/other.py": "def add(a, b): return a + b\n",
        "good/change.patch": "--- a/solution.py\n+++ b/solution.py\n",
        "wrong/minus.py": "def add(a, b): return a - b\n",
    }
    files |= {name.replace("__", "/").replace("_dot_", "."): text for name, text in changes.items()}
    return write(root, {name: text for name, text in files.items() if text is not None})


def exercise(root: Path, config: Any = CONFIG) -> Path:
    return write(
        root,
        {
            ".meta/config.json": json.dumps(config),
            ".meta/example.rs": "pub fn add() {}\n",
            ".docs/introduction.md": "# Intro\n",
            ".docs/instructions.md": "# Instructions\n\nAdd.\n",
            "src/lib.rs": "pub fn add() { todo!() }\n",
            "Cargo.toml": "[package]\n",
            "tests/add.rs": "#[test]\nfn adds() {}\n",
        },
    )


def test_a_row_is_a_task_with_every_field(tmp_path: Path) -> None:
    more = {"expected": ["a"], "entry": "x.py", "files": {"d/e": "1"}, "repo": {"r": "2"}, "meta": {"timeout": 3}}
    (task,) = read_tasks(write(tmp_path, {"t.jsonl": lines({**ROW, **more})}) / "t.jsonl")
    assert (task.id, task.tests, task.expected, task.entry) == ("t/add", "def test(): ...", ("a",), "x.py")
    assert (task.files, task.repo, task.meta) == ({"d/e": "1"}, {"r": "2"}, {"timeout": 3})


def test_the_language_that_is_given_is_for_rows_that_name_none(tmp_path: Path) -> None:
    bare = {key: value for key, value in ROW.items() if key != "language"}
    path = write(tmp_path, {"t.jsonl": lines(bare, {**ROW, "id": "other"})}) / "t.jsonl"
    assert [task.language for task in read_tasks(path, "rust")] == ["rust", "python"]


def test_a_row_of_training_is_a_task_and_its_question_the_statement(tmp_path: Path) -> None:
    row = {"prompt": [{"role": "user", "content": "Add."}], "task": {"tests": "x"}}
    (task,) = read_tasks(write(tmp_path, {"t.jsonl": lines(row)}) / "t.jsonl", "python")
    assert (task.id, task.language, task.statement, task.tests) == ("t.jsonl:1", "python", "Add.", "x")


def test_a_conversation_before_the_task_is_kept_whole(tmp_path: Path) -> None:
    asked = [{"role": "system", "content": "Be brief."}, {"role": "user", "content": "Add."}]
    (task,) = read_tasks(write(tmp_path, {"t.jsonl": lines({"messages": asked, "task": ROW | {"statement": ""}})}))
    assert task.meta["messages"] == asked


def test_a_task_folder_is_a_task_and_its_tests_are_files_of_it(tmp_path: Path) -> None:
    (task,) = read_tasks(folder(tmp_path))
    assert (task.id, task.statement, task.expected, task.meta) == (
        "python/add",
        "Add.\n",
        ("test_small",),
        {"timeout": 2.5},
    )
    assert set(task.files) == {"test_solution.py", "data/n.txt"}
    assert (set(task.repo), task.tests) == ({"solution.py"}, "")


def test_a_folder_of_folders_is_read_in_order_of_names(tmp_path: Path) -> None:
    for name in ("b", "a"):
        folder(tmp_path / "set" / name, task_dot_toml=TOML.replace("python/add", f"python/{name}"))
    write(tmp_path, {"set/z.jsonl": lines(ROW), "set/.hidden/task.toml": "?"})
    assert [task.id for task in read_tasks(tmp_path)] == ["python/a", "python/b", "t/add"]


def test_a_task_folders_solutions_come_with_their_reasons(tmp_path: Path) -> None:
    found = {each.name: each for each in read_solutions(folder(tmp_path))}
    assert list(found) == ["good/change.patch", "good/parts", "good/plain.py", "wrong/minus.py"]
    assert found["good/change.patch"].candidate.patch.startswith("--- a/")
    assert set(found["good/parts"].candidate.files) == {"solution.py", "other.py"}
    assert found["good/plain.py"].candidate.code == "def add(a, b): return a + b\n"
    assert (found["wrong/minus.py"].wrong, found["good/plain.py"].good) == ("it takes away", True)


def test_a_humaneval_row_is_a_task_for_adoption(tmp_path: Path) -> None:
    (task,) = read_tasks(write(tmp_path, {"h.jsonl": lines(HUMANEVAL)}) / "h.jsonl")
    assert (task.id, task.language, task.statement) == ("HumanEval/0", "python", HUMANEVAL["prompt"])
    assert task.meta == {"format": "humaneval", "entry_point": "half", "prompt": HUMANEVAL["prompt"]}
    assert task.tests == HUMANEVAL["test"]


def test_a_gzipped_file_is_read_like_a_plain_one(tmp_path: Path) -> None:
    path = write(tmp_path, {"h.jsonl.gz": gzip.compress(lines(HUMANEVAL).encode())}) / "h.jsonl.gz"
    assert [task.id for task in read_tasks(path)] == ["HumanEval/0"]


@pytest.mark.parametrize(
    ("declaration", "entry"),
    [
        ("use std::cmp;\n\nfn half(x: f32) -> f32{\n", "half"),
        ("func Half(x float64) float64 {\n", "Half"),
        ("const half = (x) => {\n", "half"),
    ],
)
def test_humaneval_in_another_language_names_it_in_the_id_and_the_entry_in_the_declaration(
    declaration, entry, tmp_path
):
    row = {"task_id": "Rust/3", "prompt": f"// Half.\n{declaration}", "declaration": declaration, "test": "x"}
    (task,) = read_tasks(write(tmp_path, {"h.jsonl": lines(row)}))
    assert (task.language, task.meta["entry_point"], task.meta["declaration"]) == ("rust", entry, declaration)


def test_a_prompt_that_is_a_comment_alone_goes_on_with_the_declaration(tmp_path: Path) -> None:
    row = {"task_id": "Rust/3", "prompt": "/* Half. */\n", "test": "x"}
    row["declaration"] = "use md5;\nfn half(x: f64) -> f64 {\n"
    (task,) = read_tasks(write(tmp_path, {"h.jsonl": lines(row)}))
    assert continued(task, "    x / 2.0\n}\n") == "/* Half. */\nuse md5;\nfn half(x: f64) -> f64 {\n    x / 2.0\n}\n"
    assert "fn half" in task.statement


def test_an_exercise_is_a_task_for_adoption_with_its_stub_in_the_statement(tmp_path: Path) -> None:
    (task,) = read_tasks(exercise(tmp_path / "add"), "rust")
    assert (task.id, task.language, task.entry) == ("rust/add", "rust", "src/lib.rs")
    assert task.files == {"tests/add.rs": "#[test]\nfn adds() {}\n"}
    assert (task.meta["format"], task.meta["test"]) == ("exercism", ["tests/add.rs"])
    assert task.meta["stubs"]["src/lib.rs"] == "pub fn add() { todo!() }\n"
    assert task.statement.startswith(
        "# Intro\n\n# Instructions\n\nAdd.\n\n`src/lib.rs` begins as:\n\n```\npub fn add()"
    )


def test_a_configuration_with_a_fault_elsewhere_still_names_its_files(tmp_path: Path) -> None:
    root = exercise(tmp_path / "add")
    text = (root / ".meta/config.json").read_text()
    write(root, {".meta/config.json": text[:-1] + ' "source": "a comma is missing before this"}'})
    assert read_tasks(root, "rust")[0].entry == "src/lib.rs"


def test_a_source_beside_the_solution_that_the_configuration_forgets_comes_along_and_no_test_does(
    tmp_path: Path,
) -> None:
    write(exercise(tmp_path / "add"), {"src/given.rs": "pub fn one() {}\n", "tests/leaks.rs": "?", ".hidden.rs": "?"})
    assert set(read_tasks(tmp_path / "add", "rust")[0].files) == {"tests/add.rs", "src/given.rs"}


def test_a_whole_track_is_read_and_names_its_language(tmp_path: Path) -> None:
    exercise(tmp_path / "exercises/practice/add")
    exercise(tmp_path / "exercises/practice/sub")
    write(tmp_path, {"config.json": json.dumps({"slug": "rust"}), "exercises/practice/notes/README.md": "?"})
    assert [task.id for task in read_tasks(tmp_path)] == ["rust/add", "rust/sub"]


def test_an_exercises_example_is_a_right_solution_at_the_solutions_place(tmp_path: Path) -> None:
    (found,) = read_solutions(exercise(tmp_path / "add"), "rust")
    assert (found.candidate.code, found.good) == ("pub fn add() {}\n", True)


def test_an_example_of_several_files_goes_to_files_of_the_same_ending(tmp_path: Path) -> None:
    example = [".meta/example.rs", ".meta/Cargo-example.toml"]
    write(tmp_path / "add", {".meta/Cargo-example.toml": "[dependencies]\n"})
    (found,) = read_solutions(exercise(tmp_path / "add", {"files": CONFIG["files"] | {"example": example}}), "rust")
    assert found.candidate.files == {"src/lib.rs": "pub fn add() {}\n", "Cargo.toml": "[dependencies]\n"}


def test_a_canonical_solution_continues_its_prompt(tmp_path: Path) -> None:
    (found,) = read_solutions(write(tmp_path, {"h.jsonl": lines(HUMANEVAL)}) / "h.jsonl")
    assert found.candidate.code == HUMANEVAL["prompt"] + HUMANEVAL["canonical_solution"]


def rows(*given: Any) -> Callable[[Path], Path]:
    return lambda root: write(root, {"t.jsonl": lines(*given)}) / "t.jsonl"


def toml(old: str, new: str) -> Callable[[Path], Path]:
    return lambda root: folder(root / "task", task_dot_toml=TOML.replace(old, new))


def files(**changes: str | bytes | None) -> Callable[[Path], Path]:
    return lambda root: folder(root / "task", **changes)


def configured(config: Any) -> Callable[[Path], Path]:
    return lambda root: exercise(root / "add", config)


def linked(name: str) -> Callable[[Path], Path]:
    def make(root: Path) -> Path:
        path = folder(root / "task") / name
        path.parent.mkdir(exist_ok=True)
        path.symlink_to("/etc/hostname")
        return root / "task"

    return make


def piped(root: Path) -> Path:
    os.mkfifo(folder(root / "task") / "tests" / "pipe")
    return root / "task"


MALFORMED: dict[str, tuple[Callable[[Path], Path], str]] = {
    "no file": (lambda root: root / "absent", "there is no file or folder"),
    "empty file": (rows(), "t.jsonl has no tasks"),
    "empty folder": (lambda root: root, "has no tasks; expected JSON Lines, a folder with task.toml"),
    "no json": (rows("{"), "t.jsonl:1 is not JSON"),
    "not utf-8": (lambda root: write(root, {"t.jsonl": b"\xff\n"}) / "t.jsonl", "t.jsonl:1 is not JSON"),
    "a list": (rows([]), "t.jsonl:1 is not a JSON object"),
    "deep": (rows("[" * 100_000), "t.jsonl:1 is not JSON (nested too deeply)"),
    "torn gzip": (
        lambda root: write(root, {"t.jsonl.gz": gzip.compress(b"\n" * 99)[:-9]}) / "t.jsonl.gz",
        "t.jsonl.gz cannot be read",
    ),
    "no id": (rows({"language": "python"}), "t.jsonl:1 has no id"),
    "no language": (rows({"id": "x"}), "t.jsonl:1: the task x has no language"),
    "unknown language": (
        rows(ROW, {**ROW, "id": "x", "language": "pyton"}),
        't.jsonl:2: the task x is in the language "pyton"; did you mean "python"?',
    ),
    "unknown key": (rows({**ROW, "test": "x"}), 't.jsonl:1 has an unknown key "test"; did you mean "tests"?'),
    "twice": (rows(ROW, ROW), "t.jsonl:2: the task t/add is also in t.jsonl:1; give each task its own id"),
    "tests a list": (rows({**ROW, "tests": ["x"]}), "t.jsonl:1: tests is a list; expected a text"),
    "binary": (rows({**ROW, "tests": "\0"}), "t.jsonl:1: tests is no source text: it is binary"),
    "surrogate": (rows({**ROW, "tests": "\ud800"}), "t.jsonl:1: tests is no source text: it has half a surrogate pair"),
    "huge": (rows({**ROW, "tests": "x" * 4_000_001}), "t.jsonl:1: tests is no source text: it has more than"),
    "climbing": (rows({**ROW, "files": {"../x": ""}}), "t.jsonl:1: files has the path '../x': it leads outside"),
    "absolute": (rows({**ROW, "repo": {"/x": ""}}), "t.jsonl:1: repo has the path '/x': it leads outside"),
    "entry outside": (rows({**ROW, "entry": "a/../../x"}), "t.jsonl:1: entry 'a/../../x': it leads outside"),
    "files a list": (rows({**ROW, "files": []}), "t.jsonl:1: files is a list"),
    "expected a text": (rows({**ROW, "expected": "x"}), "t.jsonl:1: expected is a text"),
    "expected twice": (rows({**ROW, "expected": ["x", "x"]}), "t.jsonl:1: expected names a test twice"),
    "timeout a text": (rows({**ROW, "meta": {"timeout": "3"}}), "t.jsonl:1: meta.timeout is '3'; expected a number"),
    "timeout endless": (rows({**ROW, "meta": {"timeout": float("inf")}}), "t.jsonl:1: meta.timeout is inf"),
    "memory below zero": (rows({**ROW, "meta": {"memory_mb": -1}}), "t.jsonl:1: meta.memory_mb is -1"),
    "humaneval without test": (rows({**HUMANEVAL, "test": ""}), "t.jsonl:1 has no task_id or no test"),
    "humaneval without entry": (
        rows({"task_id": "HumanEval/1", "prompt": "x", "test": "y"}),
        "t.jsonl:1: no entry_point",
    ),
    "humaneval of no language": (rows({**HUMANEVAL, "task_id": "one"}), "t.jsonl:1: the task one has no language"),
    "toml": (toml('"python/add"', "python/add"), "task/task.toml is not TOML"),
    "toml key": (toml("expected", "expects"), 'task/task.toml has an unknown key "expects"; did you mean "expected"?'),
    "toml without id": (toml('id = "python/add"\n', ""), "task/task.toml has no id"),
    "no statement": (files(statement_dot_md=None), "task/statement.md cannot be read: No such file"),
    "no tests": (files(tests__test_solution_dot_py=None), "task has no tests"),
    "both": (files(files__test_solution_dot_py="x"), "task has test_solution.py below tests/ and below files/"),
    "binary file": (files(tests__x_dot_png=b"\x89PNG\0"), "task/tests/x.png is binary"),
    "latin file": (files(tests__x_dot_py=b"# \xe9"), "task/tests/x.py is not UTF-8 (byte 2)"),
    "huge file": (files(tests__x=b"x" * 4_000_001), "task/tests/x has more than 4,000,000 bytes"),
    "a link": (linked("tests/x.py"), "task/tests/x.py is a link"),
    "a pipe": (piped, "task/tests/pipe is no regular file"),
    "config torn": (
        lambda root: write(exercise(root / "add"), {".meta/config.json": '{"files": {"solution": ["x"'}),
        "add/.meta/config.json is not JSON",
    ),
    "config": (configured([]), "add/.meta/config.json has no `files`"),
    "config without solution": (configured({"files": {"test": ["t"]}}), "add/.meta/config.json has no files.solution"),
    "config outside": (
        configured({"files": {"solution": ["../x"], "test": ["t"]}}),
        "files.solution has '../x': it leads outside",
    ),
    "test not there": (
        configured({"files": {"solution": ["a"], "test": ["t.rs"]}}),
        "add/t.rs cannot be read: No such file",
    ),
}


@pytest.mark.parametrize("name", MALFORMED)
def test_a_malformed_task_is_refused_in_one_line(name, tmp_path: Path) -> None:
    make, expected = MALFORMED[name]
    path = make(tmp_path)
    with pytest.raises(StageError) as error:
        read_tasks(
            path, known=("python", "rust") if name == "unknown language" else (), language="rust" * (path.name == "add")
        )
    assert expected in str(error.value)
    assert len(str(error.value).splitlines()) == 1


def test_a_link_to_a_folder_inside_an_exercise_is_refused(tmp_path: Path) -> None:
    root = exercise(tmp_path / "add", {"files": CONFIG["files"] | {"test": ["out/hostname"]}})
    (root / "out").symlink_to("/etc")
    with pytest.raises(StageError, match="add/out is a link"):
        read_tasks(root, "rust")


def test_a_reason_may_leave_out_the_ending_of_its_file(tmp_path: Path) -> None:
    root = folder(tmp_path, task_dot_toml=TOML.replace('"minus.py"', "minus"))
    assert [each.wrong for each in read_solutions(root) if not each.good] == ["it takes away"]


@pytest.mark.parametrize(
    ("wrong", "expected"),
    [
        ("", "task/task.toml does not say why wrong/minus.py is wrong"),
        ('[wrong]\n"minus.py" = ""\n', "task/task.toml: wrong is a table"),
        ('[wrong]\n"minus.py" = "x"\n"plus.py" = "y"\n', "task/task.toml tells of wrong/plus.py, which is not there"),
    ],
)
def test_each_wrong_solution_needs_a_reason_and_each_reason_a_solution(wrong, expected, tmp_path: Path) -> None:
    root = folder(tmp_path / "task", task_dot_toml=TOML.partition("[wrong]")[0] + wrong)
    with pytest.raises(StageError, match=expected):
        read_solutions(root)
