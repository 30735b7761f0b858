"""Every option of an actor in the same futures, under the baseline and under regulation."""

from __future__ import annotations

from collections.abc import Sequence

import numpy as np
import xarray as xr

from engine.analysis.decision.options import Option, choose, option_grid, with_actor
from engine.analysis.decision.value import ValueCurve, outcomes_of_actor
from engine.analysis.means import joined, mean_with_error, of_worlds, ratio_with_error
from engine.analysis.telling import strings
from engine.results import simulate
from engine.results.provenance import derived, scenario_hash
from engine.scenario import Sampling, Scenario, WorldSampler

QUANTILES = (0.05, 0.25, 0.5, 0.75, 0.95)


def decide(
    scenario: Scenario,
    actor_class: str,
    options: Sequence[Option] | None = None,
    *,
    curve: ValueCurve = ValueCurve(),  # noqa: B008 (a frozen dataclass)
    policies: Sequence[str] = (),
    worlds: int = 250,
    futures: int = 4,
    seed: int = 0,
    sampling: Sampling = "random",
    threads: int | None = None,
    progress: bool = False,
) -> xr.Dataset:
    """What each of `options` (None: `option_grid`) brings one actor of `actor_class`, and what it costs.

    All are played in the same futures.

    Returns by (policy, option), money as present values in US$, with standard errors `_se` (worlds as clusters):

    * `first_probability(.., capability)`: the actor attains the capability, by any route, before everyone else;
      `expected_lead`, years until the next does, 0 where it is not first, cut at the horizon;
    * `value` of the valuable capabilities under `curve`, of which `lead_value` while nobody else has access; `cost` of
      the runs until the actor has all of them; `net_present_value`, and `gain_over_never`, less that of never
      training, in the same futures: without a run of its own an actor still has what open weights bring;
    * `break_even_capture`: the share of the world's gain from which on the option is better than never to train;
    * `net_present_value_quantile` and `gain_probability`, of being better off than by never training;
    * `gain(policy, option, world, future)` of single futures.

    Value and cost after the horizon are not counted. The other actors do not react. `policies` are the regulations to
    fear; the first policy is the baseline. Raises ValueError for an unknown class or policy.
    """
    chosen = list(options) if options is not None else option_grid()
    if not any(option.name == "never" for option in chosen):
        chosen = [option_grid()[0], *chosen]
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
            threads=threads,
            keep_paths=True,
            change=choose(alone, actor_class, actor, option),
            progress=progress,
        )
        parts.append(outcomes_of_actor(results, actor, gain, curve))
    together = {name: joined("option", [part[name] for part in parts]) for name in parts[0]}
    never = [option.name for option in chosen].index("never")
    frame = _described(_summary(together, never, curve.capture), chosen)
    frame = frame.assign_coords(capability_kind=results.capability_kind.variable)
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


def _world_gain(scenario: Scenario, worlds: int, seed: int, sampling: Sampling) -> xr.DataArray:
    """US$ that the world gains in a year if all have access, (world, capability); 0 for dangerous capabilities."""
    drawn = WorldSampler(scenario, worlds, seed, sampling).worlds()
    names = scenario.capability_names
    rate = 10.0 ** drawn["benefit_rate"][:, : len(names)]
    valuable = [capability.kind == "valuable" for capability in scenario.capabilities.values()]
    actors = sum(spec.count * spec.represents for spec in scenario.actor_classes.values())
    return xr.DataArray(
        np.where(valuable, rate * actors, 0.0),
        {"world": np.arange(worlds), "capability": names},
        ("world", "capability"),
    )


def _summary(futures: dict[str, xr.DataArray], never: int, capture: float) -> xr.Dataset:
    """Means, errors and distributions over futures of what comes of each option."""
    npv = futures["value"] - futures["cost"]
    gain = npv - npv.isel(option=never, drop=True)
    means = {
        "first_probability": (futures["first"], "probability of attaining before everyone else", "1"),
        "expected_lead": (futures["lead"], "mean years until the next attains, 0 where the actor is not first", "year"),
        "value": (futures["value"], "mean present value of what capabilities earn", "US$"),
        "lead_value": (futures["lead_value"], "the part of it earned while nobody else has access", "US$"),
        "cost": (futures["cost"], "mean present value of what runs cost", "US$"),
        "net_present_value": (npv, "mean net present value", "US$"),
        "gain_over_never": (gain, "mean net present value less that of never training, same futures", "US$"),
        "gain_probability": ((gain > 0.0).astype(float), "probability of a gain over never training", "1"),
    }
    frame = xr.Dataset()
    for name, (values, words, units) in means.items():
        mean, error = mean_with_error(of_worlds(values))
        frame[name] = mean.assign_attrs(long_name=words, units=units)
        frame[f"{name}_se"] = error.assign_attrs(long_name=f"Monte Carlo standard error of {name}", units=units)
    # Value is in proportion to the share captured, cost is not.
    more = (futures["value"] - futures["value"].isel(option=never, drop=True)) / capture
    even, error = ratio_with_error(futures["cost"].sum("future"), more.sum("future"))
    words = "share of the world's gain that the actor must capture to be as well off as by never training"
    frame["break_even_capture"] = even.assign_attrs(long_name=words, units="1")
    frame["break_even_capture_se"] = error.assign_attrs(
        long_name="Monte Carlo standard error of break_even_capture", units="1"
    )
    quantiles = npv.quantile(list(QUANTILES), ("world", "future"))
    frame["net_present_value_quantile"] = quantiles.assign_attrs(
        long_name="quantile of the net present value", units="US$"
    )
    frame["gain"] = gain.assign_attrs(long_name="net present value less that of never training", units="US$")
    return frame.transpose("policy", "option", ...)


def _described(frame: xr.Dataset, options: Sequence[Option]) -> xr.Dataset:
    label = {"long_name": "what the actor chooses"}
    numbers = {
        "budget_factor": ("budget as a multiple of its class's", "1"),
        "entry_lag": ("years until the actor begins to train", "year"),
        "data_factor": ("data of its own as a multiple of its class's", "1"),
    }
    coordinates = {
        name: ("option", np.array([getattr(option, name) for option in options]), {"long_name": words, "units": units})
        for name, (words, units) in numbers.items()
    }
    names = ("option", strings([option.name for option in options]), label)
    return frame.assign_coords({"option": names, **coordinates})
