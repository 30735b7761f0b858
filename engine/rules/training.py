"""Training runs: their times, sizes and effective compute."""

from __future__ import annotations

import math

from engine.rules.algorithms import algorithmic_efficiency
from engine.rules.compiled import rule
from engine.rules.elementary import exp, log
from engine.rules.governance import largest_allowed, spending_power
from engine.rules.hardware import price_performance
from engine.rules.luck import Luck, Stream, exponential, exponential_from, uniform_pair
from engine.rules.regime import Regime, binds
from engine.rules.world import Policy, World

_LN10 = math.log(10.0)
_LOG10_E = 1.0 / _LN10
_REFERENCE_COMPUTE = 24.0


@rule
def enters(world: World, c: int) -> float:
    """The time at which the first pause of the members of class `c` begins."""
    return world.start + world.entry_lag[c]


@rule
def run_pause(luck: Luck, world: World, c: int, member: int, run: int) -> float:
    """Years of pause before a `run` (counted from 0) of a member: Exponential."""
    return world.run_pause[c] * exponential(luck, Stream.RUN_PAUSE, world.class_address[c], (member << 16) | run)


@rule
def run_pauses(luck: Luck, world: World, c: int, member: int, run: int) -> tuple[float, float]:
    """The pauses before `run`, an even number, and the next: two `run_pause` for the price of one."""
    u, v = uniform_pair(luck, Stream.RUN_PAUSE, world.class_address[c], (member << 15) | (run >> 1))
    return world.run_pause[c] * exponential_from(u), world.run_pause[c] * exponential_from(v)


@rule
def next_plan(world: World, c: int, finished: float, filed: float, pause: float) -> float:
    """The time for which a member of class `c` plans the run after one that `finished`, with a `pause` between them.

    A wait for a licence, from when that run was `filed` to its start, counts as a part of the pause: an actor prepares
    its next run meanwhile. Without a licence a run is filed when it starts.
    """
    return max(finished, filed + world.run_duration[c] + pause)


@rule
def utilisation(world: World, t: float, ideal: float) -> float:
    """log10 of u0 / (1 + (C / limit)^k), for a run of `ideal` compute C (log10 FLOP at full utilisation).

    The limit rises with time (data movement: Erdil & Schneider-Joseph 2024, arXiv:2411.01137). A
    steepness k above 1 makes run compute fall again as money grows far beyond the limit.
    """
    limit = world.parallel_limit + world.parallel_limit_growth * (t - world.start)
    excess = world.parallel_steepness * (ideal - limit)
    loss = max(excess, 0.0) + log(1.0 + exp(-abs(excess) * _LN10)) * _LOG10_E
    return world.utilisation - loss


@rule
def run_compute(world: World, t: float, budget: float, price_performance: float) -> float:
    """log10 FLOP of a run begun at `t` with `budget` (log10 US$) on chips of `price_performance`."""
    ideal = budget + price_performance
    return ideal + utilisation(world, t, ideal)


@rule
def class_tokens(world: World, c: int) -> float:
    """log10 tokens of class `c` at the start, public and proprietary."""
    public, own = world.token_stock, world.proprietary_tokens[c]
    if math.isinf(public) or own <= 0.0:
        return public
    high, low = max(public, own), min(public, own)
    return high + log(1.0 + exp((low - high) * _LN10)) * _LOG10_E


@rule
def token_shortfall(world: World, t: float, compute: float, tokens: float, efficiency: float) -> float:
    """OOM of missing tokens for a compute-optimal run, at least 0.

    The need grows by half an OOM per OOM of compute (Hoffmann et al. 2022); the stock (`tokens` at the start)
    grows, and the data share of algorithmic `efficiency` stretches it.
    """
    needed = world.optimal_tokens + world.token_exponent * (compute - _REFERENCE_COMPUTE)
    stock = tokens + world.token_growth * (t - world.start) + world.data_share * efficiency
    return max(0.0, needed - stock)


@rule
def effective_compute(world: World, compute: float, efficiency: float, shortfall: float, elicitation: float) -> float:
    """log10 effective FLOP: compute + algorithms - penalty for missing data + elicitation."""
    return compute + efficiency - world.shortfall_penalty * shortfall + elicitation


@rule
def unrestricted_run(
    world: World, policy: Policy, regime: Regime, a: int, begun: float, fixed: float, budget: float, progress: float
) -> float:
    """log10 FLOP that actor `a` can buy for a run at `begun` with `budget` (log10 US$), including its support.

    `budget`, and the `progress` of its class from chips (OOM), are those of the time at which they were `fixed`.
    """
    for m in range(policy.n_measures):
        if binds(regime, m, a, begun):
            budget += spending_power(policy, m)
    return run_compute(world, fixed, budget, price_performance(world, fixed, progress))


@rule
def planned_run(
    world: World,
    policy: Policy,
    regime: Regime,
    a: int,
    begun: float,
    fixed: float,
    budget: float,
    progress: float,
    largest: float,
) -> float:
    """log10 FLOP of a run that actor `a` begins at `begun` with `budget` (log10 US$), under the measures that bind it.

    `budget`, and the `progress` of its class from chips (OOM), are those of the time at which they were `fixed`, which
    for a run that waited for a licence may be its filing. `largest` is the largest run finished before, -inf for none.
    """
    compute = unrestricted_run(world, policy, regime, a, begun, fixed, budget, progress)
    for m in range(policy.n_measures):
        if binds(regime, m, a, begun):
            compute = min(compute, largest_allowed(policy, m, largest))
    return compute


@rule
def run_cost(
    world: World,
    policy: Policy,
    regime: Regime,
    a: int,
    begun: float,
    fixed: float,
    budget: float,
    progress: float,
    compute: float,
) -> float:
    """log10 US$ that a run of `compute` begun at `begun` costs actor `a` with `budget` of its own (log10 US$).

    This is the whole budget, unless a cap limits the run below the compute that the actor can buy; then it is
    proportional to compute. Public support costs the actor nothing.
    """
    return budget - max(0.0, unrestricted_run(world, policy, regime, a, begun, fixed, budget, progress) - compute)


@rule
def run_reaches(
    world: World, fixed: float, compute: float, invariant: float, scaled: float, tokens: float, elicitation: float
) -> float:
    """log10 effective FLOP of a run of `compute`, with the algorithms (OOM) that its class had when they were fixed."""
    efficiency = algorithmic_efficiency(world, fixed, invariant, scaled, compute)
    shortfall = token_shortfall(world, fixed, compute, tokens, efficiency)
    return effective_compute(world, compute, efficiency, shortfall, elicitation)


@rule
def money_buys(
    world: World,
    t: float,
    budget: float,
    chips: float,
    invariant: float,
    scaled: float,
    tokens: float,
    elicitation: float,
) -> tuple[float, float]:
    """(run compute, effective compute) of a run begun at `t` for `budget` (log10 US$), without measures.

    `chips` is the price-performance, log10 FLOP/US$; `invariant` and `scaled` are OOM from algorithms.
    """
    compute = run_compute(world, t, budget, chips)
    return compute, run_reaches(world, t, compute, invariant, scaled, tokens, elicitation)
