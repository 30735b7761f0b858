"""One actor on its own, and its options."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass
from itertools import product

import numpy as np
import xarray as xr

from engine.errors import InputError
from engine.scenario import Change, Scenario, Worlds
from engine.scenario.quantities import SIZE
from engine.scenario.section import Section
from engine.scenario.sections import MAX_CLASSES

#: Name of the class whose only member is the deciding actor, unless its own class has no other member.
ACTOR = "the_actor"
#: Years longer than any scenario.
ENDLESS = 1000.0


@dataclass(frozen=True)
class Option:
    """An option of an actor: its budget and data as multiples of its class's, and years until it begins to train.

    A `data_factor` of infinity means that none of its runs is short of tokens. Raises InputError for a factor that is
    not above 0 or a lag below 0.
    """

    budget_factor: float = 1.0
    entry_lag: float = 0.0
    data_factor: float = 1.0

    def __post_init__(self) -> None:
        if not 0.0 < self.budget_factor < np.inf:
            raise InputError(f"budget_factor (--budgets) must be above 0, such as 0.1, not {self.budget_factor:g}")
        if not self.data_factor > 0.0:
            raise InputError(f"data_factor (--data) must be above 0, such as 10 or inf, not {self.data_factor:g}")
        if not 0.0 <= self.entry_lag < np.inf:
            raise InputError(f"entry_lag (--starts) must be at least 0 years, not {self.entry_lag:g}")

    @property
    def name(self) -> str:
        """The name of the option: "budget x10, in 2 years, data x1", or "never"."""
        if self.entry_lag >= ENDLESS:
            return "never"
        when = f"in {self.entry_lag:g} years" if self.entry_lag else "now"
        return f"budget x{self.budget_factor:g}, {when}, {data_name(self.data_factor)}"


def data_name(factor: float) -> str:
    """A data factor in words: "data x10", "unlimited data"."""
    return f"data x{factor:g}" if np.isfinite(factor) else "unlimited data"


#: The option with which all others are compared.
NEVER = Option(entry_lag=ENDLESS)


def check_options(scenario: Scenario, options: Sequence[Option]) -> None:
    """Raise InputError unless some of the `options` is to train, and all of those begin before the horizon."""
    trains = [option for option in options if option != NEVER]
    if not trains:
        raise InputError("there is no option to train; give at least one each of --budgets, --starts and --data")
    years = scenario.horizon - scenario.start
    for option in trains:
        if option.entry_lag >= years:
            raise InputError(
                f"entry_lag (--starts) must be below {years:g} years, for {scenario.name} is from {scenario.start:g} "
                f"to {scenario.horizon:g}, not {option.entry_lag:g}"
            )


def option_grid(
    budget_factors: Sequence[float] = (0.1, 1.0, 10.0),
    entry_lags: Sequence[float] = (0.0, 2.0, 4.0),
    data_factors: Sequence[float] = (1.0, 10.0),
) -> list[Option]:
    """Every combination once, after the option never to train, with which all are compared."""
    every = (Option(*chosen) for chosen in product(budget_factors, entry_lags, data_factors))
    return list(dict.fromkeys([NEVER, *every]))


def best_options(gains: xr.DataArray, options: Sequence[Option]) -> list[int]:
    """The place of the best option to train for each goal, by `gains` (policy, option, goal) under the baseline.

    Only options with the class's data count, if there are any.
    """
    trains = [place for place, one in enumerate(options) if one != NEVER]
    usual = [place for place in trains if options[place].data_factor == 1.0] or trains
    return [usual[best] for best in gains.isel(policy=0, option=usual).argmax("option").values]


def with_actor(scenario: Scenario, actor_class: str) -> tuple[Scenario, str]:
    """`scenario` with one actor of `actor_class`, with its median budget, as a class of its own; and its name.

    Measures that bind or refuse the class do the same with the actor, and so do relations of the class. Where a
    simulated member stands for one real actor, the class loses one member; a class of one, without newcomers, is the
    actor itself. One with newcomers cannot be empty at the start: its member takes the place of its first newcomer, and
    is there from the start. Raises InputError if there is no such class, no room for another, or already one called
    `ACTOR`.
    """
    scenario.class_number(actor_class)
    if ACTOR in scenario.actor_classes:
        raise InputError(f"{scenario.name} already has an actor class called {ACTOR}; give it another name")
    own = scenario.actor_classes[actor_class]
    actor = own.model_copy(update={"count": 1, "newcomers": 0, "represents": 1, "budget_spread": SIZE.constant(0.0)})
    classes = dict(scenario.actor_classes)
    if own.represents == own.simulated == 1:
        return scenario.model_copy(update={"actor_classes": classes | {actor_class: actor}}), actor_class
    if len(classes) == MAX_CLASSES:
        raise InputError(f"{scenario.name} has {MAX_CLASSES} actor classes, so there is no room for that of the actor")
    left = {"count": own.count, "newcomers": own.newcomers}
    if own.represents == 1:
        left["count" if own.count > 1 else "newcomers"] -= 1
    classes |= {actor_class: own.model_copy(update=left), ACTOR: actor}
    relations = {name: _named_too(one, actor_class, "of", "to") for name, one in scenario.relations.items()}
    policies = {}
    for name, policy in scenario.policies.items():
        measures = [_named_too(measure, actor_class, "classes", "refuses") for measure in policy.measures]
        policies[name] = policy.model_copy(update={"measures": measures})
    changed = {"actor_classes": classes, "relations": relations, "policies": policies}
    return scenario.model_copy(update=changed), ACTOR


def _named_too(part: Section, actor_class: str, *keys: str) -> Section:
    """A part of a scenario that names the actor wherever the lists of classes under its `keys` name the class."""
    listed = {key: getattr(part, key, None) or () for key in keys}
    return part.model_copy(update={key: [*names, ACTOR] for key, names in listed.items() if actor_class in names})


def choose(scenario: Scenario, actor_class: str, name: str, option: Option) -> Change:
    """The change in worlds of a `scenario` from `with_actor`, in which the actor `name` takes `option`.

    In all other respects the actor has the numbers of its class in every world, and its part of the class's research
    at the start.
    """
    keys = [key for key, _ in scenario.actor_classes[name].numbers() if key != "budget_spread"]
    actor, one_of = scenario.class_number(name), scenario.class_number(actor_class)

    def change(worlds: Worlds) -> None:
        for key in keys:
            worlds[key][:, actor] = worlds[key][:, one_of]
        if one_of != actor:
            spec = scenario.actor_classes[actor_class]
            share = 1.0 / (spec.count * spec.represents + 1)
            worlds["research_share"][:, actor] *= share
            worlds["research_share"][:, one_of] *= 1.0 - share
        worlds["budget"][:, actor] += np.log10(option.budget_factor)
        worlds["budget_ceiling"][:, actor] += np.log10(option.budget_factor)
        if np.isfinite(option.data_factor):
            worlds["proprietary_tokens"][:, actor] += np.log10(option.data_factor)
        else:
            worlds["proprietary_tokens"][:, actor] = np.inf
        worlds["entry_lag"][:, actor] += option.entry_lag

    return change
