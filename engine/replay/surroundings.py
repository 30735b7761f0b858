"""Processes no actor changes: budgets, chip releases, breakthroughs of a class."""

from __future__ import annotations

from collections.abc import Generator

import simpy

from engine.replay.stage import Stage
from engine.rules.algorithms import adoption_lag, breakthrough_gain, breakthrough_gap, breakthrough_reach
from engine.rules.hardware import class_can_buy, class_trains_with, generation_gain, release_gap, ships_format
from engine.rules.investment import common_shock, first_budget, next_budget
from engine.rules.training import requirement

Process = Generator[simpy.Event, None, None]


def set_requirements(stage: Stage) -> None:
    """Draw what each capability requires."""
    stage.requirements = [requirement(stage.luck, stage.world, k) for k in range(len(stage.capabilities))]


def investment(stage: Stage) -> Process:
    """Yearly budgets of all classes. A year's growth is settled when the year begins."""
    world, classes = stage.world, range(len(stage.classes))
    stage.budgets = [[first_budget(world, c)] for c in classes]
    year = 0
    while True:
        common = common_shock(stage.luck, year)
        for c in classes:
            knots = stage.budgets[c]
            knots.append(next_budget(stage.luck, world, c, year, knots[-1], common))
            if year:
                stage.log("budget", c, log10_usd=knots[year])
        year += 1
        yield stage.until(stage.scenario.start + year)


def chips(stage: Stage) -> Process:
    """Generations of chips and the number formats they ship."""
    world, luck = stage.world, stage.luck
    formats = stage.scenario.hardware.formats
    shipped = generation = 0
    release = stage.scenario.start + release_gap(luck, world, 0)
    while True:
        # The next generation is on the road map before its release: whoever starts a run at the very moment
        # of the release has it, whichever process SimPy wakes first.
        gain = generation_gain(luck, world, generation)
        ships = shipped < len(formats) and ships_format(luck, world, generation)
        for c in range(len(stage.classes)):
            stage.add_step(c, class_can_buy(world, c, release), progress=gain)
            if ships:
                when = class_trains_with(world, c, shipped, release)
                stage.add_step(c, when, progress=float(world["format_gain"][shipped]))
        yield stage.until(release)
        stage.log("chip_release", subject=f"generation {generation + 1}", gain_oom=gain)
        if ships:
            name = formats[shipped].name
            stage.log("format_shipped", subject=name, gain_oom=float(world["format_gain"][shipped]))
            shipped += 1
        generation += 1
        release = stage.now + release_gap(luck, world, generation)


def breakthroughs(stage: Stage, finder: int) -> Process:
    """Algorithmic breakthroughs of one class, and when the others will use them."""
    world, luck = stage.world, stage.luck
    address = int(world["class_address"][finder])
    n = 0
    when = stage.scenario.start + breakthrough_gap(luck, world, finder, 0)
    while True:
        yield stage.until(when)
        gain = breakthrough_gain(luck, world, finder, n)
        scale_dependent, secret = breakthrough_reach(luck, world, finder, n)
        stage.log(
            "breakthrough",
            finder,
            subject="secret" if secret else "published",
            gain_oom=gain,
            scale_dependent=bool(scale_dependent),
        )
        invariant, scaled = (0.0, gain) if scale_dependent else (gain, 0.0)
        for c in range(len(stage.classes)):
            adopted = stage.now + adoption_lag(luck, world, address, n, c, secret)
            stage.add_step(c, adopted, invariant=invariant, scaled=scaled)
        n += 1
        when = stage.now + breakthrough_gap(luck, world, finder, n)
