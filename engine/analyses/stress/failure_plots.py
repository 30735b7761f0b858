"""Figures of the assumptions under which a policy fails."""

from __future__ import annotations

from textwrap import fill
from typing import TYPE_CHECKING

import numpy as np
import xarray as xr

from engine.analyses.stress.box_plots import COLUMNS, box_count, draw_box, inside, limited, limits_in_words, share_of
from engine.analyses.stress.failing_worlds import IN_WORDS
from engine.analyses.stress.plots import compared_with_itself
from engine.errors import InputError
from engine.plotting.panels import policies_of
from engine.plotting.style import PAGE_WIDTH, drawn, new_figure, only_words
from engine.text.format import format_share, spoken

if TYPE_CHECKING:
    from matplotlib.figure import Figure


def failures_figure(found: xr.Dataset, policy: str) -> Figure:
    """A panel for each number that separates failing worlds: share of failures by its value.

    `found` is the result of `stress_test` with requirements. Bars are shares of failing worlds in tenths of all worlds
    by the value of the number, with two standard errors. Shading marks the limits within which the policy mostly fails,
    and the line is its share of failures in all worlds. A second set of limits describes the worlds outside the first.
    If nothing was found, the figure says so. Raises InputError for an untested policy, or without requirements.
    """
    one = _of_policy(found, policy)
    count = 0 if compared_with_itself(found, policy) else box_count(one)
    if not count:
        return only_words(fill(drawn(failures_in_words(found, policy)), 90), 0.75 * PAGE_WIDTH)
    sizes = [limited(one.isel(box=number)).size for number in range(count)]
    heights = [0.9 + 2.2 * -(-size // COLUMNS) for size in sizes]
    width = min(PAGE_WIDTH, max(6.5, 0.6 + 2.5 * max(sizes)))
    figure = new_figure(width, sum(heights) + 0.3)
    parts = figure.subfigures(count, 1, squeeze=False, height_ratios=heights)[:, 0]
    fails, left = one["fails"].values.astype(bool), np.ones(found.sizes["world"], dtype=bool)
    for number, part in enumerate(parts):
        box = one.isel(box=number)
        part.suptitle(fill(_heading(one, box, policy, number), int(13 * width)), fontsize=9)
        draw_box(part, found, box, fails, left)
        left &= ~inside(found, box)
    handles, labels = parts[0].axes[0].get_legend_handles_labels()
    figure.legend(handles, labels, loc="outside lower center", ncols=4, fontsize=8, frameon=False)
    return figure


def failures_in_words(found: xr.Dataset, policy: str) -> str:
    """Text for `failures_figure`: how often a policy fails, and the limits within which it mostly does."""
    one = _of_policy(found, policy)
    worlds, failing = found.sizes["world"], int(one["failing_worlds"])
    about = f"{spoken(policy)} fails in {failing:,} of {worlds:,} worlds ({format_share(failing / worlds)})"
    if compared_with_itself(found, policy):
        return f"{spoken(policy)} would be compared with itself: the requirement is relative to its own value."
    if not box_count(one):
        verdict = str(one["box_verdict"].item())
        return f"{about}: {IN_WORDS.get(verdict, verdict)}."
    parts = []
    for number in range(box_count(one)):
        box = one.isel(box=number)
        density, held_out, coverage = (share_of(box, name) for name in ("density", "density_held_out", "coverage"))
        where = "It fails more often where" if number == 0 else "Among the other worlds it fails more often where"
        parts.append(
            f"{where} {limits_in_words(box)}: there {density} of worlds fail ({held_out} of held-out "
            f"worlds), which are {coverage} of all its failures."
        )
    return " ".join([f"{about}.", *parts])


def _of_policy(found: xr.Dataset, policy: str) -> xr.Dataset:
    if "fails" not in found:
        raise InputError("this stress test has no requirements, so no policy fails; give some, such as 'loss <= 1e12'")
    if policy not in policies_of(found):
        raise InputError(f"no policy {policy!r} was tested; there are {', '.join(policies_of(found))}")
    return found.sel(policy=policy)


def _heading(one: xr.Dataset, box: xr.Dataset, policy: str, number: int) -> str:
    density, coverage, mass = (share_of(box, name) for name in ("density", "coverage", "mass"))
    share = format_share(float(one["failing_worlds"]) / one.sizes["world"])
    where = "within these limits" if number == 0 else "outside the limits above and within these"
    return (
        f"{drawn(policy)} fails in {share} of all worlds, {where} in {density} (density). "
        f"{mass} of worlds lie there, which are {coverage} of all its failures (coverage)."
    )
