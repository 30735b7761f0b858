"""Whether an actor should buy access to services, or take up open weights, in place of own training; as text."""

from __future__ import annotations

from collections.abc import Iterator

import numpy as np
import xarray as xr

from engine.analyses.decide.access import WAYS
from engine.analyses.decide.phrases import best_plan, billions, in_billions, is_sure, percent
from engine.text.format import format_value, format_with_error
from engine.text.report_format import listed
from engine.text.tables import table

BUY, WEIGHTS, OWN, NOTHING = "buy access", "take up open weights", "own training", "nothing"


def has_access(decision: xr.Dataset) -> bool:
    """Whether a decision compares access with own training: some class offers services."""
    return "access_plan" in decision.coords


def way_to_use(one: xr.Dataset) -> str:
    """How the actor comes to use one goal under one policy, earnings aside.

    By access, if it comes no later than own training in more futures than it comes later: by a service, if that is no
    later than open weights in at least half of the futures with access. Otherwise by own training.
    """
    if float(one.access_margin) > 0.0:
        return BUY if float(one.service_first) >= 0.5 else WEIGHTS
    return OWN if float(one.own_earlier) > 0.0 else NOTHING


def access_advice(first: xr.Dataset) -> str:
    """What access to take under one policy: "buy access to a and b, take up open weights with c"; "" for none."""
    if not has_access(first):
        return ""
    parts = []
    for what, word in ((BUY, "to"), (WEIGHTS, "with")):
        goals = _goals(first, what)
        of = "" if len(goals) == first.sizes["goal"] else f" {word} {listed(goals)}"
        parts += [f"{what}{of}"] if goals else []
    return ", ".join(parts)


def access_verdict(decision: xr.Dataset) -> Iterator[str]:
    """Sentences on access: when it comes, what own training adds, and what measures take away; none without hosts."""
    if not has_access(decision):
        return
    first = decision.isel(policy=0)
    goal = best_plan(first)["goal"].item()
    yield " ".join([*_compared(decision, goal), *_other_goals(first, goal)])
    if decision.sizes["policy"] == 1:
        yield "Withdrawal: no policy was considered; --policies names those that may close services to it."
    for policy in decision["policy"].values[1:]:
        yield _kept_from(decision.sel(policy=policy), first)


def _compared(decision: xr.Dataset, goal: str) -> Iterator[str]:
    """Access to the goal of the best plan against own training."""
    one = decision.isel(policy=0).sel(goal=goal)
    plan = one.sel(option=one["access_plan"].item())
    when = [_median(decision, one.sel(way=way)) for way in WAYS[:3]]
    yield f"Access to {goal}: by a service {when[0]}, by open weights {when[1]}, by own training {when[2]} (medians)."
    if way_to_use(one) == NOTHING:
        return
    share = percent(one.access_no_later, one.access_no_later_se)
    sure = "" if is_sure(one.access_margin, one.access_margin_se) else "; whether in most is not sure (two errors)"
    yield f"Access is no later than own training in {share} of futures{sure}."
    costs = f"costs {in_billions(float(plan.cost))} billion US$"
    yield f"Own training ({plan['option'].item()}) {costs} and brings it {_earlier(one)}, on average."
    yield from _fastest(one)


def _fastest(one: xr.Dataset) -> Iterator[str]:
    """In how many futures the fastest option to train is earlier than access, if it is another than the best."""
    name = one["fastest_plan"].item()
    if name != one["access_plan"].item():
        share = percent(one.fastest_earlier, one.fastest_earlier_se)
        costs = in_billions(float(one.cost.sel(option=name)))
        yield f"The fastest option tried ({name}; {costs} billion US$) is earlier than access in {share}."


def _other_goals(first: xr.Dataset, goal: str) -> Iterator[str]:
    """The other goals by what to do about them."""
    for what, words in (
        (BUY, "Buy access to"),
        (WEIGHTS, "Take up open weights with"),
        (OWN, "Own training is earlier for"),
        (NOTHING, "By the horizon nothing brings"),
    ):
        if goals := [one for one in _goals(first, what) if one != goal]:
            yield f"{words} {listed(goals)}{' too' if what == way_to_use(first.sel(goal=goal)) else ''}."


def _kept_from(one: xr.Dataset, first: xr.Dataset) -> str:
    """What a policy keeps from the actor, each for the goal where that is most, and what to use instead."""
    policy = one["policy"].item()
    parts = []
    refused = one.isel(goal=int(one.refused_probability.argmax("goal")))
    if float(refused.refused_probability) > 0.0:
        share = percent(refused.refused_probability, refused.refused_probability_se)
        parts.append(f"in {share} of futures no service opens, though one does without it ({refused['goal'].item()})")
    most = one.isel(one.withdrawn_probability.argmax(("goal", "time")))
    if float(most.withdrawn_probability) > 0.0:
        share = percent(most.withdrawn_probability, most.withdrawn_probability_se)
        years = format_with_error(float(most.withdrawn_years), float(most.withdrawn_years_se), "years")
        where = f"{most['goal'].item()}, {float(most['time']):g}"
        parts.append(f"in at most {share} of futures services are closed again ({where}; {years} on average)")
    later = one.isel(goal=int(one.access_delay.argmax("goal")))
    if float(later.access_delay) > 0.0:
        years = format_with_error(float(later.access_delay), float(later.access_delay_se), "years")
        parts.append(f"access comes up to {years} later ({later['goal'].item()})")
    if not parts:
        return f"Withdrawal: {policy} closes no service to it, and delays none."
    ways = {goal: way_to_use(one.sel(goal=goal)) for goal in first["goal"].values.tolist()}
    changed = [f"{way} for {goal}" for goal, way in ways.items() if way != way_to_use(first.sel(goal=goal))]
    then = f"to use it then: {listed(changed)}" if changed else "how to use each goal stays"
    return f"Withdrawal: under {policy} {listed(parts)}; {then}. No measure withdraws own weights."


def access_in_words(decision: xr.Dataset) -> Iterator[str]:
    """Tables: when each way brings each goal, what own training adds to access, and what policies take away."""
    first = decision.isel(policy=0)
    yield f"Access in place of own training, under {first['policy'].item()}; thefts by the actor are left out."
    yield "Own training is each goal's best budget and start, fastest its fastest option; both have open weights too."
    yield "A service is another's, at a price that is not known here."
    horizon = float(decision["time"][-1])
    rows = []
    for goal in first["goal"].values.tolist():
        of = first.sel(goal=goal)
        rows.append([goal, "", "", "", ""])
        for way, words, earlier in _ways(of):
            one = of.sel(way=way)
            share = percent(one.access_probability, one.access_probability_se)
            before = percent(one[earlier], one[f"{earlier}_se"]) if earlier else ""
            rows.append([f"  {words}", *_times(decision, one), share, before])
    yield from table(["", "median", "5% to 95%", f"by {horizon:g}", "before access"], rows)
    yield ""
    yield "What own training adds to access; cost and gain over never in 1e9 US$; times are cut at the horizon"
    rows = [[goal, *_added(first.sel(goal=goal))] for goal in first["goal"].values.tolist()]
    titles = ["access no later", "own earlier", "own alone", "years earlier", "cost", "gain over never"]
    yield from table(["goal", *titles, "to earn", "to use"], rows)
    yield "  To earn: train if that gains over never; a customer has no earnings of a provider. To use: access, if it"
    yield "  is no later than own training in more futures than later; else own training. Worth of use is not known."
    if decision.sizes["policy"] > 1:
        yield ""
        yield from _under_policies(decision)


def _ways(of: xr.Dataset) -> Iterator[tuple[str, str, str]]:
    """Each way to one goal, in words, and the name of the probability that it is earlier than access."""
    yield WAYS[0], "service", ""
    yield WAYS[1], "open weights", ""
    plans = {"own": "access_plan", "fastest": "fastest_plan"}
    for (words, plan), way in zip(plans.items(), WAYS[2:], strict=True):
        if words == "own" or of[plan].item() != of["access_plan"].item():
            yield way, f"{words}: {of[plan].item()}", f"{words}_earlier"


def _added(one: xr.Dataset) -> list[str]:
    """What own training adds to access to one goal under one policy."""
    plan = one.sel(option=one["access_plan"].item())
    shares = (percent(one[name], one[f"{name}_se"]) for name in ("access_no_later", "own_earlier", "own_alone"))
    years = format_with_error(float(one.own_years_earlier), float(one.own_years_earlier_se))
    gain = billions(plan.gain_over_never, plan.gain_over_never_se)
    earns = "train" if float(plan.gain_over_never) > 0.0 else "never"
    return [*shares, years, in_billions(float(plan.cost)), gain, earns, way_to_use(one)]


def _under_policies(decision: xr.Dataset) -> Iterator[str]:
    """What each policy takes away."""
    yield "Services under policies: never open, though one is without the policy; closed after they were open, in which"
    yield "share of futures at most, and for how many years on average over all; access later, in years"
    rows = []
    for policy in decision["policy"].values[1:]:
        rows.append([str(policy), *[""] * 7])
        for goal in decision["goal"].values.tolist():
            one = decision.sel(policy=policy, goal=goal)
            most = one.isel(time=int(one.withdrawn_probability.argmax("time")))
            closed = percent(most.withdrawn_probability, most.withdrawn_probability_se)
            when = f" ({float(most['time']):g})" if float(most.withdrawn_probability) > 0.0 else ""
            shares = [percent(one[name], one[f"{name}_se"]) for name in ("access_no_later", "own_alone")]
            rows.append(
                [
                    f"  {goal}",
                    percent(one.refused_probability, one.refused_probability_se),
                    f"{closed}{when}",
                    format_with_error(float(one.withdrawn_years), float(one.withdrawn_years_se)),
                    format_with_error(float(one.access_delay), float(one.access_delay_se)),
                    *shares,
                    way_to_use(one),
                ]
            )
    titles = ["never open", "closed", "years closed", "access later", "access no later", "own alone", "to use"]
    yield from table(["", *titles], rows)


def _times(decision: xr.Dataset, one: xr.Dataset) -> list[str]:
    """The median and the interval of the time of one way."""
    median, low, high = (one.access_time_quantile.sel(quantile=q) for q in (0.5, 0.05, 0.95))
    error = float(one.access_time_quantile_se.sel(quantile=0.5))
    late = f"> {float(decision['time'][-1]):g}"
    if np.isnan(low):
        return [late, late]
    middle = late if np.isnan(median) else f"{_year(median)} +- {'?' if np.isnan(error) else f'{error:.2g}'}"
    return [middle, f"{_year(low)} to {late if np.isnan(high) else _year(high)}"]


def _median(decision: xr.Dataset, one: xr.Dataset) -> str:
    median = one.access_time_quantile.sel(quantile=0.5)
    if float(one.access_probability) == 0.0:
        return "never"
    return f"after {float(decision['time'][-1]):g}" if np.isnan(median) else f"in {_year(median)}"


def _year(time: xr.DataArray) -> str:
    return format_value(float(time), "year")


def _earlier(one: xr.Dataset) -> str:
    """How much earlier or later than access own training brings a goal, in words."""
    years, error = float(one.own_years_earlier), float(one.own_years_earlier_se)
    return f"{format_with_error(abs(years), error, 'years')} {'later' if years < 0.0 else 'earlier'} than access"


def _goals(first: xr.Dataset, what: str) -> list[str]:
    return [goal for goal in first["goal"].values.tolist() if way_to_use(first.sel(goal=goal)) == what]
