"""Every option of an actor in the same futures, under the baseline and under regulation."""

from __future__ import annotations

from collections.abc import Sequence

import numpy as np
import xarray as xr

from engine.analyses.decide.options import NEVER, Option, choose, option_grid, with_actor
from engine.analyses.decide.value import ValueCurve, outcomes_of_actor
from engine.errors import InputError
from engine.execution import Execution
from engine.results.provenance import derived
from engine.scenario import SAMPLING, Scenario, WorldSampler, scenario_hash
from engine.simulation import simulate
from engine.statistics.cluster_means import joined, labelled_with_error, mean_with_error, of_worlds, ratio_with_error
from engine.text.format import strings

QUANTILES = (0.05, 0.25, 0.5, 0.75, 0.95)


def decide(
    scenario: Scenario,
    actor_class: str,
    options: Sequence[Option] | None = None,
    *,
    curve: ValueCurve = ValueCurve(),  # noqa: B008 (a frozen dataclass)
    policies: Sequence[str] = (),
    worlds: int = 256,
    futures: int = 4,
    seed: int = 0,
    sampling: str = SAMPLING,
    execution: Execution | None = None,
) -> xr.Dataset:
    """The value and cost of each of `options` (None: `option_grid`) for one actor of `actor_class`.

    All are simulated in the same futures. The actor trains until it has its `goal`, a valuable capability, and all
    easier ones; it attains the others as if it never trained, by open weights or not at all. By (policy, option, goal),
    with money as present values in US$ and standard errors `_se` (replicates as clusters):

    * `value` of the valuable capabilities under `curve`, and the part `lead_value` of it while nobody else has access;
      `cost` of the runs; `net_present_value`; and `gain_over_never`, its difference from never training in the same
      futures;
    * `net_present_value_quantile`; `gain_probability`, the probability of a gain over never training;
    * `break_even_capture`: the share of the world's benefit above which the option is better than never to train;
    * `gain(policy, option, goal, world, future)`, the same difference in single futures.

    By (policy, option, capability), regardless of goals: `first_probability`, the probability that the actor attains
    the capability by any route before everyone else; `expected_lead`, years until the next actor does, 0 where it is
    not first, cut at the horizon.

    Value and cost after the horizon are not counted. The other actors do not react. `policies` are possible
    regulations; the first policy is the baseline. Raises InputError for an unknown class or policy, without an option
    to train, or without a valuable capability that has a benefit.
    """
    chosen = list(dict.fromkeys([NEVER, *(options if options is not None else option_grid())]))
    if len(chosen) == 1:
        raise InputError("there is no option to train; give at least one budget, start and data factor")
    alone, actor = with_actor(scenario, actor_class)
    gain = _world_gain(alone, worlds, seed, sampling)
    parts: list[dict[str, xr.DataArray]] = []
    for option in chosen:
        results = simulate(
            alone,
            worlds,
            futures,
            seed,
            policies=policies,
            sampling=sampling,
            execution=execution,
            keep="paths",
            change=choose(alone, actor_class, actor, option),
        ).sel(capability=gain["capability"].values)
        parts.append(outcomes_of_actor(results, actor, gain, curve))
    together = {name: joined("option", [part[name] for part in parts]) for name in parts[0]}
    frame = _described(_summary(together, curve.capture), chosen)
    return derived(
        frame,
        results,
        "Invest or wait",
        scenario_sha256=scenario_hash(scenario),
        actor_class=actor_class,
        capture=curve.capture,
        rivalry=curve.rivalry,
        discount_rate=curve.discount_rate,
    )


def _world_gain(scenario: Scenario, worlds: int, seed: int, sampling: str) -> xr.DataArray:
    """Benefit of the world if all have access, US$ a year, (world, capability); the easiest valuable one first."""
    drawn = WorldSampler(scenario, worlds, seed, sampling).worlds()
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
        {"world": np.arange(worlds), "capability": [names[k] for k in order]},
        ("world", "capability"),
    )


def _summary(futures: dict[str, xr.DataArray], capture: float) -> xr.Dataset:
    """Means, errors and distributions over futures of each option; the first is never to train."""
    value, lead_value = (_with_goal(futures[name]) for name in ("value", "lead_value"))
    cost = _renamed(futures["cost"])
    npv = value - cost
    gain = npv - npv.isel(option=0, drop=True)
    means = {
        "first_probability": (futures["first"], "probability of attaining before everyone else", "1"),
        "expected_lead": (futures["lead"], "mean years until the next attains, 0 where the actor is not first", "year"),
        "value": (value, "mean present value of the earnings of capabilities", "US$"),
        "lead_value": (lead_value, "the part of it earned while nobody else has access", "US$"),
        "cost": (cost, "mean present value of the cost of runs", "US$"),
        "net_present_value": (npv, "mean net present value", "US$"),
        "gain_over_never": (gain, "mean net present value minus that of never training, same futures", "US$"),
        "gain_probability": ((gain > 0.0).astype(float), "probability of a gain over never training", "1"),
    }
    frame = xr.Dataset()
    for name, (values, words, units) in means.items():
        frame = frame.assign(labelled_with_error(name, mean_with_error(of_worlds(values)), words, units))
    # Value is proportional to the share captured; cost is not.
    more = (value - value.isel(option=0, drop=True)) / capture if capture > 0.0 else 0.0 * value
    even = ratio_with_error(cost.sum("future"), more.sum("future"))
    words = "share of the world's benefit that the actor must capture to break even with never training"
    frame = frame.assign(labelled_with_error("break_even_capture", even, words, "1"))
    quantiles = npv.quantile(list(QUANTILES), ("world", "future"))
    frame["net_present_value_quantile"] = quantiles.assign_attrs(
        long_name="quantile of the net present value", units="US$"
    )
    frame["gain"] = gain.assign_attrs(long_name="net present value minus that of never training", units="US$")
    return frame.transpose("policy", "option", "goal", ...)


def _with_goal(values: xr.DataArray) -> xr.DataArray:
    """Sums over capabilities if the actor trains for those up to each goal, and has the others as by never training."""
    trained = values.cumsum("capability")
    never = values.isel(option=0, drop=True)
    return _renamed(trained + (never.sum("capability") - never.cumsum("capability")).assign_coords(trained.coords))


def _renamed(values: xr.DataArray) -> xr.DataArray:
    label = {"long_name": "valuable capability that the actor trains for, with all easier ones"}
    names = strings([str(name) for name in values["capability"].values])
    return (
        values.drop_vars(["capability", "capability_kind"], errors="ignore")
        .rename(capability="goal")
        .assign_coords(goal=("goal", names, label))
    )


def _described(frame: xr.Dataset, options: Sequence[Option]) -> xr.Dataset:
    label = {"long_name": "option of the actor"}
    numbers = {
        "budget_factor": ("budget as a multiple of its class's", "1"),
        "entry_lag": ("years until the actor begins to train", "year"),
        "data_factor": ("data as a multiple of its class's", "1"),
    }
    coordinates = {
        name: ("option", np.array([getattr(option, name) for option in options]), {"long_name": words, "units": units})
        for name, (words, units) in numbers.items()
    }
    names = ("option", strings([option.name for option in options]), label)
    frame = frame.assign_coords({"option": names, **coordinates})
    for address in ("world", "future"):
        frame[address].attrs.setdefault("units", "1")
    return frame
