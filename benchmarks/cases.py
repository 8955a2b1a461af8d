"""The cases of `make bench`: each lays out what it needs below a folder, measures in alternation, and returns a section."""

from __future__ import annotations

import json
import os
import shutil
import subprocess
import sys
from collections.abc import Callable, Mapping
from pathlib import Path

from attrs import frozen

from benchmarks.measure import Contender, Cost, alternate
from benchmarks.shapes import SOURCE, TEXT, Shape, chain, contents, fan, layers
from benchmarks.table import Row, Section, milliseconds
from benchmarks.tools import Tool

HERE = Path(__file__).parent
PROBE = (sys.executable, str(HERE / "probe.py"))
BARE = "python -I -c pass"
FEW = {"snakemake": 3, "dvc": 3}  # rounds of what takes seconds
GRAPHS: dict[str, Shape] = {"chain of 8": chain(8), "fan of 200": fan(200), "1000 in layers": layers(1000)}


def start_up(tools: Mapping[str, Tool], folder: Path) -> Section:
    """`--version` beside bare Python and the peers' own, and what the light commands import."""
    folder.mkdir()
    bare = Contender(BARE, (sys.executable, "-I", "-c", "pass"), folder, rounds=21)
    versions = [
        Contender(tool.name, (tool.argv[0], "--version"), folder, tool.environ(folder), FEW.get(tool.name, 21))
        for tool in tools.values()
    ]
    costs = alternate([bare, *versions])
    floor = costs[BARE].cpu
    section = Section("Starting", f"CPU time of `--version`; bare Python (`{BARE}`) took {milliseconds(floor)}.")
    for tool in tools.values():
        ours = tool.name == "stagerun"
        ratio = costs[tool.name].cpu / floor
        goal, passed = ("<= 2.5 x bare Python", ratio <= 2.5) if ours else ("", None)
        section.rows.append(
            Row(f"{tool.name} --version", milliseconds(costs[tool.name].cpu), goal, ratio, "bare Python", passed)
        )
    tools["stagerun"].lay(chain(8), folder / "graph")
    for args in (["--help"], ["plan", "p.toml:demo"], ["plugins"]):
        section.rows.append(_light_command(args, folder / "graph", floor))
    return section


def _light_command(args: list[str], folder: Path, floor: float) -> Row:
    heavy = _probe(args, folder).heavy
    program = str(Path(sys.executable).with_name("stagerun"))
    name = " ".join(["stagerun", *args])
    cost = alternate([Contender(name, (program, *args), folder)])[name]
    shown = f"{milliseconds(cost.cpu)}, imports {', '.join(heavy) or 'none of them'}"
    goal = "no torch, numpy, transformers"
    return Row(name, shown, goal, cost.cpu / floor, "bare Python", not heavy)


@frozen
class Probed:
    """What probe.py counted during one command."""

    fsyncs: int
    read: int
    heavy: list[str]


def _probe(args: list[str], folder: Path) -> Probed:
    target = folder / "probe.json"
    done = subprocess.run([*PROBE, str(target), *args], cwd=folder, capture_output=True, text=True, check=False)
    if done.returncode != 0:
        raise RuntimeError(
            f"stagerun {' '.join(args)} ended with {done.returncode}: {(done.stdout + done.stderr)[-2000:]}"
        )
    return Probed(**json.loads(target.read_text(encoding="utf-8")))


def up_to_date(tools: Mapping[str, Tool], folder: Path) -> Section:
    """A run with nothing to do, for every graph; that nothing ran is checked after every round."""
    note = (
        "CPU time of a run that has nothing to do. The floor is bare Python that reads the pipeline file and stats every file. "
        "Outputs' times are compared after every round: nothing ran. 'File edited': the pipeline file gained a comment, so "
        "that it is read and planned anew."
    )
    section = Section("Nothing to do", note)
    for name, shape in GRAPHS.items():
        costs = _idle_costs(tools, shape, folder / name.replace(" ", "-"))
        section.rows.extend(_idle_rows(name, costs))
    return section


def _idle_costs(tools: Mapping[str, Tool], shape: Shape, folder: Path) -> dict[str, Cost]:
    contenders = []
    for tool in tools.values():
        place = folder / tool.name
        tool.lay(shape, place)
        tool.finish(tool, shape, place)
        rounds = 1 if tool.name == "dvc" and len(shape) > 500 else FEW.get(tool.name, 11)
        idle = _nothing_ran(tool, shape, place)
        contenders.append(Contender(tool.name, tool.argv, place, tool.environ(place), rounds, check=idle))
    contenders.append(_edited(tools["stagerun"], shape, folder / "edited"))
    ours = folder / "stagerun"
    floor = Contender("floor", (sys.executable, "-I", str(HERE / "floor.py"), "p.toml"), ours)
    return alternate([floor, *contenders])


def _edited(tool: Tool, shape: Shape, place: Path) -> Contender:
    """The pipeline file gains a comment before every round: a plan kept from the last run no longer helps."""
    tool.lay(shape, place)
    tool.finish(tool, shape, place)
    file = place / "p.toml"

    def edit() -> None:
        file.write_text(f"# another edit\n{file.read_text()}")

    idle = _nothing_ran(tool, shape, place)
    return Contender("stagerun, file edited", tool.argv, place, tool.environ(place), 5, edit, idle)


def _nothing_ran(tool: Tool, shape: Shape, place: Path) -> Callable[[], None]:
    def times() -> list[int]:
        return [tool.output(place, stage).stat().st_mtime_ns for stage in shape]

    before = times()

    def check() -> None:
        if times() != before:
            raise RuntimeError(f"{tool.name} ran a stage although nothing had changed in {place.name}")

    return check


def _idle_rows(graph: str, costs: Mapping[str, Cost]) -> list[Row]:
    floor, ours, doit = (costs[name].cpu for name in ("floor", "stagerun", "doit"))
    rows = [Row(f"{graph}: floor", milliseconds(floor))]
    shown = milliseconds(ours)
    rows.append(Row(f"{graph}: stagerun", shown, "below doit", ours / doit, "doit", ours < doit))
    if len(GRAPHS[graph]) == 1000:
        rows.append(Row(f"{graph}: stagerun", shown, "<= 4 x the floor", ours / floor, "floor", ours <= 4 * floor))
    for name, cost in costs.items():
        if name not in {"floor", "stagerun"}:
            rows.append(Row(f"{graph}: {name}", milliseconds(cost.cpu), ratio=cost.cpu / floor, to="floor"))
    return rows


def changed_input(tools: Mapping[str, Tool], folder: Path) -> Section:
    """The other side of doing nothing: a changed input file must reach the end of the chain."""
    note = "A chain of 8 whose first file changed; the last output must show it. One round."
    section = Section("One changed input", note)
    shape = chain(8)
    for tool in tools.values():
        place = folder / tool.name
        tool.lay(shape, place)
        tool.finish(tool, shape, place)
        (place / SOURCE).write_text(TEXT * 2)
        cost = alternate([Contender(tool.name, tool.argv, place, tool.environ(place), rounds=1)])[tool.name]
        noticed = tool.output(place, "s7").read_text() == TEXT * 2
        shown = milliseconds(cost.cpu) if noticed else "not noticed"
        ours = tool.name == "stagerun"
        section.rows.append(Row(tool.name, shown, "noticed" if ours else "", passed=noticed if ours else None))
    return section


def full_run(tools: Mapping[str, Tool], folder: Path) -> Section:
    """What a light stage costs: a fan of 200 against a single stage, from nothing, and how often the disk is waited for."""
    note = (
        "CPU time of a fan of 200 run from nothing, and of one stage more: (fan of 200 - fan of 1) / 199. stagerun records "
        "every stage durably as it ends; doit joins files in its own process too and writes its state once, at the end; "
        "make starts a shell for each stage and keeps no state."
    )
    section = Section("A light stage", note)
    chosen = [tools[name] for name in ("stagerun", "doit", "make") if name in tools]
    contenders = [_from_nothing(tool, size, folder) for tool in chosen for size in (1, 200)]
    costs = alternate(contenders)
    for tool in chosen:
        whole, single = costs[f"{tool.name} 200"], costs[f"{tool.name} 1"]
        each = (whole.cpu - single.cpu) / 199
        ours = tool.name == "stagerun"
        shown = f"{milliseconds(each)} ({milliseconds(whole.cpu)} in all, {milliseconds(whole.wall)} on the clock)"
        goal, passed = ("<= 2.5 ms", each <= 0.0025) if ours else ("", None)
        section.rows.append(Row(f"{tool.name}: one stage of 200", shown, goal, passed=passed))
    section.rows.append(_fsyncs(tools["stagerun"], folder / "fsyncs"))
    return section


def _from_nothing(tool: Tool, size: int, folder: Path) -> Contender:
    shape = fan(size)
    place = folder / f"{tool.name}-{size}"
    place.mkdir(parents=True)
    graph = place / "graph"

    def again() -> None:
        shutil.rmtree(graph, ignore_errors=True)
        tool.lay(shape, graph)

    def check() -> None:
        made = {stage: tool.output(graph, stage).read_text() for stage in shape}
        if made != contents(shape):
            raise RuntimeError(f"{tool.name} made a wrong output")

    again()
    return Contender(f"{tool.name} {size}", tool.argv, graph, tool.environ(place), 7, again, check)


def _fsyncs(tool: Tool, folder: Path) -> Row:
    counts = []
    for size in (1, 200):
        tool.lay(fan(size), folder / str(size))
        counts.append(_probe(["p.toml:demo"], folder / str(size)).fsyncs)
    each = (counts[1] - counts[0]) / 199
    return Row("stagerun: fsyncs for each stage", f"{each:.2f} ({counts[1]} in all)", "<= 1", passed=each <= 1)


def bytes_read(tools: Mapping[str, Tool], folder: Path, megabytes: int) -> Section:
    """An up-to-date run over large artifacts reads no more than one over tiny artifacts."""
    tool, shape, read = tools["stagerun"], chain(2), []
    for size in (len(TEXT), megabytes << 20):
        place = folder / str(size)
        tool.lay(shape, place)
        with (place / SOURCE).open("r+b") as stream:
            stream.truncate(size)
        os.utime(place / SOURCE, (1, 1))
        tool.call(cwd=place)
        read.append(_probe(["p.toml:demo"], place).read)
        shutil.rmtree(place)
    more = read[1] - read[0]
    note = f"Two stages over a file of {megabytes} MB, up to date, against the same with a file of a few bytes (rchar)."
    goal = f"0 of {3 * megabytes} MB"
    return Section(
        "Bytes of unchanged artifacts read", note, [Row("stagerun", f"{more} bytes", goal, passed=more < 4096)]
    )
