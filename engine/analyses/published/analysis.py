"""Published figures compared with the engine's own: where they differ, and by how much."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from difflib import get_close_matches

import numpy as np
import xarray as xr

from engine.analyses.published.quantities import AT_START, QUANTITIES, Source
from engine.analyses.published.table import Figure
from engine.errors import InputError
from engine.results.provenance import derived
from engine.scenario import BASELINE
from engine.statistics.cluster_means import QUANTILES, mean_with_error, of_worlds, quantiles_with_error
from engine.statistics.labelled import Labelled, labelled
from engine.text.format import strings

_TEXTS = {
    "quantity": "quantity of the figure",
    "level": "threshold, class or capability of the figure",
    "interval": "kind of the published interval",
    "unit": "unit of the figure",
    "published": "date of publication, or of the described state",
    "source": "source",
    "url": "address of the source",
    "note": "note",
}


def needed(figures: Sequence[Figure]) -> set[Source]:
    """The sources from which the counterparts of `figures` come.

    Raises ObservationsError, naming the cell, if a quantity or its unit is unknown.
    """
    compared = _compared(figures)
    for figure in compared:
        if figure.quantity not in QUANTITIES:
            near = get_close_matches(figure.quantity, QUANTITIES, 1)
            hint = f"did you mean {near[0]!r}?" if near else f"use one of {', '.join([AT_START, *QUANTITIES])}"
            raise figure.error("quantity", f"{figure.quantity!r} is unknown; {hint}")
        if figure.unit != QUANTITIES[figure.quantity].unit:
            raise figure.error("unit", f"must be {QUANTITIES[figure.quantity].unit!r}, not {figure.unit!r}")
    return {QUANTITIES[figure.quantity].source for figure in compared}


def published_comparison(figures: Sequence[Figure], sources: Mapping[Source, xr.Dataset]) -> xr.Dataset:
    """Each of `figures` with the engine's own, from the futures in `sources`.

    `sources` contains `paths` (`engine.simulate(keep="prices")` of the compared scenario) and, where figures need them
    (`needed`), `replays` (from `experiment.py`, of the same scenario) and `prices` (results of the hindcast, with
    prices). Only the baseline is compared. Over the dimension `figure`, the result contains

    * `central`, `low`, `high`: as published, in the figure's `unit`; NaN if unpublished.
    * `ours(figure, quantile)` and `ours_se`: quantiles over futures, NaN beyond the known range, and their standard
      errors with replicates of worlds as clusters.
    * `ratio` of our median to the published central value (NaN for years, or where it is 0), and `difference`.
    * `bias`: our median minus the published central value, in half-widths of our 90% interval; of their log10 where all
      are above 0 and not years. NaN for a published bound, which is not central, and where our interval is unknown.
    * `overlap`: whether our 90% interval and the published one have a point in common; `central_inside`: whether the
      published central value lies in ours; `median_inside`: whether our median lies in the published one. 1 or 0, NaN
      without such an interval.
    * `at_least` and `at_least_se`: probability that ours is at least the published central value; an unknown value
      counts as reaching it.
    * `unknown`: share of our futures in which the value lies past the horizon, or beyond the known range; `counted`:
      number of futures that count.

    Raises ObservationsError, naming the cell, if a figure has no counterpart; ValueError without a figure to compare.
    """
    needed(figures)
    compared = _compared(figures)
    if not compared:
        raise InputError(f"there is no figure to compare; give rows other than {AT_START}")
    baselines = {name: _baseline(dataset) for name, dataset in sources.items()}
    baselines["paths"] = baselines["paths"].assign(models_at_start=_at_start(figures, baselines["paths"]))
    cells = [_cells(figure, _values(figure, baselines)) for figure in compared]
    variables = {
        name: (label[0], np.stack([cell[name][1] for cell in cells]), *label[2:]) for name, label in cells[0].items()
    }
    coordinates: dict[str, Labelled] = {
        name: (("figure",), strings([getattr(figure, name) for figure in compared]), words, "")
        for name, words in _TEXTS.items()
    }
    coordinates["at"] = (("figure",), np.array([figure.time for figure in compared]), "time of the figure", "year")
    coordinates["quantile"] = (("quantile",), np.array(QUANTILES), "probability of a quantile", "1")
    words = {name: quantity.words for name, quantity in QUANTITIES.items()}
    coordinates["quantity_words"] = (
        ("figure",),
        strings([words[figure.quantity] for figure in compared]),
        "description of the quantity",
        "",
    )
    found = derived(labelled(variables, coordinates), sources["paths"], "Published figures compared with ours")
    if "prices" in sources:
        found.attrs |= {f"hindcast_{key}": sources["prices"].attrs[f"scenario_{key}"] for key in ("name", "sha256")}
    if "replays" in sources:
        found.attrs["replays"] = np.int64(sources["replays"].sizes["world"])
    return found


def _compared(figures: Sequence[Figure]) -> list[Figure]:
    return [figure for figure in figures if figure.quantity != AT_START]


def _baseline(dataset: xr.Dataset) -> xr.Dataset:
    return dataset.sel(policy=BASELINE, drop=True) if "policy" in dataset.dims else dataset


def _at_start(figures: Sequence[Figure], paths: xr.Dataset) -> xr.DataArray:
    """Number of models above each threshold before the simulation begins; NaN where no figure gives it."""
    start, thresholds = float(paths["time"][0]), paths["threshold"]
    counts = xr.full_like(thresholds, np.nan, dtype=np.float64)
    for figure in figures:
        if figure.quantity == AT_START:
            if not np.isclose(figure.time, start, rtol=0.0, atol=0.01):
                raise figure.error("time", f"must be the start of the scenario, {start:g}, not {figure.time:g}")
            threshold = figure.level_number("a threshold in FLOP, such as 1e26")
            counts[np.isclose(thresholds, threshold, rtol=1e-6, atol=0.0)] = figure.central
    return counts


def _values(figure: Figure, sources: Mapping[Source, xr.Dataset]) -> xr.DataArray:
    quantity = QUANTITIES[figure.quantity]
    return quantity.values(sources[quantity.source], figure).transpose("world", "future")


def _cells(figure: Figure, values: xr.DataArray) -> dict[str, Labelled]:
    """The comparison for one figure: the variables of the dataset, without the dimension `figure` in the values."""
    ours, errors = (part.values for part in quantiles_with_error(values))
    # NaN is beyond the known range, so it is larger than every other value.
    low, median, high = np.nan_to_num(ours, nan=np.inf)
    known = values.notnull()
    share, share_error = mean_with_error(of_worlds((values >= figure.central).where(known).astype(float)))
    theirs = (np.nan_to_num(figure.low, nan=-np.inf), np.nan_to_num(figure.high, nan=np.inf))
    is_ratio = figure.unit != "year" and figure.central > 0.0
    interval = figure.has_interval
    counted = int(known.sum())
    found: dict[str, tuple[object, str, str]] = {
        "central": (figure.central, "published central value, in the unit of the figure", "1"),
        "low": (figure.low, "lower end of the published interval; NaN for none", "1"),
        "high": (figure.high, "upper end of the published interval; NaN for none", "1"),
        "ratio": (
            ours[1] / figure.central if is_ratio else np.nan,
            "our median divided by the published central value",
            "1",
        ),
        "difference": (ours[1] - figure.central, "our median minus the published central value", "1"),
        "bias": (
            _bias(figure, low, median, high),
            "our median minus the published central value, in half-widths of our 90% interval, of log10 where above 0",
            "1",
        ),
        "overlap": (
            _truth(low <= theirs[1] and high >= theirs[0], interval and counted > 0),
            "whether the intervals overlap",
            "1",
        ),
        "central_inside": (
            _truth(low <= figure.central <= high, counted > 0),
            "whether the published central value lies in our 90% interval",
            "1",
        ),
        "median_inside": (
            _truth(theirs[0] <= median <= theirs[1], interval and counted > 0),
            "whether our median lies in the published interval",
            "1",
        ),
        "at_least": (float(share), "probability that ours is at least the published central value", "1"),
        "at_least_se": (float(share_error), "Monte Carlo standard error of at_least", "1"),
        "unknown": (
            float(np.isposinf(values).sum()) / counted if counted else np.nan,
            "share of our futures in which the value lies past the horizon or beyond the known range",
            "1",
        ),
        "counted": (counted, "our futures that count; for pooled capabilities, times capabilities", "1"),
    }
    cells: dict[str, Labelled] = {name: (("figure",), *label) for name, label in found.items()}
    quantiles = ("figure", "quantile")
    cells["ours"] = (
        quantiles,
        ours,
        "quantile over our futures, in the unit of the figure; NaN beyond the known range",
        "1",
    )
    cells["ours_se"] = (quantiles, errors, "Monte Carlo standard error of ours", "1")
    return cells


def _bias(figure: Figure, low: float, median: float, high: float) -> float:
    """Distance of our `median` above the published central value, in half-widths of our interval."""
    if not np.isfinite(median) or np.isnan(figure.low) != np.isnan(figure.high):
        return np.nan
    places = np.array([figure.central, low, median, high])
    if figure.unit != "year" and (places > 0.0).all():
        places = np.log10(places)
    central, low, median, high = places
    # If the upper end is beyond the known range, the lower half stands for both.
    width = (high - low) / 2.0 if np.isfinite(high) else median - low
    return (median - central) / width if width > 0.0 else np.nan


def _truth(holds: bool, known: bool) -> float:
    return float(holds) if known else np.nan
