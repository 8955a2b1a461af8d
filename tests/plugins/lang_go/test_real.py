"""The real toolchain and the default judge: attacks, honest code in many shapes, our own tasks, and the go command beside it."""

from __future__ import annotations

from collections.abc import Callable, Iterator
from pathlib import Path

import pytest
from attacks import TIERS, Attack
from redteam import selected

import stagerun_lang_go
from stagerun import Candidate, Judgement, Task
from stagerun.tasks.folders import read_task
from stagerun_evaluators.judge import Local

from .attacks import ATTACKS
from .conftest import RIGHT, TESTS, needs_go, task
from .shapes import DATA, OUTER, SHAPES

pytestmark = needs_go
Judge = Callable[..., Judgement]
FOLDERS = sorted((Path(stagerun_lang_go.__file__).parent / "tasks").iterdir())
SLOW = ("fills", "without end", "for ever")
QUICK = [name for name in ATTACKS if not any(word in name for word in SLOW)]


def solutions(folder: Path, kind: str) -> Iterator[Candidate]:
    """A task's solutions: a file, a folder of files, or a patch."""
    given = read_task(folder, folder.name)
    for path in sorted((folder / kind).iterdir()):
        if path.is_dir():
            inside = [each for each in path.rglob("*") if each.is_file()]
            yield Candidate(given, files={str(each.relative_to(path)): each.read_text() for each in inside})
        elif path.suffix == ".patch":
            yield Candidate(given, patch=path.read_text())
        else:
            yield Candidate(given, path.read_text())


@pytest.fixture(scope="module")
def found(request: pytest.FixtureRequest, local: Local) -> dict[str, Judgement]:
    """Every quick attack judged, by one judge, on all cores."""
    asked = {name: each for name, each in selected(request, ATTACKS).items() if name in QUICK}
    return dict(zip(asked, local.judge([each.candidate for each in asked.values()]), strict=True))


def held(found: Judgement, attack: Attack) -> None:
    """The attack gets one of its verdicts and no test; on a tier that cannot hold it nothing is claimed."""
    if found.isolation in TIERS and TIERS.index(found.isolation) < TIERS.index(attack.least):
        pytest.skip(f"tier {found.isolation} does not hold it")
    assert found.verdict in attack.verdicts, found.detail
    assert found.passed <= attack.earned


@pytest.mark.parametrize("name", QUICK)
def test_an_attack_gets_its_verdict_and_no_test(found: dict[str, Judgement], name: str) -> None:
    held(found[name], ATTACKS[name])


@pytest.mark.slow
@pytest.mark.parametrize("name", [name for name in ATTACKS if name not in QUICK])
def test_an_attack_on_resources_is_ended(local: Local, name: str) -> None:
    held(local.judge([ATTACKS[name].candidate])[0], ATTACKS[name])


@pytest.mark.parametrize("folder", FOLDERS, ids=lambda folder: str(folder.name))
def test_of_our_tasks_the_right_solutions_pass_and_the_wrong_ones_do_not(local: Local, folder: Path) -> None:
    good, wrong = (local.judge(list(solutions(folder, kind))) for kind in ("good", "wrong"))
    assert [(each.verdict, each.score) for each in good] == [("passed", 1.0)] * len(good)
    assert {each.verdict for each in wrong} <= {"failed", "timeout"}
    assert len(good) >= 2
    assert len(wrong) >= 2


def test_there_are_a_dozen_tasks() -> None:
    assert len(FOLDERS) >= 12


@pytest.mark.slow
@pytest.mark.parametrize("folder", FOLDERS[::3], ids=lambda folder: str(folder.name))
def test_the_go_command_comes_to_the_same_verdicts(local: Local, plain: Local, folder: Path) -> None:
    candidates = [*solutions(folder, "good"), *solutions(folder, "wrong")]
    pairs = zip(local.judge(candidates), plain.judge(candidates), strict=True)
    assert all((a.verdict, a.score, a.passed) == (b.verdict, b.score, b.passed) for a, b in pairs)


def test_the_go_command_runs_the_tests_of_several_folders_one_after_the_other(plain: Local) -> None:
    shop = next(folder for folder in FOLDERS if folder.name == "shop")
    right = [*solutions(shop, "good")] * 3  # which of two harnesses came first was a matter of chance
    assert [found.verdict for found in plain.judge(right)] == ["passed"] * len(right)


@pytest.mark.slow
@pytest.mark.parametrize("name", ["exits by a system call in init", "brings a TestMain in a test file", "is right",
                                  "reads the secrets from stdin in a package that is initialised first"])  # fmt: skip
def test_the_go_command_holds_against_attacks_too(plain: Local, name: str) -> None:
    held(plain.judge([ATTACKS[name].candidate])[0], ATTACKS[name])


def test_some_tests_of_several_make_a_part_of_the_score(judged: Judge) -> None:
    found = judged("package solution\n\nfunc Add(a, b int) int { return 3 }\n")
    assert (found.verdict, found.passed, found.failed) == ("failed", {"TestSmall"}, {"TestLarge"})
    assert found.score == pytest.approx((0.1 + (0.05 + 0.8) / 2) / 0.95, abs=1e-6)


def test_a_panic_fails_its_own_test_only(judged: Judge) -> None:
    code = 'package solution\n\nfunc Add(a, b int) int {\n\tif a == 1 {\n\t\tpanic("one")\n\t}\n\treturn a + b\n}\n'
    assert judged(code).passed == {"TestLarge"}


def test_vet_finds_what_compiles(judged: Judge) -> None:
    code = 'package solution\n\nimport "fmt"\n\nfunc Add(a, b int) int {\n\tfmt.Sprintf("%d", "x")\n\treturn a + b\n}\n'
    found = judged(code)
    assert (found.verdict, found.shares["vet"]) == ("passed", 0.0)
    assert found.diagnostics[0].tool == "go vet"
    assert found.score is not None
    assert found.score < 1.0


def test_tests_that_do_not_fit_the_candidate_fail_but_the_candidate_compiles(judged: Judge) -> None:
    found = judged("package solution\n\nfunc Sub(a, b int) int { return a - b }\n")
    assert (found.verdict, found.shares["compile"], found.failed) == ("failed", 1.0, {"TestSmall", "TestLarge"})
    assert "undefined: Add" in {each.message for each in found.diagnostics}


@pytest.mark.parametrize("shape", SHAPES)
def test_tests_of_every_shape_are_run_and_can_fail(judged: Judge, shape: str) -> None:
    assert judged(RIGHT, SHAPES[shape]).verdict == "passed"
    wrong = judged("package solution\n\nfunc Add(a, b int) int { return 7 }\n", SHAPES[shape])
    assert (wrong.verdict, wrong.passed) == ("failed", frozenset())


@pytest.mark.slow
@pytest.mark.parametrize("shape", SHAPES)
def test_the_go_command_runs_tests_of_every_shape_too(plain: Local, shape: str) -> None:
    given = task(SHAPES[shape])
    right, wrong = plain.judge(
        [Candidate(given, RIGHT), Candidate(given, "package solution\n\nfunc Add(a, b int) int { return 7 }\n")]
    )
    assert (right.verdict, wrong.verdict, wrong.passed) == ("passed", "failed", frozenset())


def test_inner_and_outer_tests_and_helpers_go_together(local: Local) -> None:
    files = {"a_test.go": TESTS, "b_test.go": OUTER, "help_test.go": "package solution\n\nvar unused = 1\n"}
    found = local.judge([Candidate(Task(id="t", language="go", files=files), RIGHT)])[0]
    assert (found.verdict, found.passed) == ("passed", {"TestSmall", "TestLarge", "TestOuter"})


def test_tests_find_their_data_in_the_folder_of_their_package(local: Local) -> None:
    given = Task(id="t", language="go", entry="sub/sub.go", files={"sub/testdata/a.txt": "a", "sub/sub_test.go": DATA})
    assert local.judge([Candidate(given, "package sub\n")])[0].verdict == "passed"


def test_a_vendored_module_is_used(local: Local) -> None:
    files = {
        "go.mod": "module solution\n\ngo 1.21\n\nrequire example.org/sum v1.0.0\n",
        "vendor/modules.txt": "# example.org/sum v1.0.0\n## explicit; go 1.21\nexample.org/sum\n",
        "vendor/example.org/sum/sum.go": "package sum\n\nfunc Of(a, b int) int { return a + b }\n",
        "solution_test.go": TESTS,
    }
    code = 'package solution\n\nimport "example.org/sum"\n\nfunc Add(a, b int) int { return sum.Of(a, b) }\n'
    assert local.judge([Candidate(Task(id="t", language="go", files=files), code)])[0].verdict == "passed"
