"""The whole page."""

from __future__ import annotations

import json
import re
from pathlib import Path

import pytest
from workshop import Workshop

from stagerun import Acceptance
from stagerun.events import Event
from stagerun.record import Fold, RunInfo, RunRecord, StageRecord
from stagerun.report import write_report
from stagerun.report.page import POLICY, page

from .test_markup import read

PIPELINE = """\
[demo]

[stages.data]
uses = "test.make"
with.text = "one"

[stages.train]
uses = "test.count"
with.steps = 20
after = ["data"]
gates = [{ uses = "metric", metric = "loss", max = 0.01 }]

[stages.later]
uses = "test.make"
after = ["train"]

[profiles.quick]
stages.train.with.steps = 12
"""

ATTACK = "</title></style><script>alert(1)</script><img src=x onerror=alert(1)>\x00\u202e"


@pytest.fixture(scope="module")
def text(tmp_path_factory: pytest.TempPathFactory) -> str:
    """The page of a real run with a gate that a person accepted."""
    workshop = Workshop(tmp_path_factory.mktemp("report"))
    workshop.write(PIPELINE)
    workshop.run(
        "stages.data.with.note=hello", profiles=("quick",), accept=(Acceptance("train.loss", "a look", "anna"),)
    )
    assert workshop.engine.record is not None
    path = write_report(workshop.engine.record, workshop.runs, [("Power", "Used **3 kWh**")])
    assert path == workshop.runs / "report.html"
    return path.read_text()


def test_a_stage_s_section_has_inputs_changes_metrics_curves_gates_and_options(text: str) -> None:
    section = text[text.index('<section id="stage-train">') : text.index('<section id="stage-later">')]
    for words in (
        "<dt>ran because</dt><dd>no earlier result</dd>",
        "with.steps 20 \u2192 12 <small>by quick</small>",
        "<span>loss</span><b>0.08333</b>",
        "<polyline",
        "loss 0.08333 &gt; 0.01; accepted by anna: a look",
        "model: model train/final/model.txt, 5 B ",
        "<code>pause</code></td><td>0.0",
    ):
        assert words in section


def test_the_graph_links_each_stage_to_its_section(text: str) -> None:
    links = set(re.findall(r'<a href="#(stage-\w+)" class="node', text))
    assert links == {"stage-data", "stage-train", "stage-later"}
    assert all(f'id="{link}"' in text for link in links)
    assert text.count('class="edge"') == 2


def test_sections_of_plugins_are_on_it(text: str) -> None:
    assert "<h3>Power</h3><p>Used <strong>3 kWh</strong></p>" in text


def test_verdicts_and_runs_are_kept_in_its_history(text: str) -> None:
    assert "All 2 verdicts and overrides" in text
    assert "anna: a look" in text


def test_it_loads_nothing_and_runs_no_script(text: str) -> None:
    reader = read(text)
    assert not {"script", "link", "img", "iframe", "object", "embed", "form"} & set(reader.tags)
    assert not [value for value in reader.values if value and re.match(r"https?:|//|javascript:", value)]
    assert POLICY in reader.values
    assert "url(" not in text


def test_hostile_words_anywhere_in_the_record_stay_text(tmp_path: Path) -> None:
    record = RunRecord(pipeline=ATTACK, file=ATTACK)
    info = RunInfo("r", state=ATTACK, command=ATTACK, host=ATTACK, profiles=[ATTACK], sets=[ATTACK])
    info.changes = [[f"stages.{ATTACK}.with", ATTACK, ATTACK, ATTACK], [ATTACK, None, {ATTACK: 1}, ATTACK]]
    record.runs = [info, info]
    stage = StageRecord(ATTACK, ATTACK, reason=ATTACK, cause=ATTACK, warnings=[ATTACK], upstream=[ATTACK])
    stage.metrics, stage.inputs = {ATTACK: 1.0}, {ATTACK: ATTACK, "x": [ATTACK]}
    stage.outputs = {ATTACK: {"kind": ATTACK, "path": ATTACK, "digest": ATTACK, "bytes": 1}}
    stage.proofs = [{"name": ATTACK, "passed": False, "evidence": {ATTACK: ATTACK}}]
    record.stages = {"safe": stage}
    judged = {
        "gate": ATTACK,
        "hard": True,
        "passed": False,
        "text": ATTACK,
        "evidence": {ATTACK: 1},
        "fingerprint": "f",
    }
    Fold(record).add(Event("gate.judged", "safe", judged))
    described = {"component": {"name": ATTACK, "entry": ATTACK}, "options": {ATTACK: {ATTACK: ATTACK}}, "git": ATTACK}
    (tmp_path / ATTACK.replace("/", "").replace("\x00", "")).mkdir()
    (tmp_path / "safe").mkdir()
    (tmp_path / "safe/stage.json").write_text(json.dumps({**described, "inputs": {ATTACK: {"digest": ATTACK}}}))
    (tmp_path / "safe/metrics.jsonl").write_text("".join(json.dumps({"step": i, ATTACK: i}) + "\n" for i in range(3)))
    text = page(record, tmp_path, [(ATTACK, ATTACK)])
    reader = read(text)
    assert "script" not in reader.tags
    assert "img" not in reader.tags
    assert "\x00" not in text
    assert "\u202e" not in text


def test_a_record_without_any_run_still_makes_a_page(tmp_path: Path) -> None:
    assert "never run" in page(RunRecord(), tmp_path)


def test_files_that_are_torn_or_missing_leave_their_part_out(tmp_path: Path) -> None:
    (tmp_path / "a").mkdir()
    (tmp_path / "a/stage.json").write_text('{"component": {"na')
    (tmp_path / "a/metrics.jsonl").write_text('{"step": 1, "loss": 2.0}\n{"st')
    text = page(RunRecord(stages={"a": StageRecord("a", "failed", "boom")}), tmp_path)
    assert "boom" in text
    assert "<polyline" not in text


def test_a_graph_too_large_to_look_at_is_a_sentence(tmp_path: Path) -> None:
    stages = {f"s{index}": StageRecord(f"s{index}", "up-to-date", "up to date") for index in range(400)}
    assert "400 stages are too many for a drawing" in page(RunRecord(stages=stages), tmp_path)
