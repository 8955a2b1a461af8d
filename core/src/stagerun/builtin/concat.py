"""The stage `files.concat`: several text files or datasets, one after the other, as one."""

from __future__ import annotations

import shutil
from collections.abc import Iterable
from pathlib import Path
from typing import ClassVar

from attrs import frozen

from stagerun.contracts import Ctx, Need, Output, option
from stagerun.errors import StageError


@frozen
class Concat:
    """Joins datasets and files in the order given; JSONL stays JSONL."""

    needs: ClassVar = {"files": Need(("dataset", "file"), optional=True, many=True, about="earlier stages' files")}
    produces: ClassVar = {"file": Output("dataset", "concat.jsonl")}
    in_process: ClassVar = True

    paths: tuple[str, ...] = option((), about="files outside the graph, relative to the pipeline file; they come first")

    def reads(self) -> Iterable[str]:
        return self.paths

    def run(self, ctx: Ctx) -> None:
        sources = [Path(path) for path in self.paths] + [made.local() for made in ctx.many.get("files", ())]
        if not sources:
            raise StageError("there is nothing to join", "give needs.files or with.paths")
        with (ctx.out / "concat.jsonl").open("wb") as target:
            for source in sources:
                with source.open("rb") as stream:
                    shutil.copyfileobj(stream, target)
