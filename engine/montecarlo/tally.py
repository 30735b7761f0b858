"""The tally of the Monte Carlo clock: counts of all futures on fixed grids.

Everything is a count, so tallies of any parts of the futures add up to the tally of all, in any
order and without rounding: results do not depend on chunks or on workers, and memory does not grow
with the number of futures. Amounts and years are summed in whole units for the same reason.

Standard errors come from groups: every world belongs to one of `GROUPS`, counts for errors are by group, and every
statistic can be computed without any one group (`engine.results.standard_errors`).
"""

from __future__ import annotations

import math
from typing import Annotated, NamedTuple

import numpy as np
from numpy.typing import NDArray

from engine.montecarlo.access import list_access
from engine.montecarlo.arrays import Floats, Ints, allocate
from engine.montecarlo.future import (
    COUNTED,
    NO_ROUTE,
    ROUTES,
    Attainments,
    Future,
    Harms,
    grid_step,
)
from engine.montecarlo.hosting import first_use
from engine.rules.compiled import kernel, rule, standalone
from engine.rules.elementary import log
from engine.rules.governance import is_malicious
from engine.rules.harm import MOST_THOUSANDS
from engine.rules.point_set import REPLICATES
from engine.rules.regime import Regime
from engine.rules.world import World
from engine.scenario import Scenario

#: Bins of time for quantiles, in one step of the time grid.
FINE = 12
#: Bins of effective compute: EFFECTIVE_BINS of EFFECTIVE_WIDTH OOM from EFFECTIVE_LOW; one more on either side.
EFFECTIVE_LOW = 10.0
EFFECTIVE_WIDTH = 0.05
EFFECTIVE_BINS = 1200
#: Number of these bins that are merged in counts by group, for standard errors.
COARSE = 20

#: Bins of amounts: none, then AMOUNT_BINS of AMOUNT_WIDTH OOM from 1,000 US$, then one for all above.
AMOUNT_WIDTH = 0.02
AMOUNT_BINS = 750
#: Bits of the lower of two words in which amounts are summed, so that billions of large ones do not overflow.
WORD = 30
#: Groups of worlds for standard errors: the replicates in which worlds are drawn.
GROUPS = REPLICATES
#: Units in a year in which years are summed, about half a minute each.
YEAR_UNITS = 2**20

_LN10 = math.log(10.0)
_EXACT = 64
_LARGEST_COUNT = 2**36


class Tally(NamedTuple):
    """Counts of futures. p policies, g groups, c classes, k capabilities, j points of time, f fine bins of time.

    In histograms over time the bin comes before the time: counted values change rarely, so one
    future mostly counts into neighbouring cells.
    """

    attained: Annotated[Ints, "p c k f"]  # first attainments in each fine bin
    attained_step: Annotated[Ints, "p g c k j"]  # first attainments in the grid step that ends at each time
    route: Annotated[Ints, "p g c k route"]  # first attainments by each route
    used: Annotated[Ints, "p c k f"]  # first uses of hosted services in each fine bin
    used_step: Annotated[Ints, "p g c k j"]  # first uses in the grid step that ends at each time
    users_sum: Annotated[Ints, "p g k j"]  # sum of the number of actors with use and without access
    first: Annotated[Ints, "p g k c"]  # futures in which the class is first
    lead: Annotated[Ints, "p k c f"]  # years by which the first class leads this one, in fine bins
    lead_step: Annotated[
        Ints, "p g k c j"
    ]  # the same in grid steps; the first counts classes that attain with the first
    access: Annotated[Ints, "p k access_level j"]  # futures by number of actors with access
    access_sum: Annotated[Ints, "p g k j"]  # sum of that number
    runs_above: Annotated[Ints, "p threshold runs_level j"]  # futures by number of models above a threshold
    runs_above_sum: Annotated[Ints, "p g threshold j"]  # sum of that number
    effective: Annotated[Ints, "p c effective_bin j"]  # futures by effective compute of the class's best model
    effective_coarse: Annotated[Ints, "p g c coarse_bin j"]  # the same in coarse bins
    modelled: Annotated[Ints, "p g c j"]  # futures in which the class has a model
    waited: Annotated[Ints, "p g c k"]  # sum of years until first attainment or the horizon, in 1 / YEAR_UNITS
    exposure: Annotated[Ints, "p k exposure_bin"]  # futures by years of exposure: none, then fine bins
    exposure_sum: Annotated[Ints, "p g k"]  # sum of years of exposure, in 1 / YEAR_UNITS
    incidents: Annotated[Ints, "p g k"]  # sum of incidents
    hosted_incidents: Annotated[Ints, "p g k"]  # those of them by users of services
    hosted_loss_sum: Annotated[Ints, "p g word"]  # their losses
    annual_loss: Annotated[Ints, "p g amount_bin"]  # whole years of futures by their loss
    annual_loss_sum: Annotated[Ints, "p g word"]  # their losses, thousands of US$ in two words of WORD bits
    total_loss: Annotated[Ints, "p g amount_bin"]  # futures by their loss
    total_loss_sum: Annotated[Ints, "p g word"]
    benefit: Annotated[Ints, "p g amount_bin"]  # futures by their benefit
    benefit_sum: Annotated[Ints, "p g word"]
    hosted_benefit_sum: Annotated[Ints, "p g word"]  # the part by use of services
    counted: Annotated[Ints, "p event"]  # events in all futures
    futures: Annotated[Ints, "p g"]  # futures counted

    def add(self, other: Tally) -> None:
        """Add `other` to this tally."""
        for mine, theirs in zip(self, other, strict=True):
            mine += theirs


def new_tally(scenario: Scenario, policies: int) -> Tally:
    """An empty tally of `scenario` for this number of `policies`."""
    classes, capabilities = len(scenario.actor_classes), len(scenario.capabilities)
    thresholds, times = len(scenario.output.flop_thresholds), len(scenario.time_grid)
    actors = sum(member.real for member in scenario.actor_classes.values())
    fine = (times - 1) * FINE
    # Counts above the largest level stay in it.
    levels = level_of(_LARGEST_COUNT) + 1
    amounts = AMOUNT_BINS + 2
    sizes = {
        "p": policies,
        "g": GROUPS,
        "c": classes,
        "k": capabilities,
        "j": times,
        "f": fine,
        "threshold": thresholds,
        "route": len(ROUTES),
        "word": 2,
        "event": len(COUNTED),
        "access_level": level_of(actors) + 1,
        "runs_level": levels,
        "effective_bin": EFFECTIVE_BINS + 2,
        "coarse_bin": EFFECTIVE_BINS // COARSE + 2,
        "exposure_bin": fine + 1,
        "amount_bin": amounts,
    }
    return allocate(Tally, sizes)


@rule
def level_of(number: int) -> int:
    """The level of a count: itself below 64, then 32 levels for each doubling."""
    doublings = 0
    while number >= _EXACT:
        number >>= 1
        doublings += 1
    return (_EXACT // 2) * doublings + number


def level_edges(levels: int) -> NDArray[np.float64]:
    """The least count of each level, float64 (`levels` + 1,); inverse of `level_of`."""
    level = np.arange(levels + 1)
    doublings = np.maximum(level // (_EXACT // 2) - 1, 0)
    return np.asarray((level - (_EXACT // 2) * doublings) * 2.0**doublings)


@rule
def amount_bin(thousands: int) -> int:
    """The bin of an amount in thousands of US$."""
    if thousands <= 0:
        return 0
    # A power of ten belongs to the bin that it begins, despite rounding.
    return min(int(log(float(thousands)) / (_LN10 * AMOUNT_WIDTH) + 1e-9), AMOUNT_BINS) + 1


@standalone
def count(
    world: World,
    p: int,
    group: int,
    time_step: float,
    future: Future,
    access: Ints,
    users: Ints,
    tally: Tally,
) -> None:
    """Add one future under policy `p`, of a world in `group`, to `tally`.

    `access` (k, j) becomes the number of actors with access to each capability at each time; `users` is scratch.
    """
    tally.futures[p, group] += 1
    for kind in range(future.counted.size):
        tally.counted[p, kind] += future.counted[kind]
    _count_attainments(world, p, group, time_step, future.attainments, tally)
    _count_access(world, p, group, time_step, future.regime, future.attainments, access, users, tally)
    _count_harm(world, p, group, time_step, future.attainments, future.harms, tally)
    _, thresholds, levels, times = tally.runs_above.shape
    for threshold in range(thresholds):
        for j in range(times):
            number = future.models.runs_above[threshold + 1, j]
            tally.runs_above[p, threshold, min(level_of(number), levels - 1), j] += 1
            tally.runs_above_sum[p, group, threshold, j] += number
    for c in range(world.n_classes):
        for j in range(times):
            best = future.models.best[c, j]
            if best > -math.inf:
                bin_ = math.floor((best - EFFECTIVE_LOW) / EFFECTIVE_WIDTH) + 1
                bin_ = min(max(bin_, 0), EFFECTIVE_BINS + 1)
                tally.effective[p, c, bin_, j] += 1
                tally.effective_coarse[p, group, c, (bin_ + COARSE - 1) // COARSE, j] += 1
                tally.modelled[p, group, c, j] += 1


@kernel
def _count_attainments(
    world: World, p: int, group: int, time_step: float, attainments: Attainments, tally: Tally
) -> None:
    fine_step = time_step / FINE
    bins = tally.attained.shape[3]
    for c in range(world.n_classes):
        for k in range(world.n_capabilities):
            waited = min(attainments.class_time[c, k], world.horizon) - world.start
            tally.waited[p, group, c, k] += int(waited * YEAR_UNITS)
    for k in range(world.n_capabilities):
        # A class that trains a capability precedes one that takes it up at the same moment.
        first, leader = math.inf, -1
        for c in range(world.n_classes):
            if attainments.class_trained[c, k] < first:
                first, leader = attainments.class_trained[c, k], c
        if leader < 0:
            continue
        tally.first[p, group, k, leader] += 1
        for c in range(world.n_classes):
            if attainments.class_route[c, k] == NO_ROUTE:
                continue
            # A bin includes its end but not its beginning, so that its end means "by then".
            bin_ = _bin_of(attainments.class_time[c, k] - world.start, fine_step, bins)
            tally.attained[p, c, k, bin_] += 1
            tally.attained_step[p, group, c, k, bin_ // FINE + 1] += 1
            tally.route[p, group, c, k, attainments.class_route[c, k]] += 1
            lead = attainments.class_time[c, k] - first
            bin_ = _bin_of(lead, fine_step, bins)
            tally.lead[p, k, c, bin_] += 1
            tally.lead_step[p, group, k, c, bin_ // FINE + 1 if lead > 0.0 else 0] += 1


@kernel
def _bin_of(years: float, width: float, bins: int) -> int:
    return min(max(grid_step(years, width) - 1, 0), bins - 1)


@kernel
def _count_access(
    world: World,
    p: int,
    group: int,
    time_step: float,
    regime: Regime,
    attainments: Attainments,
    access: Ints,
    users: Ints,
    tally: Tally,
) -> None:
    """Count actors with access, first uses of services, and actors that use them and have no access themselves."""
    access[:] = 0
    users[:] = 0
    for k in range(world.n_capabilities):
        for c in range(world.n_classes):
            groups = list_access(world, c, k, regime, attainments)
            _enter_access(world, k, groups, time_step, attainments, access)
            if attainments.uses[c, k] > 0:
                _enter_users(world, c, k, groups, time_step, attainments, users)
                bins = tally.used.shape[3]
                bin_ = _bin_of(first_use(attainments, c, k) - world.start, time_step / FINE, bins)
                tally.used[p, c, k, bin_] += 1
                tally.used_step[p, group, c, k, bin_ // FINE + 1] += 1
        actors = using = 0
        for j in range(access.shape[1]):
            actors += access[k, j]
            using += users[k, j]
            access[k, j] = actors
            tally.access[p, k, level_of(actors), j] += 1
            tally.access_sum[p, group, k, j] += actors
            tally.users_sum[p, group, k, j] += using


@kernel
def _enter_access(world: World, k: int, groups: int, time_step: float, attainments: Attainments, access: Ints) -> None:
    """Add the actors in `groups` of a class at the step of the time grid from which they have access to `k`."""
    since, standing, step = attainments.group_since, attainments.group_standing, attainments.group_step
    last = access.shape[1] - 1
    # A plain loop of its own, to vectorise.
    for n in range(groups):
        step[n] = min(grid_step(min(since[n], world.horizon) - world.start, time_step), last)
    for n in range(groups):
        access[k, step[n]] += standing[n] if since[n] < math.inf else 0


@kernel
def _enter_users(
    world: World, c: int, k: int, groups: int, time_step: float, attainments: Attainments, users: Ints
) -> None:
    """Add the actors in `groups` of class `c` where they begin to use `k`, and subtract them where they end."""
    last = users.shape[1] - 1
    for n in range(groups):
        for use in range(attainments.uses[c, k]):
            begins = max(attainments.use_start[c, k, use], attainments.group_entered[n])
            ends = min(attainments.use_end[c, k, use], attainments.group_since[n])
            if begins < ends:
                users[k, min(grid_step(begins - world.start, time_step), last)] += attainments.group_standing[n]
                if ends < world.horizon:
                    users[k, min(grid_step(ends - world.start, time_step), last)] -= attainments.group_standing[n]


@kernel
def _count_harm(
    world: World, p: int, group: int, time_step: float, attainments: Attainments, harms: Harms, tally: Tally
) -> None:
    """Count exposure, incidents, losses and benefit."""
    bins = tally.exposure.shape[2] - 1
    for k in range(world.n_capabilities):
        years = exposure(world, k, attainments, harms)
        bin_ = _bin_of(years, time_step / FINE, bins) + 1 if years > 0.0 else 0
        tally.exposure[p, k, bin_] += 1
        tally.exposure_sum[p, group, k] += int(years * YEAR_UNITS)
        tally.incidents[p, group, k] += harms.incidents[k] + harms.hosted_incidents[k]
        tally.hosted_incidents[p, group, k] += harms.hosted_incidents[k]
    total = 0
    for year in range(harms.annual_loss.size):
        loss = harms.annual_loss[year]
        total += loss
        # A whole year counts even if its end is rounded past the horizon.
        if world.start + year + 1.0 <= world.horizon + 1e-9:
            tally.annual_loss[p, group, amount_bin(loss)] += 1
            _add(loss, tally.annual_loss_sum[p, group])
    total = min(total, MOST_THOUSANDS)
    tally.total_loss[p, group, amount_bin(total)] += 1
    _add(total, tally.total_loss_sum[p, group])
    tally.benefit[p, group, amount_bin(harms.benefit[0])] += 1
    _add(harms.benefit[0], tally.benefit_sum[p, group])
    _add(harms.hosted_loss[0], tally.hosted_loss_sum[p, group])
    _add(harms.hosted_benefit[0], tally.hosted_benefit_sum[p, group])


@kernel
def _add(thousands: int, words: Ints) -> None:
    """Add an amount to a sum in two words."""
    words[0] += thousands & ((1 << WORD) - 1)
    words[1] += thousands >> WORD


@kernel
def exposure(world: World, k: int, attainments: Attainments, harms: Harms) -> float:
    """Years within the horizon between the first malicious access to `k` and a ready defence."""
    accessed = math.inf
    for c in range(world.n_classes):
        if is_malicious(world, c):
            accessed = min(accessed, attainments.class_time[c, k])
    return max(0.0, min(harms.ready[k], world.horizon) - accessed)


def log10_thresholds(scenario: Scenario) -> Floats:
    """The FLOP thresholds of the output as log10, float64 (threshold,)."""
    return np.log10(np.array(scenario.output.flop_thresholds, dtype=np.float64))
