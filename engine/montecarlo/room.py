"""How much room the arrays of a future need: upper bounds of what a future can have."""

from __future__ import annotations

import math

import numpy as np

from engine.scenario import Policies, Scenario, Worlds


def runs_possible(scenario: Scenario, worlds: Worlds) -> int:
    """An upper bound of the runs that an actor can begin before the horizon."""
    classes = len(scenario.actor_classes)
    return math.ceil((scenario.horizon - scenario.start) / worlds.run_duration[:, :classes].min()) + 2


def all_runs_possible(scenario: Scenario, worlds: Worlds) -> int:
    """Most runs of all actors in any of `worlds`, exceeded with a probability below 1e-20.

    Runs of an actor are fewer, and vary less, than a Poisson process with the rate of its cycles has events; the bound
    is the mean plus 12 standard deviations and a reserve. Never more than the upper bound for each actor.
    """
    counts = np.array([member.simulated for member in scenario.actor_classes.values()])
    cycle = (worlds.run_duration + worlds.run_pause)[:, : len(counts)]
    usual = ((scenario.horizon - scenario.start) / cycle + 1.0) @ counts
    return min(int(np.max(usual + 12.0 * np.sqrt(usual))) + 64, int(counts.sum()) * runs_possible(scenario, worlds))


def usual_runs(scenario: Scenario, worlds: Worlds) -> int:
    """Runs of an actor that are drawn at once: enough for most actors, in whole vector registers."""
    classes = len(scenario.actor_classes)
    cycle = (worlds.run_duration + worlds.run_pause)[:, :classes].mean()
    usual = (scenario.horizon - scenario.start) / cycle
    return min(8 * math.ceil((usual + math.sqrt(usual)) / 8.0), 512)


def thefts_possible(worlds: Worlds) -> int:
    """Most thefts of a future in any of `worlds`, exceeded with a probability below 1e-20.

    They are fewer than a Poisson process has events in which every other class holds models all the time and prevents
    no theft; the bound is the mean plus 12 standard deviations and a reserve.
    """
    classes = worlds.relation.shape[1]
    factors = worlds.theft_factor[np.arange(len(worlds))[:, np.newaxis, np.newaxis], worlds.relation]
    holders = (factors * (1.0 - np.eye(classes))).sum(axis=1)
    usual = (worlds.theft_rate * holders).sum(axis=1) * (worlds.horizon - worlds.start)
    return int(np.max(usual + 12.0 * np.sqrt(usual))) + 64


def events_possible(worlds: Worlds, policies: Policies) -> int:
    """Most events of a future in any of `worlds` under any of `policies`, exceeded with a probability below 1e-20.

    Research funding multiplies the rate of all breakthroughs at most by its factor for the most favoured class.
    Counts of breakthroughs are Poisson and counts of generations are about Normal with variance cv^2 of their mean;
    the bound is the mean plus 12 standard deviations and a reserve.
    """
    years = worlds.horizon - worlds.start
    multipliers = np.where(policies.binds == 1, np.maximum(policies.research_multiplier, 1.0)[..., np.newaxis], 1.0)
    # Parts of one measure are never in force together: its last one stands for all of them, with the largest factor.
    for m in range(1, multipliers.shape[-2]):
        before, part = multipliers[..., m - 1, :], multipliers[..., m, :]
        same = (policies.first_part[..., m] == policies.first_part[..., m - 1])[..., np.newaxis]
        part[:] = np.where(same, np.maximum(before, part), part)
        before[:] = np.where(same, 1.0, before)
    funded = multipliers.prod(axis=-2).max(axis=(-2, -1))
    breakthroughs = worlds.breakthrough_rate * years * funded
    generations = years / worlds.release_gap_mean
    room = breakthroughs + 12.0 * np.sqrt(breakthroughs)
    room += generations + 12.0 * np.sqrt(generations) * np.maximum(worlds.release_gap_cv, 0.1)
    reserve = 64.0 * np.maximum(1.0, worlds.release_gap_cv**2) + worlds.n_formats
    return int(np.max(room + reserve))
