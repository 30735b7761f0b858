"""Diffusion after the first attainment: open weights and theft. What spreads is a model, with all that it has."""

from __future__ import annotations

import math

from engine.rules.actors import BELOW_ONE, first_weight, of_each, one_of, weight
from engine.rules.compiled import rule
from engine.rules.elementary import exp
from engine.rules.governance import security
from engine.rules.hardware import chip_gains
from engine.rules.luck import Luck, Stream, exponential_from, uniform, uniform_pair
from engine.rules.regime import Regime
from engine.rules.world import Policy, World

_LN10 = math.log(10.0)

#: Newton steps to the time at which a model can be run; each brings it nearer from below, to within rounding.
_STEPS = 64


@rule
def publication_draw(luck: Luck, world: World, c: int, member: int, run: int) -> float:
    """The uniform that decides whether a member of class `c` publishes the model of its `run`: one draw a model."""
    return uniform(luck, Stream.PUBLICATION, world.class_address[c], (member << 16) | run)


@rule
def publication_luck(luck: Luck, world: World, c: int, member: int, run: int, finished: float) -> float:
    """The openness at the start from which a member of class `c` publishes the model of its `run`.

    Of several real actors for which the member stands, at least one publishes it from there on.
    """
    u = publication_draw(luck, world, c, member, run)
    return with_odds(of_each(u, weight(world, c, member)), -world.openness_trend[c] * (finished - world.start))


@rule
def with_odds(probability: float, growth: float) -> float:
    """A `probability` after its odds have grown by so many OOM."""
    grown = probability / (probability + (1.0 - probability) * exp(-_LN10 * growth))
    return grown if growth != 0.0 else probability


@rule
def openness(world: World, c: int, dangerous: bool) -> float:
    """Probability at the start that an actor of class `c` publishes a model; lower with a `dangerous` capability."""
    return world.openness[c] * (world.openness_dangerous[c] if dangerous else 1.0)


@rule
def publishes_weights(world: World, c: int, luck: float, dangerous: bool) -> bool:
    """Whether a member of class `c` publishes the weights of a model with this `publication_luck`, measures aside."""
    probability = openness(world, c, dangerous)
    return luck < probability or probability >= 1.0


@rule
def published(world: World, c: int, member: int, luck: float, dangerous: bool, finished: float) -> int:
    """The number of models `finished` then whose weights a member of class `c` publishes, measures aside.

    A member that stands for n real actors has n such models. If each is published with probability p, their mean number
    is n p; at least one is with probability 1 - (1 - p)^n.
    """
    if not publishes_weights(world, c, luck, dangerous):
        return 0
    n, growth = weight(world, c, member), world.openness_trend[c] * (finished - world.start)
    if n == 1:
        return 1
    probability = with_odds(openness(world, c, dangerous), growth)
    any_one = one_of(probability, n)
    # Rounded at random to a neighbour of the mean: given that one is published, the luck is uniform up to there.
    left = min(one_of(with_odds(luck, growth), n) / any_one, BELOW_ONE)
    return int(n * probability / any_one + left)


@rule
def weights_released(world: World, c: int, finished: float) -> float:
    """The time at which a member of class `c` wants to release the weights of a model `finished` then."""
    return finished + world.release_lag[c]


@rule
def weights_taken_up(world: World, c: int, runnable: float) -> float:
    """The time at which class `c` has access by released weights that it can run from `runnable` on."""
    return runnable + world.uptake_lag[c]


@rule
def cheapening(world: World, t: float, progress: float) -> float:
    """OOM by which running a given model became cheaper from the start to `t`, for a class with `progress` of chips.

    Chips bring more for their price, and inference becomes more efficient.
    """
    return chip_gains(world, t, progress) + world.inference_trend * (t - world.start)


@rule
def first_runnable(
    world: World, c: int, compute: float, since: float, until: float, progress: float, price: float
) -> float:
    """The first time from `since` to before `until` (finite) at which class `c` can run a model of `compute`.

    That is the compute of its training, log10 FLOP. Until then the chips of the class (`progress`, OOM) and the rise of
    their price under measures (`price`, OOM) stay as they are; infinite for never. The number of parameters of a
    compute-optimal model is proportional to the root of its training compute (Hoffmann et al. 2022), and the cost of
    running it grows with its parameters. So an OOM by which running becomes cheaper allows models with two more OOM of
    training compute.
    """
    needed = 0.5 * (compute - world.runnable_compute[c]) + price
    if cheapening(world, since, progress) >= needed:
        return since
    if cheapening(world, until, progress) < needed:
        return math.inf
    headroom = world.price_performance_ceiling - world.price_performance
    time = since
    for _ in range(_STEPS):
        rate = world.price_decline
        if not math.isinf(headroom):
            rate *= exp(-(progress + rate * (time - world.start)) / headroom) if headroom > 0.0 else 0.0
        # Cheapening slows down towards the ceiling, so that a step at its present rate is never too far.
        later = time + (needed - cheapening(world, time, progress)) / (rate + world.inference_trend)
        if later >= until:
            return math.inf
        if later <= time:
            break
        time = later
    return time


@rule
def theft_luck(luck: Luck, world: World, c: int, n: int) -> tuple[float, float]:
    """(integrated hazard from the theft before to theft `n` by class `c`, uniform that picks the holder)."""
    u, v = uniform_pair(luck, Stream.MODEL_THEFT, world.class_address[c], 2 * n)
    return exponential_from(u), v


@rule
def unsecured(world: World, policy: Policy, regime: Regime, c: int, holder: int, t: float) -> float:
    """Share of theft by class `c` that the `holder` does not prevent at `t`, times the factor of their relation."""
    return (1.0 - security(world, policy, regime, holder, t)) * world.theft_factor[world.relation[holder, c]]


@rule
def theft_hazard(world: World, c: int, exposed: float) -> float:
    """Hazard (1/yr) of a theft by class `c`; `exposed` is the sum of `unsecured` over the holders."""
    return world.theft_rate[c] * exposed


@rule
def thief(luck: Luck, world: World, c: int, n: int, members: int) -> int:
    """The real actor of class `c` (from 0) that has the model of theft `n`.

    Each for which the `members` that have entered stand is as likely a thief as any other. A theft gives nothing to
    the others, whoever stands for them.
    """
    u, _ = uniform_pair(luck, Stream.MODEL_THEFT, world.class_address[c], 2 * n + 1)
    return int(u * first_weight(world, c, members))
