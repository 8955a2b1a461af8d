"""An artifact: an immutable output with a kind, a place and a digest."""

from __future__ import annotations

from pathlib import Path
from typing import Any

from attrs import field, frozen


@frozen
class Artifact:
    """What a stage is handed for a need.

    `source` says where it comes from: `tool_sft.adapter` for a stage's output, or the words of the pipeline file for
    something outside the graph (`openai/gpt-oss-20b`, `./rows.jsonl`). A hub name has no local `path`.
    `digest` is `sha256:...` over the manifest of its files and its base; for a hub name it is `hub:NAME@REVISION`.
    `base` is what an adapter was trained on.
    """

    kind: str
    source: str
    digest: str
    path: Path | None = None
    base: Artifact | None = None
    bytes: int = 0
    meta: dict[str, Any] = field(factory=dict)

    @property
    def location(self) -> str:
        """What loaders such as `from_pretrained` take: the local path, or the hub name."""
        return str(self.path) if self.path is not None else self.source

    def local(self) -> Path:
        """The local path; raises ValueError for an artifact that lives on a hub."""
        if self.path is None:
            raise ValueError(f"{self.source} is a hub name and has no local path")
        return self.path

    def to_json(self) -> dict[str, Any]:
        """JSON form, used by the worker protocol and stage.json."""
        row: dict[str, Any] = {"kind": self.kind, "source": self.source, "digest": self.digest, "bytes": self.bytes}
        if self.path is not None:
            row["path"] = str(self.path)
        if self.base is not None:
            row["base"] = self.base.to_json()
        if self.meta:
            row["meta"] = self.meta
        return row

    @classmethod
    def from_json(cls, row: dict[str, Any]) -> Artifact:
        """Inverse of `to_json`."""
        base, path = row.get("base"), row.get("path")
        return cls(
            kind=row["kind"],
            source=row["source"],
            digest=row["digest"],
            path=Path(path) if path else None,
            base=cls.from_json(base) if base else None,
            bytes=row.get("bytes", 0),
            meta=row.get("meta", {}),
        )


def parse_reference(text: str) -> tuple[str, str | None]:
    """Split `tool_data.train` into stage and output; `tool_data` gives None for the output."""
    stage, _, output = text.partition(".")
    return stage, output or None
