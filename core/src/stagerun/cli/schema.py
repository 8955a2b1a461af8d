"""`stagerun schema`: print the JSON schema that schema_document.py makes."""

from __future__ import annotations

import sys
from pathlib import Path

import click

from stagerun.cli.endings import complain


@click.command("schema", short_help="Print a JSON schema of the pipeline file.")
@click.option("--out", metavar="FILE", help="Write it there instead.")
def command(out: str | None) -> int:
    """Print a JSON schema of the pipeline file, made from the installed plugins.

    Put `#:schema ./schema.json` on the first line of a pipeline file for editors that use Taplo.
    """
    from json import dumps

    from stagerun.cli.schema_document import document
    from stagerun.registry import Registry

    text = dumps(document(Registry(), lambda what: complain(what, "warning")), indent=1, ensure_ascii=False) + "\n"
    if out is None:
        sys.stdout.write(text)
        return 0
    try:
        Path(out).write_text(text, encoding="utf-8")
    except OSError as error:
        raise click.FileError(out, error.strerror or str(error)) from None
    return 0
