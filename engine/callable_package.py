"""Packages that can be called, because a function of the public interface has their name.

`engine.replay` is a room, and a function for those who use the engine; so is `engine.analyses.leads`. Python lets a
module have a class of its own for that (the Python language reference, "Customizing module attribute access").
"""

from __future__ import annotations

import inspect
import sys
from collections.abc import Callable
from importlib import import_module
from types import ModuleType
from typing import Any


class CallablePackage(ModuleType):
    """A package that is called as one of its functions."""

    def __call__(self, *args: Any, **options: Any) -> Any:
        return self.__dict__["__find__"]()(*args, **options)

    @property
    def __signature__(self) -> inspect.Signature:
        """The signature of the function, for help."""
        try:
            return inspect.signature(self.__dict__["__find__"]())
        except TypeError as error:
            raise AttributeError(str(error)) from None

    def __reduce__(self) -> tuple[Any, ...]:
        """Pickled as its name, as a function is: pools of processes can be given it."""
        return import_module, (self.__name__,)


def call_as(package: str, find: Callable[[], Callable[..., Any]]) -> None:
    """Let `package`, by its name, be called as the function that `find()` returns when it is needed."""
    module = sys.modules[package]
    module.__dict__["__find__"] = find
    module.__class__ = CallablePackage
