"""The judge's end of one keeper process: start it, hand it a request, read the answer, replace it when it died."""

from __future__ import annotations

import json
import os
import subprocess
from contextlib import suppress
from typing import Any

from stagerun_evaluators.keeper.serve import start_argv
from stagerun_evaluators.keeper.wire import PYTHON_ENVIRON, Ask, Job, Purpose

_KEPT = ("PATH", "TMPDIR", "LD_LIBRARY_PATH")  # of the user's environment: what toolchains need, no secrets
_PATIENCE = 5.0  # seconds for a keeper to leave by itself


class InfraError(Exception):
    """The keeper failed, not the candidate: no verdict can be made of it."""


class Slot:
    """One keeper, started when first needed. Used by one thread at a time."""

    def __init__(self, purpose: Purpose) -> None:
        self.purpose = purpose
        self._process: subprocess.Popen[bytes] | None = None

    def request(self, request: Job | Ask) -> Any:
        """The keeper's answer; raises InfraError when it gave none."""
        try:
            return self._exchange(json.dumps(request).encode() + b"\n")
        except (OSError, ValueError) as error:
            self.close()
            raise InfraError(f"the keeper of a judging slot is gone: {error}") from error

    def _exchange(self, line: bytes) -> Any:
        process = self._process = self._process or _start(self.purpose)
        assert process.stdin is not None
        assert process.stdout is not None
        process.stdin.write(line)
        process.stdin.flush()
        return json.loads(process.stdout.readline())

    def close(self) -> None:
        """End the keeper and what it runs."""
        process, self._process = self._process, None
        if process is None:
            return
        for stream in (process.stdin, process.stdout):
            assert stream is not None
            with suppress(OSError):  # a request that could not be written is still in the buffer
                stream.close()
        try:
            process.wait(timeout=_PATIENCE)
        except subprocess.TimeoutExpired:
            process.kill()
            process.wait()


def _start(purpose: Purpose) -> subprocess.Popen[bytes]:
    environ = {name: os.environ[name] for name in _KEPT if name in os.environ} | PYTHON_ENVIRON | {"LC_ALL": "C.UTF-8"}
    return subprocess.Popen(
        start_argv(purpose), stdin=subprocess.PIPE, stdout=subprocess.PIPE, env=environ, cwd="/", start_new_session=True
    )
