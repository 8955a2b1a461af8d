"""`make bench-kill N=20`: kill the whole tiny graph at N random instants, then run it once more, plainly, and compare.

Afterwards every SFT, merge and IPO artifact must equal an uninterrupted run's byte for byte, no finished stage may have been
made twice, and the record files must have been readable after every single kill. Writes docs/benchmarks/kill.md. Exit code 1
when anything of that failed. Needs Linux.
"""

from __future__ import annotations

import argparse
import hashlib
import json
import random
import shutil
import subprocess
import sys
import tempfile
import time
from datetime import UTC, datetime
from pathlib import Path
from typing import Any

from attrs import field, frozen

from benchmarks.killing import ENDED, Aim, aims, kill_at
from benchmarks.tools import REPOSITORY, VENVS

PAGE = REPOSITORY / "docs" / "benchmarks" / "kill.md"
MUST_EQUAL = ("train.sft", "model.merge", "train.dpo")
RECORDS = ("run-summary.json", "quality_gates.json")
APART = {"manifest.json", "metrics.jsonl"}  # they tell times, which differ


@frozen
class Findings:
    """What the kills showed."""

    seconds: float  # of the uninterrupted run
    hits: list[tuple[Aim, str]] = field(factory=list)
    faults: list[str] = field(factory=list)
    compared: list[str] = field(factory=list)

    @property
    def landed(self) -> int:
        """How many kills hit a run that was still going."""
        return sum(not hit.startswith(ENDED) for _, hit in self.hits)


def main() -> int:
    """Run, kill, run, compare, report."""
    args = _arguments()
    VENVS.mkdir(parents=True, exist_ok=True)
    home = Path(tempfile.mkdtemp(prefix="kill-", dir=VENVS))
    try:
        findings = _experiment(args, home)
    finally:
        if not args.keep:
            shutil.rmtree(home, ignore_errors=True)
    text = _page(args, findings)
    print(text)
    if args.write:
        PAGE.parent.mkdir(parents=True, exist_ok=True)
        PAGE.write_text(text, encoding="utf-8")
    return 1 if findings.faults else 0


def _arguments() -> argparse.Namespace:
    parser = argparse.ArgumentParser(description="kill the tiny graph at random instants and compare what it makes")
    parser.add_argument("--kills", type=int, default=20)
    parser.add_argument("--seed", type=int, default=None, help="of the instants; default: the clock")
    parser.add_argument("--target", default="pipelines.toml:tui")
    parser.add_argument("--profile", default="tiny")
    parser.add_argument("--keep", action="store_true", help="keep both run directories")
    parser.add_argument("--no-write", dest="write", action="store_false", help="leave the page as it is")
    args = parser.parse_args()
    args.seed = time.time_ns() % 1_000_000 if args.seed is None else args.seed
    return args


def _experiment(args: argparse.Namespace, home: Path) -> Findings:
    """Both runs use the same directory, one after the other, so that no path in an artifact can differ."""
    folder, reference = home / "run", home / "reference"
    stagerun = str(Path(sys.executable).with_name("stagerun"))
    argv = [stagerun, "run", args.target, "--profile", args.profile, "--run-dir", str(folder), "--plain"]
    started = time.monotonic()
    _plain_run(argv)
    findings = Findings(time.monotonic() - started)
    print(f"uninterrupted: {findings.seconds:.0f} s; seed {args.seed}", flush=True)
    folder.rename(reference)
    stages = {path.parent.name: json.loads(path.read_text(encoding="utf-8")) for path in reference.glob("*/stage.json")}
    for aim in _plan(stages, args.kills, random.Random(args.seed), reference):
        hit = kill_at(argv, folder, aim, REPOSITORY)
        findings.hits.append((aim, hit))
        findings.faults.extend(_unreadable(folder, len(findings.hits)))
        print(f"kill {len(findings.hits)}: {aim.stage}, {aim.moment} + {aim.delay:.3f} s: {hit}", flush=True)
        if hit.startswith(ENDED) and not hit.endswith(" 0"):
            findings.faults.append(f"a run {hit} before its kill")
            break
    findings.faults.extend(_last_run(argv))
    findings.faults.extend(_repeated(folder))
    for name, stage in stages.items():
        _compare(name, stage, reference, folder, findings)
    return findings


def _plan(stages: dict[str, Any], count: int, chance: random.Random, reference: Path) -> list[Aim]:
    order = [event["stage"] for event in _events(reference) if event["kind"] == "stage.finished"]
    durations = {name: float(stages[name]["seconds"]) for name in order}
    trainers = {name for name in order if (reference / name / "checkpoints").is_dir()}
    return aims(durations, trainers, count, chance)


def _events(folder: Path) -> list[dict[str, Any]]:
    """The events of a run directory; torn lines, which a kill may leave, are passed over."""
    events = []
    for line in (folder / "events.jsonl").read_text(encoding="utf-8", errors="replace").splitlines():
        try:
            events.append(json.loads(line))
        except ValueError:
            continue
    return events


def _plain_run(argv: list[str]) -> None:
    done = subprocess.run(argv, cwd=REPOSITORY, capture_output=True, text=True, check=False)
    if done.returncode != 0:
        raise RuntimeError(f"the run ended with {done.returncode}: {(done.stdout + done.stderr)[-3000:]}")


def _last_run(argv: list[str]) -> list[str]:
    try:
        _plain_run(argv)
    except RuntimeError as error:
        return [f"the plain rerun did not finish: {error}"]
    return []


def _unreadable(folder: Path, kill: int) -> list[str]:
    """The records that are missing or torn; a run killed before its first event may have none yet."""
    faults = []
    for name in RECORDS if (folder / "events.jsonl").exists() else ():
        try:
            json.loads((folder / name).read_text(encoding="utf-8"))
        except (OSError, ValueError) as error:
            faults.append(f"after kill {kill}: {name} cannot be read: {error}")
    return faults


def _repeated(folder: Path) -> list[str]:
    finished = [event["stage"] for event in _events(folder) if event["kind"] == "stage.finished"]
    return [
        f"{stage} was finished {finished.count(stage)} times"
        for stage in sorted(set(finished))
        if finished.count(stage) > 1
    ]


def _compare(name: str, stage: dict[str, Any], reference: Path, folder: Path, findings: Findings) -> None:
    """Compare a stage's files with the uninterrupted run's; where they must be equal a difference is a fault."""
    wanted, made = (_digests(place / name / "final") for place in (reference, folder))
    different = sorted(file for file in wanted.keys() | made.keys() if wanted.get(file) != made.get(file))
    uses = stage["component"]["name"]
    findings.compared.append(
        f"{name} ({uses}): {len(wanted)} files, " + (", ".join(different) + " differ" if different else "equal")
    )
    if different and uses in MUST_EQUAL:
        findings.faults.append(f"{name}: {', '.join(different)} differ from the uninterrupted run's")


def _digests(folder: Path) -> dict[str, str]:
    files = [path for path in folder.rglob("*") if path.is_file() and path.name not in APART]
    return {str(path.relative_to(folder)): hashlib.sha256(path.read_bytes()).hexdigest() for path in files}


def _page(args: argparse.Namespace, findings: Findings) -> str:
    verdict = "Nothing was lost." if not findings.faults else "**Faults:**"
    return "\n".join(
        [
            "# Killed at random instants",
            "",
            f"Written by `make bench-kill N={args.kills}` on {datetime.now(UTC):%Y-%m-%d} (seed {args.seed}): `{args.target}`",
            f"with profile `{args.profile}` was killed {findings.landed} times with SIGKILL to every process, then run once",
            f"more. The uninterrupted run took {findings.seconds:.0f} s. SFT, merge and IPO artifacts must be equal byte for",
            "byte.",
            "",
            verdict,
            *(f"- {fault}" for fault in findings.faults),
            "",
            "| aimed at | moment | hit |",
            "| --- | --- | --- |",
            *(f"| {aim.stage} | {aim.moment} + {aim.delay:.3f} s | {hit} |" for aim, hit in findings.hits),
            "",
            "Compared with the uninterrupted run:",
            "",
            *(f"- {line}" for line in findings.compared),
            "",
        ]
    )


if __name__ == "__main__":
    sys.exit(main())
