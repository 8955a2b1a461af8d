"""The Rust language describes: what it lays, asks for and reads, from output that was recorded. Nothing is started here."""

from __future__ import annotations

import attrs
import pytest

from stagerun import Candidate, Check, Completed, Diagnostic, StageError, SuiteResult, Task
from stagerun_evaluators.rust import Rust, diagnostics, toolchain
from stagerun_evaluators.rust.report import siphash
from stagerun_evaluators.rust.toolchain import Toolchain

from .hostile import RIGHT, task

HOST = "x86_64-unknown-linux-gnu"
RUST = Rust(chain=Toolchain("/rust", HOST))
CANDIDATE = Candidate(task(), RIGHT)
SAID = f"rustc 1.95.0 (59807616e 2026-04-14)\nbinary: rustc\nhost: {HOST}\nrelease: 1.95.0\n"
WARNING = (
    '{"$message_type":"diagnostic","message":"unneeded `return` statement","code":{"code":"clippy::needless_return",'
    '"explanation":null},"level":"warning","spans":[{"file_name":"src/lib.rs","line_start":2,"is_primary":true}],"children":[]}\n'
    '{"$message_type":"diagnostic","message":"1 warning emitted","code":null,"level":"warning","spans":[],"children":[]}\n'
)


def checks(candidate: Candidate = CANDIDATE, language: Rust = RUST) -> dict[str, Check]:
    return {check.name: check for check in language.checks(candidate)}


def report(check: Check, *lines: str, key: str = "") -> Completed:
    """A host's report; {first} and {last} stand for the canaries."""
    given, _, first, last, *_ = check.command.stdin.split("\n")
    signed = [f"{at} {line.format(first=first, last=last)}" for at, line in enumerate(lines)]
    text = "".join(f"{siphash(key or given, line.encode()):016x} {line}\n" for line in signed)
    return Completed(returncode=0, report=text, step=len(check.before))


WHOLE = (
    *("list {first}", "list small", "list large", "list {last}"),
    *(
        "failed {first} 1 is not 2",
        "passed small",
        "failed large left: 3 right: 42",
        "failed {last} a is not b",
        "end ",
    ),
)


def judged(*lines: str, key: str = "") -> SuiteResult:
    check = checks()["test"]
    return RUST.parse(check, report(check, *lines, key=key), CANDIDATE)


def test_siphash_is_the_one_of_its_authors() -> None:
    key = "07060504030201000f0e0d0c0b0a0908"
    assert siphash(key, bytes(range(15))) == 0xA129CA6149BE45E5  # the example in the appendix of their paper


def test_weights_add_up_and_lint_is_not_required() -> None:
    found = checks()
    assert sum(check.weight for check in found.values()) == pytest.approx(1.0)
    assert {name: check.required for name, check in found.items()} == {"compile": True, "test": True, "lint": False}
    assert [check.metric for check in found.values()] == [
        "cargo_check_pass_rate",
        "cargo_test_pass_rate",
        "clippy_clean_rate",
    ]


def test_one_command_compiles_and_lints() -> None:
    found = checks()
    assert found["compile"].command == found["lint"].command == found["test"].before[0]


def test_the_candidate_is_compiled_before_any_test_is_laid() -> None:
    found = checks()["test"]
    assert "tests/solution.rs" not in RUST.layout(CANDIDATE)
    assert not found.before[0].files
    assert "tests/solution.rs" in found.before[1].files


def test_tests_are_taken_away_before_the_candidate_runs() -> None:
    assert checks()["test"].command.files["tests/solution.rs"] == ""


def test_key_and_canaries_are_new_each_time_and_not_on_the_command_line() -> None:
    first, second = (checks()["test"].command for _ in range(2))
    assert not set(first.stdin.split("\n")[2:4]) & set(second.stdin.split("\n")[2:4])
    assert first.stdin[:32] != second.stdin[:32]
    assert first.stdin[:32] not in " ".join(first.argv)


def test_the_candidate_s_configuration_and_tests_are_left_out() -> None:
    names = (
        "Cargo.toml",
        "build.rs",
        ".cargo/config.toml",
        "clippy.toml",
        "rust-toolchain",
        "tests/x.rs",
        "src/build.rs",
    )
    laid = RUST.layout(Candidate(task(), files={"src/lib.rs": RIGHT, **dict.fromkeys(names, "evil")}))
    assert "evil" not in laid.values()


def test_configuration_of_the_task_is_laid() -> None:
    given = Task(id="t", language="rust", tests="#[test] fn a() {}", repo={"clippy.toml": "task's"})
    assert RUST.layout(Candidate(given, RIGHT, files={"clippy.toml": "evil"}))["clippy.toml"] == "task's"


def test_nothing_is_shared_between_candidates_and_nothing_downloaded() -> None:
    command = checks(language=attrs.evolve(RUST, plain=True))["compile"].command
    assert command.environ["CARGO_TARGET_DIR"].startswith("{root}/")
    assert command.environ["CARGO_NET_OFFLINE"] == "true"
    assert "--offline" in command.argv


def test_a_task_s_own_limits_are_taken() -> None:
    command = checks(Candidate(task(timeout=7.5, memory_mb=99), RIGHT))["test"].command
    assert (command.timeout, command.memory_mb) == (7.5, 99)


@pytest.mark.parametrize(
    ("tests", "expected", "says"),
    [
        ("", (), "task t has no test"),
        ("fn helper() {}", (), "task t has no test"),
        ("#[test] fn a() {}", ("b",), "expected test b is not in its tests; found a"),
    ],
)
def test_a_task_that_cannot_be_judged_is_named(tests: str, expected: tuple[str, ...], says: str) -> None:
    with pytest.raises(StageError, match=says):
        RUST.checks(Candidate(Task(id="t", language="rust", tests=tests, expected=expected), RIGHT))


def test_a_whole_report_is_believed() -> None:
    found = judged(*WHOLE)
    assert (found.passed, found.failed, found.tampered) == ({"small"}, {"large"}, False)
    assert found.diagnostics == (Diagnostic("", 0, "large: left: 3 right: 42", tool="cargo test"),)


@pytest.mark.parametrize(
    "lines",
    [
        [line for line in WHOLE if line != "passed small"],
        [*WHOLE[:6], "passed small", *WHOLE[6:]],
        [line.replace("failed {last} a is not b", "passed {last}") for line in WHOLE],
        [line for line in WHOLE if "{first}" not in line],
        [*WHOLE[:-1], "lied ", "end "],
        [*WHOLE, "end "],
    ],
    ids=["a test without outcome", "a test twice", "a canary that passed", "no first canary", "a lie", "two ends"],
)
def test_a_report_that_does_not_add_up_is_tampering(lines: list[str]) -> None:
    found = judged(*lines)
    assert (found.tampered, found.passed) == (True, frozenset())


def test_a_report_under_another_key_is_tampering() -> None:
    found = judged(*WHOLE, key="0" * 32)
    assert (found.tampered, found.passed, found.failed) == (True, frozenset(), {"small", "large"})


def test_lines_in_another_order_are_not_believed() -> None:
    check = checks()["test"]
    done = report(check, *WHOLE)
    turned = "".join(sorted(done.report.splitlines(keepends=True)))
    assert RUST.parse(check, attrs.evolve(done, report=turned), CANDIDATE).tampered


@pytest.mark.parametrize(("code", "tampered"), [(0, True), (1, False), (-6, False), (-11, False)])
def test_only_leaving_with_success_is_called_a_cheat(code: int, tampered: bool) -> None:
    check = checks()["test"]
    found = RUST.parse(check, Completed(returncode=code, step=len(check.before)), CANDIDATE)
    assert (found.tampered, found.failed) == (tampered, {"small", "large"})


def test_a_failed_allocation_is_out_of_memory() -> None:
    check = checks()["test"]
    done = Completed(returncode=-6, stderr="memory allocation of 10737418240 bytes failed\n", step=len(check.before))
    assert RUST.parse(check, done, CANDIDATE).out_of_memory


def test_when_the_tests_do_not_compile_all_of_them_failed() -> None:
    check = checks()["test"]
    found = RUST.parse(check, Completed(returncode=1, stderr=WARNING, step=1), CANDIDATE)
    assert (found.built, found.failed) == (False, {"small", "large"})


def test_a_warning_costs_the_lint_and_not_the_compiling() -> None:
    found, done = checks(), Completed(returncode=0, stderr=WARNING)
    assert RUST.parse(found["compile"], done, CANDIDATE).built
    assert not RUST.parse(found["lint"], done, CANDIDATE).built


def test_output_that_was_cut_is_not_clean() -> None:
    done = Completed(returncode=0, stderr='{"message\n[... 99999 bytes left out ...]\n"}\n')
    assert not RUST.parse(checks()["lint"], done, CANDIDATE).built


def test_a_refused_candidate_is_not_run() -> None:
    candidate = Candidate(task(), f"#[no_mangle]\n{RIGHT}")
    found = checks(candidate)["test"]
    assert not found.before
    assert "host" not in found.command.argv[0]
    assert RUST.parse(found, Completed(returncode=0), candidate).failed == {"small", "large"}


def test_diagnostics_point_to_the_code() -> None:
    assert diagnostics.read(f"Compiling x\n{WARNING}{{broken\n") == (
        Diagnostic("src/lib.rs", 2, "unneeded `return` statement", "warning", "clippy::needless_return", "clippy"),
    )


def test_cargo_s_own_lines_hold_the_compiler_s() -> None:
    line = f'{{"reason":"compiler-message","message":{WARNING.splitlines()[0]}}}\n{{"reason":"build-finished","success":true}}'
    assert [found.code for found in diagnostics.read(line)] == ["clippy::needless_return"]


def test_an_old_toolchain_is_told() -> None:
    with pytest.raises(StageError, match="rustc is too old"):
        Rust().ready({"rustc": Completed(returncode=0, stdout=SAID.replace("1.95", "1.70"))})


def test_a_ready_language_knows_its_target() -> None:
    ready = Rust(chain=Toolchain("/rust")).ready({"rustc": Completed(returncode=0, stdout=SAID)})
    assert ready.chain == Toolchain("/rust", HOST)


def test_the_toolchain_behind_rustup_s_proxies_is_found(tmp_path, monkeypatch) -> None:  # type: ignore[no-untyped-def]
    proxies, home = tmp_path / "cargo" / "bin", tmp_path / "rustup"
    proxies.mkdir(parents=True)
    (home / "toolchains" / "stable-x" / "bin").mkdir(parents=True)
    (home / "settings.toml").write_text('default_toolchain = "stable-x"\n')
    (proxies / "rustup").write_text("")
    (proxies / "rustup").chmod(0o755)
    (proxies / "rustc").symlink_to("rustup")
    monkeypatch.setenv("PATH", str(proxies))
    monkeypatch.setenv("RUSTUP_HOME", str(home))
    monkeypatch.delenv("RUSTUP_TOOLCHAIN", raising=False)
    assert toolchain.find().home == str(home / "toolchains" / "stable-x")


def test_without_rust_its_probe_leads_nowhere(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setenv("PATH", "/nowhere")
    assert Rust().tools()[0].probe.argv[0] == "/no-rust-on-path/bin/rustc"
