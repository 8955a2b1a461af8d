"""Plan and run a pipeline file as an embedder and as a user would."""

from __future__ import annotations

import json
import subprocess
import sys
from pathlib import Path
from typing import Any

from attrs import define, field

import stagerun
from stagerun import Acceptance, Engine, Event, Plan, Registry


@define
class Workshop:
    """A pipeline file in a folder of its own."""

    root: Path
    engine: Engine = field(factory=lambda: Engine(Registry()))

    @property
    def file(self) -> Path:
        return self.root / "p.toml"

    @property
    def runs(self) -> Path:
        return self.root / "runs" / "demo"

    def write(self, text: str) -> None:
        """The pipeline file; `demo.` may be left out of table names."""
        self.file.write_text(
            text.replace("[[", "[[demo.").replace("\n[", "\n[demo.").replace("[[demo.demo.", "[[demo.")
        )

    def plan(self, *sets: str, profiles: tuple[str, ...] = (), registry: Registry | None = None) -> Plan:
        return stagerun.prepare(self.file, "demo", sets=sets, profiles=profiles, registry=registry)

    def run(self, *sets: str, accept: tuple[Acceptance, ...] = (), profiles: tuple[str, ...] = ()) -> list[Event]:
        """Run in this process; `self.engine` tells the outcome."""
        plan = self.plan(*sets, profiles=profiles, registry=self.engine.registry)
        return list(self.engine.run(plan, accept=accept))

    def start(self, *words: str) -> subprocess.Popen[str]:
        """The command line, as a process in a session of its own."""
        argv = [sys.executable, "-m", "stagerun", "run", "p.toml:demo", "--json", *words]
        return subprocess.Popen(
            argv, cwd=self.root, stdout=subprocess.PIPE, stderr=subprocess.PIPE, text=True, start_new_session=True
        )

    def command(self, *words: str, timeout: float = 120) -> subprocess.CompletedProcess[str]:
        """`stagerun WORDS`, to its end."""
        argv = [sys.executable, "-m", "stagerun", *words]
        return subprocess.run(argv, cwd=self.root, capture_output=True, text=True, timeout=timeout, check=False)

    def summary(self) -> dict[str, Any]:
        value: dict[str, Any] = json.loads((self.runs / "run-summary.json").read_text())
        return value

    def gates(self) -> dict[str, Any]:
        value: dict[str, Any] = json.loads((self.runs / "quality_gates.json").read_text())
        return value

    def journal(self) -> list[Event]:
        return [Event.from_json(line) for line in (self.runs / "events.jsonl").read_text().splitlines()]


def kinds(events: list[Event], stage: str | None = None) -> list[str]:
    """The kinds of events, of one stage if named, without the live ones."""
    return [event.kind for event in events if event.kind != "stage.progress" and stage in (None, event.stage)]


def only(events: list[Event], kind: str) -> Event:
    """The one event of a kind."""
    (event,) = [event for event in events if event.kind == kind]
    return event
