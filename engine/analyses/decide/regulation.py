"""What a possible regulation changes, as text."""

from __future__ import annotations

from collections.abc import Iterator
from dataclasses import dataclass

import numpy as np
import xarray as xr

from engine.analyses.decide.phrases import in_billions


@dataclass(frozen=True)
class Regulation:
    """A policy that may come: the best plan without it, the best plan to train, and where another plan is better.

    `change` is the least probability of the policy at which the plan `to` is better than `best`, NaN for none; gains
    over never training of `training` are in US$, without the policy and `under` it.
    """

    policy: str
    best: str
    training: str
    without: float
    under: float
    change: float
    to: str


def regulations(decision: xr.Dataset) -> Iterator[Regulation]:
    """Each policy after the baseline: mean gains are linear in its probability."""
    gain = decision.gain_over_never.stack(plan=("option", "goal"))
    free = gain.isel(policy=0)
    names = ["never" if option == "never" else f"{option}, for {goal}" for option, goal in gain["plan"].values]
    best = int(free.values.argmax())
    training = int(np.where(gain["option"].values != "never", free.values, -np.inf).argmax())
    for policy in decision["policy"].values[1:]:
        bound = gain.sel(policy=policy)
        change, to = break_even(free.values, bound.values, best)
        pair = float(free[training]), float(bound[training])
        yield Regulation(str(policy), names[best], names[training], *pair, change, names[to])


def regulation_in_words(decision: xr.Dataset) -> Iterator[str]:
    """The probability of each regulation at which the best plan changes."""
    yield "Regulation risk: the policy comes with probability p; gains over never training, 1e9 US$"
    for one in regulations(decision):
        yield f"  {one.policy}: the best plan to train, {one.training},"
        yield f"    gains {in_billions(one.without)}, and {in_billions(one.under)} under it;"
        if np.isnan(one.change):
            yield f"    {one.best} is best for every p."
        else:
            yield f"    {one.best} is best up to p = {one.change:.0%},"
            yield f"    above that {one.to}."


def break_even(free: np.ndarray, bound: np.ndarray, best: int) -> tuple[float, int]:
    """(least probability at which another option is better than `best`, that option); NaN for none."""
    ahead, behind = free[best] - free, bound[best] - bound
    with np.errstate(divide="ignore", invalid="ignore"):
        p = np.where(behind < 0.0, ahead / (ahead - behind), np.inf)
    p[best] = np.inf
    other = int(p.argmin())
    return (float(p[other]), other) if p[other] <= 1.0 else (float("nan"), best)
