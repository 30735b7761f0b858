"""Plans and numbers of a decision in words."""

from __future__ import annotations

import numpy as np
import xarray as xr
from scipy.special import stdtrit

from engine.rules.point_set import REPLICATES
from engine.text.format import format_value, format_with_error

BILLION = 1e9


def billions(value: xr.DataArray, error: xr.DataArray) -> str:
    """US$ in 1e9, with the standard error."""
    return format_with_error(float(value) / BILLION, float(error) / BILLION)


def in_billions(value: float) -> str:
    """US$ in 1e9."""
    return format_value(value / BILLION)


def percent(share: xr.DataArray | float, error: xr.DataArray | float) -> str:
    """ "12% +-3"; the error is "?" if unknown, and so is a share that is NaN."""
    if np.isnan(share):
        return "unknown"
    return f"{100.0 * float(share):.3g}% +-{'?' if np.isnan(error) else f'{100.0 * float(error):.2g}'}"


def chosen(option: xr.Dataset) -> list[str]:
    """Budget, start and data of an option."""
    if option["option"].item() == "never":
        return ["never", "", ""]
    lag, data = float(option.entry_lag), float(option.data_factor)
    start = f"+{lag:g} yr" if lag else "now"
    return [f"x{float(option.budget_factor):g}", start, f"x{data:g}" if np.isfinite(data) else "unlimited"]


def best_goal(option: xr.Dataset) -> xr.Dataset:
    """An option with its best goal on average."""
    return option.isel(goal=int(option.gain_over_never.argmax("goal")))


def best_plan(options: xr.Dataset) -> xr.Dataset:
    """The option to train and the goal that gain most on average over never training, under one policy."""
    trains = options.isel(option=np.flatnonzero(options["option"] != "never"))
    return best_goal(trains.isel(option=int(trains.gain_over_never.max("goal").argmax("option"))))


def plan_in_words(plan: xr.Dataset) -> str:
    """A plan to train: "budget x10, now, data x1, for drug_discovery"."""
    return f"{plan['option'].item()}, for {plan['goal'].item()}"


def is_sure(value: xr.DataArray, error: xr.DataArray) -> bool:
    """Whether a difference is more than two standard errors from 0; of an unknown error nothing is sure."""
    return bool(abs(float(value)) > 2.0 * float(error))


def beyond_chance(value: xr.DataArray, error: xr.DataArray, compared: int) -> xr.DataArray:
    """Whether differences, of which the largest of so many `compared` is reported, are not 0 at 5% (Bonferroni).

    By Student's t, for errors are estimated between replicates. Of an unknown error nothing is.
    """
    errors = stdtrit(REPLICATES - 1, 1.0 - 0.025 / max(compared, 1))
    return abs(value) > errors * error


def with_usual_data(decision: xr.Dataset) -> xr.Dataset:
    """Never to train and the options with the class's data; all options where none has them."""
    never = decision["option"] == "never"
    usual = (decision["data_factor"] == 1.0) & ~never
    return decision.isel(option=np.flatnonzero(never | usual)) if usual.any() else decision
