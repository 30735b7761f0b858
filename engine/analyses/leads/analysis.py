"""Leads of the first class, the order of classes, and the windows to prepare."""

from __future__ import annotations

import numpy as np
import xarray as xr

from engine.results.provenance import derived
from engine.results.variables import check_has
from engine.statistics.cluster_means import (
    joined,
    labelled_with_error,
    mean_with_error,
    of_worlds,
    quantiles_with_error,
)
from engine.statistics.performance_score import scores
from engine.text.format import strings

Variables = dict[str, xr.DataArray]


def leads(results: xr.Dataset, ceiling: float = 100.0) -> xr.Dataset:
    """Leads, order of classes and windows for defence, from results of `engine.simulate(keep="paths")`.

    * `lead_years(policy, capability, actor_class, quantile)`: lead of the first class over each class, in futures in
      which any class attains the capability; NaN where the quantile lies past the horizon.
    * `lead_oom`, `lead_score_unbounded`, `lead_score_with_ceiling`: lead of the first class's best model at the first
      attainment, in futures in which both have a model of their own by then (with probability `lead_has_model`), and
      means `_mean`. Models are compared at the next point of the time grid. A scenario without a ceiling of
      performance uses one of `ceiling` points.
    * `before(policy, capability, actor_class, other_class)`: probability that the class attains within the horizon and
      strictly before the other; `together`: probability that both attain at the same moment.
    * `warning_time(policy, capability, quantile)` from the first attainment by anyone to the first access of a
      malicious class, and `defence_time` to a ready defence, in futures in which anyone attains; `defended_first`:
      probability that then a defence is ready no later than malicious access. Only dangerous capabilities have these.

    All have standard errors (`_se`) with replicates of worlds as clusters. Raises InputError for results without paths.
    """
    check_has(results, "effective_compute_at_first")
    anyone = results.attainment_time.min("actor_class")
    frame = xr.Dataset(
        {
            **_leads(results, anyone, ceiling),
            **_order(results.attainment_time),
            **_windows(results, anyone),
        }
    )
    label = {"long_name": "the class compared with"}
    frame = frame.assign_coords(
        capability_kind=results.capability_kind.variable,
        other_class=("other_class", strings(list(results["actor_class"].values)), label),
    )
    return derived(frame, results, "Leads and windows", score_ceiling_where_none=ceiling)


def _leads(results: xr.Dataset, anyone: xr.DataArray, ceiling: float) -> Variables:
    years = (results.attainment_time - anyone).where(results.attainment_time.notnull(), np.inf)
    best = results.effective_compute_at_first
    # If classes attain at the same moment, the one that trains has the better model.
    first = best.where(results.attainment_time == anyone).max("actor_class")
    words = "quantile of the years by which the class is behind the first class"
    found = _quantiles("lead_years", years.where(anyone.notnull()), words, "year")
    values = {"lead_oom": (first - best, "OOM", "effective compute")}
    theirs, own = scores(first, results, ceiling), scores(best, results, ceiling)
    for name in own:
        kind = name.removeprefix("score_")
        values[f"lead_score_{kind}"] = (theirs[name] - own[name], "1", f"score ({kind.replace('_', ' ')})")
    for name, (lead, units, what) in values.items():
        words = f"{what} of the first class's best model above the class's, when the first attains"
        found |= _quantiles(name, lead, f"quantile of the {words}", units)
        found |= _mean(f"{name}_mean", of_worlds(lead), f"mean {words}", units)
    model = best.notnull().astype(float).where(anyone.notnull())
    words = "probability that the class has a model of its own at the first attainment by any class"
    return found | _mean("lead_has_model", of_worlds(model), words, "1")


def _order(attained: xr.DataArray) -> Variables:
    """Probabilities of order; a class that does not attain within the horizon is behind all that do."""
    times = attained.fillna(np.inf)
    names = [str(name) for name in attained["actor_class"].values]
    before, together = [], []
    for other in names:
        later = times.sel(actor_class=other, drop=True)
        before.append(of_worlds((times < later).astype(float)))
        together.append(of_worlds(((times == later) & np.isfinite(times)).astype(float)))
    words = "probability that the class attains within the horizon and before the other"
    found = _mean("before", joined("other_class", before), words, "1")
    words = "probability that both attain at the same moment"
    found |= _mean("together", joined("other_class", together), words, "1")
    return {name: values.transpose("policy", "capability", "actor_class", ...) for name, values in found.items()}


def _windows(results: xr.Dataset, anyone: xr.DataArray) -> Variables:
    dangerous = results.capability_kind == "dangerous"
    malicious = results.attainment_time.where(results.malicious == 1).min("actor_class")
    possible = anyone.notnull() & dangerous
    found: Variables = {}
    for name, end, words in (
        ("warning_time", malicious, "first access by a malicious class"),
        ("defence_time", results.defence_ready, "a ready defence"),
    ):
        years = (end - anyone).where(end.notnull(), np.inf).where(possible)
        words = f"quantile of the years from the first attainment by anyone to {words}"
        found |= _quantiles(name, years, words, "year")
    in_time = results.defence_ready.fillna(np.inf) <= malicious.fillna(np.inf)
    words = "probability that a defence is ready no later than malicious access, where anyone attains"
    return found | _mean("defended_first", of_worlds(in_time.astype(float).where(possible)), words, "1")


def _quantiles(name: str, values: xr.DataArray, words: str, units: str) -> Variables:
    """Quantiles over futures as a variable called `name`, and their standard errors."""
    return labelled_with_error(name, quantiles_with_error(values), words, units)


def _mean(name: str, by_world: xr.DataArray, words: str, units: str) -> Variables:
    """A mean over worlds as a variable called `name`, and its standard error."""
    return labelled_with_error(name, mean_with_error(by_world), words, units)
