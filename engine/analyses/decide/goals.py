"""Outcomes by goal: what the actor has and pays if it trains for a valuable capability and all easier ones."""

from __future__ import annotations

import numpy as np
import xarray as xr

from engine.errors import InputError
from engine.scenario import Scenario, Worlds
from engine.text.format import strings


def world_gain(scenario: Scenario, drawn: Worlds) -> xr.DataArray:
    """Benefit of the world if all of the start have access, US$ a year, (world, capability); the easiest first.

    `drawn` are the worlds of the `scenario`. Raises InputError if no valuable capability has a benefit.
    """
    names = scenario.capability_names
    required = np.stack([drawn["requirement"][:, basis].max(axis=1) for basis in scenario.bases], axis=1)
    needs = np.maximum(required, drawn["least_compute"][:, : len(names)]).mean(axis=0)
    earns = [
        k
        for k, spec in enumerate(scenario.capabilities.values())
        if spec.kind == "valuable" and np.isfinite(drawn["benefit_rate"][:, k]).any()
    ]
    if not earns:
        raise InputError(f"{scenario.name} has no valuable capability with a benefit_rate; give one a benefit_rate")
    order = sorted(earns, key=lambda k: needs[k])
    actors = sum(spec.count * spec.represents for spec in scenario.actor_classes.values())
    return xr.DataArray(
        10.0 ** drawn["benefit_rate"][:, order] * actors,
        {"world": np.arange(len(drawn)), "capability": [names[k] for k in order]},
        ("world", "capability"),
    )


def money_by_goal(futures: dict[str, xr.DataArray]) -> dict[str, xr.DataArray]:
    """`value`, `lead_value`, `cost` and `net_present_value`, US$, (option, ..., goal); the first option is never.

    `futures` are outcomes (option, ..., capability) from `engine.analyses.decide.value`.
    """
    value, lead_value = (_with_goal(futures[name]) for name in ("value", "lead_value"))
    cost = by_goal(futures["cost"])
    return {"value": value, "lead_value": lead_value, "cost": cost, "net_present_value": value - cost}


def by_goal(values: xr.DataArray) -> xr.DataArray:
    """Values by capability as those by goal."""
    label = {"long_name": "valuable capability that the actor trains for, with all easier ones"}
    names = strings([str(name) for name in values["capability"].values])
    return (
        values.drop_vars(["capability", "capability_kind"], errors="ignore")
        .rename(capability="goal")
        .assign_coords(goal=("goal", names, label))
    )


def _with_goal(values: xr.DataArray) -> xr.DataArray:
    """Sums over capabilities if the actor trains for those up to each goal, and has the others as by never training."""
    trained = values.cumsum("capability")
    never = values.isel(option=0, drop=True)
    return by_goal(trained + (never.sum("capability") - never.cumsum("capability")).assign_coords(trained.coords))
