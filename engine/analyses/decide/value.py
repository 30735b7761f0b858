"""The value of a capability to an actor, and the cost of its runs: present values in single futures."""

from __future__ import annotations

from dataclasses import dataclass

import numpy as np
import xarray as xr

from engine.errors import InputError


@dataclass(frozen=True)
class ValueCurve:
    """Yearly earnings of an actor from a valuable capability: capture x benefit / n^rivalry, if n actors have access.

    The benefit is that of the world in a year if all had access: the scenario's benefit rate times all real actors of
    the start.
    `capture` is the share that goes to providers: 2.2% on average (Nordhaus 2004, Schumpeterian profits in the American
    economy, NBER working paper 10433). With `rivalry` 0 each provider has the whole, with 1 they divide it, and with
    more competition destroys a part. `discount_rate` is per year. Both are assumptions.

    Raises InputError for a number out of range.
    """

    capture: float = 0.022
    rivalry: float = 1.0
    discount_rate: float = 0.08

    def __post_init__(self) -> None:
        if not 0.0 <= self.capture <= 1.0:
            raise InputError(f"capture must be 0 to 1, not {self.capture:g}")
        if not 0.0 <= self.rivalry <= 10.0:
            raise InputError(f"rivalry must be 0 to 10, not {self.rivalry:g}")
        if not 0.0 <= self.discount_rate <= 1.0:
            raise InputError(f"discount_rate (--discount) must be 0 to 1 a year, not {self.discount_rate:g}")


def outcomes_of_actor(
    results: xr.Dataset, actor: str, gain: xr.DataArray, curve: ValueCurve, without: xr.DataArray | None = None
) -> dict[str, xr.DataArray]:
    """Outcomes of the class `actor`, of one actor, in every future of `results` with paths; US$ at the start, years.

    `gain` (world, capability) is the world's benefit in US$ a year if all have access, 0 for dangerous capabilities.
    `without` is `others` of the same futures in which the actor never trains; None for those futures themselves.
    Returns, all (policy, world, future, capability): `value`, and `lead_value`, the part of it while nobody else has
    access; `cost` of training until the actor has the capability and all earlier ones in the list with a benefit;
    `first`, 1 where the actor attains before everyone else, or at the same moment as those who would attain later
    without it, for they have its own weights; `lead`, years until the next actor does, up to the horizon, 0 where the
    actor is not first; `since` and `others`, decimal years in which the actor and the next other attain, inf for not
    within the horizon. And `effective_compute` (policy, world, future, year) of its best model so far, log10 FLOP.
    """
    horizon = float(results["time"][-1])
    since = results.attainment_time.sel(actor_class=actor, drop=True).fillna(np.inf)
    others = results.attainment_time.where(results["actor_class"] != actor).min("actor_class").fillna(np.inf)
    given = (since == others) & (since < (others if without is None else without))
    first = ((since < others) | given).astype(float)
    lead = (others.clip(max=horizon) - since.clip(max=horizon)).clip(min=0.0)
    rate = curve.capture * gain * _discounted_years(results, curve) / _rivals(results) ** curve.rivalry
    earned = rate * _share_after(since, results)
    alone = rate * (_share_after(since, results) - _share_after(others, results)).clip(min=0.0)
    wanted = since.where(gain > 0.0, -np.inf)
    until = wanted.copy(data=np.maximum.accumulate(wanted.values, axis=wanted.get_axis_num("capability")))
    return {
        "value": earned.sum("step"),
        "lead_value": alone.sum("step"),
        "cost": _cost(results, actor, until, curve),
        "first": first,
        "lead": lead,
        "since": since,
        "others": others,
        "effective_compute": _effective_compute(results, actor),
    }


def _effective_compute(results: xr.Dataset, actor: str) -> xr.DataArray:
    """Effective compute of the best model so far of the only member of the class `actor`."""
    only = results.future_effective_compute.isel(actor=results["class_of_actor"].values.tolist().index(actor))
    return only.drop_vars(["actor", "class_of_actor", "represents"], errors="ignore").astype(np.float64)


def _steps(results: xr.Dataset) -> tuple[xr.DataArray, xr.DataArray]:
    """Beginnings and ends of the steps of the time grid, (step,)."""
    time = results["time"].values
    return xr.DataArray(time[:-1], dims="step"), xr.DataArray(time[1:], dims="step")


def _discounted_years(results: xr.Dataset, curve: ValueCurve) -> xr.DataArray:
    """Length of each step, discounted from its middle."""
    begin, end = _steps(results)
    return (end - begin) * _discount(0.5 * (begin + end) - float(begin[0]), curve)


def _rivals(results: xr.Dataset) -> xr.DataArray:
    """Actors with access at the end of each step, at least one: the actor itself once it has access."""
    access = results.future_access.isel(time=slice(1, None)).drop_vars("time").rename(time="step")
    return access.clip(min=1)


def _share_after(since: xr.DataArray, results: xr.Dataset) -> xr.DataArray:
    """Share of each step that lies after `since`."""
    begin, end = _steps(results)
    return ((end - since) / (end - begin)).clip(0.0, 1.0)


def _cost(results: xr.Dataset, actor: str, until: xr.DataArray, curve: ValueCurve) -> xr.DataArray:
    """Present value of the actor's spending on runs `until` it has its goal; each step is discounted from its middle.

    Later runs change nothing that counts here, so an actor that stops loses nothing.
    """
    spent = results.future_spending.sel(actor_class=actor, drop=True)
    begin, end = _steps(results)
    by_step = spent.diff("time").drop_vars("time").rename(time="step")
    at_start = spent.isel(time=0, drop=True).where(until > -np.inf, 0.0)
    wanted = ((until - begin) / (end - begin)).clip(0.0, 1.0)
    return at_start + (by_step * wanted * _discount(0.5 * (begin + end) - float(begin[0]), curve)).sum("step")


def _discount(years: xr.DataArray, curve: ValueCurve) -> xr.DataArray:
    return (1.0 + curve.discount_rate) ** (-years)
