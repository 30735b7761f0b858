"""Invest or wait, as text."""

from __future__ import annotations

from collections.abc import Iterator

import numpy as np
import xarray as xr

from engine.text.format import format_value, format_with_error
from engine.text.tables import table

_BILLION = 1e9


def decision_in_words(decision: xr.Dataset) -> str:
    """The value and cost of each option, and the effect of regulation, from `engine.analyses.decide.decide`."""
    attrs = decision.attrs
    lines = [
        f"One actor of {attrs['actor_class']} in {attrs['scenario_name']}: {attrs['worlds']:,} worlds x "
        f"{attrs['futures']:,} futures, seed {attrs['seed']}.",
        f"Value curve: it earns {attrs['capture']:.1%} of the world's benefit if all had access, divided by "
        f"n^{attrs['rivalry']:g} if n actors have access;",
        f"discounted {attrs['discount_rate']:.0%} a year (assumptions). Present values in 1e9 US$ of 2023; +- standard "
        "error. 'never' means no run of its own.",
    ]
    for policy in decision["policy"].values:
        lines += ["", *_options(decision.sel(policy=policy))]
    lines += ["", *_first(decision.isel(policy=0))]
    if decision.sizes["policy"] > 1:
        lines += ["", *_regulation(decision)]
    return "\n".join(lines)


def _options(one: xr.Dataset) -> Iterator[str]:
    yield f"Under {one['policy'].item()}; each option with its best goal"
    titles = ["budget", "start", "data", "trains for", "cost", "value", "in the lead", "gain over never", "5% to 95%"]
    rows = []
    for i in range(one.sizes["option"]):
        option = _best_goal(one.isel(option=i))
        low, high = (float(q) / _BILLION for q in option.gain.quantile([0.05, 0.95]).values)
        money = [format_value(float(option[part]) / _BILLION) for part in ("cost", "value", "lead_value")]
        gain = format_with_error(float(option.gain_over_never) / _BILLION, float(option.gain_over_never_se) / _BILLION)
        goal = "" if option["option"].item() == "never" else str(option["goal"].item())
        chance = _percent(float(option.gain_probability), float(option.gain_probability_se))
        rows.append(
            [
                *_chosen(option),
                goal,
                *money,
                gain,
                f"{format_value(low)} to {format_value(high)}",
                chance,
                _capture(option),
            ]
        )
    yield from table([*titles, "P(gain)", "pays from"], rows)
    best = _best_goal(one.isel(option=int(one.gain_over_never.max("goal").argmax("option"))))
    if float(best.gain_over_never) <= 0.0:
        yield "  Best on average: never train."
    else:
        sure = float(best.gain_over_never) > 2.0 * float(best.gain_over_never_se)
        words = f"{best['option'].item()}, for {best['goal'].item()}"
        yield f"  Best on average: {words}{'' if sure else ', within two errors of never'}."


def _best_goal(option: xr.Dataset) -> xr.Dataset:
    """An option with its best goal on average."""
    return option.isel(goal=int(option.gain_over_never.argmax("goal")))


def _chosen(option: xr.Dataset) -> list[str]:
    """Budget, start and data of an option."""
    if option["option"].item() == "never":
        return ["never", "", ""]
    lag = float(option.entry_lag)
    return [f"x{float(option.budget_factor):g}", f"+{lag:g} yr" if lag else "now", f"x{float(option.data_factor):g}"]


def _capture(option: xr.Dataset) -> str:
    """The share of the world's benefit above which an option pays."""
    share, error = float(option.break_even_capture), float(option.break_even_capture_se)
    if option["option"].item() == "never":
        return ""
    return _percent(share, error) if 0.0 < share <= 1.0 else "no share"


def _percent(share: float, error: float) -> str:
    """ "12% +-3"; the error is "?" if unknown."""
    return f"{100.0 * share:.3g}% +-{'?' if np.isnan(error) else f'{100.0 * error:.2g}'}"


def _first(one: xr.Dataset) -> Iterator[str]:
    yield f"Probability of being first, and mean lead in years (0 where not first), under {one['policy'].item()};"
    chance, years = float(one.first_probability_se.max()), float(one.expected_lead_se.max())
    sure = "unknown" if np.isnan(chance) else f"at most {chance:.1%} and {years:.2f} years"
    yield f"standard errors {sure}; data x{float(one.data_factor[1]):g}"
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
    """The probability of each regulation at which the best option changes: mean gains are linear in it."""
    yield "Regulation risk: the policy comes with probability p; gains over never training, 1e9 US$"
    gain = decision.gain_over_never.stack(plan=("option", "goal"))
    free = gain.isel(policy=0)
    names = ["never" if option == "never" else f"{option}, for {goal}" for option, goal in gain["plan"].values]
    best = int(free.values.argmax())
    training = int(np.where(gain["option"].values != "never", free.values, -np.inf).argmax())
    for policy in decision["policy"].values[1:]:
        bound = gain.sel(policy=policy)
        without, under = (format_value(float(of[training]) / _BILLION) for of in (free, bound))
        yield f"  {policy}: the best plan to train, {names[training]},"
        yield f"    gains {without}, and {under} under it;"
        change, to = _break_even(free.values, bound.values, best)
        if np.isnan(change):
            yield f"    {names[best]} is best for every p."
        else:
            yield f"    {names[best]} is best up to p = {change:.0%},"
            yield f"    above that {names[to]}."


def _break_even(free: np.ndarray, bound: np.ndarray, best: int) -> tuple[float, int]:
    """(least probability at which another option is better than `best`, that option); NaN for none."""
    ahead, behind = free[best] - free, bound[best] - bound
    with np.errstate(divide="ignore", invalid="ignore"):
        p = np.where(behind < 0.0, ahead / (ahead - behind), np.inf)
    p[best] = np.inf
    other = int(p.argmin())
    return (float(p[other]), other) if p[other] <= 1.0 else (float("nan"), best)
