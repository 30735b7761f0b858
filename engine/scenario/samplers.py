"""Samplers of the uniforms of worlds: independent, or more evenly spread than by chance.

A sampler is a function of (names of the numbers, worlds of the run, seed, first world, count) that returns the uniforms
of a range of worlds, float64 (count, name) in [0, 1]. The same arguments give the same uniforms, and a range is the
same when drawn alone or as part of a larger one. Another package adds one by the entry point group
`engine.samplers`.
"""

from __future__ import annotations

import warnings
from collections.abc import Callable, Sequence
from functools import lru_cache
from typing import Any

import numpy as np
from numpy.typing import NDArray

from engine.registry import registered, takes
from engine.rules.compiled import entry
from engine.rules.luck import Stream, uniform
from engine.scenario.names import digest

Uniforms = NDArray[np.float64]
Sampler = Callable[[Sequence[str], int, int, int, int], Uniforms]


def random(names: Sequence[str], worlds: int, seed: int, first: int, count: int) -> Uniforms:
    """Each number drawn at its own address: independent, and unaffected by other numbers."""
    drawn = np.empty((count, len(names)))
    where = [digest(name, 8) for name in names]
    entities = np.array([address & 0x3FFFFFF for address in where], dtype=np.int64)
    indices = np.array([address >> 32 for address in where], dtype=np.int64)
    _draw(seed, first, entities, indices, drawn)
    return drawn


def latin_hypercube(names: Sequence[str], worlds: int, seed: int, first: int, count: int) -> Uniforms:
    """A Latin hypercube of all worlds: each number once in each of as many strata (McKay, Beckman & Conover 1979)."""
    return _hypercube(len(names), worlds, seed)[first : first + count]


def sobol(names: Sequence[str], worlds: int, seed: int, first: int, count: int) -> Uniforms:
    """A Sobol' sequence, scrambled (Owen 1998)."""
    from scipy.stats import qmc

    sequence = qmc.Sobol(len(names), scramble=True, rng=np.random.default_rng(seed))
    if first:
        sequence.fast_forward(first)
    with warnings.catch_warnings():
        # scipy warns that a number of points other than a power of two is less balanced.
        warnings.simplefilter("ignore", UserWarning)
        return np.asarray(sequence.random(count))


#: The engine's own samplers.
OWN: dict[str, Sampler] = {"random": random, "lhs": latin_hypercube, "sobol": sobol}


def samplers() -> dict[str, Sampler]:
    """All samplers by name, those of other packages last."""
    return OWN | registered("engine.samplers", frozenset(OWN), _wrong)


def _wrong(name: str, sampler: Any) -> str:
    """Why what another package registers cannot be a sampler; empty if it can."""
    needed = "names, worlds, seed, first, count"
    return "" if takes(sampler, len(needed.split(","))) else f"must be a function of ({needed}), not {sampler!r}"


@lru_cache(maxsize=2)
def _hypercube(size: int, worlds: int, seed: int) -> Uniforms:
    """A Latin hypercube is drawn as a whole, once."""
    from scipy.stats import qmc

    drawn = qmc.LatinHypercube(size, rng=np.random.default_rng(seed)).random(worlds)
    drawn.setflags(write=False)
    return drawn


@entry
def _draw(seed: int, first: int, entities: Any, indices: Any, out: Any) -> None:
    for row in range(out.shape[0]):
        for column in range(out.shape[1]):
            luck = (seed, first + row, 0)
            out[row, column] = uniform(luck, Stream.PARAMETER, entities[column], indices[column])
