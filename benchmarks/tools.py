"""The engines that are measured: how each is installed, given a graph, run, and brought to a finished state.

Every stage joins its inputs into its output. doit does that in its own process, as stagerun does; make and Snakemake start a
shell for it; DVC too. Snakemake and DVC take minutes for 1000 stages, so their finished state is written, not run: outputs for
Snakemake, outputs with lock file and cache for DVC. That nothing runs afterwards is checked for all alike.
"""

from __future__ import annotations

import hashlib
import json
import os
import shutil
import subprocess
import sys
import time
from collections.abc import Callable
from pathlib import Path

from attrs import frozen

from benchmarks.shapes import SOURCE, TEXT, Shape, contents

REPOSITORY = Path(__file__).parents[1]
VENVS = REPOSITORY / ".cache" / "bench"
PEERS = {"doit": "0.37.0", "snakemake": "9.27.1", "dvc": "3.67.1"}


@frozen
class Tool:
    """`lay` writes the graph into a folder; `finish` brings it to the finished state; `output` is where a stage writes."""

    name: str
    version: str
    argv: tuple[str, ...]
    lay: Callable[[Shape, Path], None]
    finish: Callable[[Tool, Shape, Path], None]
    output: Callable[[Path, str], Path]

    def environ(self, folder: Path) -> dict[str, str]:
        """A home of its own: no tool reads or leaves anything elsewhere."""
        home = str(folder / ".home")
        return {"HOME": home, "XDG_CACHE_HOME": home, "DVC_NO_ANALYTICS": "1", "DVC_GLOBAL_CONFIG_DIR": home}

    def call(self, *argv: str, cwd: Path) -> None:
        """Run it outside any measurement."""
        environ = os.environ | self.environ(cwd)
        done = subprocess.run(argv or self.argv, cwd=cwd, env=environ, capture_output=True, text=True, check=False)
        if done.returncode != 0:
            raise RuntimeError(f"{self.name} ended with {done.returncode}: {(done.stdout + done.stderr)[-2000:]}")


def tools() -> dict[str, Tool]:
    """stagerun, the peers (installed into environments of their own when missing), and make where there is one."""
    stagerun = str(Path(sys.executable).with_name("stagerun"))
    found = [
        Tool("stagerun", _version(stagerun), (stagerun, "p.toml:demo"), _lay_stagerun, _by_running, _stagerun_output),
        _peer("doit", (), _lay_doit, _by_running),
        _peer("snakemake", ("--cores", "1", "--quiet", "all"), _lay_snakemake, _by_writing),
        _peer("dvc", ("repro",), _lay_dvc, _by_dvc_lock),
    ]
    make = shutil.which("make")
    if make:
        found.append(Tool("make", _version(make), (make, "-s"), _lay_make, _by_running, _peer_output))
    return {tool.name: tool for tool in found}


def _peer(
    name: str, args: tuple[str, ...], lay: Callable[[Shape, Path], None], finish: Callable[[Tool, Shape, Path], None]
) -> Tool:
    program = _installed(name) / name
    return Tool(name, PEERS[name], (str(program), *args), lay, finish, _peer_output)


def _installed(name: str) -> Path:
    """The folder of the peer's programs; its environment is made once and kept in the cache."""
    place = VENVS / f"{name}-{PEERS[name]}"
    if not (place / "bin" / name).exists():
        uv = shutil.which("uv", path=f"{Path(sys.executable).parent}{os.pathsep}{os.environ['PATH']}") or "uv"
        subprocess.run([uv, "venv", "--quiet", "--python", sys.executable, str(place)], check=True)
        python = str(place / "bin" / "python")
        subprocess.run([uv, "pip", "install", "--quiet", "--python", python, f"{name}=={PEERS[name]}"], check=True)
    return place / "bin"


def _version(program: str) -> str:
    text = subprocess.run([program, "--version"], capture_output=True, text=True, check=True).stdout
    return text.splitlines()[0].split()[-1]


def _stagerun_output(folder: Path, stage: str) -> Path:
    return folder / "runs" / "demo" / stage / "final" / "concat.jsonl"


def _peer_output(folder: Path, stage: str) -> Path:
    return folder / "out" / f"{stage}.txt"


def _start(folder: Path) -> None:
    (folder / "out").mkdir(parents=True)
    (folder / ".home").mkdir()
    (folder / SOURCE).write_text(TEXT)
    long_ago = time.time() - 3600
    os.utime(folder / SOURCE, (long_ago, long_ago))


def _inputs(takes: tuple[str, ...]) -> list[str]:
    return [f"out/{name}.txt" for name in takes] or [SOURCE]


def _lay_stagerun(shape: Shape, folder: Path) -> None:
    _start(folder)
    rows = ["[demo]"]
    for name, takes in shape.items():
        given = f"needs = {{ files = {json.dumps(list(takes))} }}" if takes else f'with.paths = ["{SOURCE}"]'
        rows += [f"[demo.stages.{name}]", 'uses = "files.concat"', given]
    (folder / "p.toml").write_text("\n".join(rows) + "\n")


def _lay_doit(shape: Shape, folder: Path) -> None:
    _start(folder)
    graph = {name: _inputs(takes) for name, takes in shape.items()}
    (folder / "dodo.py").write_text(
        f"GRAPH = {json.dumps(graph)}\n\n\n"
        "def join(takes, target):\n"
        "    with open(target, 'wb') as made:\n"
        "        for path in takes:\n"
        "            with open(path, 'rb') as stream:\n"
        "                made.write(stream.read())\n\n\n"
        "def task_s():\n"
        "    for name, takes in GRAPH.items():\n"
        "        target = f'out/{name}.txt'\n"
        "        yield {'name': name, 'file_dep': takes, 'targets': [target], 'actions': [(join, [takes, target])]}\n"
    )


def _lay_snakemake(shape: Shape, folder: Path) -> None:
    _start(folder)
    every = json.dumps([f"out/{name}.txt" for name in shape])
    rules = [f"rule all:\n    input: {every[1:-1]}\n"]
    for name, takes in shape.items():
        given = json.dumps(_inputs(takes))[1:-1]
        rules.append(
            f'rule {name}:\n    input: {given}\n    output: "out/{name}.txt"\n    shell: "cat {{input}} > {{output}}"\n'
        )
    (folder / "Snakefile").write_text("\n".join(rules))


def _lay_make(shape: Shape, folder: Path) -> None:
    _start(folder)
    rules = [f"all: {' '.join(f'out/{name}.txt' for name in shape)}\n"]
    for name, takes in shape.items():
        rules.append(f"out/{name}.txt: {' '.join(_inputs(takes))}\n\tcat $^ > $@\n")
    (folder / "Makefile").write_text("\n".join(rules))


def _command(name: str, takes: tuple[str, ...]) -> str:
    return f"cat {' '.join(_inputs(takes))} > out/{name}.txt"


def _lay_dvc(shape: Shape, folder: Path) -> None:
    _start(folder)
    stages = {
        name: {"cmd": _command(name, takes), "deps": _inputs(takes), "outs": [f"out/{name}.txt"]}
        for name, takes in shape.items()
    }
    (folder / "dvc.yaml").write_text(json.dumps({"stages": stages}, indent=1))  # JSON is YAML


def _by_running(tool: Tool, shape: Shape, folder: Path) -> None:
    tool.call(cwd=folder)
    _check_contents(tool, shape, folder)


def _by_writing(tool: Tool, shape: Shape, folder: Path) -> None:
    for name, text in contents(shape).items():
        tool.output(folder, name).write_text(text)
    _check_contents(tool, shape, folder)


def _by_dvc_lock(tool: Tool, shape: Shape, folder: Path) -> None:
    tool.call(tool.argv[0], "init", "--no-scm", "--quiet", cwd=folder)
    _by_writing(tool, shape, folder)
    texts = {f"out/{name}.txt": text for name, text in contents(shape).items()} | {SOURCE: TEXT}
    stages = {
        name: {
            "cmd": _command(name, takes),
            "deps": [_locked(path, texts[path]) for path in _inputs(takes)],
            "outs": [_locked(f"out/{name}.txt", texts[f"out/{name}.txt"])],
        }
        for name, takes in shape.items()
    }
    (folder / "dvc.lock").write_text(json.dumps({"schema": "2.0", "stages": stages}, indent=1))
    for text in set(texts.values()):
        digest = hashlib.md5(text.encode()).hexdigest()
        cached = folder / ".dvc" / "cache" / "files" / "md5" / digest[:2] / digest[2:]
        cached.parent.mkdir(parents=True, exist_ok=True)
        cached.write_text(text)


def _locked(path: str, text: str) -> dict[str, object]:
    return {"path": path, "hash": "md5", "md5": hashlib.md5(text.encode()).hexdigest(), "size": len(text)}


def _check_contents(tool: Tool, shape: Shape, folder: Path) -> None:
    for name, text in contents(shape).items():
        if tool.output(folder, name).read_text() != text:
            raise RuntimeError(f"{tool.name} made a wrong output for {name}")
