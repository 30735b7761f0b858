"""Samples of single futures, stored on request: the outcomes of each, and with paths its course year by year."""

from __future__ import annotations

import math
from typing import Annotated, Any, Literal, NamedTuple

import numpy as np

from engine.montecarlo.arrays import Floats, Floats32, Ints, Ints32, dimensions
from engine.montecarlo.cost_curves import cost_curves
from engine.montecarlo.future import Attainments, Future, Models, Paths
from engine.montecarlo.hosting import first_use
from engine.montecarlo.tally import exposure
from engine.montecarlo.theft import theft_probability
from engine.rules.compiled import kernel, standalone
from engine.rules.emergence import dangerous_capabilities
from engine.rules.harm import MOST_THOUSANDS
from engine.rules.world import Policy, World
from engine.scenario import Scenario

#: Stored parts of single futures: nothing, outcomes, sizes of models, all paths year by year, and prices of compute and
#: capabilities; each includes the parts before it.
Keep = Literal["counts", "samples", "sizes", "paths", "prices"]
_KEPT: dict[Keep, tuple[str, ...]] = {
    "counts": (),
    "samples": (
        "attainment_time",
        "use_time",
        "loss",
        "hosted_loss",
        "hosted_benefit",
        "hosted_incidents",
        "benefit",
        "exposure",
        "incidents",
        "defence_ready",
        "theft_probability",
        "dangerous_theft_probability",
    ),
    "sizes": ("largest", "first_above", "models", "open_models", "open_largest", "first_open_above"),
    "paths": ("access", "effective_compute", "spending", "reaching", "attaining", "at_first"),
    "prices": ("bought", "cost", "compute"),
}


def keeps(kept: Keep, what: Keep) -> bool:
    """Whether a run with `kept` stores `what`."""
    return list(_KEPT).index(kept) >= list(_KEPT).index(what)


class Samples(NamedTuple):
    """Futures (p, w, f, ...): policies, worlds, futures; without rows for parts that are not stored.

    c counts classes, k capabilities, a actors, j points of the time grid, y whole years, i investments.
    """

    attainment_time: Annotated[Floats32, "p w f c k"]  # decimal years, NaN for not within the horizon
    use_time: Annotated[Floats32, "p w f c k"]  # first use of a service, decimal years, NaN for not within the horizon
    hosted_loss: Annotated[Ints, "p w f"]  # by users of services, thousands of US$
    hosted_benefit: Annotated[Ints, "p w f"]  # by use of services, thousands of US$
    hosted_incidents: Annotated[Ints32, "p w f k"]  # by users of services
    loss: Annotated[Ints, "p w f"]  # within the horizon, thousands of US$
    benefit: Annotated[Ints, "p w f"]  # within the horizon, thousands of US$
    exposure: Annotated[Floats32, "p w f k"]  # years
    incidents: Annotated[Ints32, "p w f k"]
    defence_ready: Annotated[Floats32, "p w f k"]  # decimal years, NaN for not within the horizon
    theft_probability: Annotated[
        Floats32, "p w f c k"
    ]  # probability that the class gains k by theft within the horizon, given all else
    dangerous_theft_probability: Annotated[Floats32, "p w f c"]  # the same for any dangerous capability
    access: Annotated[Ints32, "p w f k j"]  # actors with access
    effective_compute: Annotated[Floats32, "p w f a y"]  # of the actor's best model so far, NaN for none
    spending: Annotated[Floats, "p w f c j"]  # US$ spent so far on runs
    reaching: Annotated[Ints32, "p w f k band y"]  # models so far that reach k: all, then those above each threshold
    # actors that have attained k by training so far, by runs above thresholds
    attaining: Annotated[Ints32, "p w f k band y"]
    # effective compute of the class's best model when anyone first trains one with k
    at_first: Annotated[Floats32, "p w f k c"]
    largest: Annotated[Floats32, "p w f a y"]  # log10 FLOP of the actor's largest model so far, NaN for none
    # end of the actor's first run above it, NaN for never
    first_above: Annotated[Floats32, "p w f a threshold"]
    models: Annotated[Ints32, "p w f threshold j"]  # models so far above each threshold
    open_models: Annotated[Ints32, "p w f threshold j"]  # those of them with open weights
    # log10 FLOP of the largest model with open weights so far, NaN for none
    open_largest: Annotated[Floats32, "p w f y"]
    # first time at which the weights of a model above it are open, NaN for never
    first_open_above: Annotated[Floats32, "p w f threshold"]
    bought: Annotated[Floats32, "p w f c i y"]  # effective compute that an investment buys
    cost: Annotated[Floats32, "p w f c k y"]  # log10 US$ of the cheapest run that reaches the capability, NaN for none
    compute: Annotated[Floats32, "p w f c k y"]  # log10 FLOP of that run


def new_samples(scenario: Scenario, policies: int, worlds: int, futures: int, kept: Keep) -> Samples:
    """Empty samples with the parts in `kept`, for this number of futures."""
    classes, capabilities, years = len(scenario.actor_classes), len(scenario.capabilities), len(scenario.years)
    thresholds = len(scenario.output.flop_thresholds)
    actors = sum(member.simulated for member in scenario.actor_classes.values())
    sizes = {
        "w": worlds,
        "f": futures,
        "c": classes,
        "k": capabilities,
        "a": actors,
        "j": len(scenario.time_grid),
        "y": years,
        "i": len(scenario.output.investments),
        "threshold": thresholds,
        "band": thresholds + 1,
    }
    wanted = {name for what, names in _KEPT.items() if keeps(kept, what) for name in names}
    return Samples(
        **{
            name: np.zeros([policies if name in wanted else 0, *(sizes[d] for d in dims[1:])], kind)
            for name, (kind, dims) in dimensions(Samples).items()
        }
    )


def enter(part: Samples, whole: Samples, world: int, future: int) -> None:
    """Copy the futures of `part` into `whole`, starting at this world and this future of it."""
    for name, room in whole._asdict().items():
        kept = getattr(part, name)
        room[:, world : world + kept.shape[1], future : future + kept.shape[2]] = kept


@standalone
def keep(
    world: World,
    policy: Policy,
    p: int,
    w: int,
    f: int,
    investments: Floats,
    future: Future,
    access: Ints,
    samples: Samples,
) -> None:
    """Store one future under policy `p` as future `f` of world `w`; `access` (k, j) are actors with access."""
    if samples.loss.shape[0] > 0:
        _keep_outcomes(world, policy, p, w, f, future, samples)
    if samples.largest.shape[0] > 0:
        _keep_sizes(future.models, future.paths, p, w, f, samples)
    if samples.access.shape[0] > 0:
        _copy(access, samples.access[p, w, f])
        _keep_known(future.paths.best, samples.effective_compute[p, w, f])
        _copy(future.paths.spending, samples.spending[p, w, f])
        _keep_above(future.paths.reaching, samples.reaching[p, w, f])
        _keep_above(future.paths.attaining, samples.attaining[p, w, f])
        _keep_first(world, future.attainments, future.paths, samples.at_first[p, w, f])
    if samples.bought.shape[0] > 0:
        bought, cost, compute = samples.bought[p, w, f], samples.cost[p, w, f], samples.compute[p, w, f]
        cost_curves(world, policy, future.regime, future.exogenous, investments, bought, cost, compute)


@kernel
def _keep_outcomes(world: World, policy: Policy, p: int, w: int, f: int, future: Future, samples: Samples) -> None:
    attainments, harms = future.attainments, future.harms
    for c in range(world.n_classes):
        for k in range(world.n_capabilities):
            samples.attainment_time[p, w, f, c, k] = _or_nan(attainments.class_time[c, k], world.horizon)
            samples.use_time[p, w, f, c, k] = _or_nan(first_use(attainments, c, k), world.horizon)
            samples.theft_probability[p, w, f, c, k] = _stolen(world, policy, c, 1 << k, future)
        dangerous = dangerous_capabilities(world)
        samples.dangerous_theft_probability[p, w, f, c] = _stolen(world, policy, c, dangerous, future)
    loss = 0
    for year in range(harms.annual_loss.size):
        loss += harms.annual_loss[year]
    samples.loss[p, w, f] = min(loss, MOST_THOUSANDS)
    samples.benefit[p, w, f] = harms.benefit[0]
    samples.hosted_loss[p, w, f] = harms.hosted_loss[0]
    samples.hosted_benefit[p, w, f] = harms.hosted_benefit[0]
    for k in range(world.n_capabilities):
        samples.exposure[p, w, f, k] = exposure(world, k, attainments, harms)
        samples.incidents[p, w, f, k] = harms.incidents[k] + harms.hosted_incidents[k]
        samples.hosted_incidents[p, w, f, k] = harms.hosted_incidents[k]
        samples.defence_ready[p, w, f, k] = _or_nan(harms.ready[k], world.horizon)


@kernel
def _stolen(world: World, policy: Policy, c: int, wanted: int, future: Future) -> float:
    """The probability that class `c` gains any of the capabilities `wanted` by theft."""
    if world.theft_rate[c] == 0.0 or wanted == 0:
        return 0.0
    regime, exogenous, ledger, attainments = future.regime, future.exogenous, future.ledger, future.attainments
    return theft_probability(world, policy, c, wanted, regime, exogenous, ledger, attainments)


@kernel
def _or_nan(time: float, horizon: float) -> float:
    return time if time < horizon else math.nan


@kernel
def _copy(found: Any, kept: Any) -> None:
    """Copy values (row, column); Numba would copy a slice twice, in case both are the same array."""
    for row in range(found.shape[0]):
        for column in range(found.shape[1]):
            kept[row, column] = found[row, column]


@kernel
def _keep_known(found: Floats, kept: Floats32) -> None:
    """Copy values (row, column), with NaN for infinite ones: never, or none."""
    for row in range(found.shape[0]):
        for column in range(found.shape[1]):
            kept[row, column] = found[row, column] if math.isfinite(found[row, column]) else math.nan


@kernel
def _keep_sizes(models: Models, paths: Paths, p: int, w: int, f: int, samples: Samples) -> None:
    """Store models by their training compute."""
    _keep_known(paths.largest, samples.largest[p, w, f])
    _keep_known(paths.first_above, samples.first_above[p, w, f])
    _copy(models.runs_above[1:], samples.models[p, w, f])
    _copy(paths.open_number[1:], samples.open_models[p, w, f])
    for y in range(paths.open_largest.size):
        largest = paths.open_largest[y]
        samples.open_largest[p, w, f, y] = largest if largest > -math.inf else math.nan
    for threshold in range(paths.first_open_above.size):
        first = paths.first_open_above[threshold]
        samples.first_open_above[p, w, f, threshold] = first if first < math.inf else math.nan


@kernel
def _keep_above(found: Ints, kept: Ints32) -> None:
    """Store numbers (capability, threshold, year) above each threshold, from those in each band of thresholds."""
    capabilities, bands, years = found.shape
    for k in range(capabilities):
        for y in range(years):
            above = 0
            for band in range(bands - 1, -1, -1):
                above += found[k, band, y]
                kept[k, band, y] = above


@kernel
def _keep_first(world: World, attainments: Attainments, paths: Paths, at_first: Floats32) -> None:
    """Store the best models of classes at the time when the first class has trained one with each capability."""
    for k in range(world.n_capabilities):
        first = math.inf
        for c in range(world.n_classes):
            first = min(first, attainments.class_trained[c, k])
        for c in range(world.n_classes):
            best = -math.inf
            for a in range(world.first_actor[c], world.first_actor[c] + world.count[c]):
                for run in range(paths.runs[a]):
                    if paths.run_end[a, run] <= first and first < world.horizon:
                        best = max(best, paths.run_reached[a, run])
            at_first[k, c] = best if best > -math.inf else math.nan
