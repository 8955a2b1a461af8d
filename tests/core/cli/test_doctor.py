"""`stagerun doctor` and `stagerun toolchains`: what is there, what is missing, what mends it, with judges of the test kit."""

from __future__ import annotations

import json
from collections.abc import Callable
from types import SimpleNamespace
from typing import Any, ClassVar

import pytest
from attrs import asdict, frozen
from workshop import Workshop

from stagerun import Finding, Registry, StageError
from stagerun.checks.toolchains import Wanted, everything, findings
from stagerun.cli.findings import failed, plain, table
from stagerun.registry.index import Entry

from .conftest import Say

PIPELINE = '[demo.judge]\nuses = "test.told"\n[demo.stages.a]\nuses = "test.judged"\n'


@frozen
class Report:
    """What a judge tells of a tool."""

    name: str
    found: bool
    version: str = ""
    install: str = ""
    optional: bool = False


class Judge:
    """A judge that knows two languages."""

    tools: ClassVar = {
        "rust": [Report("cargo", True, "cargo 1.95"), Report("fmt", False, "", "rustup component add fmt", True)]
    }

    def __init__(self, evaluators: Callable[[str], Any], **options: Any) -> None:
        if options.get("min_tier"):
            raise StageError("no isolation as strong as namespaces works here", "lower judge.min_tier")
        self.isolation = SimpleNamespace(tier="landlock", stops=("the network",), open=("reading files",))

    def toolchains(self, language: str) -> list[Report]:
        return self.tools.get(language, [Report("tsc", False, "no such file", "stagerun toolchains install")])


def looked_at(wanted: Wanted, judge: type = Judge) -> list[Finding]:
    """Findings with a judge called `mine`."""
    registry = Registry(entries=[Entry("judges", "mine", f"{__name__}:unused", "me", "1")])
    registry._cache["judges", "mine"] = SimpleNamespace(value=judge)
    return list(findings(registry, wanted))


def mine(*languages: str, needed: str = "", **options: Any) -> Wanted:
    return Wanted(languages, frozenset(needed.split()), "mine", options)


def test_a_tool_that_is_there_is_told_with_its_version() -> None:
    found = looked_at(mine("rust", needed="rust"))
    assert "[pass] rust cargo: cargo 1.95" in list(plain(found))
    assert not failed(found)


def test_a_missing_tool_that_is_needed_is_a_failure_with_the_line_that_installs_it() -> None:
    found = looked_at(mine("typescript", needed="typescript"))
    line = "[fail] typescript tsc: not found (no such file); without it nothing in this language can be judged"
    assert f"{line}; to mend it: stagerun toolchains install" in list(plain(found))
    assert failed(found)


def test_what_nobody_needs_and_what_is_optional_is_a_warning() -> None:
    found = looked_at(mine("rust", "typescript", needed="rust"))
    assert [one.status for one in found if one.item in {"tsc", "fmt"}] == ["warn", "warn"]
    assert not failed(found)


def test_an_optional_tool_says_itself_what_its_lack_costs_where_it_is_no_check() -> None:
    class Lacking(Judge):
        tools: ClassVar = {
            "rust": [SimpleNamespace(**asdict(Report("crates", False, optional=True)), lack="less is judged")]
        }

    said = list(plain(looked_at(mine("rust"), Lacking)))
    assert "[warn] rust crates: not found; optional: less is judged" in said
    assert any("optional: its check is left out" in line for line in plain(looked_at(mine("rust"))))


def test_the_isolation_says_what_it_stops_and_what_not() -> None:
    assert "[pass] isolation tier: landlock; it stops the network; it does not stop reading files" in list(
        plain(looked_at(mine("rust")))
    )


def test_a_weak_isolation_is_a_warning_with_the_judges_reasons() -> None:
    class Weak(Judge):
        def __init__(self, evaluators: Callable[[str], Any]) -> None:
            self.isolation = SimpleNamespace(tier="limits", stops=(), open=("all",), reasons=("no Landlock here",))

    (tier, *_) = looked_at(mine("rust"), Weak)
    assert (tier.status, tier.fix) == ("warn", "no Landlock here")


def test_an_isolation_that_is_asked_for_and_not_to_be_had_is_a_failure() -> None:
    (found,) = looked_at(mine("rust", min_tier="namespaces"))
    assert (found.check, found.status, found.fix) == ("isolation", "fail", "lower judge.min_tier")


def test_a_language_that_raises_is_told_and_hides_no_other() -> None:
    class Broken(Judge):
        def toolchains(self, language: str) -> list[Report]:
            if language == "bad":
                raise ZeroDivisionError("a fault of it")
            return super().toolchains(language)

    found = looked_at(mine("bad", "rust"), Broken)
    assert [one.item for one in found] == ["tier", "tools", "cargo", "fmt"]
    assert "ZeroDivisionError: a fault of it" in found[1].reason


def test_without_any_language_it_says_what_to_install() -> None:
    registry = Registry(entries=[])
    (found,) = findings(registry, everything(registry))
    assert (found.status, found.fix) == ("warn", "pip install stagerun-evaluators")


def test_the_table_fits_the_terminal_and_shows_what_mends_below() -> None:
    found = looked_at(mine("rust", "typescript", needed="typescript"))
    lines = list(table(found, 60, lambda text, _: text))
    assert max(map(len, lines)) <= 60
    assert any(line.strip().startswith("-> stagerun toolchains install") for line in lines)
    assert lines[-1] == "4 checks: 2 pass, 1 warn, 1 fail"


def test_a_pipeline_with_nothing_to_judge_needs_no_toolchain(workshop: Workshop, say: Say) -> None:
    workshop.file.write_text('[demo.stages.a]\nuses = "test.make"\n')
    said = say("doctor", "p.toml")
    assert (said.code, said.err) == (0, "")
    assert "[pass] toolchains needed: no stage of this pipeline has code judged" in said.out.splitlines()


def test_a_pipelines_own_judge_is_asked(workshop: Workshop, say: Say) -> None:
    workshop.file.write_text(PIPELINE)
    assert "the judge does not say which tools there are" in say("doctor", "p.toml:demo").out


def test_a_faulty_pipeline_is_told_as_everywhere(workshop: Workshop, say: Say) -> None:
    workshop.file.write_text('[demo.stages.a]\nuses = "test.mke"\n')
    said = say("doctor", "p.toml")
    assert (said.code, said.out) == (64, "")
    assert 'unknown stage "test.mke"' in said.err


def test_the_installed_languages_are_looked_at_for_real(say: Say) -> None:
    value = json.loads(say("doctor", "--json").out)
    python = {each["item"]: each for each in value["findings"] if each["check"] == "python"}
    assert python["pytest"]["status"] == "pass"
    assert any(letter.isdigit() for letter in python["pytest"]["found"])
    assert value["passed"]


def test_toolchains_lists_the_tools_alone(say: Say) -> None:
    said = say("toolchains")
    assert said.code == 0
    assert "[pass] python pytest: " in said.out
    assert "isolation" not in said.out


@pytest.fixture
def languages(monkeypatch: pytest.MonkeyPatch) -> list[str]:
    """Two languages, of which one installs; the list fills with what was installed."""
    done: list[str] = []

    class Gets:
        def install(self, tell: Callable[[str], None]) -> None:
            done.append("gets")
            tell("gets: three packages")

    class Fails:
        def install(self, tell: Callable[[str], None]) -> None:
            raise StageError("fails: npm was not found", "install Node.js")

    found = {"gets": Gets, "fails": Fails, "plain": object}
    monkeypatch.setattr(Registry, "names", lambda self, kind: sorted(found))
    monkeypatch.setattr(Registry, "find", lambda self, kind, name: SimpleNamespace(value=found[name]))
    return done


def test_toolchains_install_installs_what_is_named(languages: list[str], say: Say) -> None:
    said = say("toolchains", "install", "gets")
    assert (said.code, said.out, languages) == (0, "gets: three packages\n", ["gets"])


def test_toolchains_install_goes_on_after_one_that_fails_and_says_so(languages: list[str], say: Say) -> None:
    said = say("toolchains", "install")
    assert (said.code, languages) == (1, ["gets"])
    assert said.err == "error: fails: npm was not found; install Node.js\n"


def test_a_language_with_nothing_to_install_is_told_when_it_is_named(languages: list[str], say: Say) -> None:
    said = say("toolchains", "install", "plain")
    assert said.code == 0
    assert "plain: nothing to install here" in said.out


def test_an_unknown_language_is_told_before_anything_is_installed(languages: list[str], say: Say) -> None:
    said = say("toolchains", "install", "gets", "gts")
    assert (said.code, languages) == (64, [])
    assert 'there is no language "gts"; expected one of fails, gets, plain; did you mean "gets"?' in said.err


def test_one_long_name_stands_alone_and_leaves_the_others_their_room() -> None:
    found = [Finding("a", "b" * 50, "pass", found="well"), Finding("c", "d", "pass", found="good")]
    first, second, third, *_ = table(found, 80, lambda text, _: text)
    assert (first, second) == (f"pass  a {'b' * 50}", " " * 44 + "well")
    assert third == f"pass  {'c d':<36}  good"
