"""A scenario: its parts, its policies, and their correlations."""

from __future__ import annotations

from collections.abc import Iterator
from typing import Annotated, Any, ClassVar

import numpy as np
from pydantic import Field, PrivateAttr

from engine.errors import InputError
from engine.scenario.display import scenario_html
from engine.scenario.errors import shown
from engine.scenario.measures import Policy
from engine.scenario.numbers import Number, meant
from engine.scenario.schedule import undated
from engine.scenario.section import SCENARIO_NAME, Name, Section
from engine.scenario.sections import (
    MAX_CAPABILITIES,
    MAX_CLASSES,
    MAX_POLICIES,
    MAX_RELATIONS,
    ActorClass,
    Algorithms,
    Capability,
    Correlation,
    Data,
    Distillation,
    Emergence,
    Hardware,
    Harm,
    Investment,
    Output,
    Parallelisation,
    Performance,
    Position,
    Relation,
)

#: The policy without measures, which every scenario has.
BASELINE = "baseline"


class Scenario(Section):
    """A whole validated scenario. Made by `load_scenario` or `parse_scenario`."""

    name: Annotated[str, Field(pattern=SCENARIO_NAME)] = ""
    """A short name; the file's name if left out."""
    description: str = ""
    """Purpose of the scenario."""
    start: Annotated[float, Field(ge=1950.0, le=2200.0)]
    """Beginning of the futures, in decimal years."""
    horizon: Annotated[float, Field(ge=1950.0, le=2300.0)]
    """End of the futures, in decimal years."""
    hardware: Hardware
    """Price-performance of chips."""
    algorithms: Algorithms = Algorithms()
    """Algorithmic efficiency."""
    investment: Investment = Investment()
    """What investors share."""
    parallelisation: Parallelisation = Parallelisation()
    """Utilisation of large clusters."""
    data: Data = Data()
    """Training data."""
    performance: Performance = Performance()
    """The score for reports."""
    actor_classes: Annotated[dict[Name, ActorClass], Field(min_length=1, max_length=MAX_CLASSES)]
    """Actor classes by name."""
    relations: Annotated[dict[Name, Relation], Field(max_length=MAX_RELATIONS)] = {}
    """Relations between classes by name; at most one from a class to another."""
    capabilities: Annotated[dict[Name, Capability], Field(min_length=1, max_length=MAX_CAPABILITIES)]
    """Capabilities by name."""
    emergence: Emergence = Emergence()
    """What requirements have in common."""
    distillation: Distillation = Distillation()
    """Learning from the models of others."""
    correlations: Annotated[list[Correlation], Field(max_length=100)] = []
    """Rank correlations between uncertain numbers."""
    harm: Harm = Harm()
    """Losses."""
    policies: Annotated[dict[Name, Policy], Field(max_length=MAX_POLICIES)] = {}
    """Policies by name; `baseline` needs no entry."""
    output: Output = Output()
    """Grids of the results."""

    SECTIONS: ClassVar[tuple[str, ...]] = (
        "hardware",
        "algorithms",
        "investment",
        "parallelisation",
        "data",
        "performance",
        "emergence",
        "distillation",
        "harm",
    )

    _text: str = PrivateAttr(default="")
    _yaml: str = PrivateAttr(default="")
    _file: str = PrivateAttr(default="")

    @property
    def text(self) -> str:
        """The scenario as written, with the files it extends; empty if it was not read from a file."""
        return self._text

    @property
    def yaml(self) -> str:
        """The scenario as one YAML file, merged with those it extends: it loads as the same scenario."""
        return self._yaml

    @property
    def file(self) -> str:
        """The path the scenario was loaded from, or empty."""
        return self._file

    @property
    def class_names(self) -> list[str]:
        """Names of the actor classes, in order."""
        return list(self.actor_classes)

    @property
    def weights(self) -> dict[str, int]:
        """The number of real actors for which each simulated actor stands, by its name, class by class."""
        classes = self.actor_classes.items()
        return {actor: n for name, one in classes for actor, n in zip(one.actor_names(name), one.weights, strict=True)}

    @property
    def capability_names(self) -> list[str]:
        """Names of the capabilities, in order."""
        return list(self.capabilities)

    @property
    def policy_names(self) -> list[str]:
        """Names of the policies, the baseline first."""
        return [BASELINE, *self.policies]

    def policy_number(self, name: str) -> int:
        """The index of a policy in `policy_names`. Raises InputError, with the right form, for an unknown one."""
        if name in self.policy_names:
            return self.policy_names.index(name)
        if not self.policies:
            called = self.name or "this scenario"
            raise InputError(f"{called} has no policy besides {BASELINE}; add some, or use the scenario `policies`")
        raise InputError(f"no policy is called {shown(name)}; {meant(name, self.policy_names)}")

    def basis(self, capability: str) -> set[str]:
        """The capability and all those without which no model has it, directly or by way of others."""
        found, open_ = {capability}, [capability]
        while open_:
            new = [name for name in self.capabilities[open_.pop()].after if name not in found]
            found.update(new)
            open_ += new
        return found

    @property
    def bases(self) -> list[list[int]]:
        """For each capability the indices of its `basis`, rising."""
        places = {name: k for k, name in enumerate(self.capability_names)}
        return [sorted(places[other] for other in self.basis(name)) for name in places]

    def class_number(self, name: str) -> int:
        """The index of a class in `class_names`. Raises InputError, with the right form, for an unknown one."""
        if name not in self.actor_classes:
            raise InputError(f"no actor class is called {shown(name)}; {meant(name, self.class_names)}")
        return self.class_names.index(name)

    def number_paths(self) -> Iterator[tuple[str, str, Position, Number]]:
        """(dotted path, field, position in the field, number) of every number.

        The position is () for a field with one value, (i,) for one of several formats, classes or capabilities,
        (i + 1,) for a relation, and (policy, part, part after the last) for a measure: policies are counted as in
        `policy_names`, parts as in `engine.scenario.policies.POLICY`. The field of a number that changes at dates is
        its key, and its path ends with the date.
        """
        for section in self.SECTIONS:
            for key, number in getattr(self, section).numbers():
                yield f"{section}.{key}", key, (), number
        for position, shipped in enumerate(self.hardware.formats):
            for key, number in shipped.numbers():
                yield f"hardware.formats.{shipped.name}.{key}", key, (position,), number
        for group in ("actor_classes", "capabilities"):
            for position, (name, member) in enumerate(getattr(self, group).items()):
                for key, number in member.numbers():
                    yield f"{group}.{name}.{key}", key, (position,), number
        for position, (name, relation) in enumerate(self.relations.items(), start=1):
            for key, number in relation.numbers():
                yield f"relations.{name}.{key}", key, (position,), number
        for p, (name, policy) in enumerate(self.policies.items(), start=1):
            first = 0
            for called, measure in policy.named_measures():
                for key, parts, number in measure.numbers_of_parts():
                    place = (p, first + parts.start, first + parts.stop)
                    yield f"policies.{name}.{called}.{key}", undated(key), place, number
                first += len(measure.stretches())

    def uncertain(self) -> dict[str, Number]:
        """The numbers that are drawn once per world, by dotted path."""
        return {path: number for path, _, _, number in self.number_paths() if not number.is_constant}

    @property
    def years(self) -> np.ndarray[Any, np.dtype[np.float64]]:
        """The start and every whole year after it up to the horizon, decimal years, float64 (year,)."""
        return self.start + np.arange(int(self.horizon - self.start + 1e-9) + 1.0)

    @property
    def time_grid(self) -> np.ndarray[Any, np.dtype[np.float64]]:
        """Decimal years of the `time` dimension, from the start to the horizon, float64 (time,)."""
        steps = max(1, round((self.horizon - self.start) / self.output.time_step))
        return np.linspace(self.start, self.horizon, steps + 1)

    def _repr_html_(self) -> str:
        """The HTML for notebooks."""
        return scenario_html(self)
