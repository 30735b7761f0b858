"""Processes that no actor changes: budgets, chip releases, breakthroughs of a class."""

from __future__ import annotations

import math
from collections.abc import Generator

import simpy

from engine.replay.state import State
from engine.rules.algorithms import breakthrough_gain, breakthrough_time
from engine.rules.emergence import requirement
from engine.rules.hardware import generation_gain, release_gap, ships_format
from engine.rules.investment import common_shock, first_budget, next_budget
from engine.rules.secrecy import adoption_lag, breakthrough_reach, crossing_lag, publication_lag, secrecy

Process = Generator[simpy.Event, None, None]


def set_requirements(state: State) -> None:
    """Draw the requirement of each capability."""
    state.requirements = [requirement(state.luck, state.world, k) for k in range(len(state.capabilities))]


def set_budgets(state: State) -> None:
    """Draw the yearly knots of all budgets, to the end of the year of the horizon."""
    world, classes = state.world, range(len(state.classes))
    state.budgets = [[first_budget(world, c)] for c in classes]
    for year in range(math.ceil(state.scenario.horizon - state.scenario.start)):
        common = common_shock(state.luck, year)
        for c, knots in enumerate(state.budgets):
            knots.append(next_budget(state.luck, world, c, year, knots[-1], common))


def investment(state: State) -> Process:
    """The budgets of all classes at the beginning of each year."""
    for year in range(1, len(state.budgets[0])):
        yield state.until(state.scenario.start + year)
        for c, knots in enumerate(state.budgets):
            state.log("budget", c, log10_usd=knots[year])


def chips(state: State) -> Process:
    """Generations of chips and the number formats they ship."""
    world, luck = state.world, state.luck
    formats = state.scenario.hardware.formats
    shipped = generation = 0
    release = state.scenario.start + release_gap(luck, world, 0)
    while True:
        # The next generation is known before its release: an actor that starts a run at the moment of the release
        # has it, regardless of the process that SimPy wakes first.
        gain = generation_gain(luck, world, generation)
        ships = shipped < len(formats) and ships_format(luck, world, generation)
        format_gain = float(world["format_gain"][shipped]) if ships else 0.0
        state.add_generation((release, gain, shipped if ships else -1, format_gain))
        yield state.until(release)
        state.log("chip_release", subject=f"generation {generation + 1}", gain_oom=gain)
        if ships:
            state.log("format_shipped", subject=formats[shipped].name, gain_oom=format_gain)
            shipped += 1
        generation += 1
        release = state.now + release_gap(luck, world, generation)


def breakthroughs(state: State, finder: int) -> Process:
    """Algorithmic breakthroughs of one class, and the times from which the others use them."""
    world, luck, policy, regime = state.world, state.luck, state.policy, state.regime
    address = int(world["class_address"][finder])
    n, since = 0, state.scenario.start
    while True:
        # Research may be funded from a start that is not known yet: then the time is computed again.
        known = state.regime_known
        yield state.until(breakthrough_time(luck, world, policy, regime, finder, n, since)) | known
        if known.triggered:
            continue
        gain = breakthrough_gain(luck, world, finder, n)
        kept = secrecy(world, policy, regime, finder, state.now)
        scale_dependent, secret = breakthrough_reach(luck, world, finder, n, kept)
        state.log(
            "breakthrough",
            finder,
            subject="secret" if secret else "published",
            gain_oom=gain,
            scale_dependent=bool(scale_dependent),
        )
        invariant, scaled = (0.0, gain) if scale_dependent else (gain, 0.0)
        mean = publication_lag(world, policy, regime, finder, state.now, secret)
        for c in range(len(state.classes)):
            lag = crossing_lag(world, finder, c, mean)
            adopted = state.now + adoption_lag(luck, world, address, n, c, lag)
            state.add_breakthrough(c, adopted, invariant, scaled)
        n, since = n + 1, state.now
