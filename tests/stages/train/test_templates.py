"""Chat templates by name, and tokenizers that do not know their markers."""

from __future__ import annotations

import json
import subprocess
import sys
from pathlib import Path
from typing import Any

import pytest

from stagerun import StageError
from stagerun.testing import run_stage
from stagerun_stages.models.merge import Merge
from stagerun_stages.train import templates
from stagerun_stages.train.chat import chat_for
from stagerun_stages.train.dpo import Dpo
from stagerun_stages.train.sft import Sft

BARE = "{% for m in messages %}{{ m.role }}: {% if m.role == 'assistant' %}{% generation %}{{ m.content }}<|return|>" \
    "{% endgeneration %}{% else %}{{ m.content }}{% endif %}\n{% endfor %}"  # fmt: skip


def test_the_templates_of_trl_have_names_and_their_twins_for_training_none() -> None:
    assert {"gptoss", "qwen2_5", "qwen3", "llama3_1", "gemma3"} <= set(templates.names())
    assert not [name for name in templates.names() if name.endswith("_training")]


def test_names_are_known_without_loading_a_library() -> None:
    program = (
        "import sys; from stagerun_stages.train import templates; templates.names(); sys.exit('trl' in sys.modules)"
    )
    assert subprocess.run([sys.executable, "-c", program], check=False).returncode == 0


def test_an_unknown_name_is_found_while_planning_with_the_nearest_right_one() -> None:
    [complaint] = Sft(chat_template="qwen_3").check()
    assert complaint == 'chat_template is "qwen_3", which TRL does not ship; did you mean "qwen3"?'
    assert not list(Dpo(chat_template="qwen3").check())
    assert not list(Sft(chat_template="mine.jinja").check())


def test_a_template_in_a_file_is_part_of_what_a_stage_reads() -> None:
    assert list(Sft(chat_template="mine.jinja").reads()) == ["mine.jinja"]
    assert not list(Sft(chat_template="qwen3").reads())


def test_a_file_that_is_not_there_is_named(tokenizer: Any, tmp_path: Path) -> None:
    with pytest.raises(StageError, match=r"none\.jinja cannot be read"):
        chat_for(tokenizer, {}, "2025-08-01", str(tmp_path / "none.jinja"))


def other(tokenizer: Any, **more: Any) -> Any:
    return type(tokenizer)(tokenizer_object=tokenizer.backend_tokenizer, eos_token="<|return|>", **more)


def test_a_tokenizer_that_knows_every_marker_passes(tokenizer: Any) -> None:
    templates.check_markers(chat_for(other(tokenizer), {}, "2025-08-01", "gptoss"))


def test_a_tokenizer_without_the_markers_is_refused_before_anything_is_trained(tokenizer: Any) -> None:
    with pytest.raises(StageError, match=r"no token for <\|im_start\|>, <\|im_end\|>, which the chat template writes"):
        templates.check_markers(chat_for(other(tokenizer), {}, "2025-08-01", "qwen3"))


def test_markers_that_are_all_plain_text_pass_when_an_answer_ends_with_a_token(tokenizer: Any, tmp_path: Path) -> None:
    zephyr = "{% for m in messages %}{{ '<|' + m.role + '|>' + m.content + eos_token }}{% endfor %}"
    (tmp_path / "a.jinja").write_text(zephyr.replace("eos_token", "'</s>'"))
    templates.check_markers(chat_for(other(tokenizer), {}, "2025-08-01", str(tmp_path / "a.jinja")))


def test_an_adapter_keeps_the_template_it_was_trained_with_and_hands_it_on(
    model: Any, data: Any, rows: Any, tmp_path: Path
) -> None:
    file = tmp_path / "bare.jinja"
    file.write_text(BARE)
    given = {"model": model("llama"), "train": data(rows(8))}
    options = {"max_steps": 1, "batch_size": 2, "max_length": 256, "longest_first": False}
    trained = run_stage(Sft(chat_template=str(file), **options), tmp_path / "sft", given)
    adapter = trained.outputs["adapter"]
    assert (adapter.local() / "chat_template.jinja").read_text() == BARE
    again = run_stage(Sft(**options), tmp_path / "again", {**given, "model": adapter}).outputs["adapter"]
    assert (again.local() / "chat_template.jinja").read_text() == BARE
    merged = run_stage(Merge(), tmp_path / "merge", {"model": again}).outputs["model"].local()
    written = merged / "chat_template.jinja"
    assert (
        written.read_text() if written.exists() else json.loads((merged / "tokenizer_config.json").read_text())
    ) == BARE


def test_an_adapter_trained_with_its_bases_own_template_says_nothing_of_it(
    model: Any, data: Any, rows: Any, tmp_path: Path
) -> None:
    given = {"model": model("llama"), "train": data(rows(8))}
    done = run_stage(Sft(max_steps=1, max_length=256, longest_first=False), tmp_path / "sft", given)
    assert not (done.outputs["adapter"].local() / "chat_template.jinja").exists()
