"""Samplers of the uniforms of worlds: independent, or more evenly spread than by chance.

A sampler is a function of (names of the numbers, worlds of the run, seed, first world, count) that returns the uniforms
of a range of worlds, float64 (count, name) in [0, 1]. The same arguments give the same uniforms, and a range is the
same when drawn alone or as part of a larger one. Worlds with different world mod 16 must be independent of one another,
because standard errors assume it. Another package adds one by the entry point group `engine.samplers`.
"""

from __future__ import annotations

from collections.abc import Callable, Sequence
from functools import lru_cache
from typing import Any

import numpy as np
from numpy.typing import NDArray

from engine.registry import registered, takes
from engine.rules.compiled import entry
from engine.rules.luck import Stream, uniform
from engine.rules.point_set import ORDER, REPLICATES, block_of, key_of, point, set_order
from engine.scenario.names import digest

Uniforms = NDArray[np.float64]
Sampler = Callable[[Sequence[str], int, int, int, int], Uniforms]


def qmc(names: Sequence[str], worlds: int, seed: int, first: int, count: int) -> Uniforms:
    """Randomised quasi-Monte Carlo (`engine.rules.point_set`): world w is point w // 16 of replicate w mod 16.

    Each number is spread evenly by itself, and its draws depend neither on other numbers nor on the number of worlds.
    """
    drawn = np.empty((count, len(names)))
    # Without compilation NumPy warns of the overflow that SplitMix64 relies on.
    with np.errstate(over="ignore"):
        _draw_points(seed, first, *_addresses(tuple(names)), np.empty(ORDER, np.uint64), drawn)
    return drawn


def random(names: Sequence[str], worlds: int, seed: int, first: int, count: int) -> Uniforms:
    """Each number drawn at its own address: independent, and unaffected by other numbers."""
    drawn = np.empty((count, len(names)))
    _draw_random(seed, first, *_addresses(tuple(names)), drawn)
    return drawn


def latin_hypercube(names: Sequence[str], worlds: int, seed: int, first: int, count: int) -> Uniforms:
    """A Latin hypercube of each replicate: each number once in each of its strata (McKay, Beckman & Conover 1979)."""
    places = (divmod(world, REPLICATES) for world in range(first, first + count))
    return np.array([_hypercube(len(names), worlds, seed, replicate)[n] for n, replicate in places])


#: Defaults of a run: even draws, many worlds, and few futures in each, for a future of another world says more.
SAMPLING, WORLDS, FUTURES = "qmc", 1024, 2
#: The engine's own samplers.
OWN: dict[str, Sampler] = {"qmc": qmc, "random": random, "lhs": latin_hypercube}


def samplers() -> dict[str, Sampler]:
    """All samplers by name, those of other packages last."""
    return OWN | registered("engine.samplers", frozenset(OWN), _wrong)


def _wrong(name: str, sampler: Any) -> str:
    """Why what another package registers cannot be a sampler; empty if it can."""
    needed = "names, worlds, seed, first, count"
    return "" if takes(sampler, len(needed.split(","))) else f"must be a function of ({needed}), not {sampler!r}"


@lru_cache(maxsize=2 * REPLICATES)
def _hypercube(size: int, worlds: int, seed: int, replicate: int) -> Uniforms:
    """A Latin hypercube is drawn as a whole, once."""
    from scipy.stats import qmc

    points = len(range(replicate, worlds, REPLICATES))
    drawn = qmc.LatinHypercube(size, rng=np.random.default_rng([seed, replicate])).random(points)
    drawn.setflags(write=False)
    return np.asarray(drawn)


@lru_cache(maxsize=16)
def _addresses(names: tuple[str, ...]) -> tuple[NDArray[np.int64], NDArray[np.int64]]:
    """The entity and the index (`engine.rules.luck`) of the draws of each name."""
    where = [digest(name, 8) for name in names]
    entities = np.array([address & 0x3FFFFFF for address in where], dtype=np.int64)
    indices = np.array([address >> 32 for address in where], dtype=np.int64)
    return entities, indices


@entry
def _draw_random(seed: int, first: int, entities: Any, indices: Any, out: Any) -> None:
    for row in range(out.shape[0]):
        for column in range(out.shape[1]):
            luck = (seed, first + row, 0)
            out[row, column] = uniform(luck, Stream.PARAMETER, entities[column], indices[column])


@entry
def _draw_points(seed: int, first: int, entities: Any, indices: Any, order: Any, out: Any) -> None:
    for column in range(out.shape[1]):
        for replicate in range(REPLICATES):
            key = key_of(seed, replicate, entities[column], indices[column])
            ordered = 0  # block 0 has one place
            for row in range((replicate - first) % REPLICATES, out.shape[0], REPLICATES):
                n = (first + row) // REPLICATES
                block = block_of(n)
                if block > ordered:
                    set_order(key, block, order)
                    ordered = block
                out[row, column] = point(key, n, order)
