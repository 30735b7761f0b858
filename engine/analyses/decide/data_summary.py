"""What own data are worth for each goal, as text."""

from __future__ import annotations

from collections.abc import Iterator

import numpy as np
import xarray as xr

from engine.analyses.decide.options import data_name
from engine.analyses.decide.phrases import best_plan, beyond_chance, billions, chosen, percent, with_usual_data
from engine.analyses.decide.verdict import advice
from engine.statistics.cluster_means import mean_with_error, of_worlds
from engine.text.format import format_with_error
from engine.text.tables import spread_over, table

#: Years in the table of missing tokens.
_YEARS = 6
_MEANS = ("data_gain", "data_years_earlier")
_UNLIMITED = data_name(np.inf)


def data_verdict(decision: xr.Dataset) -> str:
    """One verdict on own data under the baseline: idle and why, or worth how much for which goal."""
    if "goal_plan" not in decision.coords:
        return "Own data: no option has the class's data, so nothing is compared; give --data with 1, such as 1,10."
    first = decision.isel(policy=0)
    tried = [one for one in _changes(first) if one["what"].item() != _UNLIMITED]
    every = [*tried, *(_unlimited(first.sel(goal=goal)) for goal in first["goal"].values)]
    if all(map(_idle, every)):
        idle = "Own data are idle at each goal's best budget and start: not even unlimited data change a future."
        return " ".join([idle, *_any_plan(first), _tokens(first)])
    if tried and all(map(_idle, tried)):
        names = " or ".join(dict.fromkeys(str(one["what"].item()) for one in tried))
        idle = f"Own data are idle at each goal's best budget and start: {names} change nothing, unlimited data do."
        return " ".join([idle, *_any_plan(first), _tokens(first)])
    return " ".join([_worth_most(tried or every), *_best_choice(decision), *_any_plan(first), _tokens(first)])


def _worth_most(changes: list[xr.Dataset]) -> str:
    """The largest gain beyond chance; else the largest shift of a goal beyond chance; else what is largest."""
    for name in _MEANS:
        known = [one for one in changes if beyond_chance(one[name], one[f"{name}_se"], len(changes))]
        most = max(known or changes, key=lambda one: abs(float(one[name])))
        money = f"{billions(most.data_gain, most.data_gain_se)} billion US$"
        years = f"{format_with_error(float(most.data_years_earlier), float(most.data_years_earlier_se))} years earlier"
        what, goal = most["what"].item(), most["goal"].item()
        if known and name == "data_gain":
            return f"Own data are worth most for {goal}: {what} gain {money}, and it is attained {years}."
        if known:
            return (
                f"Own data matter most for {goal}: with {what} it is attained {years}; the gain may be chance, {money}."
            )
    return f"Own data have no effect beyond chance; the largest is for {goal}: {what} gain {money}, {years}."


def data_in_words(decision: xr.Dataset) -> Iterator[str]:
    """The worth of data for each goal under the baseline, and how far the actor is short of tokens."""
    if "goal_plan" not in decision.coords:
        return
    first = decision.isel(policy=0)
    yield f"Own data by goal, under {first['policy'].item()}; the best budget and start with the class's data; 1e9 US$."
    yield "Worth and years earlier are against data x1 in the same futures. Data are free: worth is the most to pay."
    yield "Beyond chance in the verdict means at 5%, Bonferroni over all that is compared."
    rows = []
    for goal in first["goal"].values:
        of = first.sel(goal=goal)
        places = _same_plan(of)
        for row, place in enumerate(places):
            one = of.isel(option=place)
            budget, start, data = chosen(one)
            plan = [str(goal), budget, start] if row == 0 else ["", "", ""]
            gain = billions(one.gain_over_never, one.gain_over_never_se)
            chance = percent(one.attainment_probability, one.attainment_probability_se)
            rows.append([*plan, data, gain, *_worth(one), chance])
        one = _unlimited(of)
        chance = percent(one.attainment_probability, one.attainment_probability_se)
        if not np.isinf(of.data_factor.values[places]).any():
            rows.append(["", "", "", "unlimited", "", *_worth(one), chance])
    titles = ["goal", "budget", "start", "data", "gain over never", "worth of data", "years earlier", "P(attained)"]
    yield from table(titles, rows)
    yield ""
    yield from _lack(first)


def _worth(one: xr.Dataset) -> list[str]:
    """What data are worth and how much earlier they bring the goal; nothing for the class's own."""
    if float(one.get("data_factor", np.inf)) == 1.0:
        return ["", ""]
    years = format_with_error(float(one.data_years_earlier), float(one.data_years_earlier_se))
    return [billions(one.data_gain, one.data_gain_se), years]


def _same_plan(of: xr.Dataset) -> list[int]:
    """Places of the options with budget and start of the plan of one goal; first that with the class's data."""
    plan = of.sel(option=of["goal_plan"].item())
    same = (of["option"] != "never") & (of.budget_factor == plan.budget_factor) & (of.entry_lag == plan.entry_lag)
    places = [int(place) for place in np.flatnonzero(same)]
    return sorted(places, key=lambda place: float(of.data_factor[place]) != 1.0)


def _changes(first: xr.Dataset) -> Iterator[xr.Dataset]:
    """What each other data factor that was tried changes for each goal at its plan."""
    for goal in first["goal"].values:
        of = first.sel(goal=goal)
        for place in _same_plan(of)[1:]:
            one = of.isel(option=place)
            yield one.assign_coords(what=data_name(float(one.data_factor)))


def _unlimited(of: xr.Dataset) -> xr.Dataset:
    """What unlimited data change for one goal at its plan."""
    names = [*_MEANS, "attainment_probability"]
    names += [f"{name}_se" for name in names]
    found = xr.Dataset({name: of[f"unlimited_{name}"] for name in names})
    return found.drop_vars("goal_plan", errors="ignore").assign_coords(goal=of["goal"], what=_UNLIMITED)


def _idle(one: xr.Dataset) -> bool:
    """Whether data change no future: no mean, and nothing that varies between replicates."""
    return all(float(one[name]) == 0.0 and not float(one[f"{name}_se"]) > 0.0 for name in _MEANS)


def _any_plan(first: xr.Dataset) -> Iterator[str]:
    """The largest gain by data at any budget and start, for these need not be the best for a goal."""
    gain, error = (first[name].stack(plan=("option", "goal")) for name in ("data_gain", "data_gain_se"))
    if not (gain != 0.0).where(gain.notnull(), False).any():
        return
    known = gain.where(beyond_chance(gain, error, int((gain.notnull() & (gain["data_factor"] != 1.0)).sum())))
    if known.isnull().all():
        yield "At no budget and start that was tried do data gain anything beyond chance."
        return
    place = int(known.argmax("plan"))
    option, goal = gain["plan"].values[place]
    yield f"Of all plans data gain most with {option}, for {goal}: {billions(gain[place], error[place])} billion US$."


def _best_choice(decision: xr.Dataset) -> Iterator[str]:
    """What other data gain for an actor that chooses the best plan, or never to train, with them and without them."""
    first = decision.isel(policy=0)
    more = first.isel(option=np.flatnonzero((first["data_factor"] != 1.0) & (first["option"] != "never")))
    if more.sizes["option"] == 0:
        return
    after, before = best_plan(more), best_plan(with_usual_data(first))
    gains = [
        plan.gain.drop_vars([name for name in plan.gain.coords if name not in plan.gain.dims]) * float(_pays(plan))
        for plan in (after, before)
    ]
    worth, error = mean_with_error(of_worlds(gains[0] - gains[1]))
    if float(worth) == 0.0 and not float(error) > 0.0:
        yield "The best choice stays as it is, so to an actor that chooses best they are worth nothing."
    else:
        what = advice(after, float(decision.attrs["start"])).removesuffix(".")
        yield f"Best with them: {what}; that gains {billions(worth, error)} billion US$ over the best without them."


def _pays(plan: xr.Dataset) -> bool:
    return float(plan.gain_over_never) > 0.0


def _tokens(first: xr.Dataset) -> str:
    """Whether the best model of the actor is ever short of tokens, when, and by how much."""
    short = first.short_probability.fillna(0.0)
    years = first["year"].values
    share = f"{percent(first.own_token_share, first.own_token_share_se)} of its tokens at the start are its own"
    own = share if float(first.own_token_share) > 0.0 else "It has no own tokens beside the public ones to multiply"
    if not (short > 0.0).any():
        return f"Its best model is short of tokens in no future up to {years[-1]:g}. {own}."
    peak = short.argmax(("goal", "year"))
    since = int((short > 0.0).any("goal").argmax("year"))
    chance = percent(first.short_probability[peak], first.short_probability_se[peak])
    missing = format_with_error(float(first.missing_tokens[peak]), float(first.missing_tokens_se[peak]), "OOM")
    never = f"in no future up to {years[since - 1]:g} and " if since > 1 else ""
    most = f"in at most {chance} ({years[int(peak['year'])]:g}), by {missing} on average over all futures"
    return f"Its best model is short of tokens {never}{most}. {own}."


def _lack(first: xr.Dataset) -> Iterator[str]:
    """How far the actor's best model is short of tokens with the class's data, in some years."""
    yield "Lack of tokens of its best model so far, with the class's data"
    places = [place for place in spread_over(first.sizes["year"], _YEARS + 1) if place > 0]
    titles = ["", *(f"{year:.0f}" for year in first["year"].values[places])]
    for plan in dict.fromkeys(str(plan) for plan in first["goal_plan"].values):
        of = first.isel(goal=[str(one) for one in first["goal_plan"].values].index(plan), year=places)
        rows = [[plan, *(percent(*pair) for pair in _pairs(of, "short_probability"))]]
        for name, words in (("missing_tokens", "  missing tokens, OOM"), ("lost_compute", "  lost compute, OOM")):
            rows.append([words, *(format_with_error(*pair) for pair in _pairs(of, name))])
        yield from table(titles, rows)
    yield from _added(first)


def _added(first: xr.Dataset) -> Iterator[str]:
    """OOM of tokens that each data factor adds at the start."""
    parts = []
    for factor in dict.fromkeys(first["data_factor"].values.tolist()):
        one = first.isel(option=int(np.flatnonzero(first["data_factor"] == factor)[-1]))
        if factor != 1.0 and np.isfinite(factor):
            added = format_with_error(float(one.added_tokens), float(one.added_tokens_se))
            parts.append(f"data x{factor:g} {added} OOM")
    if parts:
        yield f"  Added tokens at the start: {', '.join(parts)}."


def _pairs(of: xr.Dataset, name: str) -> Iterator[tuple[float, float]]:
    yield from zip(of[name].values.tolist(), of[f"{name}_se"].values.tolist(), strict=True)
