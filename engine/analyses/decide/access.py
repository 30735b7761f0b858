"""What others' services and open weights bring an actor in place of its own training, and what measures take away."""

from __future__ import annotations

from collections.abc import Sequence

import numpy as np
import xarray as xr
from numpy.typing import NDArray

from engine.analyses.decide.goals import by_goal
from engine.analyses.decide.options import NEVER, Option, best_options
from engine.analyses.decide.stage import Stage
from engine.montecarlo.tally import GROUPS
from engine.scenario import BASELINE, Worlds
from engine.statistics.cluster_means import (
    QUARTILES_TOO,
    joined,
    labelled_with_error,
    mean_with_error,
    of_worlds,
    quantiles_with_error,
    ratio_with_error,
)
from engine.text.format import strings

#: The ways in which an actor comes to use a capability.
WAYS = ("service", "open_weights", "own_training", "fastest_training")


def offers_services(drawn: Worlds) -> bool:
    """Whether a class of the worlds `drawn` offers services."""
    return bool((drawn["hosting"] > 0.0).any())


def access_by_goal(
    stage: Stage,
    gains: xr.DataArray,
    since: xr.DataArray,
    costs: xr.DataArray,
    options: Sequence[Option],
    policies: Sequence[str],
) -> xr.Dataset:
    """When services, open weights and own training bring each goal, and what measures take away.

    Own training is by the option `access_plan` of the goal: that with the largest of the `gains` (policy, option, goal)
    under the baseline, among those with the class's data if there are any. The fastest is by `fastest_plan`: that whose
    times `since` (option, policy, world, future, capability) are the earliest on average, and of equal ones the one
    with the least of the `costs` (policy, option, goal). The actor steals nothing here: theft is no access that it
    could choose. The variables are those of `engine.analyses.decide.decide`.
    """
    plans = [options[place] for place in best_options(gains, options)]
    fastest = [options[place] for place in _fastest(since, costs, options, stage.scenario.horizon)]
    policies = list(dict.fromkeys([BASELINE, *policies]))
    apart, free = stage.without_theft(NEVER, policies, enters=False)
    served, _ = stage.without_theft(NEVER, policies, open_weights=False)
    trained = {plan: stage.without_theft(plan, policies)[1] for plan in dict.fromkeys([*plans, *fastest])}
    names, goals = stage.scenario.capability_names, gains["goal"].values.tolist()
    places = [names.index(goal) for goal in goals]
    actor = stage.scenario.class_number(stage.actor)

    def labelled(values: list[np.ndarray]) -> xr.DataArray:
        """Times (goal) of (policy, world, future) with inf for not within the horizon."""
        array = np.stack([np.where(np.isnan(one), np.inf, one) for one in values], axis=-1).astype(np.float64)
        worlds = np.arange(array.shape[1])
        given = {"policy": policies, "world": worlds, "capability": goals}
        return by_goal(xr.DataArray(array, given, ("policy", "world", "future", "capability")))

    service = labelled([free.use_time[..., actor, k] for k in places])
    weights = labelled([free.attainment_time[..., actor, k] for k in places])
    own, quick = (
        labelled([trained[plan].attainment_time[..., actor, k] for plan, k in zip(chosen, places, strict=True)])
        for chosen in (plans, fastest)
    )
    frame = _times([service, weights, own, quick], stage.scenario.horizon)
    using = (served.users_sum - apart.users_sum)[:, :, places]
    ever = served.used_step[:, :, actor, places].cumsum(axis=-1)
    frame = frame.merge(_taken_away(service, _earlier(service, weights), stage.scenario.horizon))
    frame = frame.merge(_withdrawn(ever - using, served.futures, service, stage.scenario.time_grid))
    frame = frame.transpose("policy", "goal", "way", "quantile", "time")
    label = {"long_name": "best option for the goal, under the baseline, with which access is compared"}
    frame = frame.assign_coords(access_plan=("goal", strings([plan.name for plan in plans]), label))
    label = {"long_name": "option that brings the goal earliest on average, under the baseline"}
    return frame.assign_coords(fastest_plan=("goal", strings([plan.name for plan in fastest]), label))


def _fastest(since: xr.DataArray, costs: xr.DataArray, options: Sequence[Option], horizon: float) -> list[int]:
    """The place of the option that brings each goal earliest on average under the baseline, the cheapest of equals."""
    mean = since.isel(policy=0).clip(max=horizon).mean(("world", "future")).transpose("option", "capability").values
    cost = costs.isel(policy=0).transpose("option", "goal").values
    trains = [place for place, one in enumerate(options) if one != NEVER]
    return [min(trains, key=lambda place: (mean[place, goal], cost[place, goal])) for goal in range(mean.shape[1])]


def _times(ways: Sequence[xr.DataArray], horizon: float) -> xr.Dataset:
    """When each of `WAYS` brings each goal, and how much earlier own training does, all (policy, goal) with errors."""
    service, weights, own, quick = ways
    access = _earlier(service, weights)
    no_later = ((access <= own) & (access < np.inf)).astype(float)
    earlier = (own < access).astype(float)
    by_service = (service <= weights).where(access < np.inf).astype(float)
    by_way = joined("way", ways).assign_coords(
        way=("way", strings(WAYS), {"long_name": "way in which the actor comes to use a capability"})
    )
    found, error = quantiles_with_error(by_way, QUARTILES_TOO)
    words = "quantile of the time at which the way brings the goal; NaN past the horizon"
    frame = xr.Dataset(labelled_with_error("access_time_quantile", (found, error), words, "year"))
    means = {
        "access_probability": (
            (by_way < np.inf).astype(float),
            "probability that the way brings the goal in time",
            "1",
        ),
        "access_no_later": (no_later, "probability of access no later than by own training", "1"),
        "own_earlier": (earlier, "probability that own training is earlier than access", "1"),
        "fastest_earlier": ((quick < access).astype(float), "probability that the fastest is earlier than access", "1"),
        "access_margin": (no_later - earlier, "access_no_later minus own_earlier", "1"),
        "own_years_earlier": (
            access.clip(max=horizon) - own.clip(max=horizon),
            "mean years by which own training is earlier than access; times are cut at the horizon",
            "year",
        ),
        "own_alone": (
            ((own < np.inf) & (access == np.inf)).astype(float),
            "probability that own training brings the goal and access never does",
            "1",
        ),
        "service_first": (by_service, "probability that a service is no later than open weights, given access", "1"),
    }
    for name, (values, words, units) in means.items():
        # Worlds have weights by their number of futures with access.
        known = values.notnull()
        mean = ratio_with_error(values.sum("future"), known.sum("future").astype(float))
        frame = frame.assign(labelled_with_error(name, mean, words, units))
    return frame


def _earlier(times: xr.DataArray, others: xr.DataArray) -> xr.DataArray:
    return times.where(times <= others, others)


def _taken_away(service: xr.DataArray, access: xr.DataArray, horizon: float) -> xr.Dataset:
    """What measures keep from the actor, all (policy, goal) with errors; `service` and `access` are times."""
    first = service.isel(policy=0, drop=True)
    refused = ((first < np.inf) & (service == np.inf)).astype(float)
    later = access.clip(max=horizon) - access.isel(policy=0, drop=True).clip(max=horizon)
    words = "probability that no service opens to the actor, though one does under the baseline"
    frame = xr.Dataset(labelled_with_error("refused_probability", mean_with_error(of_worlds(refused)), words, "1"))
    words = "mean delay of access against the baseline; times are cut at the horizon"
    frame = frame.assign(labelled_with_error("access_delay", mean_with_error(of_worlds(later)), words, "year"))
    return frame


def _withdrawn(
    closed: NDArray[np.int64], futures: NDArray[np.int64], service: xr.DataArray, time_grid: NDArray[np.float64]
) -> xr.Dataset:
    """The share of futures in which services were open to the actor and are closed, and for how long, with errors.

    `closed` (policy, group, goal, time) counts them in each group of worlds, and `futures` (policy, group) all.
    """
    worlds = service.sizes["world"]
    coords = {"policy": service["policy"], "goal": service["goal"], "time": time_grid}
    by_time = xr.DataArray(_of_groups(closed, worlds), coords, ("world", "policy", "goal", "time"))
    number = xr.DataArray(_of_groups(futures, worlds)[:, 0].astype(float), dims="world")
    # What is closed at a point of the grid is so until the next one.
    steps = xr.DataArray(np.append(np.diff(time_grid), 0.0), dims="time")
    words = "probability that services have been open to the actor and all are closed to it"
    share = ratio_with_error(by_time, number)
    frame = xr.Dataset(labelled_with_error("withdrawn_probability", share, words, "1"))
    years = ratio_with_error((by_time * steps).sum("time"), number)
    words = "mean years in which services that have been open to the actor are closed to it"
    frame = frame.assign(labelled_with_error("withdrawn_years", years, words, "year"))
    return frame.assign_coords(time=("time", time_grid, {"long_name": "time", "units": "year"}))


def _of_groups(counts: NDArray[np.int64], worlds: int) -> NDArray[np.int64]:
    """Counts (policy, group, ...) as (group, policy, ...), of groups with a world; a single world is one group."""
    held = counts[:, : min(worlds, GROUPS)] if worlds > 1 else counts.sum(axis=1, keepdims=True)
    return np.moveaxis(held, 1, 0)
