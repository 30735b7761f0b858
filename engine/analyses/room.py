"""The form of an analysis: one question, and files that have the same names in every room.

A room is a package that answers one question. It contains only the files that it needs:

* `experiment.py`: its simulations;
* `analysis.py`: from datasets to datasets, pure;
* `summary.py`: from datasets to text; `overview(results)` is the summary that `engine run` and `engine describe` print;
* `plots.py`: from datasets to figures, and their descriptions for readers who cannot see them;
* `command.py`: its command, the function `command`; the command has the name of the room;
* `section.py`: its section of the report, `section(run)`, and its sentences in the findings, `findings(run)`.

Callers iterate over `rooms()` and know no room by name. The entry point group `engine.analyses` adds rooms of other
packages; its values are their packages.
"""

from __future__ import annotations

import importlib
import pkgutil
import sys
import textwrap
from collections.abc import Callable, Iterator
from dataclasses import dataclass
from functools import cache
from importlib.util import find_spec
from typing import TYPE_CHECKING, Any

from engine.callable_package import call_as
from engine.registry import registered

if TYPE_CHECKING:
    import xarray as xr

#: Group of the entry points of rooms in other packages.
GROUP = "engine.analyses"
#: Names and numbers stay whole at the end of a line.
_WHOLE_WORDS: dict[str, Any] = {"break_long_words": False, "break_on_hyphens": False}


@dataclass(frozen=True)
class Room:
    """One question. `package` is the room's own name, `__name__` in its `__init__.py`.

    `question` is one sentence, and the help of its command. `call` names the function of the analysis, as
    "file:function" in the room. A room without one describes `variables` that all results have; called with results, it
    selects them. Sections of the report follow `order`, the smallest first.
    """

    package: str
    question: str
    call: str = ""
    variables: tuple[str, ...] = ()
    order: float = 1000.0

    def __post_init__(self) -> None:
        if self.package in sys.modules:
            call_as(self.package, self.function)

    @property
    def name(self) -> str:
        """The name of the room, in commands and in `engine.analyses.NAME`."""
        return self.package.rpartition(".")[2]

    def has(self, file: str) -> bool:
        """Whether the room contains this file, such as "section"; nothing is imported."""
        return find_spec(f"{self.package}.{file}") is not None

    def get(self, file: str, function: str) -> Callable[..., Any] | None:
        """A function from one of the room's files, which is imported; None if there is none."""
        return getattr(importlib.import_module(f"{self.package}.{file}"), function, None) if self.has(file) else None

    def function(self) -> Callable[..., Any]:
        """The function of the analysis, which is imported. Raises TypeError for a room that has none."""
        file, _, function = self.call.partition(":")
        if not file and self.variables:
            return self._selected
        if not file:
            raise TypeError(f"engine.analyses.{self.name} cannot be called; it has only a section of the report")
        return getattr(importlib.import_module(f"{self.package}.{file}"), function)

    def _selected(self, results: xr.Dataset) -> xr.Dataset:
        """The variables of the room with their standard errors, limits and differences from the baseline."""
        from engine.results.variables import check_has, companions

        check_has(results, *self.variables)
        return results[[one for name in self.variables for one in companions(name) if one in results]]


@cache
def rooms() -> tuple[Room, ...]:
    """All rooms, by their order."""
    own = [_room_of(package) for package in _own()]
    others = registered(GROUP, frozenset({"room", "overviews", "rooms", *(room.name for room in own)}), _wrong).values()
    return tuple(sorted([*own, *(package.ROOM for package in others)], key=lambda room: (room.order, room.name)))


def _wrong(name: str, package: Any) -> str:
    """Why what another package registers cannot be a room; empty if it can."""
    room = getattr(package, "ROOM", None)
    if not (isinstance(room, Room) and room.name == name and hasattr(package, "__path__")):
        return f"must be a package called {name} with a ROOM = Room(__name__, ...) in its __init__.py"
    if room.package != package.__name__:
        return f"its room must be Room(__name__, ...), not that of {room.package}"
    if room.variables:
        from engine.results.variables import ALL

        if unknown := [variable for variable in room.variables if variable not in ALL]:
            return f"results have no variable {', '.join(unknown)}"
    return "" if isinstance(room.order, int | float) else f"its order must be a number, not {room.order!r}"


def overviews(results: xr.Dataset) -> Iterator[str]:
    """The summary of each analysis for the results of a run, then what lies beyond any estimate, if anything does."""
    from engine.record.plausibility import departure_in_words, departures

    for room in rooms():
        overview = room.get("summary", "overview")
        if overview and (text := overview(results)):
            yield text
    if found := [departure_in_words(one) for one in departures(results)]:
        yield "\n".join(["", *(textwrap.fill(words, 120, subsequent_indent="  ", **_WHOLE_WORDS) for words in found)])


def _own() -> Iterator[str]:
    here = __name__.rpartition(".")[0]
    for module in pkgutil.iter_modules(sys.modules[here].__path__):
        if module.ispkg:
            yield f"{here}.{module.name}"


def _room_of(package: str) -> Room:
    room: Room = importlib.import_module(package).ROOM
    return room
