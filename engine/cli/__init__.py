"""The command line: commands of the engine itself and of all analyses, each imported when it is called."""

from __future__ import annotations

import importlib
import os
import signal
import sys
import traceback
import warnings
from collections.abc import Callable
from functools import cache
from typing import Annotated, Any, NoReturn

import typer
from typer.core import TyperGroup

from engine._version import __version__
from engine.analyses import rooms
from engine.errors import EngineError
from engine.registry import ExtensionError, ExtensionWarning, origin_of
from engine.shell.printing import prepare_streams, say

#: Exit code of what was interrupted.
INTERRUPTED = 130
#: Commands of the engine itself and their help; each is the function `command` of the module of its name.
OWN = {
    "run": "Simulate a scenario, write the results and print a summary.",
    "resume": "Resume a stopped or crashed run from its finished chunks.",
    "replay": "Replay one future event by event. Seed, sampling and worlds must be those of its run.",
    "validate": "Check a scenario and summarise it.",
    "describe": "Describe a results file and print its summary.",
    "report": "Write a report of a run as one HTML file.",
    "scenarios": "List the scenarios that come with the engine, or print the path of one.",
    "new": "Write a scenario to start from: a commented variant of the baseline, or a copy of another scenario.",
    "explore": "Serve an interactive page: change assumptions, compare two sets of measures, read single futures.",
}


@cache
def commands() -> dict[str, tuple[str, str]]:
    """(help, module) of each command by its name: those of the engine, then those of analyses."""
    own = {name: (help, f"{__name__}.{name}") for name, help in OWN.items()}
    analyses = {room.name: (room.question, f"{room.package}.command") for room in rooms() if room.has("command")}
    for name in own.keys() & analyses.keys():
        reason = f"the engine has a command {name!r}"
        warnings.warn(f"the command of {analyses[name][1]} is left out: {reason}", ExtensionWarning, stacklevel=2)
    return own | {name: analyses[name] for name in analyses if name not in own}


def function_of(name: str) -> Callable[..., None]:
    """The function of a command, which is imported. Raises ExtensionError if its module does not have one."""
    module = commands()[name][1]
    function = getattr(importlib.import_module(module), "command", None)
    if not callable(function):
        raise ExtensionError(f"{module}: must have a function `command`")
    return function


class _Commands(TyperGroup):
    """All commands by their names. The help of all is known without importing any."""

    def list_commands(self, ctx: Any) -> list[str]:
        return list(commands())

    def get_command(self, ctx: Any, cmd_name: str) -> Any:
        return _command(cmd_name) if cmd_name in commands() else None

    def format_commands(self, ctx: Any, formatter: Any) -> None:
        rows = [(name, help) for name, (help, _) in commands().items()]
        for title, some in (("Commands", rows[: len(OWN)]), ("Analyses", rows[len(OWN) :])):
            with formatter.section(title):
                formatter.write_dl(some)


def _command(name: str) -> Any:
    """The command of this name, with its help followed by the docstring of its function."""
    function = function_of(name)
    help, more = commands()[name][0], (function.__doc__ or "").strip()
    one = typer.Typer(add_completion=False, rich_markup_mode=None, pretty_exceptions_enable=False)
    one.command(name, help=f"{help}\n\n{more}" if more else help)(function)
    return typer.main.get_command(one)


app = typer.Typer(
    cls=_Commands,
    add_completion=False,
    no_args_is_help=True,
    rich_markup_mode=None,
    pretty_exceptions_enable=False,
    help="Simulate when actors attain AI capabilities, with uncertainties, and compare policies.",
)


@app.callback(invoke_without_command=True)
def version(
    show: Annotated[bool, typer.Option("--version", help="print the version and exit")] = False,
) -> None:
    """Common options."""
    if show:
        say(f"engine {__version__}")
        raise typer.Exit


#: The error where the system starts neither another process nor another thread.
_NO_MORE = "no further process or thread can be started here; allow more (ulimit -u), or use fewer with --threads"


def main() -> None:
    """Run the command line. Bad input is one line and exit code 2; an interrupt is exit code 130.

    Only the engine's own errors and the system's errors about a named file are bad input. Anything else is a fault of
    the engine or of an extension: it prints its traceback and where to report it, and exits with code 1.
    """
    prepare_streams()
    warnings.showwarning = _show_warning
    # A request to end, such as that of a scheduler when time is up, counts as an interrupt.
    signal.signal(signal.SIGTERM, signal.default_int_handler)
    try:
        app()
    except SystemExit as end:
        if end.code == INTERRUPTED:
            # Do not wait for threads that compile: a file is complete or absent.
            sys.stdout.flush()
            sys.stderr.flush()
            os._exit(INTERRUPTED)
        raise
    except EngineError as error:
        _fail(str(error), 2)
    except BlockingIOError:
        _fail(_NO_MORE, 2)
    except RuntimeError as error:
        if "can't start new thread" not in str(error):
            _crash(error)
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
    """Print a fault with everything that a report of it needs."""
    say("".join(traceback.format_exception(error)).rstrip("\n"), err=True)
    if package := origin_of(error):
        say(f"engine: this arose in the package {package}, which extends the engine. Please report it there.", err=True)
    else:
        say(
            f"engine: this is a fault of the engine {__version__}, not of your input. Please report it with the lines "
            "above and the command that you gave (CONTRIBUTING.md says where).",
            err=True,
        )
    sys.exit(1)


def _show_warning(message: Any, category: Any, filename: Any, lineno: Any, file: Any = None, line: Any = None) -> None:
    """Print a warning; one about an extension without the place in the engine that issued it."""
    own = issubclass(category, ExtensionWarning)
    text = f"engine: {message}" if own else warnings.formatwarning(message, category, filename, lineno, line)
    say(text.rstrip("\n"), err=True)


def _fail(message: str, code: int) -> NoReturn:
    for line in message.split("\n"):
        say(f"engine: {line}", err=True)
    sys.exit(code)
