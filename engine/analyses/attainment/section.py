"""The section on first attainment, and its findings."""

from __future__ import annotations

import numpy as np
import xarray as xr

from engine.document.page import Section, Table, picture, table
from engine.document.run import Run
from engine.text.format import format_share, spoken
from engine.text.report_format import at, attained_by_the_end, ends, median_year, sentence, span

#: Number of dangerous capabilities in the findings, the earliest; the table of attainment has all.
_MOST_CAPABILITIES = 4
_POLICIES_ELSEWHERE = "This section describes the baseline; another section describes the effects of policies."


def section(run: Run) -> Section:
    """When each class attains each capability."""
    from engine.analyses.attainment.plots import attainment_figure, attainment_in_words, times_figure, times_in_words

    words = [
        "A class attains a capability when the first of its members can use it: by training, by taking up open "
        "weights, or by theft. " + (_POLICIES_ELSEWHERE if run.policies else ""),
        "A curve shows the share of all futures in which the class has the capability by a year. The median is the "
        "year by which the class has it in half of all futures. Years are decimal: 2030.5 is the middle of 2030.",
    ]
    pictures = (
        picture(
            attainment_figure(run.results),
            attainment_in_words(run.results),
            "Probability over time that a member of the class has the capability. Bands are 95% confidence "
            "limits of this run.",
        ),
        picture(
            times_figure(run.results),
            times_in_words(run.results),
            "Year in which each class first attains each capability: median and interval.",
        ),
    )
    return Section("Who attains what, and when", tuple(words), pictures=pictures, tables=(_times(run),))


def _times(run: Run) -> Table:
    one = run.baseline
    within = ends(one["attainment_time_quantile"].isel(actor_class=0, capability=0))[2]
    rows = []
    for capability in run.results["capability"].values:
        for name in run.results["actor_class"].values:
            cell = one.sel(capability=capability, actor_class=name)
            rows.append(
                (
                    f"{spoken(str(capability))}: {spoken(str(name))}",
                    median_year(cell, run.horizon),
                    span(cell["attainment_time_quantile"], run.horizon),
                    attained_by_the_end(cell),
                )
            )
    columns = ("capability: class", "median year", f"{within} of futures", f"share of futures by {run.horizon:g}")
    return table(
        "First attainment by each class. +- is the Monte Carlo standard error; 95% limits replace it near 0% and 100%.",
        columns,
        rows,
    )


def findings(run: Run) -> list[str]:
    """A sentence for each dangerous capability, or each valuable one if none is dangerous, the earliest first."""
    medians = run.baseline["attainment_time_quantile"].min("actor_class")
    order = sorted(run.dangerous or run.valuable, key=lambda name: _or_later(at(medians.sel(capability=name), 0.5)))
    points = [_capability(run, name) for name in order[:_MOST_CAPABILITIES]]
    if len(order) > _MOST_CAPABILITIES:
        points.append(f"The table of first attainments has the {len(order) - _MOST_CAPABILITIES} others.")
    return points


def _or_later(value: float) -> float:
    return np.inf if np.isnan(value) else value


def _capability(run: Run, capability: str) -> str:
    """The class that is most often first with one capability, its year, and the year of malicious groups."""
    one = run.baseline.sel(capability=capability)
    first = one["first_attainer"]
    leader = str(first["actor_class"].values[int(np.argmax(first.values))])
    name = sentence(spoken(capability)).rstrip(".")
    if not float(first.max()) > 0.0:
        return f"{name}: no class attains it by {run.horizon:g} in any future of this run."
    text = (
        f"{name}: {spoken(leader)} is most often first ({format_share(float(first.max()))} of futures), and has it by "
        f"{_when(run, one, leader)}"
    )
    follower = next((name for name in run.malicious if name != leader), None)
    if follower is None:
        return f"{text}."
    lead = at(one["lead_time"].sel(actor_class=follower), 0.5)
    behind = "" if np.isnan(lead) else f", a median of {lead:.1f} years after the first"
    return f"{text}; {spoken(follower)} by {_when(run, one, follower)}{behind}."


def _when(run: Run, one: xr.Dataset, name: str) -> str:
    """Median, error and interval of a class; its share of futures where most have no attainment."""
    cell = one.sel(actor_class=name)
    quantiles = cell["attainment_time_quantile"]
    if np.isnan(at(quantiles, 0.5)):
        return f"{run.horizon:g} in {attained_by_the_end(cell)} of futures"
    within = f" ({ends(quantiles)[2]} interval {span(quantiles, run.horizon)})" if quantiles.size > 1 else ""
    return f"{median_year(cell, run.horizon)} in half of all futures{within}"
