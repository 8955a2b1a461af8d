"""Messages of the worker protocol, one line of JSON each, up a pipe that several threads write to."""

from __future__ import annotations

import json
import os
import threading
from typing import Any

from stagerun.worker.context import Send


def sender(events: int) -> Send:
    """What writes a message to the descriptor `events`, whole and never in the middle of another."""
    lock = threading.Lock()

    def send(message: dict[str, Any]) -> None:
        data = json.dumps(message, ensure_ascii=False, default=str).encode() + b"\n"
        with lock:
            while data:
                data = data[os.write(events, data) :]

    return send
