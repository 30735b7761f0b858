"""What must hold between the keys of a scenario, beyond each key by itself."""

from __future__ import annotations

from collections.abc import Callable, Iterator

import numpy as np

from engine.scenario.correlation import gaussian_correlation
from engine.scenario.errors import shown
from engine.scenario.numbers import meant
from engine.scenario.schema import MAX_ACTORS, Scenario
from engine.scenario.source import KeyPath

Found = Iterator[tuple[KeyPath, str]]

MAX_YEARS = 100.0
MAX_BREAKTHROUGHS = 20_000
MAX_RUNS = 2_000_000
MAX_TIMES = 2_000
_HALF = np.array([0.5])


def problems_of(scenario: Scenario) -> list[tuple[KeyPath, str]]:
    """(path, message) of every broken rule, in the order of the schema."""
    return [found for check in CHECKS for found in check(scenario)]


def _times(scenario: Scenario) -> Found:
    if scenario.horizon <= scenario.start:
        message = f"horizon ({scenario.horizon:g}) must be after start ({scenario.start:g}); write a later year"
        yield ("horizon",), message
    elif scenario.horizon - scenario.start > MAX_YEARS:
        message = f"must be at most {MAX_YEARS:g} years after start; use {scenario.start + MAX_YEARS:g} or earlier"
        yield ("horizon",), message
    elif (scenario.horizon - scenario.start) / scenario.output.time_step > MAX_TIMES:
        yield ("output", "time_step"), f"more than {MAX_TIMES} points of time; use a longer step"


def _formats(scenario: Scenario) -> Found:
    seen: set[str] = set()
    for index, shipped in enumerate(scenario.hardware.formats):
        if shipped.name in seen:
            yield ("hardware", "formats", index, "name"), f"the format {shipped.name} is listed twice; remove one"
        seen.add(shipped.name)


def _actors(scenario: Scenario) -> Found:
    total = sum(member.count for member in scenario.actor_classes.values())
    if total > MAX_ACTORS:
        yield (
            ("actor_classes",),
            f"{total} actors are more than {MAX_ACTORS}; simulate fewer and let each stand for many with `represents:`",
        )


def _research(scenario: Scenario) -> Found:
    rate = scenario.algorithms.breakthrough_rate
    shares = [member.research_share for member in scenario.actor_classes.values()]
    if float(rate.quantile(np.array([1.0 - 1e-6]))[0]) > 0.0 and not any(
        float(share.quantile(np.array([1e-6]))[0]) > 0.0 for share in shares
    ):
        yield (
            ("algorithms", "breakthrough_rate"),
            "breakthroughs need finders; give some actor class a `research_share:` that is surely above 0",
        )


def _events(scenario: Scenario) -> Found:
    years = scenario.horizon - scenario.start
    most = float(scenario.algorithms.breakthrough_rate.quantile(np.array([1.0 - 1e-6]))[0]) * years
    if most > MAX_BREAKTHROUGHS:
        message = f"about {most:g} breakthroughs a future are more than {MAX_BREAKTHROUGHS}; lower the rate"
        yield ("algorithms", "breakthrough_rate"), message
    runs = 0.0
    for member in scenario.actor_classes.values():
        cycle = member.run_duration.quantile(np.array([0.001])) + member.run_pause.quantile(np.array([0.001]))
        runs += member.count * years / float(cycle[0])
    if runs > MAX_RUNS:
        yield ("actor_classes",), f"about {runs:.2g} training runs a future are more than {MAX_RUNS}; use fewer actors"


def _ceilings(scenario: Scenario) -> Found:
    hardware = scenario.hardware
    if hardware.price_performance_ceiling.quantile(_HALF) < hardware.price_performance.quantile(_HALF):
        yield ("hardware", "price_performance_ceiling"), "the ceiling is below price_performance at the start; raise it"
    for name, member in scenario.actor_classes.items():
        if member.budget_ceiling.quantile(_HALF) < member.budget.quantile(_HALF):
            yield ("actor_classes", name, "budget_ceiling"), "the ceiling is below the budget at the start; raise it"


def _rising(scenario: Scenario) -> Found:
    output = scenario.output
    if (
        any(not 1.0 <= t <= 1e60 for t in output.flop_thresholds)
        or sorted(set(output.flop_thresholds)) != output.flop_thresholds
    ):
        yield (
            ("output", "flop_thresholds"),
            "thresholds must rise and lie between 1 and 1e60 FLOP, such as [1e25, 1e26]",
        )
    if any(not 0.0 < q < 1.0 for q in output.quantiles) or sorted(set(output.quantiles)) != output.quantiles:
        yield ("output", "quantiles"), "quantiles must rise and lie between 0 and 1, such as [0.05, 0.5, 0.95]"


def _correlations(scenario: Scenario) -> Found:
    uncertain = list(scenario.uncertain())
    every = {path for path, _, _, _ in scenario.number_paths()}
    seen: set[frozenset[str]] = set()
    sound = True
    for index, correlation in enumerate(scenario.correlations):
        here = ("correlations", index)
        pair = frozenset(correlation.between)
        for end, path in enumerate(correlation.between):
            if path in every and path not in uncertain:
                sound = False
                message = f"{path} is certain, so nothing can correlate with it; give it a distribution"
                yield (*here, "between", end), message
            elif path not in uncertain:
                sound = False
                yield (*here, "between", end), f"no number is called {shown(path)}; {meant(path, uncertain)}"
        if len(pair) < 2 or pair in seen:
            sound = False
            yield (*here, "between"), "a correlation is between two different numbers, each pair given once; remove it"
        seen.add(pair)
    if sound and scenario.correlations and gaussian_correlation(scenario)[1] is None:
        yield ("correlations",), "no joint distribution has these correlations; bring them nearer to 0"


CHECKS: tuple[Callable[[Scenario], Found], ...] = (
    _times,
    _formats,
    _actors,
    _research,
    _events,
    _ceilings,
    _rising,
    _correlations,
)
