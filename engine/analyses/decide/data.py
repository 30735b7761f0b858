"""What own data are worth for each goal, and how far the actor is short of tokens: paired over the same futures."""

from __future__ import annotations

from collections.abc import Callable, Mapping, Sequence
from dataclasses import replace

import numpy as np
import xarray as xr
from numpy.typing import NDArray

from engine.analyses.decide.goals import by_goal, money_by_goal
from engine.analyses.decide.options import NEVER, Option, best_options
from engine.scenario import Worlds
from engine.statistics.cluster_means import joined, labelled_with_error, mean_with_error, of_worlds, ratio_with_error
from engine.text.format import strings

#: OOM of effective compute that the float32 of results may lose by rounding; a smaller lack is none.
_ROUNDING = 1e-5

Outcomes = Mapping[str, xr.DataArray]


def data_by_option(futures: Outcomes, npv: xr.DataArray, options: Sequence[Option], horizon: float) -> xr.Dataset:
    """What the data of each option change against the same budget and start with the class's data, same futures.

    `futures` (option, ..., capability) are outcomes of `options`, and `npv` (option, ..., goal) their net present
    values, US$. Returns `attainment_probability` of the goal within the `horizon`, `data_gain` (US$) and
    `data_years_earlier`, all (..., option, goal) with errors. The last two are NaN without an option of data factor 1.
    """
    usual = [_place(options, replace(option, data_factor=1.0)) for option in options]
    known = xr.DataArray([place is not None for place in usual], dims="option")
    places = [place or 0 for place in usual]
    since = by_goal(futures["since"])
    attained = since.clip(max=horizon)
    means: dict[str, tuple[xr.DataArray, str, str]] = {
        "attainment_probability": ((since < np.inf).astype(float), "probability of the goal by the horizon", "1"),
        "data_gain": (
            (npv - npv.isel(option=places)).where(known),
            "mean net present value minus that with the class's data at the same budget and start, same futures",
            "US$",
        ),
        "data_years_earlier": (
            (attained.isel(option=places) - attained).where(known),
            "mean years by which the goal is attained earlier than with the class's data; times are cut at the horizon",
            "year",
        ),
    }
    frame = xr.Dataset()
    for name, (values, words, units) in means.items():
        frame = frame.assign(labelled_with_error(name, mean_with_error(of_worlds(values)), words, units))
    return frame


def data_by_goal(
    futures: Outcomes,
    gains: xr.DataArray,
    options: Sequence[Option],
    penalty: NDArray[np.float64],
    horizon: float,
    play: Callable[[Option], Outcomes],
) -> xr.Dataset:
    """What unlimited data would change for each goal, and how far the actor is short of tokens without them.

    The plan of a goal (`goal_plan`) is its option with the largest of the `gains` (policy, option, goal) among those
    with the class's data, under the baseline; without such an option the dataset is empty. `play` simulates an option
    in the same futures under the baseline. `penalty` (world) is OOM of effective compute lost for each OOM of missing
    tokens; more of it than rounding is a lack. The variables are those of `engine.analyses.decide.decide`.
    """
    if not any(one != NEVER and one.data_factor == 1.0 for one in options):
        return xr.Dataset()
    best = best_options(gains, options)
    found = {}
    for place in dict.fromkeys(best):
        plenty = replace(options[place], data_factor=np.inf)
        played = play(plenty)
        three = {
            name: joined("option", [*(_baseline(futures[name]).isel(option=n, drop=True) for n in (0, place)), also])
            for name, also in ((name, _baseline(played[name])) for name in futures)
        }
        npv = money_by_goal(three)["net_present_value"]
        changed = data_by_option(three, npv, [NEVER, options[place], plenty], horizon).isel(option=2)
        names = {name: f"unlimited_{name}" for name in ("data_gain", "data_years_earlier", "attainment_probability")}
        names |= {f"{name}_se": f"{new}_se" for name, new in names.items()}
        effective = three["effective_compute"]
        lack = _lack_of_tokens(effective.isel(option=2) - effective.isel(option=1), penalty)
        found[place] = changed.rename(names).merge(lack.expand_dims(goal=changed["goal"]))
    frame = xr.concat([found[place].isel(goal=[g]) for g, place in enumerate(best)], "goal")
    for name in frame.data_vars:
        if str(name).startswith("unlimited") and not str(name).endswith("_se"):
            frame[name].attrs["long_name"] += ", with unlimited data"
    label = {"long_name": "best option with the class's data for the goal, under the baseline"}
    return frame.assign_coords(goal_plan=("goal", strings([options[place].name for place in best]), label))


def _lack_of_tokens(lost: xr.DataArray, penalty: NDArray[np.float64]) -> xr.Dataset:
    """`short_probability`, `lost_compute` and `missing_tokens` (year), with errors, from effective compute `lost`.

    `lost` (world, future, year) is in OOM, NaN where the actor has no model. By the rule, effective compute is lost in
    proportion to missing tokens, with the `penalty` of the world.
    """
    has = lost.notnull()
    lost = lost.where(lost > _ROUNDING, 0.0).where(has)
    costs = xr.DataArray(np.where(penalty > 0.0, penalty, np.nan), {"world": lost["world"]}, "world")
    missing = lost / costs
    means = {
        "short_probability": ((lost > 0.0).where(has), "probability that the actor's best model lacked tokens", "1"),
        "lost_compute": (lost, "mean effective compute that the actor's best model lost for lack of tokens", "OOM"),
        "missing_tokens": (missing, "mean tokens that the actor's best model lacked", "OOM"),
    }
    frame = xr.Dataset()
    for name, (values, words, units) in means.items():
        share = ratio_with_error(values.sum("future"), values.notnull().sum("future").astype(float))
        frame = frame.assign(labelled_with_error(name, share, f"{words}, given a model", units))
    return frame


def own_tokens(worlds: Worlds, one_of: int, options: Sequence[Option]) -> xr.Dataset:
    """`own_token_share` of the class numbered `one_of` at the start, and `added_tokens` (option), OOM, with errors."""
    own, public = worlds["proprietary_tokens"][:, one_of], worlds["token_stock"]
    # Of an unlimited public stock nothing is its own; less than a token is none, as in the rule.
    with np.errstate(over="ignore", invalid="ignore"):
        share = np.where(np.isinf(public) | (own <= 0.0), 0.0, 1.0 / (1.0 + 10.0 ** (public - own)))
    factors = np.array([option.data_factor for option in options])
    more = xr.DataArray(np.log10(1.0 + np.outer(share, np.where(np.isinf(factors), 1.0, factors) - 1.0)))
    limited = np.isfinite(factors) & [option != NEVER for option in options]
    more = more.rename(dim_0="world", dim_1="option").where(xr.DataArray(limited, dims="option"))
    frame = xr.Dataset()
    for name, values, words, units in (
        (
            "own_token_share",
            xr.DataArray(share, dims="world"),
            "mean share of the class's tokens that are its own",
            "1",
        ),
        ("added_tokens", more, "mean tokens that the option's data add to those of the class", "OOM"),
    ):
        frame = frame.assign(labelled_with_error(name, mean_with_error(values), f"{words}, at the start", units))
    return frame


def _place(options: Sequence[Option], option: Option) -> int | None:
    """The place of an option to train among `options`, None if it is not there."""
    return options.index(option) if option in options and option != NEVER else None


def _baseline(values: xr.DataArray) -> xr.DataArray:
    return values.isel(policy=0, drop=True)
