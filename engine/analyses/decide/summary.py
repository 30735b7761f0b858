"""Invest or wait, as text."""

from __future__ import annotations

from collections.abc import Iterator

import numpy as np
import xarray as xr

from engine.analyses.decide.access_summary import access_in_words, has_access
from engine.analyses.decide.data_summary import data_in_words, data_verdict
from engine.analyses.decide.phrases import (
    best_goal,
    best_plan,
    billions,
    chosen,
    in_billions,
    is_sure,
    percent,
    plan_in_words,
)
from engine.analyses.decide.regulation import regulation_in_words
from engine.analyses.decide.verdict import verdict
from engine.text.tables import table


def decision_in_words(decision: xr.Dataset) -> str:
    """A verdict, value and cost of each option, access, the worth of data, and regulation, from `decide`."""
    attrs = decision.attrs
    lines = [
        *verdict(decision, data_verdict(decision)),
        "",
        f"{attrs['worlds']:,} worlds x {attrs['futures']:,} futures, seed {attrs['seed']}.",
        f"Value curve: it earns {attrs['capture']:.1%} of the world's benefit if all had access, divided by "
        f"n^{attrs['rivalry']:g} if n actors have access;",
        f"discounted {attrs['discount_rate']:.0%} a year (assumptions). Present values in 1e9 US$ of 2023; +- standard "
        "error. 'never' means no run of its own.",
    ]
    for policy in decision["policy"].values:
        lines += ["", *_options(decision.sel(policy=policy))]
    if has_access(decision):
        lines += ["", *access_in_words(decision)]
    if data := list(data_in_words(decision)):
        lines += ["", *data]
    lines += ["", *_first(decision.isel(policy=0))]
    if decision.sizes["policy"] > 1:
        lines += ["", *regulation_in_words(decision)]
    return "\n".join(lines)


def _options(one: xr.Dataset) -> Iterator[str]:
    yield f"Under {one['policy'].item()}; each option with its best goal"
    titles = ["budget", "start", "data", "trains for", "cost", "value", "in the lead", "gain over never", "5% to 95%"]
    rows = []
    for i in range(one.sizes["option"]):
        option = best_goal(one.isel(option=i))
        low, high = (in_billions(float(q)) for q in option.gain.quantile([0.05, 0.95]).values)
        money = [in_billions(float(option[part])) for part in ("cost", "value", "lead_value")]
        gain = billions(option.gain_over_never, option.gain_over_never_se)
        goal = "" if option["option"].item() == "never" else str(option["goal"].item())
        chance = percent(option.gain_probability, option.gain_probability_se)
        rows.append(
            [
                *chosen(option),
                goal,
                *money,
                gain,
                f"{low} to {high}",
                chance,
                _capture(option),
            ]
        )
    yield from table([*titles, "P(gain)", "pays from"], rows)
    best = best_plan(one)
    if float(best.gain_over_never) <= 0.0:
        yield "  Best on average: never train."
    else:
        sure = is_sure(best.gain_over_never, best.gain_over_never_se)
        yield f"  Best on average: {plan_in_words(best)}{'' if sure else ', within two errors of never'}."


def _capture(option: xr.Dataset) -> str:
    """The share of the world's benefit above which an option pays."""
    share, error = float(option.break_even_capture), float(option.break_even_capture_se)
    if option["option"].item() == "never":
        return ""
    return percent(share, error) if 0.0 < share <= 1.0 else "no share"


def _first(one: xr.Dataset) -> Iterator[str]:
    yield f"Probability of being first, and mean lead in years (0 where not first), under {one['policy'].item()};"
    chance, years = float(one.first_probability_se.max()), float(one.expected_lead_se.max())
    sure = "unknown" if np.isnan(chance) else f"at most {chance:.1%} and {years:.2f} years"
    yield f"standard errors {sure}; data x{float(one.data_factor[1]):g}"
    usual = one.isel(option=np.flatnonzero((one.data_factor == one.data_factor[1]) & (one["option"] != "never")))
    titles = [""]
    for i in range(usual.sizes["option"]):
        titles.append(" ".join(chosen(usual.isel(option=i))[:2]))
    rows = []
    for name in usual["capability"].values:
        of = usual.sel(capability=name)
        pairs = zip(of.first_probability.values, of.expected_lead.values, strict=True)
        rows.append([str(name), *(f"{chance:.0%} {lead:.2f}" for chance, lead in pairs)])
    yield from table(titles, rows)
