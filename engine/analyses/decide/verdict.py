"""What to do, how sure that is, and what would change it: the first lines of a decision."""

from __future__ import annotations

import textwrap
from collections.abc import Iterator

import numpy as np
import xarray as xr

from engine.analyses.decide.access_summary import access_advice, access_verdict
from engine.analyses.decide.phrases import (
    best_plan,
    billions,
    chosen,
    is_sure,
    percent,
    plan_in_words,
    with_usual_data,
)
from engine.analyses.decide.regulation import regulations
from engine.statistics.cluster_means import mean_with_error, of_worlds
from engine.text.format import format_share

_WIDTH = 120


def verdict(decision: xr.Dataset, data: str) -> Iterator[str]:
    """The verdict with the class's data, under the baseline; `data` is the sentence on what other data are worth."""
    usual = with_usual_data(decision)
    first = usual.isel(policy=0)
    best = best_plan(first)
    trains = float(best.gain_over_never) > 0.0
    what = advice(best, float(decision.attrs["start"]))
    opening = f"One actor of {decision.attrs['actor_class']} in {decision.attrs['scenario_name']}: {what}"
    if access := access_advice(first):
        opening = f"{opening.removesuffix('.')}; {'for use alone ' if trains else ''}{access}."
        yield from textwrap.wrap(opening, _WIDTH, subsequent_indent="    ", break_long_words=False)
    else:
        yield opening
    sentences = [_gain(best), _other_start(first, best) if trains else "", _capture(first, decision.attrs["capture"])]
    for line in [*filter(None, sentences), *access_verdict(usual), *_regulation(usual), data]:
        yield from textwrap.wrap(line, _WIDTH, initial_indent="  ", subsequent_indent="    ", break_long_words=False)


def advice(best: xr.Dataset, start: float) -> str:
    """What to do, if `best` is the best plan to train and the scenario begins in the year `start`."""
    if float(best.gain_over_never) <= 0.0:
        return "never train."
    lag = float(best.entry_lag)
    when = f"wait until {start + lag:g}, then train" if lag else "train now"
    budget, _, data = chosen(best)
    return f"{when}, with budget {budget} and data {data}, for {best['goal'].item()}."


def _gain(best: xr.Dataset) -> str:
    """The gain of the best plan to train over never training."""
    money = billions(abs(best.gain_over_never), best.gain_over_never_se)
    chance = f"P(gain) is {percent(best.gain_probability, best.gain_probability_se)}"
    sure = "" if is_sure(best.gain_over_never, best.gain_over_never_se) else " The sign is not sure (two errors)."
    if float(best.gain_over_never) > 0.0:
        return f"It gains {money} billion US$ over never training, on average; {chance}.{sure}"
    return f"The best plan to train, {plan_in_words(best)}, loses {money} billion US$ on average; {chance}.{sure}"


def _other_start(first: xr.Dataset, best: xr.Dataset) -> str:
    """How much better the best plan is than the best one with another start, in the same futures; "" without one."""
    others = first.isel(option=np.flatnonzero((first["option"] != "never") & (first.entry_lag != best.entry_lag)))
    if not others.sizes["option"]:
        return ""
    other = best_plan(others)
    more, error = mean_with_error(of_worlds(best.gain - other.gain.drop_vars(["option", "goal"])))
    sure = "" if is_sure(more, error) else ", within two errors"
    return (
        f"That is {billions(more, error)} billion US$ better than the best other start, {plan_in_words(other)}{sure}."
    )


def _capture(first: xr.Dataset, capture: float) -> str:
    """The least share of the world's benefit at which some plan to train pays: gains are linear in it."""
    if capture == 0.0:
        return "Capture: without any nothing is earned; give --capture above 0 to learn from which share training pays."
    even = first.break_even_capture.stack(plan=("option", "goal"))
    pays = even.where((first.value - first.value.sel(option="never", drop=True)).stack(plan=("option", "goal")) > 0.0)
    if not (pays <= 1.0).any():
        return f"Capture: no share of the world's benefit makes training pay; here {capture:.1%}."
    place = int(pays.argmin("plan"))
    option, goal = pays["plan"].values[place]
    error = first.break_even_capture_se.sel(option=option, goal=goal)
    share = percent(pays[place], error)
    return f"Capture: training pays from {share} of the world's benefit ({option}, for {goal}); here {capture:.1%}."


def _regulation(usual: xr.Dataset) -> Iterator[str]:
    """What each possible regulation changes."""
    if usual.sizes["policy"] == 1:
        yield "Regulation: none was considered; --policies names those that may come."
    for one in regulations(usual):
        if np.isnan(one.change):
            yield f"Regulation: {one.policy} does not change this, however probable."
        else:
            chance = format_share(one.change)
            yield f"Regulation: if {one.policy} is likelier than {chance}, {_named(one.to)} is better."


def _named(plan: str) -> str:
    return "never to train" if plan == "never" else plan
