"""All text that commands print or write to tables passes through these functions."""

from __future__ import annotations

import os
import sys
from pathlib import Path
from typing import TYPE_CHECKING, TextIO

import typer

from engine.errors import ResultsError
from engine.text.printable import printable

if TYPE_CHECKING:
    import pandas as pd
    import xarray as xr


def say(text: str, *, err: bool = False) -> None:
    """Print `text`, on standard error if `err`. It may quote files, so hidden characters are escaped.

    A reader that closes the pipe early, such as `head`, does not end the command: the rest is discarded.
    Raises ResultsError if the text cannot be written for another reason, such as a full disk.
    """
    try:
        typer.echo(printable(text), err=err)
    except BrokenPipeError:
        _lead_nowhere(sys.stderr if err else sys.stdout)
    except OSError as error:
        name = "standard error" if err else "standard output"
        raise ResultsError(f"{name}: cannot be written: {error.strerror or error}") from None


def finish(found: xr.Dataset, text: str, target: Path) -> None:
    """Write the dataset of a command to `target`, and print its text."""
    from engine.results import write_results

    write_results(found, target)
    say(text)
    say(f"\nWritten to {target}")


def write_table(table: pd.DataFrame | str, target: Path) -> None:
    """Write a table as CSV to `target`. A terminal may show it, so hidden characters are escaped.

    Raises ResultsError if it cannot be written.
    """
    from engine.execution.atomic_write import atomic_write

    text = table if isinstance(table, str) else table.to_csv(index=False)
    with atomic_write(target) as unfinished:
        unfinished.write_text(printable(text), encoding="utf-8", newline="\n")


def prepare_streams() -> None:
    """Prepare the three standard streams before a command writes to them, or opens a file.

    A closed stream is replaced by the null device; otherwise the first file to be opened would take its place and
    receive its text. Characters that the encoding of the terminal lacks are printed as escapes.
    """
    for name, mode in (("stdin", "r"), ("stdout", "w"), ("stderr", "w")):
        if getattr(sys, name) is None:
            setattr(sys, name, open(os.devnull, mode, encoding="utf-8"))  # noqa: SIM115
    for stream in (sys.stdout, sys.stderr):
        if hasattr(stream, "reconfigure"):
            stream.reconfigure(errors="backslashreplace")


def _lead_nowhere(stream: TextIO) -> None:
    """Discard everything still written to `stream`, including its buffer."""
    nowhere = os.open(os.devnull, os.O_WRONLY)
    os.dup2(nowhere, stream.fileno())
    os.close(nowhere)
