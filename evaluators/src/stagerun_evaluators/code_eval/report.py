"""The report of `code.eval`: tables in Markdown that read as well in a terminal."""

from __future__ import annotations

from collections.abc import Iterator, Mapping, Sequence

from stagerun_evaluators.code_eval.scoring import VERDICTS, LanguageTally, Tally, mean_pass

Row = Sequence[str]


def markdown(tally: Tally, ks: Sequence[int], named: Mapping[str, Mapping[str, str]], worst: int) -> str:
    """The whole report."""
    parts = [
        "# Solutions judged",
        f"{tally.samples} solutions to {len(tally.tasks)} tasks: {tally.verdict('passed')} passed.",
        table(("language", "tasks", "samples", *(f"pass@{k}" for k in ks), "score"), list(_languages(tally, ks))),
        "## Checks",
        table(("language", "check", "metric", "earned whole", "rate"), list(_checks(tally, named))),
        "## Verdicts",
        table(("language", *VERDICTS, "not judged"), list(_verdicts(tally))),
        "## Where it ran",
        table(
            ("language", "isolation", "weights", "samples"),
            [(*key, str(count)) for key, count in sorted(tally.tiers.items())],
        ),
        *_least(tally, worst),
    ]
    return "\n\n".join(part for part in parts if part) + "\n"


def table(head: Row, rows: Sequence[Row]) -> str:
    """A Markdown table with its columns lined up; numbers to the right."""
    shown = [[_safe(cell) for cell in row] for row in (head, *rows)]
    widths = [max(len(row[column]) for row in shown) for column in range(len(head))]
    right = [all(_is_number(row[column]) for row in shown[1:]) and bool(rows) for column in range(len(head))]
    rule = [
        ("-" * (width - 1) + ":") if to_right else "-" * width for width, to_right in zip(widths, right, strict=True)
    ]
    lines = [
        " | ".join(
            cell.rjust(width) if to_right else cell.ljust(width)
            for cell, width, to_right in zip(row, widths, right, strict=True)
        )
        for row in (shown[0], rule, *shown[1:])
    ]
    return "\n".join(f"| {line} |" for line in lines)


def _is_number(text: str) -> bool:
    return text.replace(".", "", 1).isdigit() or text == "-"


def _safe(text: str) -> str:
    """A cell: names of tasks are strangers' words."""
    return "".join(each if each.isprintable() and each not in "|`<>" else "?" for each in text)[:80] or "-"


def share(value: float | None) -> str:
    """'0.812', or a dash."""
    return "-" if value is None or value != value else f"{value:.3f}"  # noqa: PLR0124 - NaN


def _languages(tally: Tally, ks: Sequence[int]) -> Iterator[Row]:
    names = sorted({task.language for task in tally.tasks.values()})
    for name in [*names, *([""] if len(names) > 1 else [])]:
        tasks = [task for task in tally.tasks.values() if name in {task.language, ""}]
        found = [each for each in tally.languages.values() if name in {each.name, ""}]
        n = sum(each.n for each in found)
        passes = [share(mean_pass(tasks, k)[0]) for k in ks]
        yield (
            name or "all",
            str(len(tasks)),
            str(n),
            *passes,
            share(sum(each.scores for each in found) / n if n else None),
        )


def _checks(tally: Tally, named: Mapping[str, Mapping[str, str]]) -> Iterator[Row]:
    for language in _sorted(tally):
        for check, count in language.checks.items():
            metric = named.get(language.name, {}).get(check, "")
            yield language.name, check, metric, str(count), share(language.rate(count))


def _verdicts(tally: Tally) -> Iterator[Row]:
    for language in _sorted(tally):
        counts = [str(language.verdicts.get(name, 0)) for name in (*VERDICTS, "infra_error")]
        yield language.name, *counts


def _least(tally: Tally, worst: int) -> Iterator[str]:
    """The tasks that were solved least, if any was not always solved."""
    unsolved = sorted((task for task in tally.tasks.values() if task.share < 1), key=lambda task: (task.share, task.id))
    if unsolved and worst:
        rows = [(task.id, str(task.n), str(task.passed), str(task.unjudged)) for task in unsolved[:worst]]
        yield f"## Solved least: {len(rows)} of the {len(unsolved)} tasks that were not always solved"
        yield table(("task", "samples", "passed", "not judged"), rows)


def _sorted(tally: Tally) -> list[LanguageTally]:
    return [tally.languages[name] for name in sorted(tally.languages)]
