"""The model card tells what the record knows: parents, data, gates, licence, files; and nothing it does not know."""

from __future__ import annotations

from pathlib import Path

import pytest
from attrs import evolve

from stagerun.testing import run_stage
from stagerun_stages.models.card import Facts, card
from stagerun_stages.models.export import Export
from stagerun_stages.models.history import licence
from stagerun_stages.models.licences import licence_here

HISTORY = [
    {
        "stage": "tool_sft",
        "method": "SFT",
        "options": {"max_steps": 2},
        "data": "tool_data.train",
        "data_digest": "sha256:ab",
        "sources": [{"name": "glaive-v2", "rows": 500, "licence": "apache-2.0"}],
        "metrics": {"loss": 0.25},
    },
    {"stage": "merge", "method": "merge", "options": {}, "metrics": {}},
]
VERDICTS = {
    "tool_sft": [
        {"gate": "loss", "hard": True, "passed": True, "text": "loss 0.25 <= 2", "accepted": None},
        {"gate": "exact", "hard": False, "passed": False, "text": "exact 0.1 < 0.5", "accepted": {"why": "a trial"}},
    ],
    "elsewhere": [{"gate": "other", "hard": True, "passed": True, "text": "of no parent", "accepted": None}],
}
PLAIN = Facts("m", "base", "grpo.adapter", "", "llama", "float32", 10, 0.5, HISTORY, VERDICTS)


@pytest.fixture(scope="module")
def text() -> str:
    return card(PLAIN)


def test_parents_come_in_order_with_what_they_measured(text: str) -> None:
    assert "1. **tool_sft**: SFT on tool_data.train" in text
    assert "   - measured: loss 0.25" in text
    assert text.index("**tool_sft**") < text.index("**merge**")


def test_gates_stand_with_the_stage_they_judged_and_say_who_overrode_them(text: str) -> None:
    assert "   - hard gate loss passed: loss 0.25 <= 2" in text
    assert "   - soft gate exact not passed: exact 0.1 < 0.5; accepted all the same: a trial" in text
    assert "of no parent" not in text


def test_data_is_named_with_its_digest_and_sources(text: str) -> None:
    assert "- `tool_data.train` (sha256:ab)" in text
    assert "   - name glaive-v2, rows 500, licence apache-2.0" in text


def test_data_of_which_no_licence_is_known_says_so() -> None:
    history = [{**HISTORY[0], "sources": [{"name": "mine.jsonl", "rows": 5, "revision": "", "licence": ""}]}]
    assert "   - name mine.jsonl, rows 5, licence not known here" in card(evolve(PLAIN, history=history))


def test_an_unknown_licence_is_called_unknown(text: str) -> None:
    assert "license:" not in text
    assert "Licence: not known here" in text
    assert "license: mit\n" in card(evolve(PLAIN, licence="mit"))


def test_a_hub_base_is_named_for_hubs_and_a_folder_is_not() -> None:
    assert "base_model: openai/gpt-oss-20b" in card(evolve(PLAIN, base="openai/gpt-oss-20b"))
    assert "base_model" not in card(evolve(PLAIN, base="./models/mine"))


def test_the_licence_is_the_bases_own(readable, tmp_path: Path) -> None:
    given = evolve(readable("llama"), path=tmp_path)
    assert licence(given) == ""
    (tmp_path / "README.md").write_text("---\nlibrary_name: x\nlicense: apache-2.0\n---\n# A model\nlicense: mine\n")
    assert licence(given) == "apache-2.0"
    assert licence(evolve(given, meta={"licence": "mit"})) == "mit"


@pytest.mark.parametrize(
    ("front", "found"),
    [
        ("---\nlicense: [mit, cc-by-4.0]\n---\n", "mit, cc-by-4.0"),
        ("---\nlicense:\n- mit\n- apache-2.0\ntags: []\n---\n", "mit, apache-2.0"),
        ("# No front matter\nlicense: mine\n", ""),
        ("---\ntags: []\n---\n", ""),
    ],
)
def test_a_card_may_name_several_licences_or_none(front: str, found: str, tmp_path: Path) -> None:
    (tmp_path / "README.md").write_text(front)
    assert licence_here(tmp_path) == found


def test_an_export_writes_what_it_knows(readable, tmp_path: Path) -> None:
    given = evolve(
        readable("llama"), meta={"history": HISTORY, "origin": "openai/gpt-oss-20b", "licence": "apache-2.0"}
    )
    done = run_stage(Export(name="Mine"), tmp_path, {"model": given}, verdicts=VERDICTS)
    written = (done.outputs["model"].path / "README.md").read_text()
    for line in (
        "# Mine",
        "license: apache-2.0",
        "base_model: openai/gpt-oss-20b",
        "   - hard gate loss passed: loss 0.25 <= 2",
    ):
        assert line in written
    assert done.outputs["model"].meta["licence"] == "apache-2.0"
