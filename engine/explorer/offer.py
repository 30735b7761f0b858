"""The choices that the page offers for a scenario: assumptions to change, and measures for the two sides."""

from __future__ import annotations

import math
from collections.abc import Iterator, Mapping
from dataclasses import dataclass
from functools import cached_property
from typing import Any

import numpy as np

from engine.errors import EngineError, InputError
from engine.scenario import Number, Scenario, ScenarioError, parse_scenario
from engine.scenario.shift_median import LINEAR, Scale, median_of, scale_of, shift_median, with_values
from engine.scenario.source import parsed
from engine.scenario.units import FRACTION, GROWTH
from engine.text.format import spoken

#: Most sliders, and fewest if the scenario has enough numbers.
MOST, FEWEST = 12, 8
#: Keys that matter most, in order; `*` is the class with the largest median and the capability selected first, `1` the
#: first of its kind, `2` the next if there is one.
_MAIN = (
    "algorithms.efficiency_trend",
    "algorithms.breakthrough_rate",
    "hardware.generation_gain_mean",
    "hardware.release_gap_mean",
    "actor_classes.1.budget_growth",
    "actor_classes.2.openness",
    "actor_classes.1.security",
    "actor_classes.*.theft_rate",
    "actor_classes.*.attempt_rate",
    "capabilities.*.requirement",
    "capabilities.*.defence_duration",
    "capabilities.*.success_probability",
)
_MORE = (
    "actor_classes.1.budget",
    "actor_classes.*.budget_ceiling",
    "hardware.price_performance",
    "hardware.price_decline",
    "algorithms.published_lag",
    "capabilities.1.requirement",
    "actor_classes.1.run_pause",
)
_AREAS = {"hardware": "Hardware", "algorithms": "Algorithms", "parallelisation": "Parallelisation", "data": "Data"}
#: Steps between one end of a slider and the other.
STEPS = 100


@dataclass(frozen=True, eq=False)
class Assumption:
    """A number with a slider: its path, its distribution, and the range of its median (in its unit)."""

    path: str
    number: Number
    about: str
    low: float
    high: float

    @property
    def label(self) -> str:
        """Its name on the page."""
        *place, key = self.path.split(".")
        whose = _AREAS.get(place[0], spoken(place[-1]).capitalize())
        return f"{whose}: {spoken(key)}"

    @cached_property
    def median(self) -> float:
        """The median in the scenario."""
        return median_of(self.number)

    @property
    def scale(self) -> Scale:
        """The scale of its slider."""
        return scale_of(self.number)

    def place(self, median: float) -> float:
        """The position of a median on the slider."""
        return self.scale.place(median)

    def at(self, place: float) -> float:
        """The median at a position of the slider, in as few digits as distinguish it from its neighbours."""
        ends = self.place(self.low), self.place(self.high)
        step = (ends[1] - ends[0]) / STEPS
        here = min(max(place, ends[0]), ends[1])
        # The scenario's own median has a position of its own, with all its digits.
        if abs(here - self.place(self.median)) < 0.5 * step:
            return self.median
        value = self.scale.value(here)
        apart = abs(self.scale.value(here + step) - value)
        rounded = round(value, max(0, 1 - math.floor(math.log10(apart)))) if apart < 1.0 else float(f"{value:.3g}")
        return min(max(rounded, self.low), self.high)


@dataclass(frozen=True)
class Measures:
    """Measures that a side can take together: those of a policy of the scenario."""

    name: str
    description: str
    measures: tuple[Mapping[str, Any], ...]


@dataclass(frozen=True, eq=False)
class Offer:
    """The choices for a scenario on the page. Made by `offer_of`."""

    scenario: Scenario
    data: Mapping[str, Any]
    assumptions: tuple[Assumption, ...]
    measures: tuple[Measures, ...]
    capability: str
    actor_class: str
    from_library: bool

    @cached_property
    def by_path(self) -> dict[str, Assumption]:
        """The assumptions by their dotted paths."""
        return {assumption.path: assumption for assumption in self.assumptions}

    @cached_property
    def by_name(self) -> dict[str, Measures]:
        """The measures by name."""
        return {offered.name: offered for offered in self.measures}

    @cached_property
    def read(self) -> dict[str, Any]:
        """The plain data with parsed numbers: it gives the same scenario, some twenty times as fast."""
        numbers = {
            path: number
            for path, _, _, number in self.scenario.number_paths()
            if not path.startswith(("policies.", "hardware.formats.")) and _is_written(self.data, path)
        }
        return with_values(self.data, numbers)


def offer_of(scenario: Scenario, library: Scenario | None = None) -> Offer:
    """The choices that the page offers for `scenario`, which was read from a file.

    The measures are those of its policies. If it has none, they are those of the policies of `library` that name only
    its classes and capabilities.

    Raises InputError for a scenario that was not read from a file.
    """
    if not scenario.yaml:
        raise InputError("only a scenario that was read from a file can be explored; use load_scenario")
    data = parsed(scenario.yaml, scenario.name).data
    own = _measures(data)
    borrowed = () if own or library is None else _fitting(data, library)
    capability = _capability(scenario)
    return Offer(
        scenario,
        data,
        tuple(_assumptions(scenario, data, capability)),
        own or borrowed,
        capability,
        scenario.class_names[0],
        bool(borrowed),
    )


def _is_written(data: Mapping[str, Any], path: str) -> bool:
    here: Any = data
    for key in path.split("."):
        if not isinstance(here, Mapping) or key not in here:
            return False
        here = here[key]
    return True


def _measures(data: Mapping[str, Any]) -> tuple[Measures, ...]:
    policies = data.get("policies") or {}
    return tuple(
        Measures(name, policy.get("description", ""), tuple(policy["measures"])) for name, policy in policies.items()
    )


def _fitting(data: Mapping[str, Any], library: Scenario) -> tuple[Measures, ...]:
    """The policies of the library under which the scenario can be parsed."""
    theirs = parsed(library.yaml, library.name).data

    def fits(name: str) -> bool:
        try:
            parse_scenario({**data, "policies": {name: theirs["policies"][name]}})
        except ScenarioError:
            return False
        return True

    # Names are compared first, because parsing a scenario takes a third of a second.
    names = {*data["actor_classes"], *data["capabilities"]}
    fitting = [
        offered
        for offered in _measures(theirs)
        if all({*m.get("classes", ()), *filter(None, [m.get("trigger_capability")])} <= names for m in offered.measures)
    ]
    return tuple(offered for offered in fitting if fits(offered.name))


def _capability(scenario: Scenario) -> str:
    """The capability to select first: the dangerous one that is hardest to reach, else the hardest of all."""
    dangerous = [name for name, one in scenario.capabilities.items() if one.kind == "dangerous"]
    return max(
        dangerous or scenario.capability_names,
        key=lambda name: float(scenario.capabilities[name].requirement.quantile(np.array(0.5))),
    )


def _assumptions(scenario: Scenario, data: Mapping[str, Any], capability: str) -> Iterator[Assumption]:
    numbers = {
        path: number
        for path, _, _, number in scenario.number_paths()
        if not path.startswith(("policies.", "hardware.formats.")) and _is_written(data, path)
    }
    uncertain = [path for path, number in numbers.items() if not number.is_constant]
    main = [_path(scenario, numbers, pattern, capability) for pattern in _MAIN]
    more = [_path(scenario, numbers, pattern, capability) for pattern in _MORE]
    chosen = [path for path in dict.fromkeys(main) if path][:MOST]
    for path in (*filter(None, more), *uncertain):
        if len(chosen) < FEWEST and path not in chosen:
            chosen.append(path)
    for path in chosen:
        ends = _ends(numbers[path])
        if ends is not None:
            yield Assumption(path, numbers[path], _about(scenario, path), *ends)


def _path(scenario: Scenario, numbers: Mapping[str, Number], pattern: str, capability: str) -> str | None:
    """The path of a pattern of `_MAIN`, None if the scenario lacks the number or it is off."""
    group, member, key = (*pattern.split("."), "")[:3]
    if not key:
        found = [pattern]
    elif group == "capabilities" and member == "*":
        found = [f"capabilities.{capability}.{key}"]
    else:
        names = scenario.class_names if group == "actor_classes" else scenario.capability_names
        some = {"1": names[:1], "2": names[1:2] or names}.get(member, names)
        found = [f"{group}.{name}.{key}" for name in some]
    there = [path for path in found if path in numbers and _is_on(numbers[path])]
    return max(there, key=lambda path: float(numbers[path].quantile(np.array(0.5))), default=None)


def _is_on(number: Number) -> bool:
    return not number.is_constant or (number.parameters["value"] != 0.0 and math.isfinite(number.parameters["value"]))


def _about(scenario: Scenario, path: str) -> str:
    """The documentation of the key."""
    here: Any = scenario
    *place, key = path.split(".")
    for part in place:
        here = here[part] if isinstance(here, dict) else getattr(here, part)
    return str(type(here).model_fields[key].description or "").replace("\n", " ")


def _ends(number: Number) -> tuple[float, float] | None:
    """The least and the largest median of a slider, None if the number cannot be changed."""
    scale, middle = scale_of(number), median_of(number)
    low, high = _wished(number, scale, middle)
    ends = tuple(_possible(number, scale, middle, end) for end in (low, high))
    return (ends[0], ends[1]) if ends[0] < ends[1] else None


def _wished(number: Number, scale: Scale, middle: float) -> tuple[float, float]:
    """The range of a median: 2% to 98% quantiles of a distribution, about half of its size around a constant."""
    if not number.is_constant:
        low, high = number.written_quantile(np.array([0.02, 0.98]))
        return float(low), float(high)
    if number.quantity.dimension == FRACTION:
        whole = 100.0 if number.unit == "%" else 1.0
        return 0.0, whole
    if number.quantity.dimension == GROWTH and number.unit == "x/yr":
        return middle**0.5, middle**1.5
    if scale is LINEAR:
        apart = 1.0 if number.unit.startswith("log10") else 0.5 * abs(middle)
        return middle - apart, middle + apart
    return middle / 3.0, middle * 3.0


def _possible(number: Number, scale: Scale, middle: float, end: float) -> float:
    """`end`, or the nearest valid median between it and the `middle`."""

    def can_be(median: float) -> bool:
        try:
            shift_median(number, median)
        except EngineError:
            return False
        return True

    start, last = scale.place(middle), scale.place(end)
    for share in (1.0, 0.8, 0.6, 0.4, 0.2):
        median = float(f"{scale.value(start + share * (last - start)):.3g}")
        if can_be(median):
            return median
    return middle
