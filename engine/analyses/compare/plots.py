"""Figures of the effects of policies against the baseline in the same futures, and of their price."""

from __future__ import annotations

from collections.abc import Sequence
from typing import TYPE_CHECKING

import numpy as np
import xarray as xr
from numpy.typing import ArrayLike, NDArray

from engine.analyses.compare.analysis import NO_POLICY, Change, changes_of, policies_compared
from engine.analyses.compare.delay_plots import delays_figure, delays_in_words
from engine.plotting.panels import rows_of
from engine.plotting.style import BLUE, GREY, PAGE_WIDTH, RED, new_figure, only_words, plain
from engine.text.format import spoken
from engine.text.uncertain import ERRORS, HEAVY_TAILED_ERRORS, Verdict

if TYPE_CHECKING:
    from matplotlib.axes import Axes
    from matplotlib.figure import Figure

__all__ = [
    "delays_figure",
    "delays_in_words",
    "differences_figure",
    "differences_in_words",
    "price_figure",
    "price_in_words",
]

#: Marker, colour and fill of each verdict.
_LOOKS = {
    Verdict.BETTER: ("o", BLUE, BLUE),
    Verdict.WORSE: ("s", RED, RED),
    Verdict.UNCLEAR: ("D", GREY, "white"),
    Verdict.UNCHANGED: ("x", GREY, GREY),
}


def price_figure(results: xr.Dataset) -> Figure:
    """Exposure and losses avoided, and benefit lost, by each policy, with two standard errors.

    Policies are ordered by exposure avoided. `results` are those of `engine.simulate`. The axis above a panel is in per
    cent of the baseline mean. Without a dangerous or a valuable capability the panels of harm or of benefit are left
    out.
    """
    changes = [change for change in changes_of(results, "total") if change.name != "incidents"]
    policies = policies_compared(results)
    if not policies or not changes:
        return only_words(_nothing(policies))
    order = np.argsort(changes[0].differences, kind="stable")
    figure, axes = _columns(len(policies), len(changes), 1.6)
    for n, (axis, change) in enumerate(zip(axes, changes, strict=True)):
        verb = "avoided" if change.less_is_better else "lost"
        _dots(axis, change, order, -1.0)
        role = "avoided" if change.less_is_better else "price"
        plain(axis, title=f"{role}: {_subject(change)}", xlabel=_axis_label(f"{change.name} {verb}", change))
        rows_of(axis, [policies[i] for i in order], labelled=n == 0)
        if change.baseline > 0.0:
            _per_cent_above(axis, change.baseline)
    _legend(figure, changes)
    return figure


def price_in_words(results: xr.Dataset) -> str:
    """Text for `price_figure`: the policies that avoid most and least harm, and the benefit that each loses."""
    policies = policies_compared(results)
    changes = {change.name: change for change in changes_of(results, "total")}
    if not policies or not changes:
        return _nothing(policies)
    first = next(iter(changes.values()))
    order = np.argsort(first.differences, kind="stable")
    # Without harm, only the changes of benefit are reported.
    benefit = changes.get("benefit") if first.less_is_better else None
    parts = []
    for i in dict.fromkeys((int(order[0]), int(order[-1]))):
        text = f"{spoken(policies[i])} {_change_in_words(first, i)}"
        parts.append(text + (f", and {_change_in_words(benefit, i)}" if benefit else ""))
    free = [spoken(policies[i]) for i in order if benefit and _without_price(first, benefit, i)]
    note = f" Better for {first.name} at no loss of benefit: {', '.join(free)}." if free else ""
    return (
        f"A row for each of {len(policies)} policies, with the difference from the baseline in the same futures and 2 "
        f"standard errors. From the largest reduction of {first.name} to the least: {'; '.join(parts)}.{note}"
    )


def differences_figure(results: xr.Dataset) -> Figure:
    """Paired differences from the baseline: a row for each policy, a column for each quantity, two standard errors.

    The marker shows whether a policy improves or worsens the quantity, or whether the run leaves it open. Quantities
    that the scenario lacks are left out.
    """
    changes, policies = changes_of(results, "annual"), policies_compared(results)
    if not policies or not changes:
        return only_words(_nothing(policies))
    figure, axes = _columns(len(policies), len(changes), 1.5)
    for n, (axis, change) in enumerate(zip(axes, changes, strict=True)):
        _dots(axis, change, np.arange(len(policies)), 1.0)
        direction = "less is better" if change.less_is_better else "more is better"
        plain(axis, title=f"{_subject(change)}\n({direction})", xlabel=_axis_label(f"change in {change.name}", change))
        rows_of(axis, policies, labelled=n == 0)
    _legend(figure, changes)
    return figure


def differences_in_words(results: xr.Dataset) -> str:
    """Text for `differences_figure`: for each quantity, the numbers of verdicts and the largest difference."""
    changes, policies = changes_of(results, "annual"), policies_compared(results)
    if not policies or not changes:
        return _nothing(policies)
    parts = []
    for change in changes:
        verdicts = change.verdicts()
        counts = [f"{verdicts.count(name)} {name}" for name in _LOOKS if name in verdicts]
        largest = int(np.nanargmax(np.abs(change.differences)))
        text = f"{change.name}: {', '.join(counts)}"
        if change.differences[largest]:
            text += f" (largest: {spoken(policies[largest])} {change.in_words(largest)})"
        parts.append(text)
    return (
        f"Differences of each policy from the baseline in the same futures, +- 2 standard errors. {'; '.join(parts)}."
    )


def _columns(rows: int, columns: int, head: float) -> tuple[Figure, list[Axes]]:
    """A figure of `columns` adjacent panels whose rows are policies; `head` inches are for titles and margins."""
    figure = new_figure(min(PAGE_WIDTH, 2.4 + 2.6 * columns), 0.24 * rows + head)
    return figure, list(figure.subplots(1, columns, squeeze=False)[0])


def _dots(axis: Axes, change: Change, order: NDArray[np.int64], sign: float) -> None:
    """Differences, times `sign`, in rows in the given order, with whiskers of two standard errors and a line at 0."""
    verdicts = change.verdicts()
    axis.axvline(0.0, color="black", linewidth=0.8)
    for row, place in enumerate(order):
        marker, colour, inside = _LOOKS[verdicts[place]]
        value, error = sign * change.differences[place], np.nan_to_num(ERRORS * change.errors[place])
        axis.plot([value - error, value + error], [row, row], color=colour, linewidth=1.4, solid_capstyle="butt")
        axis.plot([value], [row], marker=marker, color=colour, mfc=inside, markersize=6, zorder=3)


def _subject(change: Change) -> str:
    """The quantity, and the range over which it is summed."""
    return {
        "exposure": "exposure,\nall dangerous capabilities",
        "incidents": "incidents,\nall dangerous capabilities",
        "benefit": "benefit to the horizon",
    }.get(change.name, change.name)


def _axis_label(words: str, change: Change) -> str:
    return f"{words}{', ' if change.units else ''}{change.units}"


def _per_cent_above(axis: Axes, baseline: float) -> None:
    """A second axis above the first, in per cent of the baseline's mean."""

    def share(value: ArrayLike) -> ArrayLike:
        return 100.0 * np.asarray(value) / baseline

    def amount(value: ArrayLike) -> ArrayLike:
        return np.asarray(value) * baseline / 100.0

    above = axis.secondary_xaxis("top", functions=(share, amount))
    above.set_xlabel("% of the baseline", fontsize=8)
    above.tick_params(labelsize=8)
    above.spines[["top"]].set_visible(False)


def _legend(figure: Figure, changes: Sequence[Change]) -> None:
    """The meaning of markers and whiskers."""
    from matplotlib.lines import Line2D

    seen = {verdict for change in changes for verdict in change.verdicts()}
    handles = [
        Line2D([], [], marker=marker, color=colour, mfc=inside, linestyle="none", markersize=6, label=name)
        for name, (marker, colour, inside) in _LOOKS.items()
        if name in seen
    ]
    bounds = [change.name for change in changes if change.bound]
    words = "whiskers: 2 standard errors of the paired difference"
    words += f" (for {' and '.join(bounds)}: upper bounds)" if bounds else ""
    if any(change.heavy_tailed for change in changes):
        words += f";\nthe sign of a loss is clear beyond {HEAVY_TAILED_ERRORS:g} of them, as few futures dominate it"
    figure.legend(
        handles=handles,
        loc="outside lower center",
        ncols=len(handles),
        fontsize=8,
        frameon=False,
        title=words,
        title_fontsize=8,
    )


def _change_in_words(change: Change, place: int) -> str:
    note = change.baseline > 0.0 and not (change.heavy_tailed and change.verdicts()[place] == Verdict.UNCLEAR)
    share = f" ({100.0 * change.differences[place] / change.baseline:+.1f}%)" if note else ""
    return f"changes {change.name} by {change.in_words(place)}{share}"


def _without_price(harm: Change, benefit: Change, place: int) -> bool:
    return harm.verdicts()[place] == Verdict.BETTER and benefit.verdicts()[place] in (
        Verdict.BETTER,
        Verdict.UNCHANGED,
    )


def _nothing(policies: Sequence[str]) -> str:
    if policies:
        return "The scenario has neither harm nor benefit for policies to change."
    return NO_POLICY
