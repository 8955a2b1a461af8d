"""Lints many candidates with one run of ruff. A server: a JSON list of texts on a line, a JSON list of answers on a line.

A text is JSON: `files` {path: text}. An answer's `stdout` is JSON too: [file, line, code, message] of each finding. The rules
stand here: no configuration file is read, and comments that would silence ruff are not heeded. Run with `once`, it reads one text
and writes its findings: the plain way.
"""

import json
import os
import shutil
import subprocess
import sys
import tempfile
from typing import Any

RULES = "E4,E7,E9,F"
FLAGS = (
    "check",
    "--isolated",
    "--no-cache",
    "--ignore-noqa",
    "--no-fix",
    "--quiet",
    "--exit-zero",
    "--output-format=json",
)
Findings = list[tuple[str, int, str, str]]


def lint(ruff: str, texts: list[str]) -> list[Findings]:
    """The findings on each text's files, by one run."""
    folder = tempfile.mkdtemp()
    try:
        names = lay(folder, [json.loads(text)["files"] for text in texts])
        found: list[Findings] = [[] for _ in texts]
        for row in run(ruff, folder, list(names)) if names else ():
            at, path = names[os.path.relpath(row["filename"], folder)]
            found[at].append((path, row["location"]["row"], row["code"] or "syntax", row["message"]))
        return found
    finally:
        shutil.rmtree(folder, ignore_errors=True)


def lay(folder: str, files: list[dict[str, str]]) -> dict[str, tuple[int, str]]:
    """Write the files under names that mean nothing; which of which text each is."""
    names: dict[str, tuple[int, str]] = {}
    for at, texts in enumerate(files):
        for path, text in texts.items():
            last = "__init__.py" if path.rpartition("/")[2] == "__init__.py" else "m.py"
            name = f"{at}_{len(names)}/{last}"
            os.mkdir(os.path.join(folder, os.path.dirname(name)))
            with open(os.path.join(folder, name), "w", encoding="utf-8", errors="replace") as stream:
                stream.write(deaf(text))
            names[name] = (at, path)
    return names


def deaf(text: str) -> str:
    """The text without ranges that ruff is asked to leave out, which no flag turns off."""
    return text.replace("# ruff:", "# ruff_").replace("#ruff:", "#ruff_")


def run(ruff: str, folder: str, names: list[str]) -> list[dict[str, Any]]:
    """What ruff says of the files; raises ValueError when it said nothing of use."""
    command = [
        ruff,
        *FLAGS,
        f"--select={RULES}",
        f"--target-version=py{sys.version_info[0]}{sys.version_info[1]}",
        *names,
    ]
    done = subprocess.run(command, cwd=folder, stdin=subprocess.DEVNULL, stdout=subprocess.PIPE, check=True)
    rows: list[dict[str, Any]] = json.loads(done.stdout)
    return rows


def main() -> None:
    """Answer until stdin ends."""
    ruff, *once = sys.argv[1:]
    if once:
        sys.stdout.write(json.dumps(lint(ruff, [sys.stdin.read()])[0]))
        return
    for line in sys.stdin:
        answers = [{"stdout": json.dumps(findings)} for findings in lint(ruff, json.loads(line))]
        sys.stdout.write(json.dumps(answers) + "\n")
        sys.stdout.flush()


if __name__ == "__main__":
    main()
