"""Worlds: one draw of every uncertain number of a scenario, as one NumPy record each.

`worlds[w]` contains every number under the name of its scenario key: `world.release_gap_mean`,
`world.budget[c]`, in the carried unit of its dimension. Arrays over classes, capabilities and
formats are padded to fixed lengths, so that one compiled kernel serves every scenario.
"""

from __future__ import annotations

from collections.abc import Callable
from dataclasses import dataclass
from functools import cached_property
from typing import Any

import numpy as np
from numpy.typing import NDArray
from scipy.special import ndtr, ndtri

from engine.errors import InputError
from engine.registry import ExtensionError
from engine.scenario.correlation import gaussian_correlation
from engine.scenario.names import POLICIES, addresses, luck_name
from engine.scenario.numbers import Number
from engine.scenario.policies import policy_records
from engine.scenario.quantiles import Quantiles
from engine.scenario.readings import whole
from engine.scenario.samplers import SAMPLING, samplers
from engine.scenario.schema import Scenario
from engine.scenario.section import Section
from engine.scenario.sections import (
    MAX_CAPABILITIES,
    MAX_CLASSES,
    MAX_FORMATS,
    MAX_RELATIONS,
    ActorClass,
    Capability,
    NumberFormat,
    Relation,
)

Worlds = np.recarray[Any, Any]
#: A change of worlds after they are drawn, in place.
Change = Callable[[Worlds], None]
Policies = np.recarray[Any, Any]

_SMALLEST = 2.0**-53
#: Numbers of up to this many worlds are stored, because results report them.
_MOST_KEPT = 4096


def _numbers_of(section: type[Section]) -> list[str]:
    return [key for key, field in section.model_fields.items() if field.annotation is Number]


def _world_dtype() -> np.dtype[Any]:
    fields: list[tuple[str, Any, tuple[int, ...]]] = [
        ("start", np.float64, ()),
        ("horizon", np.float64, ()),
        ("n_classes", np.int64, ()),
        ("n_capabilities", np.int64, ()),
        ("n_formats", np.int64, ()),
        ("n_relations", np.int64, ()),
        ("count", np.int64, (MAX_CLASSES,)),
        ("present", np.int64, (MAX_CLASSES,)),
        ("represents", np.int64, (MAX_CLASSES,)),
        ("first_actor", np.int64, (MAX_CLASSES,)),
        ("class_address", np.int64, (MAX_CLASSES,)),
        ("capability_address", np.int64, (MAX_CAPABILITIES,)),
        ("dangerous", np.int64, (MAX_CAPABILITIES,)),
        ("basis", np.int64, (MAX_CAPABILITIES,)),
        ("relation", np.int64, (MAX_CLASSES, MAX_CLASSES)),
        ("serves", np.int64, (MAX_RELATIONS + 1,)),
    ]
    for section in Scenario.SECTIONS:
        model = Scenario.model_fields[section].annotation
        assert isinstance(model, type)
        assert issubclass(model, Section)
        fields += [(key, np.float64, ()) for key in _numbers_of(model)]
    for entry, length in (
        (NumberFormat, MAX_FORMATS),
        (ActorClass, MAX_CLASSES),
        (Capability, MAX_CAPABILITIES),
        (Relation, MAX_RELATIONS + 1),
    ):
        fields += [(key, np.float64, (length,)) for key in _numbers_of(entry)]
    return np.dtype(fields)


#: One world. Numbers are float64, in carried units; entries past the last class, capability or
#: format are zero and never read. `relation[of, to]` is the place of the relation from a class to another among
#: relations; place 0 is that of none, with neutral numbers.
WORLD = _world_dtype()


def integer(name: str, value: Any) -> int:
    """`value`, called `name` in errors, as Python's own integer. Raises InputError unless it is one, or NumPy's.

    NumPy's integers may overflow in products, lack a sign, and cannot be written as JSON.
    """
    if isinstance(value, bool) or not isinstance(value, int | np.integer):
        raise InputError(f"{name} must be a whole number, such as 10, not {value!r}{whole(value)}")
    return int(value)


def check_addresses(worlds: int, futures: int, seed: int, sampling: str) -> None:
    """Raise InputError, with the right form, unless these futures have addresses."""
    for name, value in (("worlds", worlds), ("futures", futures), ("seed", seed)):
        integer(name, value)
    if not 1 <= worlds <= 2**32:
        raise InputError(f"worlds must be 1 to {2**32}, not {worlds}")
    if not 1 <= futures <= 2**32:
        raise InputError(f"futures must be 1 to {2**32}, not {futures}")
    if not 0 <= seed < 2**63:
        raise InputError(f"seed must be 0 to 2^63 - 1, not {seed}")
    if not isinstance(sampling, str) or sampling not in samplers():
        raise InputError(f"sampling must be one of {', '.join(samplers())}, not {sampling!s:.60}")


@dataclass(frozen=True)
class Design:
    """Worlds that are chosen, not drawn: for sensitivity analysis and importance sampling.

    `uniforms` (world, number) in (0, 1) are the cumulative probabilities of numbers, in the order of
    `WorldSampler.drawn`, before correlation. `luck` (world,) is the address of the world whose random draws are used,
    so that two worlds with different numbers can have the same draws. Standard errors assume that worlds with different
    world mod 16 are independent. `source` describes their origin, for the attributes of results.
    """

    uniforms: NDArray[np.float64]
    luck: NDArray[np.int64]
    source: str = ""


class WorldSampler:
    """Draws the worlds of a scenario, any range of them at any time.

    `sampling` names one of `engine.scenario.samplers`: `qmc` (randomised quasi-Monte Carlo) spreads each number evenly,
    at its own address, so that it depends on nothing else; `random` draws it at its own address; `lhs` (Latin
    hypercube) depends on the number of worlds and on the set of uncertain numbers. A Gaussian copula correlates
    numbers. With a `design` of as many worlds nothing is drawn. `change` is applied to worlds after they are drawn; it
    does not affect random draws, so that changed and unchanged futures are paired.

    Raises InputError if the `design` does not fit.
    """

    def __init__(
        self,
        scenario: Scenario,
        worlds: int,
        seed: int,
        sampling: str = SAMPLING,
        *,
        design: Design | None = None,
        change: Change | None = None,
    ) -> None:
        self.scenario = scenario
        self._design = design
        self._change = change
        self.total = worlds
        self.seed = seed
        self.sampling = sampling
        self._uncertain = scenario.uncertain()
        self._kept: dict[int, NDArray[np.float64]] = {}
        correlated, self._cholesky = gaussian_correlation(scenario)
        self._luck = [luck_name(path) for path in self._uncertain]
        self.drawn = list(dict.fromkeys(self._luck))
        self._correlated = [self.drawn.index(luck_name(path)) for path in correlated]
        self._bases = scenario.bases
        self._constant = self._constant_world()
        self._policies = policy_records(scenario)
        if design is not None:
            self._check(design, worlds)

    @property
    def is_designed(self) -> bool:
        """Whether worlds are chosen, not drawn."""
        return self._design is not None

    @property
    def sampling_or_design(self) -> str:
        """The sampling method; "design" for worlds that are chosen."""
        return "design" if self.is_designed else self.sampling

    @property
    def source_of_worlds(self) -> str:
        """The origin of chosen worlds, as text; empty if they are drawn, or if it is unknown."""
        return self._design.source if self._design is not None else ""

    @property
    def is_changed(self) -> bool:
        """Whether worlds are changed after they are drawn."""
        return self._change is not None

    def _check(self, design: Design, worlds: int) -> None:
        """Raise InputError unless the `design` has a uniform for every number and an address for every world."""
        if (design.uniforms.shape, design.luck.shape) != ((worlds, len(self.drawn)), (worlds,)):
            raise InputError(
                f"a design of {worlds} worlds needs uniforms of shape ({worlds}, {len(self.drawn)}) and as many "
                f"addresses, not {design.uniforms.shape} and {design.luck.shape}"
            )
        if not ((design.uniforms > 0.0) & (design.uniforms < 1.0)).all():
            raise InputError("uniforms of a design must lie strictly between 0 and 1, without NaN")
        if not np.issubdtype(design.luck.dtype, np.integer) or design.luck.min() < 0 or design.luck.max() >= 2**32:
            raise InputError("addresses of a design must be whole numbers from 0 to 2^32 - 1")

    def luck(self, first: int, count: int) -> NDArray[np.int64]:
        """The address of each of a range of worlds in all random draws, int64 (count,)."""
        if self._design is not None:
            return np.ascontiguousarray(self._design.luck[first : first + count], dtype=np.int64)
        return np.arange(first, first + count, dtype=np.int64)

    def worlds(self, first: int = 0, count: int | None = None) -> Worlds:
        """Worlds `first` to `first` + `count` (by default all) as a recarray of `WORLD`, (count,)."""
        return self.draw(first, count)[0]

    def draw(self, first: int = 0, count: int | None = None) -> tuple[Worlds, Policies]:
        """The same worlds, and the policies in each: a recarray of `POLICY`, (count, policy), the baseline first."""
        count = self.total - first if count is None else count
        return self._filled(self.parameters(first, count))

    def _filled(self, values: NDArray[np.float64]) -> tuple[Worlds, Policies]:
        worlds = np.repeat(self._constant, len(values)).view(np.recarray)
        policies = np.repeat(self._policies[np.newaxis], len(values), axis=0).view(np.recarray)
        column = 0
        for path, field, position, number in self.scenario.number_paths():
            if number.is_constant:
                continue
            if path.startswith(POLICIES):
                policy, first, beyond = position
                policies[field][:, policy, first:beyond] = values[:, column, np.newaxis]
            else:
                worlds[field].T[position[::-1]] = values[:, column]
            column += 1
        if self._change is not None:
            self._change(worlds)
        least = worlds["least_compute"].copy()
        for k, basis in enumerate(self._bases):
            worlds["least_compute"][:, k] = least[:, basis].max(axis=1)
        shares = worlds["research_share"]
        shares /= np.maximum(shares.sum(axis=1, keepdims=True), 1e-300)
        return worlds, policies

    def median_world(self) -> Worlds:
        """The world in which every number has its median, as a recarray (1,)."""
        return self._filled(self._values(np.full((1, len(self._uncertain)), 0.5)))[0]

    def parameters(self, first: int, count: int) -> NDArray[np.float64]:
        """The uncertain numbers of a range of worlds, carried units, float64 (count, parameter)."""
        if self.total > _MOST_KEPT:
            return self._drawn(first, count)
        # Threads may draw the same worlds at once, because the results are equal.
        if not all(world in self._kept for world in range(first, first + count)):
            self._kept.update(enumerate(self._drawn(first, count), first))
        return np.array([self._kept[world] for world in range(first, first + count)])

    def _drawn(self, first: int, count: int) -> NDArray[np.float64]:
        return self._values(self._probabilities(first, count))

    def _values(self, probabilities: NDArray[np.float64]) -> NDArray[np.float64]:
        """The uncertain numbers at `probabilities`, both (world, parameter)."""
        return self._quantiles(probabilities) if self._uncertain else probabilities

    @cached_property
    def _quantiles(self) -> Quantiles:
        return Quantiles(list(self._uncertain.values()))

    def _probabilities(self, first: int, count: int) -> NDArray[np.float64]:
        if not self.drawn:
            return np.empty((count, 0))
        u = self.uniforms(first, count)  # a copy, because a Latin hypercube is stored
        if self._cholesky is not None and self._correlated:
            z = ndtri(u[:, self._correlated])
            # Row by row, so that a world does not depend on others that are drawn with it.
            joined = np.stack([(self._cholesky * row).sum(axis=1) for row in z])
            u[:, self._correlated] = np.clip(ndtr(joined), _SMALLEST, 1.0 - _SMALLEST)
        return u[:, [self.drawn.index(name) for name in self._luck]]

    def uniforms(self, first: int, count: int) -> NDArray[np.float64]:
        """Cumulative probabilities of `drawn` in a range of worlds, before correlation: (count, number)."""
        return np.clip(self._uniforms(self.drawn, first, count), _SMALLEST, 1.0 - _SMALLEST)

    def _uniforms(self, names: list[str], first: int, count: int) -> NDArray[np.float64]:
        """A uniform for each of `names` in each world, (count, name)."""
        if self._design is not None:
            return self._design.uniforms[first : first + count]
        drawn = np.asarray(samplers()[self.sampling](names, self.total, self.seed, first, count))
        if drawn.shape != (count, len(names)) or not ((drawn >= 0.0) & (drawn <= 1.0)).all():
            raise ExtensionError(
                f"the sampler {self.sampling!r} must return uniforms from 0 to 1 of the shape ({count}, {len(names)})"
            )
        return drawn

    def _constant_world(self) -> NDArray[Any]:
        scenario = self.scenario
        world = np.zeros(1, WORLD)
        world["start"], world["horizon"] = scenario.start, scenario.horizon
        world["n_classes"] = len(scenario.actor_classes)
        world["n_capabilities"] = len(scenario.capabilities)
        world["n_formats"] = len(scenario.hardware.formats)
        world["n_relations"] = len(scenario.relations)
        for c, member in enumerate(scenario.actor_classes.values()):
            world["count"][0, c] = member.simulated
            world["present"][0, c] = member.present
            world["represents"][0, c] = member.represents
        counts = [member.simulated for member in scenario.actor_classes.values()]
        world["first_actor"][0, : len(counts)] = np.cumsum(counts) - counts
        world["class_address"][0, : len(scenario.actor_classes)] = addresses(scenario.class_names)
        world["capability_address"][0, : len(scenario.capabilities)] = addresses(scenario.capability_names)
        for k, capability in enumerate(scenario.capabilities.values()):
            world["dangerous"][0, k] = capability.kind == "dangerous"
            world["basis"][0, k] = sum(1 << j for j in self._bases[k])
        for key in ("serves", "lag_factor", "theft_factor"):
            world[key][0, 0] = 1
        for place, relation in enumerate(scenario.relations.values(), start=1):
            world["serves"][0, place] = relation.serves
            for former in relation.of:
                for latter in relation.to:
                    world["relation"][0, scenario.class_number(former), scenario.class_number(latter)] = place
        for path, field, position, number in scenario.number_paths():
            if number.is_constant and not path.startswith(POLICIES):
                world[field][0, *position] = number.quantile(np.array([0.5]))[0]
        return world
