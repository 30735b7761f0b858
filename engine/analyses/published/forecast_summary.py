"""Forecasts beside the engine's own, and its prior predictive, as text and as rows of a table."""

from __future__ import annotations

import textwrap
from collections.abc import Iterator

import numpy as np
import pandas as pd
import xarray as xr

from engine.analyses.published.forecast_quantities import dangerous
from engine.analyses.published.summary import author, number
from engine.results.standard_errors import probability_limits
from engine.rules.point_set import REPLICATES
from engine.text.format import format_value, format_with_error
from engine.text.tables import table
from engine.text.uncertain import probability

_LEGEND = (
    "Published: central value (interval; >= or <= for a bound). Ours: probability, or median (5% to 95% of futures, of",
    "worlds for a risk; ? past the horizon), with its standard error or 95% limits. Difference: ours minus theirs, in",
    "points of a probability or years; for an amount their ratio. Definition: ours is narrower, wider or other; notes.",
)
_TITLES = ("published", "ours", "difference", "definition")
_COLUMNS = (
    *("quantity", "capabilities", "least_loss", "time", "unit", "definition", "forecasters", "asked", "source", "url"),
    *("central", "low", "high", "interval", "ours", "ours_se", "ours_low", "ours_high", "ours_time", "difference"),
    *("ratio", "inside", "unknown", "counted", "note"),
)


def forecasts_in_words(found: xr.Dataset) -> str:
    """The comparison as a table with notes, and the prior predictive, from both datasets in one."""
    attrs = found.attrs
    heading = (
        f"{attrs['scenario_name']}: {attrs['worlds']:,} worlds x {attrs['futures']:,} futures, seed {attrs['seed']}; "
        f"{attrs['replays']:,} of them replayed for incidents and thefts"
    )
    return "\n".join(
        [heading, *_LEGEND, "", *_table(found), "", *_agreement(found), "", *_notes(found), "", *_prior(found)]
    )


def forecast_rows(found: xr.Dataset) -> pd.DataFrame:
    """The comparison as a table, a row for each forecast. Numbers are empty where there is none."""
    flat = found.drop_dims([dim for dim in found.dims if dim != "forecast"])
    named = flat.to_dataframe().rename(columns={"at": "time", "ours_at": "ours_time"})
    return named[list(_COLUMNS)].reset_index(drop=True)


def forecast_cells(one: xr.Dataset) -> tuple[str, str, str, str]:
    """(place and author, published, ours, difference) of one forecast, as text."""
    author_of = author(str(one.source.item()))
    return f"{place(one)}  {author_of}".strip(), _published(one), _ours(one), _difference(one)


def place(one: xr.Dataset) -> str:
    """What one forecast is about: capabilities, loss and time, and our time if the horizon is earlier."""
    parts = [str(one.capabilities.item()).replace(" ", " or ")]
    if not np.isnan(one.least_loss):
        parts.append(format_value(float(one.least_loss), "US$"))
    at, ours_at = float(one["at"]), float(one.ours_at)
    if one.quantity.item() == "yearly_loss":
        parts.append(f"{at - 1.0:g}")
    elif not np.isnan(at):
        parts.append(f"by {at:g}" + (f" (ours {ours_at:g})" if ours_at < at else ""))
    return ", ".join(part for part in parts if part)


def share_in_words(value: float, error: float, worlds: int) -> str:
    """A share of futures with its error or its 95% limits; all futures of a world may be equal."""
    if worlds < 2:
        return probability(value, np.nan, np.nan, np.nan)
    effective = value * (1.0 - value) / error**2 if error > 0.0 else float(worlds)
    lower, upper = probability_limits(np.array(value), np.array(effective), min(worlds, REPLICATES) - 1)
    return probability(value, error, float(lower), float(upper))


def _published(one: xr.Dataset) -> str:
    central, low, high = (_value(one[name], str(one.unit.item())) for name in ("central", "low", "high"))
    if np.isnan(one.low) and np.isnan(one.high):
        return central
    if np.isnan(one.low) or np.isnan(one.high):
        return f"{'>=' if np.isnan(one.high) else '<='} {central}"
    return f"{central} ({low} to {high})"


def _ours(one: xr.Dataset) -> str:
    unit, ours, error = str(one.unit.item()), float(one.ours), float(one.ours_se)
    if one.statistic == "share":
        return share_in_words(ours, error, int(one.counted_worlds))
    low, high = (_value(one[name], unit) for name in ("ours_low", "ours_high"))
    if np.isnan(ours):
        return f"? ({low} to {high})"
    if unit == "1":
        return f"{format_with_error(100.0 * ours, 100.0 * error)}% ({low} to {high})"
    return f"{f'{ours:.1f} +- {error:.2f}' if unit == 'year' else _value(one.ours, unit)} ({low} to {high})"


def _difference(one: xr.Dataset) -> str:
    unit, difference = str(one.unit.item()), float(one.difference)
    if np.isnan(difference):
        return "?"
    if unit == "year":
        return f"{difference:+.1f} years"
    if unit == "1":
        return f"{100.0 * difference:+.2g} points"
    return f"x {number(one.ratio)}"


def _value(value: xr.DataArray, unit: str) -> str:
    if np.isnan(value):
        return "?"
    if unit == "1":
        return f"{100.0 * float(value):.2g}%"
    return number(value, unit)


def _table(found: xr.Dataset) -> Iterator[str]:
    """All forecasts in one table with common columns, a line of text above each quantity, and numbers of notes."""
    notes, rows, starts = _numbered(found), [], {}
    for i in range(found.sizes["forecast"]):
        one = found.isel(forecast=i)
        words = str(one.quantity_words.item())
        if i == 0 or words != str(found.quantity_words.values[i - 1]):
            starts[i] = words
        note = str(one.note.item())
        rows.append([*forecast_cells(one), f"{one.definition.item()}{f' [{notes[note]}]' if note else ''}"])
    lines = list(table(["", *_TITLES], rows, "    "))
    yield lines[0]
    for i, line in enumerate(lines[1:]):
        if i in starts:
            yield f"  {starts[i]}"
        yield line


def _agreement(found: xr.Dataset) -> Iterator[str]:
    """How often ours lies in a published interval, and to which side probabilities differ."""
    known = found.inside.notnull()
    yield f"Ours lies in {int(found.inside.sum())} of {int(known.sum())} published intervals and bounds."
    chances = found.difference.values[found.unit.values == "1"]
    if chances.size:
        lower, higher = (chances < 0.0).sum(), (chances > 0.0).sum()
        yield f"Ours is lower than {lower} of {chances.size} published probabilities, and higher than {higher}."


def _numbered(found: xr.Dataset) -> dict[str, int]:
    """The number of each note, from 1, in order; forecasts may share one."""
    return {note: n for n, note in enumerate(dict.fromkeys(str(note) for note in found.note.values if note), 1)}


def _notes(found: xr.Dataset) -> Iterator[str]:
    for note, n in _numbered(found).items():
        yield from textwrap.wrap(f"  [{n}] {note}.", 120, subsequent_indent="      ", break_long_words=False)


def _prior(found: xr.Dataset) -> Iterator[str]:
    years, worlds = [float(year) for year in found["year"].values], int(found.attrs["worlds"])
    titles = ["", *(f"by {year:g}" for year in years)]
    held = [
        [f"{capability}: {holder}", *shares(found, "attained", worlds, capability=capability, holder=holder)]
        for capability in dangerous(found)
        for holder in found["holder"].values
    ]
    thieves = [name for name in found["actor_class"].values if float(found.stolen.sel(actor_class=name).max()) > 0.0]
    replays = int(found.attrs["replays"])
    thefts = [[str(name), *shares(found, "stolen", replays, actor_class=name)] for name in thieves]
    sizes = [["largest run", *amounts(found, "largest_run")]]
    sizes += [[str(name), *amounts(found, "cost", capability=name)] for name in found["capability"].values]
    yield "Prior predictive, by the start of each year"
    for words, rows in (
        ("who has a dangerous capability, as a share of futures", held),
        ("who has stolen a model that gave it a capability, as a share of futures", thefts),
        (
            "largest run so far, FLOP; cost of the cheapest run that reaches a capability, US$: median (5% to 95%)",
            sizes,
        ),
    ):
        if rows:
            yield f"  {words}"
            yield from table(titles, rows, "    ")


def shares(found: xr.Dataset, name: str, worlds: int, **where: object) -> list[str]:
    """The shares of a variable by year, each with its error or limits, at one place `where`."""
    one = found.sel(where)
    return [
        share_in_words(float(value), float(error), worlds)
        for value, error in zip(one[name].values, one[f"{name}_se"].values, strict=True)
    ]


def amounts(found: xr.Dataset, name: str, **where: object) -> list[str]:
    """The median and interval of a variable in log10 by year, in plain units, at one place `where`."""
    return [
        "{1} ({0} to {2})".format(*(_plain(value) for value in one.values))
        for one in found[name].sel(where).transpose("year", "quantile")
    ]


def _plain(log10: float) -> str:
    return "?" if np.isnan(log10) else format_value(log10, "log10 US$").removesuffix(" US$")
