"""Origins of the numbers of a scenario: a source, a labelled assumption, or none stated."""

from __future__ import annotations

from collections.abc import Iterator
from dataclasses import dataclass
from typing import TYPE_CHECKING

from engine.scenario.numbers import Number
from engine.scenario.schedule import undated

if TYPE_CHECKING:
    from engine.scenario.schema import Scenario
    from engine.scenario.section import Section

#: Groups of numbers by origin, in the order of tables.
KINDS = ("source", "source and assumption", "assumption", "none stated")
_LABEL = "assumption"
#: Most numbers without a source that a sentence names.
MOST_NAMED = 12


@dataclass(frozen=True)
class Part:
    """A part of a scenario: the `group` of parts it belongs to, its own name, its dotted path, and itself."""

    group: str
    name: str
    path: str
    section: Section

    @property
    def given(self) -> list[tuple[str, Number]]:
        """(key, number) of the numbers that the scenario's author wrote."""
        return [(key, one) for key, one in self.section.numbers() if undated(key) in self._written]

    @property
    def left(self) -> list[str]:
        """Keys that were left out, whose default switches their mechanism off."""
        return [key for key, _ in self.section.numbers() if undated(key) not in self._written]

    @property
    def _written(self) -> set[str]:
        return self.section.model_fields_set

    def source(self, number: Number) -> str:
        """The source of a number: its own, or that of the whole part."""
        return number.source or self.section.source


def parts(scenario: Scenario) -> Iterator[Part]:
    """Every part of a scenario that has numbers, in the order of `Scenario.number_paths`."""
    for name in scenario.SECTIONS:
        yield Part(name, name, name, getattr(scenario, name))
    for one in scenario.hardware.formats:
        yield Part("number formats", one.name, f"hardware.formats.{one.name}", one)
    for name, actor_class in scenario.actor_classes.items():
        yield Part("actor classes", name, f"actor_classes.{name}", actor_class)
    for name, capability in scenario.capabilities.items():
        yield Part("capabilities", name, f"capabilities.{name}", capability)
    for name, policy in scenario.policies.items():
        for called, measure in policy.named_measures():
            yield Part("policies", f"{name}: {called}", f"policies.{name}.{called}", measure)


def kind_of(source: str) -> str:
    """The kind of a source: an assumption begins with this word, and a partial one contains it."""
    text = " ".join(source.split()).lower()
    if not text:
        return "none stated"
    return _LABEL if text.startswith(_LABEL) else "source and assumption" if _LABEL in text else "source"


def counts(scenario: Scenario) -> dict[str, dict[str, int]]:
    """Number of written numbers of each kind of source, by group of parts."""
    found: dict[str, dict[str, int]] = {}
    for part in parts(scenario):
        of_group = found.setdefault(part.group, dict.fromkeys(KINDS, 0))
        for _, number in part.given:
            of_group[kind_of(part.source(number))] += 1
    return {group: of_group for group, of_group in found.items() if any(of_group.values())}


def without_source(scenario: Scenario) -> list[str]:
    """The dotted paths of numbers without a stated source."""
    return [
        f"{part.path}.{key}"
        for part in parts(scenario)
        for key, number in part.given
        if kind_of(part.source(number)) == "none stated"
    ]


def origins_in_words(scenario: Scenario, most: int = MOST_NAMED) -> str:
    """A sentence on numbers with a source, labelled as assumptions, or with neither; it names `most` of the last."""
    found = counts(scenario).values()
    source, both, assumption, nothing = (sum(of_group[kind] for of_group in found) for kind in KINDS)
    named = without_source(scenario)[:most]
    others = f" and {nothing - len(named):,} others" if nothing > len(named) else ""
    return (
        f"Of the {source + both + assumption + nothing:,} numbers of the scenario, {source:,} have a source, "
        f"{both + assumption:,} are labelled as assumptions, in whole or in part, and {nothing:,} have neither"
        + (f": {', '.join(named)}{others}." if named else ".")
    )
