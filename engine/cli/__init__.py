"""The shell's way in. Each module holds a group of commands; a new one is added in one line below."""

from __future__ import annotations

import os
import signal
import sys
import traceback
from typing import Annotated, NoReturn

import typer

from engine import __version__
from engine.cli import (
    deciding,
    exploring,
    judging,
    meaning,
    new,
    playing,
    publishing,
    reporting,
    running,
    scenarios,
    sensitivity,
    stressing,
)
from engine.cli.printing import prepare_streams, say
from engine.errors import EngineError

app = typer.Typer(
    add_completion=False,
    no_args_is_help=True,
    rich_markup_mode=None,
    pretty_exceptions_enable=False,
    help="When does each class of actor gain an AI capability, and how sure are we?",
)
app.add_typer(playing.commands)
app.add_typer(running.commands)
app.add_typer(stressing.commands)
app.add_typer(sensitivity.commands)
app.add_typer(meaning.commands)
app.add_typer(deciding.commands)
app.add_typer(judging.commands)
app.add_typer(publishing.commands)
app.add_typer(reporting.commands)
app.add_typer(exploring.commands)
app.add_typer(scenarios.commands)
app.add_typer(new.commands)


@app.callback(invoke_without_command=True)
def version(
    show: Annotated[bool, typer.Option("--version", help="print the version and stop")] = False,
) -> None:
    """Common options."""
    if show:
        say(f"engine {__version__}")
        raise typer.Exit


#: Said where the system starts neither another process nor another thread.
_NO_MORE = "no further process or thread can be started here; allow more (ulimit -u), or use fewer with --threads"


def main() -> None:
    """Run the command line. Bad input is one line and exit code 2; an interrupt is exit code 130.

    Only the engine's own errors, and what the system says of a named file, are bad input. Anything else is a fault of
    the engine: it shows its traceback, where to report it, and exit code 1.
    """
    prepare_streams()
    # What asks a process to end (a scheduler at the end of its time) is taken as what interrupts it.
    signal.signal(signal.SIGTERM, signal.default_int_handler)
    try:
        app()
    except SystemExit as end:
        if end.code == playing.INTERRUPTED:
            # Threads that are compiling are not waited for: files are whole or not there.
            sys.stdout.flush()
            sys.stderr.flush()
            os._exit(playing.INTERRUPTED)
        raise
    except EngineError as error:
        _fail(str(error), 2)
    except BlockingIOError:
        _fail(_NO_MORE, 2)
    except RuntimeError as error:
        if "can't start new thread" not in str(error):
            raise
        _fail(_NO_MORE, 2)
    except OSError as error:
        if error.filename is None:
            _crash(error)
        _fail(f"{error.filename}: {error.strerror or error}", 2)
    except MemoryError as error:
        _fail(f"not enough memory ({error}); use fewer worlds and futures, or leave out --samples", 2)
    except Exception as error:
        _crash(error)


def _crash(error: Exception) -> NoReturn:
    """Show a fault of the engine with all that a report of it needs."""
    say("".join(traceback.format_exception(error)).rstrip("\n"), err=True)
    say(
        f"engine: this is a fault of the engine {__version__}, not of your input. Please report it with the lines "
        "above and the command that you gave (CONTRIBUTING.md says where).",
        err=True,
    )
    sys.exit(1)


def _fail(message: str, code: int) -> NoReturn:
    for line in message.split("\n"):
        say(f"engine: {line}", err=True)
    sys.exit(code)
