"""Invest or wait, as text for a person."""

from __future__ import annotations

from collections.abc import Iterator

import numpy as np
import xarray as xr

from engine.analysis.tables import table
from engine.analysis.telling import told, told_with_error

_BILLION = 1e9


def decision_in_words(decision: xr.Dataset) -> str:
    """What each option brings and costs, and what regulation changes, from `engine.analysis.decision.decide`."""
    attrs = decision.attrs
    lines = [
        f"One actor of {attrs['actor_class']} in {attrs['scenario_name']}: {attrs['worlds']:,} worlds x "
        f"{attrs['futures']:,} futures, seed {attrs['seed']}.",
        f"Value curve: it earns {attrs['capture']:.1%} of what the world would gain if all had access, over "
        f"n^{attrs['rivalry']:g} where n actors have it;",
        f"discounted {attrs['discount_rate']:.0%} a year (assumptions). Present values in 1e9 US$ of 2023, +- standard "
        "error. Never: no run of its own.",
    ]
    for policy in decision["policy"].values:
        lines += ["", *_options(decision.sel(policy=policy))]
    lines += ["", *_first(decision.isel(policy=0))]
    if decision.sizes["policy"] > 1:
        lines += ["", *_regulation(decision)]
    return "\n".join(lines)


def _options(one: xr.Dataset) -> Iterator[str]:
    yield f"Under {one['policy'].item()}"
    titles = [
        "budget",
        "start",
        "data",
        "cost",
        "value",
        "in the lead",
        "gain over never",
        "5% to 95%",
        "P(gain)",
        "pays from",
    ]
    rows = []
    for i in range(one.sizes["option"]):
        option = one.isel(option=i)
        low, high = (float(q) / _BILLION for q in option.gain.quantile([0.05, 0.95]).values)
        money = [_money(option, part) for part in ("cost", "value", "lead_value", "gain_over_never")]
        chance = told_with_error(float(option.gain_probability), float(option.gain_probability_se))
        rows.append([*_chosen(option), *money, f"{told(low)} to {told(high)}", chance, _capture(option)])
    yield from table(titles, rows)
    best = one.isel(option=int(one.gain_over_never.argmax("option")))
    if float(best.gain_over_never) <= 0.0:
        yield "  Best on average: never to train."
    else:
        sure = float(best.gain_over_never) > 2.0 * float(best.gain_over_never_se)
        yield f"  Best on average: {best['option'].item()}{'' if sure else ', within two errors of never'}."


def _chosen(option: xr.Dataset) -> list[str]:
    """Budget, start and data of an option."""
    if option["option"].item() == "never":
        return ["never", "", ""]
    lag = float(option.entry_lag)
    return [f"x{float(option.budget_factor):g}", f"+{lag:g} yr" if lag else "now", f"x{float(option.data_factor):g}"]


def _capture(option: xr.Dataset) -> str:
    """The share of the world's gain from which on an option pays."""
    share = float(option.break_even_capture)
    if option["option"].item() == "never":
        return ""
    return f"{share:.2%}" if 0.0 < share <= 1.0 else "no share"


def _first(one: xr.Dataset) -> Iterator[str]:
    yield f"Probability of being first, and mean lead in years (0 where not first), under {one['policy'].item()};"
    errors = (float(one.first_probability_se.max()), float(one.expected_lead_se.max()))
    yield f"standard errors at most {errors[0]:.1%} and {errors[1]:.2f} years; data as the class's"
    usual = one.isel(option=np.flatnonzero((one.data_factor == one.data_factor[1]) & (one["option"] != "never")))
    titles = [""]
    for i in range(usual.sizes["option"]):
        titles.append(" ".join(_chosen(usual.isel(option=i))[:2]))
    rows = []
    for name in usual["capability"].values:
        of = usual.sel(capability=name)
        pairs = zip(of.first_probability.values, of.expected_lead.values, strict=True)
        rows.append([str(name), *(f"{chance:.0%} {lead:.2f}" for chance, lead in pairs)])
    yield from table(titles, rows)


def _regulation(decision: xr.Dataset) -> Iterator[str]:
    """At what probability of each regulation the best option changes: mean gains are linear in it."""
    yield "Regulation risk: with probability p the policy comes, else the baseline stays; gains over never, 1e9 US$"
    free = decision.gain_over_never.isel(policy=0)
    best = int(free.argmax("option"))
    training = int(free.where(decision["option"] != "never", -np.inf).argmax("option"))
    names = [str(name) for name in decision["option"].values]
    for policy in decision["policy"].values[1:]:
        bound = decision.gain_over_never.sel(policy=policy)
        without, under = (told(float(gain[training]) / _BILLION) for gain in (free, bound))
        yield f"  {policy}: the best option to train, {names[training]}, gains {without}, and {under} under it;"
        change, to = _break_even(free.values, bound.values, best)
        if np.isnan(change):
            yield f"    {names[best]} is the best option whatever p."
        else:
            yield f"    {names[best]} is the best option up to p = {change:.0%}, from there on {names[to]}."


def _break_even(free: np.ndarray, bound: np.ndarray, best: int) -> tuple[float, int]:
    """(least probability at which another option is better than `best`, that option); NaN for none."""
    ahead, behind = free[best] - free, bound[best] - bound
    with np.errstate(divide="ignore", invalid="ignore"):
        p = np.where(behind < 0.0, ahead / (ahead - behind), np.inf)
    p[best] = np.inf
    other = int(p.argmin())
    return (float(p[other]), other) if p[other] <= 1.0 else (float("nan"), best)


def _money(option: xr.Dataset, name: str) -> str:
    return told_with_error(float(option[name]) / _BILLION, float(option[f"{name}_se"]) / _BILLION)
