"""Judgements that were made before: an SQLite file in the user's cache, keyed by everything a verdict depends on.

Timeouts, memory and infrastructure errors are never kept: another machine, or a quieter one, may say otherwise.
"""

from __future__ import annotations

import hashlib
import json
import sqlite3
from contextlib import suppress
from pathlib import Path
from threading import Lock

import attrs

from stagerun.contracts import Candidate, Diagnostic, Judgement
from stagerun_evaluators.judge.languages import Language

KEPT = frozenset({"passed", "failed", "tampered"})
VERSION = 1  # of the file's shape and of how the judge makes verdicts


def key_of(candidate: Candidate, language: Language, tier: str) -> str:
    """A digest of candidate, tests, configuration, toolchain, limits and isolation tier; the task's name and words are not."""
    task = candidate.task
    parts = [
        [VERSION, language.digest, tier, task.language, task.tests, task.expected, task.entry],
        [dict(task.files), dict(task.repo), dict(task.meta)],
        [candidate.code, dict(candidate.files), candidate.patch],
    ]
    return hashlib.sha256(json.dumps(parts, sort_keys=True, default=str).encode("utf-8", "surrogatepass")).hexdigest()


class Cache:
    """Judgements by key. A file that cannot be used costs time and nothing else."""

    def __init__(self, file: Path) -> None:
        self._lock = Lock()
        self._base: sqlite3.Connection | None = None
        with suppress(OSError, sqlite3.Error):
            file.parent.mkdir(parents=True, exist_ok=True)
            base = sqlite3.connect(file, timeout=5, check_same_thread=False, isolation_level=None)
            base.execute("PRAGMA journal_mode=WAL")
            base.execute("PRAGMA synchronous=OFF")  # a lost row is judged again
            base.execute("CREATE TABLE IF NOT EXISTS judgements (key TEXT PRIMARY KEY, judgement TEXT) WITHOUT ROWID")
            self._base = base

    def get(self, key: str) -> Judgement | None:
        """The judgement, marked as cached."""
        if self._base is None:
            return None
        with self._lock, suppress(sqlite3.Error, ValueError, TypeError, KeyError):
            row = self._base.execute("SELECT judgement FROM judgements WHERE key = ?", (key,)).fetchone()
            return _read(row[0]) if row else None
        return None

    def put(self, key: str, judgement: Judgement) -> None:
        """Keep it, if it is of a kind that is kept."""
        if self._base is None or judgement.verdict not in KEPT:
            return
        row = attrs.asdict(judgement) | {"passed": sorted(judgement.passed), "failed": sorted(judgement.failed)}
        with self._lock, suppress(sqlite3.Error):
            self._base.execute("INSERT OR REPLACE INTO judgements VALUES (?, ?)", (key, json.dumps(row)))

    def close(self) -> None:
        """Close the file."""
        if self._base is not None:
            self._base.close()
            self._base = None


def _read(text: str) -> Judgement:
    row = json.loads(text)
    told = tuple(Diagnostic(**each) for each in row["diagnostics"])
    named = {name: frozenset(row[name]) for name in ("passed", "failed")}
    return Judgement(**row | named | {"diagnostics": told, "cached": True})
