"""`stagerun plugins`: every installed name with its distribution."""

from __future__ import annotations

import sys

import click


@click.command("plugins", short_help="List everything a pipeline may name.")
@click.option("--check", is_flag=True, help="Load each one and say which fail.")
@click.option("--json", is_flag=True, help="As JSON.")
def command(check: bool, json: bool) -> int:
    """List every installed stage, gate, backend, evaluator, executor, judge, machine, check and hook with its distribution."""
    import shutil

    from attrs import asdict

    from stagerun.cli.listing import lines, listed
    from stagerun.errors import Exit
    from stagerun.record.words import cut
    from stagerun.registry import Registry

    rows = listed(Registry().entries, check=check)
    if json:
        from json import dumps

        sys.stdout.write(dumps([asdict(row) for row in rows], indent=1, ensure_ascii=False) + "\n")
    else:
        width = shutil.get_terminal_size().columns if sys.stdout.isatty() else sys.maxsize
        sys.stdout.write("".join(f"{cut(line, width)}\n" for line in lines(rows)))
    return Exit.FAILED if any(row.error or row.clash for row in rows) and check else Exit.DONE
