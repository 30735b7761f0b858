"""The cost of a fixed capability by year, and how long a fixed compute threshold catches the runs that reach it.

As algorithms improve, a fixed capability needs less training compute; as chips get cheaper too, it needs even less
money. A threshold in FLOP therefore erodes (Pilz, Heim & Brown 2024, arXiv:2311.15377v2).
"""

from __future__ import annotations

import numpy as np
import xarray as xr

from engine.errors import InputError
from engine.results.provenance import derived
from engine.results.variables import check_has
from engine.statistics.cluster_means import (
    by_replicate,
    labelled_with_error,
    quantiles_with_error,
    ratio_with_error,
    spread_over,
)

#: A threshold is obsolete once it catches fewer than this share of the runs that reach a capability.
OBSOLETE = 0.5
_RESAMPLES = 200
#: A year does not count for that if fewer than this share of the peak year's actors attain in it.
_FEW = 0.05


def thresholds(results: xr.Dataset, obsolete: float = OBSOLETE) -> xr.Dataset:
    """Costs of capabilities and erosion of thresholds, from results of `engine.simulate(keep="prices")`.

    * `cost_usd(policy, actor_class, capability, year, quantile)` and `compute_flop` of the cheapest run with which an
      actor of the class would reach the capability; NaN where the quantile is past 1e15 US$.
      With errors `_se`, as all quantiles here.
    * `cost_decline(policy, actor_class, capability)` and `compute_decline`: factor by which the median falls per year;
      its error assumes that the errors of the first and the last median are independent.
    * `runs_caught(policy, capability, threshold, year)`: of the runs that finish in the year before `year` and reach
      the capability, the share trained with at least the threshold, over all futures, and its error `_se`.
    * `attaining_caught`: the same for the first such run of each actor, by which it attains the capability. Later and
      larger runs of the largest investors would hide those that attain below the threshold.
    * `obsolete_year(policy, capability, threshold)`: the year from which less than `obsolete` of attaining actors are
      caught; NaN if the threshold still catches more at the end, or never did. Years in which less than a twentieth of
      the peak year's actors attain do not count. Its error is that of a bootstrap over replicates of worlds.
    * `ever_caught(policy, capability, threshold)`: 1 if at least `obsolete` of attaining actors are caught in some year
      that counts, 0 if in none: such a threshold cannot become obsolete. NaN where nobody attains.
    * `evadable_year(policy, capability, threshold, quantile)`: first year at which some class could reach the
      capability with less compute than the threshold, over futures, whatever its budget; NaN where the quantile lies
      past the horizon.

    Raises InputError unless `obsolete` lies between 0 and 1, and for results without prices.
    """
    if not 0.0 < obsolete < 1.0:
        raise InputError(f"obsolete must lie between 0 and 1, such as {OBSOLETE}, not {obsolete:g}")
    check_has(results, "capability_cost")
    frame = xr.Dataset()
    for name, called, unit in (("cost", "cost_usd", "US$"), ("compute", "compute_flop", "FLOP")):
        log10 = results[f"capability_{name}"]
        median = quantiles_with_error(10.0 ** log10.astype(np.float64).fillna(np.inf))
        words = f"{name} of the cheapest run of the class that reaches the capability"
        frame = frame.assign(labelled_with_error(called, median, f"quantile of the {words}", unit))
        decline = _decline(*(values.sel(quantile=0.5, drop=True) for values in median))
        words = f"factor by which the median {words} falls per year"
        frame = frame.assign(labelled_with_error(f"{name}_decline", decline, words, "1"))
    for name, of_year, who in (
        (
            "runs_caught",
            ("future_runs_caught", "future_runs_reaching"),
            "runs of the last year that reach the capability",
        ),
        ("attaining_caught", ("future_attaining_caught", "future_attaining"), "actors that attained in the last year"),
    ):
        share = _share(*(results[part] for part in of_year))
        words = f"share of the {who} that the threshold catches"
        frame = frame.assign(labelled_with_error(name, share, words, "1"))
    *year, ever = _obsolete_year(results.future_attaining_caught, results.future_attaining, obsolete)
    words = "year from which the threshold catches less than the share of attaining actors that makes it obsolete"
    frame = frame.assign(labelled_with_error("obsolete_year", (year[0], year[1]), words, "year"))
    words = "whether the threshold catches that share of attaining actors in any year"
    frame = frame.assign(ever_caught=ever.assign_attrs(long_name=words, units="1"))
    needed = results.capability_compute.min("actor_class")
    evadable = _first_year(needed < np.log10(results.threshold)).fillna(np.inf)
    words = "quantile of the first year at which a class could reach it below the threshold, whatever its budget"
    frame = frame.assign(labelled_with_error("evadable_year", quantiles_with_error(evadable), words, "year"))
    frame = frame.assign_coords(capability_kind=results.capability_kind.variable)
    return derived(frame, results, "Thresholds and costs of capabilities", obsolete_below=obsolete)


def _share(caught: xr.DataArray, every: xr.DataArray) -> tuple[xr.DataArray, xr.DataArray]:
    """Share caught in each year, NaN where there are none, and its error; from cumulative numbers."""
    part, whole = (numbers.sum("future").diff("year", label="upper") for numbers in (caught, every))
    return ratio_with_error(part, whole)


def _obsolete_year(
    caught: xr.DataArray, every: xr.DataArray, obsolete: float
) -> tuple[xr.DataArray, xr.DataArray, xr.DataArray]:
    """(year from which less than `obsolete` are caught, its bootstrap error, whether that share ever was).

    The input are cumulative numbers. Years in which few attain do not count. NaN if there is no such year, or if no
    earlier year reached that share. Resamples have one replicate of worlds fewer than the run, so that their spread is
    the standard error (Rao & Wu 1988, JASA 83, 231). It is NaN if more than a hundredth of them have no such year, or
    with a single replicate.
    """
    part, whole = (by_replicate(numbers.sum("future").diff("year", label="upper")) for numbers in (caught, every))
    replicates = part.sizes["world"]
    draws = np.random.default_rng(0).multinomial(replicates - 1, np.full(replicates, 1.0 / replicates), _RESAMPLES)
    weights = xr.DataArray(np.concatenate([np.ones((1, replicates)), draws]), dims=("resample", "world"))
    of_year, all_of_year = (xr.dot(weights, numbers, dim="world") for numbers in (part, whole))
    enough = all_of_year > _FEW * all_of_year.max("year")
    low = of_year < obsolete * all_of_year
    ever = (enough & ~low).any("year")
    year = _from_year_on(low, enough).where(ever)
    found, again = year.isel(resample=0), year.isel(resample=slice(1, None))
    known = (again.notnull().mean("resample") >= 0.99) & found.notnull() & (replicates > 1)
    anyone = enough.isel(resample=0).any("year")
    error = spread_over("resample", again).where(known)
    return found, error, ever.isel(resample=0).astype(np.float64).where(anyone)


def _from_year_on(holds: xr.DataArray, counts: xr.DataArray) -> xr.DataArray:
    """The first `year` from which `holds` is true in all years that count; NaN if it is false in the last of them."""
    year = counts["year"]
    last_not = year.where(counts & ~holds).max("year").fillna(-np.inf)
    last = year.where(counts).max("year")
    first: xr.DataArray = year.where(holds & (year > last_not)).min("year")
    return first.where(first <= last)


def _first_year(holds: xr.DataArray) -> xr.DataArray:
    """The first `year` at which `holds` is true, NaN for none."""
    first: xr.DataArray = holds["year"].where(holds).min("year")
    return first


def _decline(median: xr.DataArray, error: xr.DataArray) -> tuple[xr.DataArray, xr.DataArray]:
    """(factor per year by which a `median` (..., year) falls from the first to the last known year, its error)."""
    known = median.notnull() & (median > 1.0)
    year = median["year"].where(known)
    first, last = year.min("year"), year.max("year")
    at_first, at_last = ((median["year"] == when) for when in (first, last))
    start, end = (median.where(at).max("year") for at in (at_first, at_last))
    years = (last - first).where(last > first)  # a single year has no decline
    factor = (start / end) ** (1.0 / years)
    squares = sum((error.where(at).max("year") / median.where(at).max("year")) ** 2 for at in (at_first, at_last))
    return factor, factor * squares**0.5 / years
