"""Where commands print, and write tables: the one place through which all text of theirs goes."""

from __future__ import annotations

import sys
from pathlib import Path

import pandas as pd
import typer

from engine.execution.whole_file import whole_file
from engine.scenario.printing import printable


def say(text: str, *, err: bool = False) -> None:
    """Print `text`, on standard error if `err`. What files hold is in it, so that hidden letters are escaped."""
    typer.echo(printable(text), err=err)


def write_table(table: pd.DataFrame | str, target: Path) -> None:
    """Write a table as CSV to `target`; a terminal may show it, so that hidden letters are escaped.

    Raises ResultsError if it cannot be written.
    """
    text = table if isinstance(table, str) else table.to_csv(index=False)
    with whole_file(target) as beside:
        beside.write_text(printable(text), encoding="utf-8", newline="\n")


def take_any_letter() -> None:
    """Have standard output and error take letters that the encoding of the terminal has not, as escapes."""
    for stream in (sys.stdout, sys.stderr):
        if hasattr(stream, "reconfigure"):
            stream.reconfigure(errors="backslashreplace")
