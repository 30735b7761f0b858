"""The errors of the engine: each explains what is wrong with an input, and what would be right.

Only these are printed as one line. Any other exception is a fault of the engine and prints its traceback.
"""

from __future__ import annotations


class EngineError(Exception):
    """An input cannot be used, or the environment does not allow the work.

    Its text is one line, or a line for each problem, which names the place (file, line, key or argument) and the right
    form.
    """


class InputError(EngineError, ValueError):
    """An argument or an option that cannot be used."""


class ResultsError(EngineError, ValueError):
    """A file of results that cannot be read or written; one line that names it."""
