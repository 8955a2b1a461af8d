"""What was measured, as rows with a goal and a verdict, for the terminal and for docs/benchmarks/engine.md."""

from __future__ import annotations

from attrs import field, frozen


@frozen
class Row:
    """One measurement. `ratio` is to what `to` names; `passed` is None where no goal stands."""

    what: str
    value: str
    goal: str = ""
    ratio: float | None = None
    to: str = ""
    passed: bool | None = None
    digits: int = 2  # of the ratio

    def cells(self) -> tuple[str, ...]:
        """The row's texts in the order of `HEAD`."""
        ratio = "" if self.ratio is None else f"{self.ratio:.{self.digits}f} x {self.to}"
        verdict = {None: "", True: "pass", False: "**miss**"}[self.passed]
        return (self.what, self.goal, self.value, ratio, verdict)


HEAD = ("what", "goal", "value", "ratio", "verdict")


@frozen
class Section:
    """Rows under a title; `note` says what a reader must know to believe them."""

    title: str
    note: str
    rows: list[Row] = field(factory=list)

    def markdown(self) -> str:
        """A heading, the note, and an aligned table."""
        lines = [HEAD, *(row.cells() for row in self.rows)]
        widths = [max(len(line[at]) for line in lines) for at in range(len(HEAD))]
        lines.insert(1, tuple("-" * width for width in widths))
        table = [
            "| " + " | ".join(cell.ljust(width) for cell, width in zip(line, widths, strict=True)) + " |"
            for line in lines
        ]
        return "\n".join([f"## {self.title}", "", self.note, "", *table, ""])


def milliseconds(seconds: float) -> str:
    """Seconds as `12.3 ms`, or as seconds from one on."""
    return f"{seconds * 1000:.1f} ms" if seconds < 1 else f"{seconds:.2f} s"
