"""Reads all sources into one spool: drops what is broken, there twice, nearly there twice, or asked in an evaluation."""

from __future__ import annotations

import json
from array import array
from collections import defaultdict
from hashlib import blake2b

from attrs import define, field

from stagerun import Ctx, DropRow
from stagerun_stages.data.alike import Families, Signatures, Words, question_of, text_of, words_of
from stagerun_stages.data.contamination import Evaluation
from stagerun_stages.data.formats import Row
from stagerun_stages.data.json_rows import SHOWN
from stagerun_stages.data.reading import Found
from stagerun_stages.data.spool import Spool
from stagerun_stages.data.taking import Taken
from stagerun_stages.data.tally import CONTAMINATED, DUPLICATE, NEAR_DUPLICATE, Tally

TOLD_EVERY = 1000  # rows
TOGETHER = 0.5  # rows with so much of their wording in common are on one side of the split


@define
class Collection:
    """The rows of all sources, by number; `crowds` holds the rows of each source and group that share a limit."""

    ctx: Ctx
    form: str
    spool: Spool
    evaluation: Evaluation
    tallies: list[Tally] = field(factory=list)
    crowds: dict[tuple[int, str], array[int]] = field(factory=dict)
    wheres: list[str] = field(factory=list)
    origins: array[int] = field(factory=lambda: array("I"))  # row -> its source's place among the tallies
    signatures: Signatures = field(factory=Signatures)
    asked: dict[bytes, int] = field(factory=dict)  # question -> first row with it
    joined: list[tuple[int, int]] = field(factory=list)  # rows with one question
    read: int = 0

    def take(self, source: Taken) -> None:
        """Read a source. Where only a part of it is wanted and it need not be read whole, reading stops when that is full."""
        tally = Tally(source.name, revision=source.revision, licence=source.licence)
        self.tallies.append(tally)
        for piece in source.pieces():
            for found in piece:
                crowd = self._consider(source, found, tally)
                if crowd is not None and not source.whole and len(crowd) >= source.limit:
                    break
        tally.kept = tally.read - tally.dropped.total()
        tally.check()

    def _consider(self, source: Taken, found: Found, tally: Tally) -> array[int] | None:
        """Keep or drop a record; gives the rows that it was put with."""
        tally.read += 1
        self.read += 1
        if self.read % TOLD_EVERY == 0:
            self.ctx.progress(self.read)
        try:
            return self._keep(source, found, tally)
        except DropRow as reason:
            tally.drop(str(reason), found.where, found.shown)
        except RecursionError:
            tally.drop("nested too deep", found.where, "")
        return None

    def _keep(self, source: Taken, found: Found, tally: Tally) -> array[int]:
        repairs: list[str] = []
        row, group = source.row(found, self.form, repairs.append)
        words = words_of(text_of(row))
        if self.evaluation.is_in(words):
            raise DropRow(CONTAMINATED)
        number = self.spool.add(row)
        if number is None:
            raise DropRow(DUPLICATE)
        tally.repaired.update(dict.fromkeys(repairs, 1))
        self._file(number, row, words, found.where)
        crowd = self.crowds.setdefault((len(self.tallies) - 1, group), array("I"))
        crowd.append(number)
        return crowd

    def _file(self, number: int, row: Row, words: Words, where: str) -> None:
        self.origins.append(len(self.tallies) - 1)
        self.wheres.append(where)
        self.signatures.add(number, words)
        asked = words_of(question_of(row))
        if len(asked):
            offered = "".join(sorted(tool["function"]["name"] for tool in row.get("tools", ())))
            key = blake2b(asked.tobytes() + offered.encode(), digest_size=8).digest()
            first = self.asked.setdefault(key, number)
            if first != number:
                self.joined.append((first, number))

    def settle(self, least: float) -> Families:
        """Drop rows with at least the share `least` of their wording in common with a row before them (0: none), and say which
        of the others belong together: those with one question, or half of their wording in common."""
        families, near = Families.single(len(self.wheres)), defaultdict(list)
        for pairs, shares in self.signatures.pairs(min(TOGETHER, least or 1)):
            for (earlier, later), share in zip(pairs.tolist(), shares.tolist(), strict=True):
                families.join(earlier, later)
                if least and share >= least:
                    near[later].append(earlier)
        for first, number in self.joined:
            families.join(first, number)
        self._drop(near)
        return families

    def hold_out(self, count: int) -> None:
        """Drop rows of later sources that ask what a row of the first `count` sources asks, which are to be measured with."""
        there = {row for crowd in self.crowds.values() for row in crowd}
        asked = {later for first, later in self.joined if self.origins[first] < count <= self.origins[later]}
        self._remove(asked & there, CONTAMINATED)

    def _drop(self, near: dict[int, list[int]]) -> None:
        gone: set[int] = set()
        for later in sorted(near):
            if not gone.issuperset(near[later]):
                gone.add(later)
        self._remove(gone, NEAR_DUPLICATE)

    def _remove(self, gone: set[int], reason: str) -> None:
        for row in sorted(gone):
            tally = self.tallies[self.origins[row]]
            tally.drop(reason, self.wheres[row], self._shown(row))
            tally.kept -= 1
        for key, crowd in self.crowds.items():
            self.crowds[key] = array("I", (row for row in crowd if row not in gone))
        for tally in self.tallies:
            tally.check()

    def _shown(self, number: int) -> str:
        [line] = self.spool.lines([number])
        return json.dumps(json.loads(line), ensure_ascii=False)[:SHOWN]
