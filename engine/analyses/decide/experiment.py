"""Every option of an actor in the same futures, under the baseline and under regulation."""

from __future__ import annotations

from collections.abc import Sequence

import numpy as np
import xarray as xr

from engine.analyses.decide.access import access_by_goal, offers_services
from engine.analyses.decide.data import data_by_goal, data_by_option, own_tokens
from engine.analyses.decide.goals import money_by_goal, world_gain
from engine.analyses.decide.options import NEVER, Option, check_options, option_grid, with_actor
from engine.analyses.decide.stage import Stage
from engine.analyses.decide.value import ValueCurve, outcomes_of_actor
from engine.execution import Execution
from engine.results.provenance import derived
from engine.scenario import SAMPLING, Scenario, WorldSampler, scenario_hash
from engine.statistics.cluster_means import (
    QUARTILES_TOO,
    joined,
    labelled_with_error,
    mean_with_error,
    of_worlds,
    ratio_with_error,
)
from engine.text.format import strings


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
    * `gain(policy, option, goal, world, future)`, the same difference in single futures;
    * `attainment_probability` of the goal within the horizon, by any route; `data_gain`, the net present value minus
      that with data factor 1 at the same budget and start, in the same futures; `data_years_earlier`, by which the
      goal is attained earlier, with times cut at the horizon. The last two are NaN where there is no such option.

    By (policy, option, capability), regardless of goals: `first_probability`, the probability that the actor attains
    the capability by any route before everyone else, those apart who have it by the actor's own weights at the same
    moment; `expected_lead`, years until the next actor does, 0 where it is not first, cut at the horizon.

    By goal under the baseline, for the option `goal_plan`, the best with data factor 1: `unlimited_data_gain`,
    `unlimited_data_years_earlier` and `unlimited_attainment_probability`, if no run of the actor were short of tokens;
    and by (goal, year), of its best model so far with the class's data: `short_probability` of a lack of tokens,
    `lost_compute` (OOM of effective compute) and `missing_tokens` (OOM). `own_token_share` of the class at the start,
    and `added_tokens` (OOM) of each option. A plan is selected in the futures in which it is judged; errors do not
    include that. Data cost nothing, so what they are worth is the most to pay for them.

    By (policy, goal), if some class offers services, for the option `access_plan`, the best for the goal under the
    baseline: `access_time_quantile` and `access_probability` (also by `way`: a service of another actor, open weights,
    own training with the weights that come before it, and that by the option `fastest_plan`), with no theft by the
    actor. Access is by service or by open weights, without own training. `access_no_later` and `own_earlier` are the
    probabilities that access comes no later than own training, and later; `access_margin` is their difference;
    `fastest_earlier`, that training by the fastest option is earlier; `own_years_earlier`, with times cut at the
    horizon; `own_alone`, that own training brings the goal and access never does; `service_first`, that a service is no
    later than open weights, given access. Of measures: `refused_probability` that no service opens, though one does
    under the baseline; `access_delay` against it; `withdrawn_probability` (also by time), that services have been open
    to the actor and are closed to it, and the mean `withdrawn_years` of that.

    Value and cost after the horizon are not counted. The other actors do not react. `policies` are possible
    regulations; the first policy is the baseline. Raises InputError for an unknown class or policy, without an option
    to train, for one that begins at the horizon or later, or without a valuable capability that has a benefit.
    """
    chosen = list(dict.fromkeys([NEVER, *(options if options is not None else option_grid())]))
    check_options(scenario, chosen)
    alone, actor = with_actor(scenario, actor_class)
    stage = Stage(alone, actor_class, actor, worlds, futures, seed, sampling, execution)
    drawn = WorldSampler(alone, worlds, seed, sampling).worlds()
    gain = world_gain(alone, drawn)

    def simulated(option: Option, policies: Sequence[str]) -> xr.Dataset:
        return stage.paths(option, policies).sel(capability=gain["capability"].values)

    def plentiful(option: Option) -> dict[str, xr.DataArray]:
        return outcomes_of_actor(simulated(option, ()), actor, gain, curve)

    parts: list[dict[str, xr.DataArray]] = []
    for option in chosen:
        results = simulated(option, policies)
        parts.append(outcomes_of_actor(results, actor, gain, curve, parts[0]["others"] if parts else None))
    together = {name: joined("option", [part[name] for part in parts]) for name in parts[0]}
    frame = _summary(together, curve.capture)
    money = money_by_goal(together)["net_present_value"]
    penalty, horizon = drawn["shortfall_penalty"], scenario.horizon
    for more in (
        data_by_option(together, money, chosen, horizon),
        data_by_goal(together, frame.gain_over_never, chosen, penalty, horizon, plentiful),
        own_tokens(drawn, scenario.class_number(actor_class), chosen),
    ):
        frame = frame.merge(more)
    if offers_services(drawn):
        frame = frame.merge(
            access_by_goal(stage, frame.gain_over_never, together["since"], frame.cost, chosen, policies)
        )
    return derived(
        _described(frame, chosen),
        results,
        "Invest or wait",
        scenario_sha256=scenario_hash(scenario),
        actor_class=actor_class,
        start=scenario.start,
        capture=curve.capture,
        rivalry=curve.rivalry,
        discount_rate=curve.discount_rate,
    )


def _summary(futures: dict[str, xr.DataArray], capture: float) -> xr.Dataset:
    """Means, errors and distributions over futures of each option; the first is never to train."""
    value, lead_value, cost, npv = money_by_goal(futures).values()
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
    quantiles = npv.quantile(list(QUARTILES_TOO), ("world", "future"))
    frame["net_present_value_quantile"] = quantiles.assign_attrs(
        long_name="quantile of the net present value", units="US$"
    )
    frame["gain"] = gain.assign_attrs(long_name="net present value minus that of never training", units="US$")
    return frame.transpose("policy", "option", "goal", ...)


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
