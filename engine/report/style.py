"""How all figures look: colours that colour-blind readers can tell apart, and what stands round a plot."""

from __future__ import annotations

from typing import TYPE_CHECKING, Any

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


def new_figure(width: float, height: float) -> Figure:
    """An empty figure of so many inches, of no window.

    Raises ValueError, saying what would be right, if matplotlib is not installed.
    """
    try:
        from matplotlib.figure import Figure
    except ImportError:
        raise ValueError("figures need matplotlib: pip install -e '.[plot]'") from None
    return Figure(figsize=(width, height), layout="constrained")


def plain(axis: Axes, **labels: Any) -> None:
    """Only what is needed: no box, a light grid, small numbers; `labels` are title, xlabel and ylabel."""
    axis.spines[["top", "right"]].set_visible(False)
    axis.grid(alpha=0.25, linewidth=0.6)
    axis.tick_params(labelsize=8)
    axis.set(**labels)
    axis.title.set_fontsize(9)
    axis.xaxis.label.set_fontsize(8)
    axis.yaxis.label.set_fontsize(8)
