"""One future as a figure: a lane for each class with its attainments; above, defences, incidents and measures."""

from __future__ import annotations

from collections.abc import Iterable, Iterator, Mapping
from dataclasses import dataclass
from itertools import pairwise
from typing import TYPE_CHECKING, Any, NamedTuple

import numpy as np

from engine.plotting.style import BLACK, BLUE, GREEN, GREY, ORANGE, PAGE_WIDTH, RED, new_figure, plain
from engine.replay import History
from engine.replay.narrative import amount
from engine.scenario import Scenario
from engine.text.format import spoken

if TYPE_CHECKING:
    from matplotlib.axes import Axes
    from matplotlib.figure import Figure
    from matplotlib.lines import Line2D


class _Look(NamedTuple):
    """The look of a kind of mark; `size` in points."""

    marker: str
    fill: str
    edge: str
    words: str
    size: float = 11.0


#: First attainments by their route; their fill shows the kind of capability.
_ROUTES = {
    "trained": _Look("o", GREY, "white", "trained"),
    "distilled": _Look("p", GREY, "white", "by distillation", 12.0),
    "open_weights": _Look("s", GREY, "white", "by open weights"),
    "stolen": _Look("^", GREY, "white", "stolen", 14.0),
}
_EVENTS = {
    "measure_start": _Look(">", ORANGE, ORANGE, "measure in force", 7.0),
    "measure_change": _Look("d", ORANGE, ORANGE, "measure changes", 7.0),
    "measure_end": _Look("<", "white", ORANGE, "measure ends", 7.0),
    "authorities_learn": _Look("D", "white", GREEN, "authorities learn"),
    "defence_ready": _Look("D", GREEN, GREEN, "defence ready"),
    "incident": _Look("x", BLACK, BLACK, "incident", 5.0),
    "hosted_incident": _Look("+", BLACK, BLACK, "incident by a service", 6.0),
}
#: Incidents by actors with access, and by users of services.
_INCIDENTS = ("incident", "hosted_incident")
#: Lanes of events that belong to no class, and the events in each.
_COMMON = {
    "measures": ("measure_start", "measure_change", "measure_end"),
    "authorities and defences": ("authorities_learn", "defence_ready"),
    "incidents": _INCIDENTS,
}
_FILLS = {"dangerous": RED, "valuable": BLUE}
#: Width of a mark as a share of the time shown: closer marks are stacked.
_WIDTH = 0.022
#: Inches: a row of marks, the gap between lanes, a line of the legend, and the fixed part.
_ROW, _BETWEEN, _LINE, _FRAME = 0.21, 0.08, 0.19, 0.75
_NAMES_A_LINE = 3


@dataclass(frozen=True)
class _Mark:
    """One mark: its time, kind (a key of `_EVENTS` or `_ROUTES`), capability or measure, and row."""

    time: float
    kind: str
    subject: str
    row: int


def future_figure(history: History, scenario: Scenario | None = None) -> Figure:
    """First attainments of each capability by each class, with their routes; defences and incidents.

    Marks carry the number of the capability in the legend, in the order of requirements; their shape shows the route.
    A `scenario` provides the dangerous capabilities and the order of classes; without it all marks are grey, and
    classes are in the order in which they attain.
    """
    ordered = sorted(history.requirements, key=lambda name: history.requirements[name])
    numbers = {name: str(n) for n, name in enumerate(ordered, 1)}
    kinds = _kinds(scenario)
    lanes = list(_lanes(history, scenario))
    heights = [max((mark.row for mark in marks), default=0) + 1 for _, marks in lanes]
    lines = -(-len(numbers) // _NAMES_A_LINE) + 1
    figure = new_figure(PAGE_WIDTH, _ROW * sum(heights) + _BETWEEN * len(lanes) + _FRAME + _LINE * lines)
    axis = figure.subplots()
    _frame(axis, history, [spoken(title) for title, _ in lanes], heights)
    for base, (_, marks) in zip(np.cumsum([0, *heights]), lanes, strict=False):
        for mark in marks:
            _draw(axis, mark, float(base), numbers.get(mark.subject, ""), _FILLS.get(kinds.get(mark.subject, ""), GREY))
    drawn = {mark.kind for _, marks in lanes for mark in marks}
    handles = [_handle(look) for kind, look in {**_ROUTES, **_EVENTS}.items() if kind in drawn]
    figure.legend(handles=handles, loc="outside upper center", ncols=max(len(handles), 1), fontsize=8, frameon=False)
    names = [_name_handle(number, name, kinds) for name, number in numbers.items()]
    figure.legend(handles=names, loc="outside lower center", ncols=_NAMES_A_LINE, fontsize=8, frameon=False)
    return figure


def future_in_words(history: History, scenario: Scenario | None = None) -> str:
    """Text for the figure of a future: first attainments, capabilities never attained, and the cost of incidents."""
    attained = history.attainments.sort_values("time", kind="stable")
    if attained.empty:
        return f"No class attains any capability from {history.start:g} to {history.horizon:g}."
    kinds = _kinds(scenario)
    parts = []
    for row in attained.drop_duplicates("capability").itertuples(index=False):
        danger = " (dangerous)" if kinds.get(str(row.capability)) == "dangerous" else ""
        parts.append(f"{spoken(str(row.capability))}{danger} {row.time:.1f} by {spoken(str(row.actor_class))}")
    absent = [spoken(name) for name in history.requirements if name not in set(attained.capability)]
    never = f" Not attained by {history.horizon:g}: {', '.join(absent)}." if absent else ""
    return f"First attainments: {'; '.join(parts)}.{never} {_incidents_in_words(history)}"


def _incidents_in_words(history: History) -> str:
    incidents = history.incidents
    if not len(incidents):
        return "There are no incidents."
    losses = 10.0 ** incidents.log10_usd.to_numpy(float)
    if len(losses) == 1:
        return f"There is one incident, in {incidents.time.iloc[0]:.1f}, which costs {amount(float(losses[0]))}."
    worst = incidents.iloc[int(np.argmax(losses))]
    return (
        f"There are {len(losses):,} incidents, which cost {amount(float(losses.sum()))}; the worst, "
        f"{amount(float(losses.max()))}, is in {worst.time:.1f} with {spoken(worst.subject)}."
    )


def marked_incidents(history: History) -> int:
    """The number of incidents with a cross of their own in the figure, fewer than all if many are close together.

    If crosses of incidents with the same capability would touch, only the first is marked.
    """
    return sum(mark.kind in _INCIDENTS for _, marks in _lanes(history, None) for mark in marks)


def _kinds(scenario: Scenario | None) -> dict[str, str]:
    return {name: one.kind for name, one in scenario.capabilities.items()} if scenario else {}


def _lanes(history: History, scenario: Scenario | None) -> Iterator[tuple[str, list[_Mark]]]:
    """(title, marks) of each lane from top to bottom; empty lanes are left out."""
    events = history.events
    apart = _WIDTH * (history.horizon - history.start)
    for title, kinds in _COMMON.items():
        rows = events[events.event.isin(kinds)]
        if len(rows):
            yield title, _placed(zip(rows.time, rows.event, rows.subject, strict=True), apart)
    first = history.attainments
    names: Iterable[str] = scenario.class_names if scenario else dict.fromkeys(first.actor_class)
    for name in names:
        rows = first[first.actor_class == name]
        yield name, _placed(zip(rows.time, rows.route, rows.capability, strict=True), apart)


def _placed(events: Iterable[tuple[Any, Any, Any]], apart: float) -> list[_Mark]:
    """Marks of (time, kind, subject); marks closer than `apart` are in separate rows.

    Of close incidents with the same capability, possibly hundreds, only the first is marked.
    """
    ends: list[float] = []
    marked: dict[tuple[str, str], float] = {}
    marks = []
    for time, kind, subject in sorted((float(t), str(k), str(s)) for t, k, s in events):
        if kind in _INCIDENTS and time < marked.get((kind, subject), -np.inf) + apart:
            continue
        marked[kind, subject] = time
        row = next((n for n, end in enumerate(ends) if time >= end), len(ends))
        ends[row : row + 1] = [time + apart]
        marks.append(_Mark(time, kind, subject, row))
    return marks


def _frame(axis: Axes, history: History, titles: list[str], heights: list[int]) -> None:
    """Axes, and stripes that separate lanes."""
    from matplotlib.ticker import MaxNLocator

    plain(axis, xlabel="year")
    axis.grid(visible=False, axis="y")
    tops = np.cumsum([0, *heights]) - 0.5
    for top, bottom in list(pairwise(tops))[::2]:
        axis.axhspan(top, bottom, color="#F3F3F3", linewidth=0, zorder=0)
    axis.xaxis.set_major_locator(MaxNLocator(nbins=12, integer=True))
    axis.set_yticks(0.5 * (tops[1:] + tops[:-1]), titles, fontsize=8)
    axis.tick_params(axis="y", length=0)
    axis.set_ylim(max(tops[-1], 0.5), tops[0])
    margin = 0.5 * _WIDTH * (history.horizon - history.start)
    axis.set_xlim(history.start - margin, history.horizon + margin)


def _draw(axis: Axes, mark: _Mark, base: float, number: str, fill: str) -> None:
    """A mark at its place, with the number of its capability."""
    look = _ROUTES[mark.kind]._replace(fill=fill) if mark.kind in _ROUTES else _EVENTS[mark.kind]
    height = base + mark.row
    axis.plot([mark.time], [height], **_drawn(look))
    if mark.kind not in _INCIDENTS:
        ink = BLACK if look.fill == "white" else "white"
        low = -1.5 if look.marker == "^" else 0.0  # a triangle is widest below its middle
        where: dict[str, Any] = {"xytext": (0.0, low), "textcoords": "offset points", "ha": "center", "fontsize": 7}
        axis.annotate(number, (mark.time, height), va="center_baseline", color=ink, **where)


def _drawn(look: _Look) -> dict[str, Any]:
    return {
        "linestyle": "",
        "marker": look.marker,
        "markersize": look.size,
        "markerfacecolor": look.fill,
        "markeredgecolor": look.edge,
        "markeredgewidth": 1.2,
    }


def _handle(look: _Look) -> Line2D:
    from matplotlib.lines import Line2D

    return Line2D([], [], label=look.words, **_drawn(look._replace(size=min(look.size, 8.0))))


def _name_handle(number: str, name: str, kinds: Mapping[str, str]) -> Line2D:
    """The meaning of a number in the legend."""
    from matplotlib.lines import Line2D

    words = spoken(name) + (f" ({kinds[name]})" if name in kinds else "")
    colour = _FILLS.get(kinds.get(name, ""), GREY)
    return Line2D([], [], linestyle="", marker=f"${number}$", markersize=6, color=colour, label=words)
