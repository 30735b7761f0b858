"""Conditions between the keys of a scenario, beyond those of single keys."""

from __future__ import annotations

from collections.abc import Callable, Iterator
from itertools import product

import numpy as np

from engine.rules.governance import LEVERS
from engine.scenario.correlation import gaussian_correlation
from engine.scenario.errors import shown
from engine.scenario.measure import Measure
from engine.scenario.measures import MAX_MEASURES, MEASURES, Policy, ResearchFunding
from engine.scenario.names import luck_name
from engine.scenario.numbers import Number, meant
from engine.scenario.schedule import values_of
from engine.scenario.schema import BASELINE, Scenario
from engine.scenario.sections import MAX_ACTORS
from engine.scenario.source import KeyPath

Found = Iterator[tuple[KeyPath, str]]

MAX_YEARS = 100.0
MAX_BREAKTHROUGHS = 20_000
MAX_RUNS = 2_000_000
MAX_TIMES = 2_000
#: Numbers up to this one are exact in the float32 of samples. The simulation itself counts four times as many.
MAX_INCIDENTS = 2**24
#: Names that pandas and others read from a table as a missing value.
MISSING = frozenset({"NA", "NULL", "NaN", "None", "nan", "null"})
#: Two keys of a measure that need each other.
_FORESIGHT = ("foresight", "foresight_probability")
_HALF = np.array([0.5])
_HIGH = np.array([1.0 - 1e-6])


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


def _names(scenario: Scenario) -> Found:
    for section in ("actor_classes", "capabilities", "policies"):
        for name in MISSING.intersection(getattr(scenario, section)):
            yield (section, name), "means a missing value in tables and would be lost in them; choose another name"


def _formats(scenario: Scenario) -> Found:
    seen: set[str] = set()
    for index, shipped in enumerate(scenario.hardware.formats):
        if shipped.name in seen:
            yield ("hardware", "formats", index, "name"), f"the format {shipped.name} is listed twice; remove one"
        seen.add(shipped.name)


def _actors(scenario: Scenario) -> Found:
    total = sum(member.simulated for member in scenario.actor_classes.values())
    if total > MAX_ACTORS:
        yield (
            ("actor_classes",),
            f"{total} actors are more than {MAX_ACTORS}; simulate fewer and let each stand for many with `represents:`",
        )


def _newcomers(scenario: Scenario) -> Found:
    for name, member in scenario.actor_classes.items():
        if member.newcomers and not _reaches(member.newcomer_rate, 0.0):
            yield ("actor_classes", name, "newcomers"), "nobody enters at a rate of 0; give `newcomer_rate:`"
        elif not member.newcomers:
            for key in ("newcomer_rate", "newcomer_growth"):
                if key in member.model_fields_set:
                    yield ("actor_classes", name, key), "does nothing by itself; give `newcomers:`, the most that enter"


def _research(scenario: Scenario) -> Found:
    rate = scenario.algorithms.breakthrough_rate
    shares = [member.research_share for member in scenario.actor_classes.values()]
    if float(rate.quantile(_HIGH)[0]) > 0.0 and not any(
        float(share.quantile(np.array([1e-6]))[0]) > 0.0 for share in shares
    ):
        yield (
            ("algorithms", "breakthrough_rate"),
            "breakthroughs need finders; give some actor class a `research_share:` that is certainly above 0",
        )


def _events(scenario: Scenario) -> Found:
    years = scenario.horizon - scenario.start
    most = float(scenario.algorithms.breakthrough_rate.quantile(_HIGH)[0]) * years
    if most > MAX_BREAKTHROUGHS:
        message = f"about {most:g} breakthroughs per future are more than {MAX_BREAKTHROUGHS}; lower the rate"
        yield ("algorithms", "breakthrough_rate"), message
    for name, policy in scenario.policies.items():
        funded = most * max(_funded(policy, actor_class) for actor_class in scenario.actor_classes)
        if most <= MAX_BREAKTHROUGHS < funded:
            message = (
                f"up to {funded:.2g} breakthroughs per future are more than {MAX_BREAKTHROUGHS}; fund research less"
            )
            yield ("policies", name), message
    runs = 0.0
    for member in scenario.actor_classes.values():
        cycle = member.run_duration.quantile(np.array([0.001])) + member.run_pause.quantile(np.array([0.001]))
        runs += member.simulated * years / float(cycle[0])
    if runs > MAX_RUNS:
        yield (
            ("actor_classes",),
            f"about {runs:.2g} training runs per future are more than {MAX_RUNS}; use fewer actors",
        )


def _funded(policy: Policy, actor_class: str) -> float:
    """The largest factor on the breakthroughs of a class under a policy."""
    times = 1.0
    for measure in policy.measures:
        if isinstance(measure, ResearchFunding) and (measure.classes is None or actor_class in measure.classes):
            values = values_of(measure.research_multiplier)
            times *= max(1.0, *(float(value.quantile(_HIGH)[0]) for value in values))
    return times


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
    investments = output.investments
    if any(not 1.0 <= usd <= 1e15 for usd in investments) or sorted(set(investments)) != investments:
        yield ("output", "investments"), "investments must rise and lie between 1 and 1e15 US$, such as [1e6, 1e8]"
    levels = output.risk_levels
    if any(not 0.0 < level < 1.0 for level in levels) or sorted(set(levels)) != levels:
        yield ("output", "risk_levels"), "levels must rise and lie between 0 and 1, such as [0.95, 0.99]"
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
        if len({luck_name(path) for path in pair}) < len(pair):
            sound = False
            yield (*here, "between"), "these are one draw, because policies share that of a kind of measure; remove it"
        if len(pair) < 2 or pair in seen:
            sound = False
            yield (*here, "between"), "a correlation needs two different numbers, and each pair once; remove it"
        seen.add(pair)
    named = {path for correlation in scenario.correlations for path in correlation.between}
    if sound and len({luck_name(path) for path in named}) < len(named):
        sound = False
        yield ("correlations",), "policies share the draws of a kind of measure; name each number in one policy only"
    if sound and scenario.correlations and gaussian_correlation(scenario)[1] is None:
        yield ("correlations",), "no joint distribution has these correlations; choose values nearer to 0"


def _harm(scenario: Scenario) -> Found:
    """Keys that apply only to dangerous or only to valuable capabilities, and the number of incidents."""
    most = 0.0
    for name, capability in scenario.capabilities.items():
        here = ("capabilities", name)
        misused = _reaches(capability.success_probability, 0.0)
        if capability.kind == "valuable" and misused:
            message = "only a dangerous capability is misused; list the capability twice, once as each kind"
            yield (*here, "success_probability"), message
        if capability.kind == "dangerous" and "benefit_rate" in capability.model_fields_set:
            message = "only a valuable capability earns a benefit; list the capability twice, once as each kind"
            yield (*here, "benefit_rate"), message
        if misused and "loss_median" not in capability.model_fields_set:
            yield (*here, "success_probability"), "incidents need a loss; add `loss_median:` (0 for none)"
        most += float(capability.success_probability.quantile(_HIGH)[0])
    years = scenario.horizon - scenario.start
    for name, member in scenario.actor_classes.items():
        incidents = most * float(member.attempt_rate.quantile(_HIGH)[0]) * member.real * years
        if incidents > MAX_INCIDENTS:
            message = f"up to {incidents:.2g} incidents per future are more than {MAX_INCIDENTS:,}; lower the rate"
            yield ("actor_classes", name, "attempt_rate"), message


def _after(scenario: Scenario) -> Found:
    for name, capability in scenario.capabilities.items():
        for index, before in enumerate(capability.after):
            place = ("capabilities", name, "after", index)
            if before not in scenario.capabilities:
                known = scenario.capability_names
                yield place, f"no capability is called {shown(before)}; {meant(before, known)}"
            elif before == name:
                yield place, "a capability cannot come after itself; remove it"
            elif before in capability.after[:index]:
                yield place, f"{before} is listed twice; remove one"
    # A circle is found at each of its members, and reported at the first.
    if all(before in scenario.capabilities for one in scenario.capabilities.values() for before in one.after):
        circles = (
            (name, before)
            for name, one in scenario.capabilities.items()
            for before in one.after
            if before != name and name in scenario.basis(before)
        )
        for name, before in list(circles)[:1]:
            yield ("capabilities", name, "after"), f"{before} itself comes after {name}; remove one of the two"


def _relations(scenario: Scenario) -> Found:
    taken: dict[tuple[str, str], str] = {}
    for name, relation in scenario.relations.items():
        for key in ("of", "to"):
            listed = getattr(relation, key)
            for index, one in enumerate(listed):
                if one not in scenario.actor_classes:
                    message = f"no actor class is called {shown(one)}; {meant(one, scenario.class_names)}"
                    yield ("relations", name, key, index), message
                elif one in listed[:index]:
                    yield ("relations", name, key, index), f"{one} is listed twice; remove one"
        for pair in product(dict.fromkeys(relation.of), dict.fromkeys(relation.to)):
            if pair in taken:
                what = f"{pair[0]} to {pair[1]} is in the relation {taken[pair]} already; write both into one"
                yield ("relations", name), what
                break
        taken |= dict.fromkeys(product(relation.of, relation.to), name)
        if not {"lag_factor", "theft_factor", "serves"} & relation.model_fields_set:
            yield ("relations", name), "changes nothing; give `lag_factor:`, `theft_factor:` or `serves:`"


def _policies(scenario: Scenario) -> Found:
    if BASELINE in scenario.policies:
        yield ("policies", BASELINE), "this is the policy without measures, which always exists; choose another name"
    for name, policy in scenario.policies.items():
        if policy.entries > MAX_MEASURES:
            message = (
                f"with their dates these are {policy.entries} measures, more than {MAX_MEASURES}; give fewer dates"
            )
            yield ("policies", name, "measures"), message
        for index, measure in enumerate(policy.measures):
            for key, message in _measure(scenario, measure):
                yield ("policies", name, "measures", index, *([key] if key else [])), message


def _measure(scenario: Scenario, measure: Measure) -> Iterator[tuple[str, str]]:
    """(key, message) of each fault of a measure."""
    given = measure.model_fields_set
    for key in ("classes", "refuses"):
        listed = getattr(measure, key, None) or ()
        for actor_class in listed:
            if actor_class not in scenario.actor_classes:
                message = f"no actor class is called {shown(actor_class)}; {meant(actor_class, scenario.class_names)}"
                yield key, message
        if len(set(listed)) < len(listed):
            yield key, "an actor class is listed twice; remove one"
    levers = [key for key in MEASURES[measure.measure].model_fields if _acts(key)]
    if not given & set(levers):
        yield "", f"changes nothing; give {' or '.join(f'`{key}:`' for key in levers)}"
    for key, other in (_FORESIGHT, _FORESIGHT[::-1]):
        if key in given and other not in given:
            yield key, f"does nothing by itself; give `{other}:` too"
    start = max(float(measure.start.quantile(_HALF)[0]), scenario.start) + float(measure.delay.quantile(_HALF)[0])
    if start >= float(measure.end.quantile(_HALF)[0]):
        yield "end", "ends before it starts; write a later year"
    if float(measure.duration.quantile(_HALF)[0]) <= 0.0:
        yield "duration", "must be above 0; remove the measure, or give its duration"
    yield from _trigger(scenario, measure)


def _acts(key: str) -> bool:
    """Whether a key of a measure has an effect by itself."""
    return key in ("withdraws_dangerous", "refuses") or (key in LEVERS and key != "threshold")


def _trigger(scenario: Scenario, measure: Measure) -> Iterator[tuple[str, str]]:
    given, meant_by = measure.model_fields_set, measure.trigger_capability
    dangerous = [name for name, capability in scenario.capabilities.items() if capability.kind == "dangerous"]
    if (measure.trigger == "run") != ("trigger_compute" in given):
        if measure.trigger == "run":
            yield "trigger", "the run is missing; give its size by `trigger_compute:`, such as 1e26"
        else:
            yield "trigger_compute", "belongs to `trigger: run`; remove it"
    if meant_by is not None and measure.trigger in (None, "run"):
        yield "trigger_capability", "belongs to the triggers emergence, release, theft and incident; remove it"
    elif meant_by is not None and meant_by not in scenario.capabilities:
        message = f"no capability is called {shown(meant_by)}; {meant(meant_by, scenario.capability_names)}"
        yield "trigger_capability", message
    elif measure.trigger == "incident" and meant_by is not None and meant_by not in dangerous:
        yield "trigger_capability", "only a dangerous capability has incidents; name a dangerous one"
    elif measure.trigger == "incident" and not dangerous:
        yield "trigger", "no capability is dangerous, so there are no incidents; choose another trigger"
    elif measure.trigger == "emergence" and meant_by is None and not dangerous:
        yield "trigger", "no capability is dangerous, so this never happens; name one by `trigger_capability:`"


def _reaches(number: Number, value: float) -> bool:
    """Whether a number is certainly or possibly above `value`."""
    return float(number.quantile(_HIGH)[0]) > value


CHECKS: tuple[Callable[[Scenario], Found], ...] = (
    _times,
    _names,
    _formats,
    _actors,
    _newcomers,
    _research,
    _events,
    _ceilings,
    _rising,
    _correlations,
    _after,
    _relations,
    _harm,
    _policies,
)
