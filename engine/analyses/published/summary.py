"""The comparison as text, and as rows of a table."""

from __future__ import annotations

import re
from collections.abc import Iterator

import numpy as np
import pandas as pd
import xarray as xr

from engine.text.format import format_share, format_value
from engine.text.tables import table

_LEGEND = (
    "Published: central value (interval; >= for a bound). Ours: median (5% to 95% of futures, ? if unknown);",
    "+-: standard error of the median. Ratio: ours to theirs, for years ours minus theirs. Overlap: of the intervals.",
    "Inside: their central value in our 90% interval. At least: share of our futures that reach their central value.",
    "Unknown: share of futures past the horizon, which count as reaching it.",
)
#: Number of figures with the largest differences that are named.
_MOST_OFF = 5
_TITLES = ["published", "ours", "+-", "ratio", "overlap", "inside", "at least", "unknown"]


def published_in_words(found: xr.Dataset) -> str:
    """The comparison as a table, by quantity, and the number of agreements, from `published_comparison`."""
    attrs = found.attrs
    heading = (
        f"{attrs['scenario_name']}: {attrs['worlds']:,} worlds x {attrs['futures']:,} futures, seed {attrs['seed']}"
    )
    if "replays" in attrs:
        heading += f"; {attrs['replays']:,} of them replayed"
    if "hindcast_name" in attrs:
        heading += f"; costs of {attrs['hindcast_name']}"
    return "\n".join([heading, *_LEGEND, "", *_table(found), "", *_agreement(found)])


def comparison_rows(found: xr.Dataset) -> pd.DataFrame:
    """The comparison as a table, a row for each figure.

    Columns: quantity, level, time, unit, published (date), source, url, central, low, high, interval, our_median,
    our_low, our_high, our_median_se, ratio, difference, bias, overlap, central_inside, median_inside, at_least,
    at_least_se, unknown, counted, note. Numbers are empty where there is none.
    """
    flat = found.drop_dims("quantile")
    for name, quantile in (("our_low", 0.05), ("our_median", 0.5), ("our_high", 0.95)):
        flat[name] = found.ours.sel(quantile=quantile, drop=True)
    flat["our_median_se"] = found.ours_se.sel(quantile=0.5, drop=True)
    columns = ["quantity", "level", "time", "unit", "published", "source", "url", "central", "low", "high", "interval"]
    columns += [
        "our_median",
        "our_low",
        "our_high",
        "our_median_se",
        "ratio",
        "difference",
        "bias",
        "overlap",
        "central_inside",
    ]
    columns += ["median_inside", "at_least", "at_least_se", "unknown", "counted", "note"]
    return flat.to_dataframe().rename(columns={"at": "time"})[columns].reset_index(drop=True)


def _table(found: xr.Dataset) -> Iterator[str]:
    """All quantities in one table with common columns, and a line of text above each quantity."""
    rows: list[list[str]] = []
    headings: list[tuple[int, str]] = []
    for i in range(found.sizes["figure"]):
        one = found.isel(figure=i)
        words = str(one.quantity_words.item())
        unit = str(one.unit.item())
        heading = words if unit in ("1", "year") else f"{words}, {unit}"
        if not headings or headings[-1][1] != heading:
            headings.append((len(rows), heading))
        rows.append(_row(one))
    lines = list(table(["", *_TITLES], rows, "    "))
    yield lines[0]
    starts = dict(headings)
    for i, line in enumerate(lines[1:]):
        if i in starts:
            yield f"  {starts[i]}"
        yield line


def _row(one: xr.Dataset) -> list[str]:
    time = "" if np.isnan(one["at"]) else f"{float(one['at']):g}"
    place = [part for part in (str(one.level.item()), time) if part]
    # For a growth rate, level and time are the two ends of a span of years.
    name = (" to " if one.unit.item() == "x/yr" else ", ").join(place)
    return [
        f"{name}  {author(str(one.source.item()))}".strip(),
        _published(one),
        _ours(one),
        _error(one),
        _ratio(one),
        *(_yes(one[which]) for which in ("overlap", "central_inside")),
        format_share(float(one.at_least)),
        format_share(float(one.unknown)),
    ]


def author(source: str) -> str:
    """Author and year: the text up to the first year, or up to the first comma if there is no year."""
    named = re.match(r".*?\b(19|20)\d\d\b", source)
    return named.group() if named else source.split(",")[0]


def _ratio(one: xr.Dataset) -> str:
    if one.unit.item() == "year" and not np.isnan(one.difference):
        return f"{float(one.difference):+.1f} y"
    return "-" if np.isnan(one.ratio) else number(one.ratio)


def _published(one: xr.Dataset) -> str:
    unit = str(one.unit.item())
    if np.isnan(one.high) != np.isnan(one.low):
        return f"{'>=' if np.isnan(one.high) else '<='} {number(one.central, unit)}"
    interval = "" if np.isnan(one.low) else f" ({number(one.low, unit)} to {number(one.high, unit)})"
    return f"{number(one.central, unit)}{interval}"


def _ours(one: xr.Dataset) -> str:
    unit = str(one.unit.item())
    low, median, high = (number(one.ours.sel(quantile=q), unit) for q in (0.05, 0.5, 0.95))
    return f"{median} ({low} to {high})"


def _error(one: xr.Dataset) -> str:
    """The standard error of our median in per cent of it; in years for a year."""
    median, error = (float(one[name].sel(quantile=0.5)) for name in ("ours", "ours_se"))
    if np.isnan(error):
        return "?"
    if one.unit.item() == "year":
        return f"{error:.2f} y"
    return f"{100.0 * error / median:.1f}%" if median > 0.0 else format_value(error)


def number(value: xr.DataArray, unit: str = "1") -> str:
    """Two or three digits without the unit, which stands in the heading; years as such, ? if unknown."""
    if np.isnan(value):
        return "?"
    return format_value(float(value), unit) if unit == "year" else format_value(_short(float(value)))


def _short(value: float) -> float:
    """Two digits below 100, because more would be noise; whole numbers above."""
    return float(f"{value:.2g}") if abs(value) < 100.0 or abs(value) >= 1e5 else float(round(value))


def _yes(value: xr.DataArray) -> str:
    return "-" if np.isnan(value) else "yes" if value else "no"


def _agreement(found: xr.Dataset) -> Iterator[str]:
    for name, words in (
        ("central_inside", "published central values lie in our 90% interval"),
        ("overlap", "published intervals and bounds overlap with ours"),
        ("median_inside", "of these contain our median"),
    ):
        yield f"{int(found[name].sum())} of {int(found[name].notnull().sum())} {words}."
    yield from _biases(found)


def _biases(found: xr.Dataset) -> Iterator[str]:
    """Direction and mean size of differences, and the largest ones: values inside intervals may still be biased."""
    bias = found.bias.values
    known = ~np.isnan(bias)
    if not known.any():
        return
    mean = float(bias[known].mean())
    yield (
        f"Of {known.sum()} published central values (without bounds), {(bias < 0.0).sum()} lie above our median and "
        f"{(bias > 0.0).sum()} below it."
    )
    yield (
        f"On average our median lies {abs(mean):.2f} half-widths of our 90% interval "
        f"{'below' if mean < 0.0 else 'above'} the published value, on a log scale except for years and zeros."
    )
    yield "Largest differences, in these half-widths:"
    for i in sorted(np.flatnonzero(known), key=lambda i: -abs(bias[i]))[:_MOST_OFF]:
        one = found.isel(figure=int(i))
        what = f"{one.quantity_words.item()}: {_row(one)[0]}, {_published(one)}"
        yield f"  {bias[i]:+.2f}  {' '.join(what.split())}; ours {_ours(one)}"
