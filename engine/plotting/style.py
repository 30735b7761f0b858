"""The look of all figures: colours that colour-blind readers can distinguish, and the frame of a plot."""

from __future__ import annotations

import io
import re
from dataclasses import dataclass
from typing import TYPE_CHECKING, Any

import xarray as xr

from engine.text.format import spoken

if TYPE_CHECKING:
    from matplotlib.axes import Axes
    from matplotlib.figure import Figure

#: Okabe & Ito 2008, Color universal design.
BLUE, ORANGE, GREEN, PURPLE, SKY, RED, BLACK = (
    "#0072B2",
    "#E69F00",
    "#009E73",
    "#CC79A7",
    "#56B4E9",
    "#D55E00",
    "#000000",
)
GREY = "#666666"

#: Widest figure, inches: the width of a page on paper between its margins, and of the report's column.
PAGE_WIDTH = 10.0

#: An id that matplotlib made, in its definition or in a reference.
_ID = re.compile(r'(?<=["#])[a-z][0-9a-f]{10}(?=[")])')

_COLOURS = (BLUE, ORANGE, GREEN, PURPLE, SKY, RED, BLACK)
_DASHES: tuple[Any, ...] = ("-", "--", "-.", ":", (0, (5, 1)), (0, (3, 1, 1, 1)), (0, (1, 1)))
_MARKERS = "osD^vPX"


@dataclass(frozen=True)
class Look:
    """The look of one of several items. Colour, dash and marker each distinguish it from its neighbours."""

    colour: str
    dash: Any
    marker: str


def look(index: int) -> Look:
    """The look of an item by its index among its kind, such as an actor class: the same in all figures."""
    turn = index + index // len(_COLOURS)
    return Look(_COLOURS[index % len(_COLOURS)], _DASHES[turn % len(_DASHES)], _MARKERS[turn % len(_MARKERS)])


def look_of(results: xr.Dataset, dimension: str, name: str) -> Look:
    """The look of `name` by its index along `dimension` of `results`."""
    return look([str(one) for one in results[dimension].values].index(name))


def drawn(name: str) -> str:
    """`spoken` for the text of a figure: matplotlib would typeset text between two $ as mathematics."""
    return "".join(c if c.isprintable() else " " for c in spoken(name)).replace("$", r"\$")


def new_figure(width: float, height: float) -> Figure:
    """An empty figure of this size in inches, without a window."""
    from matplotlib.figure import Figure

    return Figure(figsize=(width, height), layout="constrained")


def plain(axis: Axes, **labels: Any) -> None:
    """Apply a plain style: no box, a light grid, small numbers; `labels` are title, xlabel and ylabel."""
    axis.spines[["top", "right"]].set_visible(False)
    axis.grid(alpha=0.25, linewidth=0.6)
    axis.tick_params(labelsize=8)
    axis.set(**labels)
    axis.title.set_fontsize(9)
    axis.xaxis.label.set_fontsize(8)
    axis.yaxis.label.set_fontsize(8)


def only_words(words: str, width: float = 6.0) -> Figure:
    """A small figure of this width in inches, with the reason why there is nothing to draw."""
    figure = new_figure(width, 1.0)
    figure.text(0.5, 0.5, words, ha="center", va="center", fontsize=9)
    return figure


def as_svg(figure: Figure) -> str:
    """The figure as SVG, with its text as text; the same bytes for the same figure."""
    from matplotlib import rc_context

    # Arial and Helvetica are no wider than the font with which matplotlib lays out text.
    fonts = ["DejaVu Sans", "Verdana", "Arial", "Helvetica", "sans-serif"]
    with rc_context({"svg.fonttype": "none", "svg.hashsalt": "engine", "font.sans-serif": fonts}), io.StringIO() as out:
        figure.savefig(out, format="svg", metadata={"Date": None, "Creator": None})
        return _numbered(out.getvalue())


def _numbered(svg: str) -> str:
    """`svg` with its ids numbered in order: those of matplotlib depend on last bits of lengths, which vary."""
    numbers: dict[str, str] = {}
    return _ID.sub(lambda found: numbers.setdefault(found[0], f"{found[0][0]}{len(numbers)}"), svg)
