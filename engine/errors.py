"""The errors of the engine: what is wrong with what somebody gave, in words that say what would be right.

Only these are shown as one line. Anything else that is raised is a fault of the engine, and shows its traceback.
"""

from __future__ import annotations


class EngineError(Exception):
    """Something given to the engine cannot be used, or something around it does not allow the work.

    Its text is one line, or a line for each problem, that names the place (file, line, key or argument) and says what
    would be right.
    """


class InputError(EngineError, ValueError):
    """An argument or an option that cannot be used."""


class ResultsError(EngineError, ValueError):
    """A file of results that cannot be read or written; one line that names it."""
