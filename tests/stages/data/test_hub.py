"""Named sources come from the hub through its own clients, or are refused in one sentence before anything is read."""

from __future__ import annotations

import json
import os
import subprocess
import sys
from pathlib import Path
from typing import Any

import pytest
from smallhub import CARD, COMMIT, EARLIER, TOKEN, serving

from stagerun import DataSource, Part, StageError
from stagerun.testing import run_stage
from stagerun_stages.data.hub import Remote, ask
from stagerun_stages.data.prepare import Prepare, Source

GO = [
    {"old_contents": f"x = {n}", "new_contents": f"y = {n}", "message": f"Rename {n}", "lang": "Go"} for n in range(60)
]
GLAIVE = [{"system": "SYSTEM: Hi.", "chat": f"USER: {n}?\n\nASSISTANT: {n}. <|endoftext|>"} for n in range(300)]
XLAM = [{"query": f"{n}?", "answers": '[{"name": "f", "arguments": {}}]', "tools": '[{"name": "f"}]'} for n in range(4)]


def lines(rows: list[dict[str, Any]]) -> bytes:
    return "".join(json.dumps(row) + "\n" for row in rows).encode()


README = b"---\nconfigs:\n- config_name: default\n  data_files: rows.jsonl\n---\n"
LANGUAGES = ("python", "javascript", "go", "rust", "java", "typescript")
REPOSITORIES = {
    "glaiveai/glaive-function-calling-v2": {"README.md": README, "rows.jsonl": lines(GLAIVE)},
    "Salesforce/xlam-function-calling-60k": {"README.md": README, "rows.jsonl": lines(XLAM)},
    "bigcode/commitpackft": {
        "commitpackft.py": b"raise SystemExit",
        **{
            f"data/{name}/data.jsonl": lines(
                [{**row, "lang": name, "message": f"{row['message']} in {name}"} for row in GO]
            )
            for name in LANGUAGES
        },
    },
}
PROGRAM = """
import json, os, sys
from pathlib import Path
from stagerun import StageError
from stagerun.testing import run_stage
from stagerun_stages.data.prepare import Prepare, Source
own = dict(os.environ)
for at, (sources, environ) in enumerate(json.loads(sys.argv[1])):
    os.environ.clear()
    os.environ.update(own, **environ)
    stage = Prepare(sources=tuple(Source(**given) for given in sources), validation=0)
    try:
        print(json.dumps(run_stage(stage, Path(sys.argv[2]) / f"run{at}").metrics))
    except StageError as error:
        print(json.dumps(str(error)))
"""


Asked = tuple[list[dict[str, Any]], dict[str, str]]  # sources, and what of the environment is different


def each_prepared(place: Path, address: str, *asked: Asked) -> list[Any]:
    """Metrics, or the message of the refusal, one after the other in a process that knows no hub but ours."""
    own = {"HF_ENDPOINT": address, "HF_HOME": str(place / "home"), "HF_HUB_OFFLINE": "0"}
    kept = {key: value for key, value in os.environ.items() if key not in ("HF_TOKEN", "RUNPOD_SECRET_HF_TOKEN")}
    words = [sys.executable, "-c", PROGRAM, json.dumps(asked), str(place)]
    done = subprocess.run(words, env=kept | own, capture_output=True, text=True, check=False, timeout=120)
    assert done.returncode == 0, done.stderr
    return [json.loads(line) for line in done.stdout.splitlines()[-len(asked) :]]


def prepared(place: Path, address: str, *sources: dict[str, Any]) -> Any:
    """The same of sources that are taken together."""
    return each_prepared(place, address, (list(sources), {}))[0]


def report(place: Path) -> Any:
    return json.loads((place / "run0/final/report.json").read_text())


def test_rows_are_streamed_from_the_hub_at_the_commit_it_names(tmp_path: Path) -> None:
    with serving(REPOSITORIES) as address:
        found = prepared(tmp_path, address, {"name": "glaive-v2", "limit": 40}, {"name": "commitpackft", "limit": 5})
    assert found["train_rows"] == 40 + 5 * len(LANGUAGES)
    glaive, commits = report(tmp_path)["sources"]
    assert (glaive["source"], glaive["revision"], commits["revision"]) == ("glaive-v2", COMMIT, COMMIT)
    assert glaive["licence"] == CARD["license"]  # what the card says, not what the source has by heart
    assert glaive["read"] < 300  # what is not needed is not read
    written = (tmp_path / "run0/final/train.jsonl").read_text().splitlines()
    taken = [json.loads(line)["messages"][0]["content"] for line in written]
    assert taken.count("0?") + taken.count("1?") + taken.count("2?") < 3  # not simply the first ones


def test_a_revision_is_what_is_read_whatever_came_later(tmp_path: Path) -> None:
    before = {"glaiveai/glaive-function-calling-v2": {"README.md": README, "rows.jsonl": lines(GLAIVE[:7])}}
    with serving(REPOSITORIES, earlier=before) as address:
        found = prepared(tmp_path, address, {"name": "glaive-v2", "revision": EARLIER})
    assert (found["read"], report(tmp_path)["sources"][0]["revision"]) == (7, EARLIER)


def test_a_gated_source_wants_a_token_under_either_name(tmp_path: Path) -> None:
    gated, given = {"Salesforce/xlam-function-calling-60k"}, [{"name": "xlam-60k"}]
    tokens = [{}, {"HF_TOKEN": "hf_of_nobody"}, {"RUNPOD_SECRET_HF_TOKEN": TOKEN}]
    with serving(REPOSITORIES, gated) as address:
        refused, other, granted = each_prepared(tmp_path, address, *((given, token) for token in tokens))
    assert "asks for a token with access to it, and HF_TOKEN and RUNPOD_SECRET_HF_TOKEN are not set" in refused
    assert "this token has not been granted it" in other
    assert granted["train_rows"] == 4


def test_a_data_set_that_moved_and_a_revision_that_is_none_are_told_apart(tmp_path: Path) -> None:
    with serving(REPOSITORIES) as address:
        moved, unknown = each_prepared(
            tmp_path, address, ([{"name": "code-act"}], {}), ([{"name": "glaive-v2", "revision": "v9"}], {})
        )
    assert moved.startswith('the source "code-act" is xingyaoww/code-act on the hub, which is not there: it was moved')
    assert 'take rows from a file: { name = "code-act", path = "..." }' in moved
    assert "which has no such revision" in unknown


def test_without_a_network_nothing_is_read_and_the_way_out_is_named(tmp_path: Path) -> None:
    refused = prepared(tmp_path, "http://127.0.0.1:9", {"name": "glaive-v2"}, {"name": "hermes-v1"})
    assert refused.startswith(
        'the source "glaive-v2" is glaiveai/glaive-function-calling-v2 on the hub, which cannot be reached'
    )
    assert not (tmp_path / "run0/final/train.jsonl").exists()


@pytest.mark.parametrize("name", ["glaive-v2", "hermes-v1", "code-act", "commitpackft", "editpackft"])
def test_offline_every_source_is_refused_in_one_line(tmp_path: Path, name: str) -> None:
    with pytest.raises(
        StageError, match=rf'"{name}" is .* stay offline \(HF_HUB_OFFLINE\); mend that, or take'
    ) as refused:
        run_stage(Prepare(sources=(Source(name=name),)), tmp_path)
    assert "\n" not in str(refused.value)


def test_the_loading_itself_reads_splits_of_a_folder_too(tmp_path: Path) -> None:
    for split in ("train", "test"):
        (tmp_path / f"{split}.jsonl").write_bytes(lines([{"n": n, "of": split, "tools": None} for n in range(50)]))
    remote = Remote("mine", DataSource(lambda row: row, str(tmp_path)), "")
    found = list(remote.rows(Part(split="test"), seed=0, limit=0))
    assert [each.value for each in found] == [{"n": n, "of": "test"} for n in range(50)]
    assert found[1].where.endswith("/test#2")
    some = [[row.value["n"] for row in remote.rows(Part(), seed=seed, limit=10)] for seed in (1, 1, 2)]
    assert some[0] == some[1] != some[2]


def test_a_source_without_a_place_on_the_hub_wants_a_path() -> None:
    with pytest.raises(StageError, match='say { name = "mine", path = "..." }'):
        ask("mine", DataSource(lambda row: row))
