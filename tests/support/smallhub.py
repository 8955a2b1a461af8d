"""A hub of a few files on this machine, for the clients of the Hugging Face hub: what they ask of it, and no more.

    with serving({"org/rows": {"train.jsonl": b"..."}}, gated={"org/rows"}) as address: ...

Point clients at it with `HF_ENDPOINT`, in a process of their own: they read it when they are first imported.
"""

from __future__ import annotations

import json
import re
import threading
from collections.abc import Collection, Iterator, Mapping
from contextlib import contextmanager
from http.server import BaseHTTPRequestHandler, ThreadingHTTPServer
from typing import Any, ClassVar
from urllib.parse import unquote

COMMIT, EARLIER = "c" * 40, "e" * 40
CARD = {"license": "odc-by"}  # every data set's
TOKEN = "hf_of_somebody"
Files = Mapping[str, bytes]

_API = re.compile(r"/api/datasets/([\w-]+/[\w-]+)(?:/(revision|tree)/(\w+))?(?:/(.*))?$")
_FILE = re.compile(r"/datasets/([\w-]+/[\w-]+)/resolve/(\w+)/(.*)$")
_RANGE = re.compile(r"bytes=(\d+)-(\d*)")


class _Hub(BaseHTTPRequestHandler):
    protocol_version = "HTTP/1.1"
    repositories: ClassVar[Mapping[str, Files]] = {}
    earlier: ClassVar[Mapping[str, Files]] = {}
    gated: ClassVar[Collection[str]] = ()

    def log_message(self, *_: Any) -> None:
        """Say nothing."""

    def do_HEAD(self) -> None:
        self.do_GET()

    def do_GET(self) -> None:
        path = unquote(self.path.partition("?")[0])
        if found := _FILE.match(path):
            self.file(*found.groups())
        elif found := _API.match(path):
            self.api(*found.groups())
        else:
            self.answer(404)

    def at(self, revision: str | None) -> Mapping[str, Files]:
        return self.earlier if revision == EARLIER else self.repositories

    def api(self, name: str, what: str | None, revision: str | None, below: str | None) -> None:
        files = self.at(revision).get(name)
        if files is None:
            self.answer(404, error="RepoNotFound")
        elif name in self.gated and self.headers.get("authorization") != f"Bearer {TOKEN}":
            self.answer(403, error="GatedRepo")
        elif revision not in (None, "main", COMMIT, EARLIER):
            self.answer(404, error="RevisionNotFound")
        elif what == "tree":
            listed = [{"type": "file", "path": path, "size": len(data), "oid": "0"} for path, data in files.items()]
            self.answer(200, [each for each in listed if str(each["path"]).startswith(below or "")])
        else:
            self.answer(
                200,
                {
                    "id": name,
                    "sha": EARLIER if revision == EARLIER else COMMIT,
                    "siblings": [{"rfilename": path} for path in files],
                    "tags": [],
                    "cardData": CARD,
                },
            )

    def file(self, name: str, revision: str, path: str) -> None:
        data = self.at(revision).get(name, {}).get(path)
        if data is None:
            self.answer(404, error="EntryNotFound")
            return
        here = {"X-Repo-Commit": EARLIER if revision == EARLIER else COMMIT}
        wanted = _RANGE.match(self.headers.get("range", ""))
        if not wanted:
            self.send(200, data, here)
            return
        first, last = int(wanted[1]), int(wanted[2] or len(data) - 1)
        self.send(206, data[first : last + 1], {**here, "Content-Range": f"bytes {first}-{last}/{len(data)}"})

    def answer(self, code: int, value: Any = None, error: str = "") -> None:
        headers = {"X-Error-Code": error, "X-Error-Message": error} if error else {}
        self.send(
            code, json.dumps({} if value is None else value).encode(), {"Content-Type": "application/json", **headers}
        )

    def send(self, code: int, data: bytes, headers: Mapping[str, str]) -> None:
        self.send_response(code)
        for key, value in {"ETag": '"0"', "Accept-Ranges": "bytes", **headers}.items():
            self.send_header(key, value)
        self.send_header("Content-Length", str(len(data)))
        self.end_headers()
        if self.command != "HEAD":
            self.wfile.write(data)


@contextmanager
def serving(
    repositories: Mapping[str, Files], gated: Collection[str] = (), earlier: Mapping[str, Files] | None = None
) -> Iterator[str]:
    """Serve repositories (name -> path -> bytes), as they are at COMMIT and were at EARLIER; gives the address.

    Those that are gated want TOKEN.
    """
    hub = type("Hub", (_Hub,), {"repositories": repositories, "gated": gated, "earlier": earlier or {}})
    server = ThreadingHTTPServer(("127.0.0.1", 0), hub)
    thread = threading.Thread(target=server.serve_forever, daemon=True)
    thread.start()
    try:
        yield f"http://127.0.0.1:{server.server_port}"
    finally:
        server.shutdown()
        server.server_close()
        thread.join()
