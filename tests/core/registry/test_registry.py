"""Names are found, doubled and broken ones are named, and listing loads nothing."""

from __future__ import annotations

import os
import subprocess
import sys
from pathlib import Path

import pytest
from workshop import Workshop

from stagerun import BadPipeline, Registry
from stagerun.hookspecs import impl
from stagerun.registry import NotFound, read_index


def install(root: Path, name: str, points: str, module: str = "") -> None:
    """A distribution on the path, as an installer leaves it."""
    info = root / f"{name.replace('-', '_')}-3.1.dist-info"
    info.mkdir(parents=True)
    (info / "METADATA").write_text(f"Metadata-Version: 2.1\nName: {name}\nVersion: 3.1\n")
    (info / "entry_points.txt").write_text(points)
    (root / f"{name.replace('-', '_')}.py").write_text(module)


@pytest.fixture
def site(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> Path:
    place = tmp_path / "site"
    place.mkdir()
    monkeypatch.syspath_prepend(str(place))
    return place


def test_a_name_claimed_twice_is_refused_with_both_distributions(site: Path) -> None:
    for name in ("first-go", "second-go"):
        install(site, name, f"[stagerun.stages]\ncode.go = {name.replace('-', '_')}:Go\n")
    with pytest.raises(NotFound, match="claimed by two plugins, first-go 3.1 and second-go 3.1"):
        Registry().find("stages", "code.go")


def test_switching_one_of_two_claims_off_settles_it(site: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    for name in ("first-go", "second-go"):
        install(site, name, f"[stagerun.stages]\ncode.go = {name.replace('-', '_')}:Go\n", "class Go: ...")
    monkeypatch.setenv("STAGERUN_DISABLE_PLUGINS", "first-go")
    assert Registry().find("stages", "code.go").dist == "second-go"


def test_a_plugin_that_cannot_be_imported_is_named_with_its_distribution_and_error(site: Path) -> None:
    install(site, "broken-one", "[stagerun.stages]\nbad = broken_one:Bad\n", "import nothing_like_this")
    with pytest.raises(NotFound, match="of broken-one 3.1 cannot be imported: ModuleNotFoundError: No module named"):
        Registry().find("stages", "bad")


def test_a_broken_plugin_only_breaks_pipelines_that_name_it(workshop: Workshop) -> None:
    workshop.write('\n[stages.a]\nuses = "test.make"\n')
    assert workshop.plan().to_run == ["a"]
    workshop.write('\n[stages.a]\nuses = "test.broken"\n')
    with pytest.raises(BadPipeline, match="of stagerun-testkit 0.1 cannot be imported"):
        workshop.plan()


def test_an_unknown_name_gets_the_nearest_right_one() -> None:
    with pytest.raises(NotFound, match='unknown stage "files.concta"; did you mean "files.concat"?'):
        Registry().find("stages", "files.concta")


def test_a_hook_answers_for_names_that_no_entry_point_carries() -> None:
    class Thing: ...

    class Resolver:
        @impl
        def stagerun_resolve(self, kind: str, name: str) -> object:
            return Thing if (kind, name) == ("stages", "my.own") else None

    assert Registry(plugins=[Resolver()]).find("stages", "my.own").value is Thing
    with pytest.raises(NotFound):
        Registry().find("stages", "my.own")


def test_a_newly_installed_plugin_is_seen_at_once_in_spite_of_the_cache(site: Path) -> None:
    assert not [entry for entry in read_index() if entry.name == "late.one"]
    install(site, "late-plugin", "[stagerun.stages]\nlate.one = late_plugin:One\n")
    assert [entry.dist for entry in read_index() if entry.name == "late.one"] == ["late-plugin"]


def test_a_hook_plugin_that_cannot_be_loaded_is_noted_and_breaks_nothing(site: Path) -> None:
    install(site, "bad-watcher", "[stagerun]\nwatch = bad_watcher\n", "raise RuntimeError('no')")
    registry = Registry()
    assert list(registry.ask("stagerun_on_event", event=None)) == []
    assert registry.failures == [("watch (bad-watcher)", "load", "RuntimeError: no")]


@pytest.mark.parametrize("words", [["--help"], ["plugins"], ["plan", "p.toml:demo"]])
def test_help_plan_and_plugins_never_import_the_heavy_libraries(workshop: Workshop, words: list[str]) -> None:
    workshop.write('\n[stages.s]\nuses = "train.sft"\nneeds = { model = "a/b", train = "rows.jsonl" }\n')
    (workshop.root / "rows.jsonl").write_text("{}\n")
    code = (
        f"import sys; sys.argv = ['stagerun', *{words!r}]\nfrom stagerun.cli import main\ncode = main()\n"
        "heavy = {'torch', 'numpy', 'transformers', 'trl', 'peft', 'datasets'} & sys.modules.keys()\n"
        "assert not heavy, heavy\nsys.exit(code)"
    )
    done = subprocess.run([sys.executable, "-c", code], cwd=workshop.root, capture_output=True, text=True, check=False)
    assert done.returncode == 0, done.stderr


def test_every_built_in_name_is_an_entry_point_like_a_strangers() -> None:
    mine = {(entry.kind, entry.name) for entry in read_index() if entry.dist.startswith("stagerun")}
    expected = {
        "stages": "shell files.concat data.prepare data.synthesize train.sft train.dpo train.grpo model.merge model.export",
        "gates": "metric size compare",
        "backends": "cpu",
        "evaluators": "python",
        "executors": "local",
        "judges": "local",
        "sandboxes": "namespaces landlock limits none",
    }
    assert {(kind, name) for kind, names in expected.items() for name in names.split()} <= mine


def test_the_cache_is_only_a_cache(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setenv("STAGERUN_CACHE", os.devnull)
    before = read_index()
    monkeypatch.setenv("STAGERUN_CACHE", str(tmp_path))
    assert read_index() == before
    for path in tmp_path.iterdir():
        path.write_text("{ torn")
    assert read_index() == before
