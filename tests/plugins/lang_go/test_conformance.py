"""Go goes through the kit that every language must pass."""

from __future__ import annotations

import pytest

from stagerun import Task
from stagerun.testing.languages import Case, Samples, cases, check_description, check_missing_tools
from stagerun_evaluators.judge import Local
from stagerun_lang_go import Go

from .conftest import RIGHT, TESTS, needs_go

REPO = {"go.mod": "module solution\n\ngo 1.21\n", "solution.go": RIGHT.replace("a + b", "a - b")}
PATCH = """--- a/solution.go
+++ b/solution.go
@@ -1,3 +1,3 @@
 package solution

-func Add(a, b int) int { return a - b }
+func Add(a, b int) int { return a + b }
""".replace("\n\n", "\n \n", 1)


def returning(value: str, before: str = "", imports: str = "") -> str:
    """An Add that does something and returns a value."""
    return f"package solution\n{imports}\nfunc Add(a, b int) int {{\n{before}\n\treturn {value}\n}}\n"


SAMPLES = Samples(
    task=Task(
        id="add",
        language="go",
        files={"solution_test.go": TESTS, "data.txt": "1"},
        repo=REPO,
        meta={"timeout": 3.0, "memory_mb": 512},
    ),
    good=RIGHT,
    wrong=returning("0"),
    half=returning("3"),
    broken="package solution\n\nfunc Add(",
    loud=returning(
        "a + b",
        '\tfmt.Println(strings.Repeat("x", 300000))\n\tfmt.Fprintln(os.Stderr, strings.Repeat("x", 300000))',
        '\nimport (\n\t"fmt"\n\t"os"\n\t"strings"\n)\n',
    ),
    endless=returning("0", "\tfor a < 100 {\n\t}"),
    hungry=returning(
        "len(all)",
        "\tvar all [][]byte\n\tfor n := 0; n < 10240; n++ {\n\t\tblock := make([]byte, 1<<20)\n\t\tfor at := range block {\n"
        "\t\t\tblock[at] = 1\n\t\t}\n\t\tall = append(all, block)\n\t}",
    ),
    leaves=returning("0", "\tos.Exit(0)", '\nimport "os"\n'),
    forges=returning(
        "0",
        '\tfmt.Print("--- PASS: TestSmall (0.00s)\\n--- PASS: TestLarge (0.00s)\\nPASS\\nok  \\tsolution\\n")\n\tos.Exit(0)',
        '\nimport (\n\t"fmt"\n\t"os"\n)\n',
    ),
    configuration={
        "go.work": "go 1.21\n\nuse ./evil\n",
        "go.mod": "module solution\n\nreplace testing => ./evil\n",
        ".golangci.yml": "linters:\n  disable-all: true\n",
        "main_test.go": 'package solution\n\nimport (\n\t"os"\n\t"testing"\n)\n\nfunc TestMain(m *testing.M) { os.Exit(0) }\n',
        "vendor/modules.txt": "",
    },
    patched=PATCH,
)


def test_it_describes_itself() -> None:
    check_description(Go(), SAMPLES)


@needs_go
@pytest.mark.parametrize("case", cases(SAMPLES), ids=str)
def test_it_conforms(local: Local, case: Case) -> None:
    case.check(local)


@needs_go
def test_without_its_tools_it_says_so(seeds: None) -> None:
    check_missing_tools(Go(), SAMPLES, lambda evaluator: Local(lambda _: evaluator, cache=False))
