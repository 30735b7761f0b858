"""The text of the page: a summary, and a table of headline numbers with paired differences."""

from __future__ import annotations

from collections.abc import Iterator
from functools import lru_cache
from typing import NamedTuple

import numpy as np
import xarray as xr

from engine.explorer.offer import Assumption
from engine.explorer.sides import SIDES, moved_to, spoken_side
from engine.explorer.simulator import Simulated, difference
from engine.explorer.state import State
from engine.text.format import format_value, format_with_error, spoken
from engine.text.report_format import attained_by_the_end
from engine.text.uncertain import TOO_FEW, is_clear, is_known


class Headline(NamedTuple):
    """A row of the table: the quantity, its values under A and B, and their difference."""

    what: str
    side_a: str
    side_b: str
    more: str


def summary(simulated: Simulated) -> str:
    """The results in two sentences: when the selected class attains under A, and the change under B."""
    state, horizon = simulated.state, float(simulated.results["time"][-1])
    who, what = spoken(state.actor_class), spoken(state.capability)
    one = simulated.results.sel(actor_class=state.actor_class, capability=state.capability)
    median = float(one["attainment_time_quantile"].sel(policy=SIDES[0], quantile=0.5))
    share = attained_by_the_end(one.sel(policy=SIDES[0])).partition(" +-")[0]
    share = share.replace("> ", "more than ").replace("< ", "less than ")
    when = f"in half of all futures by {median:.1f}, and in {share} by {horizon:g}"
    if np.isnan(median):
        when = f"in {share} of futures by {horizon:g}"
    first = f"With {spoken_side(state, SIDES[0])} (A), some {who} has {what} {when}."
    if state.side_a == state.side_b:
        return f"{first} Side B is the same."
    delay, error = _delay(simulated, state.actor_class)
    more = _signed(delay, error, "years").removeprefix("+").removeprefix("-")
    then = f"{more} {'later' if delay > 0.0 else 'sooner'} on average"
    if not is_clear(delay, error):
        then = f"at about the same time (the difference is {_signed(delay, error, 'years')})"
    return f"{first} With {spoken_side(state, SIDES[1])} (B) it attains it {then}."


def status(simulated: Simulated, wanted: State, slow: bool = False) -> str:
    """The size of the simulation, its time, and the remaining part: "2,048 futures, 0.8 s".

    `wanted` is the requested state, of which `simulated` may be a part; `slow` whether its measures take longer.
    """
    text = f"{simulated.size:,} futures, " + (f"{simulated.seconds:.1f} s" if simulated.seconds else "simulated before")
    if simulated.state == wanted:
        return text
    why = "; licences and relative caps take longer than other measures" if slow else ""
    return f"{text}. All {wanted.worlds * wanted.futures:,} are being simulated{why}"


def headlines(simulated: Simulated) -> list[Headline]:
    """The rows of the table."""
    return [*_medians(simulated), *_harm(simulated), *_money(simulated)]


@lru_cache(maxsize=1000)
def format_assumption(assumption: Assumption, median: float) -> str:
    """The value of a number: median, unit and 90% interval, and the original median if it was changed."""
    number = assumption.number if median == assumption.median else moved_to(assumption, median)
    unit = "fraction" if number.unit == "fraction" else number.unit
    text = _value_text(median, unit)
    if not number.is_constant:
        low, high = number.written_quantile(np.array([0.05, 0.95]))
        text += f" (90%: {_value_text(float(low), unit, bare=True)} to {_value_text(float(high), unit, bare=True)})"
    return text if median == assumption.median else f"{text}; was {_value_text(assumption.median, unit, bare=True)}"


def _value_text(value: float, unit: str, *, bare: bool = False) -> str:
    """A number as written, in three digits, with its unit unless `bare`."""
    if unit == "fraction":
        return format_value(value, unit)
    if unit.startswith("log10"):
        return f"{value:.1f}" + ("" if bare else f" {unit}")
    return format_value(value, "1" if bare else unit)


def _medians(simulated: Simulated) -> Iterator[Headline]:
    state, results = simulated.state, simulated.results
    horizon = float(results["time"][-1])
    shown = ("attainment_time_quantile", "attainment_probability")
    one = results[[f"{name}{end}" for name in shown for end in ("", "_se")]].sel(capability=state.capability)
    medians = one.sel(quantile=0.5)
    for name in map(str, results["actor_class"].values):
        row = medians.sel(actor_class=name)
        years = [
            f"after {horizon:g}" if np.isnan(year) else f"{year:.1f} ± {'?' if np.isnan(error) else f'{error:.2f}'}"
            for year, error in _sides(row["attainment_time_quantile"], row["attainment_time_quantile_se"])
        ]
        delay = f"mean delay {_signed(*_delay(simulated, name), 'years')}"
        yield Headline(f"{spoken(name)}, median year", years[0], years[1], delay)
    last = results.sel(capability=state.capability, actor_class=state.actor_class)
    cells = [attained_by_the_end(last.sel(policy=side)).replace("+-", "±") for side in SIDES]
    change = _signed(*difference(100.0 * last["attainment_time"].notnull()), "points")
    yield Headline(f"{spoken(state.actor_class)}, probability by {horizon:g}", cells[0], cells[1], change)


def _harm(simulated: Simulated) -> Iterator[Headline]:
    one = simulated.results.sel(capability=simulated.state.capability)
    if str(one["capability_kind"].item()) != "dangerous":
        return
    for name, what, unit in (
        ("exposure", f"exposure to {spoken(simulated.state.capability)}", "years"),
        ("incidents", "incidents", "1"),
    ):
        yield _headline(what, one[f"{name}_mean"], one[f"{name}_mean_se"], one[f"future_{name}"], unit, unit)


def _money(simulated: Simulated) -> Iterator[Headline]:
    results, horizon = simulated.results, float(simulated.results["time"][-1])
    losses = (results[f"loss_mean{end}"].sel(period="total") for end in ("", "_se"))
    benefits = (results[f"benefit_mean{end}"] for end in ("", "_se"))
    for what, (mean, error) in (("loss", losses), ("benefit", benefits)):
        if float(mean.max()) > 0.0:
            usd, unit = (1e12, "trillion US$") if float(mean.max()) >= 1e12 else (1e9, "billion US$")
            single = results[f"future_{what}"].astype(np.float64) / usd
            name = f"mean {what} to {horizon:g}, all capabilities"
            yield _headline(name, mean / usd, error / usd, single, unit, unit, heavy_tailed=what == "loss")


def _headline(
    what: str,
    mean: xr.DataArray,
    error: xr.DataArray,
    single: xr.DataArray,
    unit: str,
    more_unit: str,
    *,
    heavy_tailed: bool = False,
) -> Headline:
    """The row of a mean (policy,), with its error, and of the same quantity of single futures.

    The mean or difference of a heavy-tailed quantity is left out if there are too few futures for it.
    """

    def known(value: float, error: float) -> bool:
        return not heavy_tailed or is_known(value, error)

    sides, change = _sides(mean, error), difference(single)
    cells = [
        format_with_error(*side, unit).replace("+-", "±").replace(" %", "%") if known(*side) else TOO_FEW
        for side in sides
    ]
    return Headline(what, cells[0], cells[1], _signed(*change, more_unit) if known(*change) else TOO_FEW)


def _sides(mean: xr.DataArray, error: xr.DataArray) -> list[tuple[float, float]]:
    """(value, standard error) under A and under B."""
    return [(float(mean.sel(policy=side)), float(error.sel(policy=side))) for side in SIDES]


def _delay(simulated: Simulated, actor_class: str) -> tuple[float, float]:
    """Years by which the class attains later under B, and the standard error; the horizon counts for later times."""
    horizon = float(simulated.results["time"][-1])
    times = simulated.results["attainment_time"].sel(actor_class=actor_class, capability=simulated.state.capability)
    return difference(times.fillna(horizon))


def _signed(value: float, error: float, unit: str) -> str:
    if value == 0.0 and not error > 0.0:
        return "0"
    text = format_with_error(value, error, unit).replace("+-", "±").replace("-", "\N{MINUS SIGN}")
    return text if value < 0.0 else f"+{text}"
