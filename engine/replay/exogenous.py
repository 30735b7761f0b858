"""Processes that no actor changes: budgets, chip releases, breakthroughs of a class."""

from __future__ import annotations

import math
from collections.abc import Generator

import simpy

from engine.replay.state import Stage
from engine.rules.algorithms import adoption_lag, breakthrough_gain, breakthrough_reach, breakthrough_time
from engine.rules.governance import publication_lag, secrecy
from engine.rules.hardware import generation_gain, release_gap, ships_format
from engine.rules.investment import common_shock, first_budget, next_budget
from engine.rules.training import requirement

Process = Generator[simpy.Event, None, None]


def set_requirements(stage: Stage) -> None:
    """Draw the requirement of each capability."""
    stage.requirements = [requirement(stage.luck, stage.world, k) for k in range(len(stage.capabilities))]


def set_budgets(stage: Stage) -> None:
    """Draw the yearly knots of all budgets, to the end of the year of the horizon."""
    world, classes = stage.world, range(len(stage.classes))
    stage.budgets = [[first_budget(world, c)] for c in classes]
    for year in range(math.ceil(stage.scenario.horizon - stage.scenario.start)):
        common = common_shock(stage.luck, year)
        for c, knots in enumerate(stage.budgets):
            knots.append(next_budget(stage.luck, world, c, year, knots[-1], common))


def investment(stage: Stage) -> Process:
    """The budgets of all classes at the beginning of each year."""
    for year in range(1, len(stage.budgets[0])):
        yield stage.until(stage.scenario.start + year)
        for c, knots in enumerate(stage.budgets):
            stage.log("budget", c, log10_usd=knots[year])


def chips(stage: Stage) -> Process:
    """Generations of chips and the number formats they ship."""
    world, luck = stage.world, stage.luck
    formats = stage.scenario.hardware.formats
    shipped = generation = 0
    release = stage.scenario.start + release_gap(luck, world, 0)
    while True:
        # The next generation is known before its release: an actor that starts a run at the moment of the release
        # has it, regardless of the process that SimPy wakes first.
        gain = generation_gain(luck, world, generation)
        ships = shipped < len(formats) and ships_format(luck, world, generation)
        format_gain = float(world["format_gain"][shipped]) if ships else 0.0
        stage.add_generation((release, gain, shipped if ships else -1, format_gain))
        yield stage.until(release)
        stage.log("chip_release", subject=f"generation {generation + 1}", gain_oom=gain)
        if ships:
            stage.log("format_shipped", subject=formats[shipped].name, gain_oom=format_gain)
            shipped += 1
        generation += 1
        release = stage.now + release_gap(luck, world, generation)


def breakthroughs(stage: Stage, finder: int) -> Process:
    """Algorithmic breakthroughs of one class, and the times from which the others use them."""
    world, luck, policy, regime = stage.world, stage.luck, stage.policy, stage.regime
    address = int(world["class_address"][finder])
    n, since = 0, stage.scenario.start
    while True:
        # Research may be funded from a start that is not known yet: then the time is computed again.
        known = stage.regime_known
        yield stage.until(breakthrough_time(luck, world, policy, regime, finder, n, since)) | known
        if known.triggered:
            continue
        gain = breakthrough_gain(luck, world, finder, n)
        kept = secrecy(world, policy, regime, finder, stage.now)
        scale_dependent, secret = breakthrough_reach(luck, world, finder, n, kept)
        stage.log(
            "breakthrough",
            finder,
            subject="secret" if secret else "published",
            gain_oom=gain,
            scale_dependent=bool(scale_dependent),
        )
        invariant, scaled = (0.0, gain) if scale_dependent else (gain, 0.0)
        mean = publication_lag(world, policy, regime, finder, stage.now, secret)
        for c in range(len(stage.classes)):
            adopted = stage.now + adoption_lag(luck, world, address, n, c, mean)
            stage.add_breakthrough(c, adopted, invariant, scaled)
        n, since = n + 1, stage.now
