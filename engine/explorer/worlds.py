"""Worlds whose numbers are drawn once: states of the page differ only in the numbers that were changed."""

from __future__ import annotations

from collections import OrderedDict
from typing import Any

import numpy as np
from numpy.typing import NDArray

from engine.scenario import Number, Scenario, Worlds, WorldSampler
from engine.scenario.quantiles import Quantiles

#: Most values that are stored, 8 bytes each.
_MOST = 10_000_000

Columns = OrderedDict[Any, NDArray[np.float64]]


class RememberedWorlds(WorldSampler):
    """A sampler that takes the values of a number from `columns` if they are there, and stores them there if not.

    The worlds are those that `WorldSampler` draws, to the bit.
    """

    def __init__(self, scenario: Scenario, worlds: int, seed: int, columns: Columns) -> None:
        super().__init__(scenario, worlds, seed)
        self._columns = columns
        probabilities = self._probabilities(0, worlds)
        # The probabilities of a number also depend on the numbers correlated with it.
        correlated = {path for correlation in scenario.correlations for path in correlation.between}
        values = [
            _values(number, probabilities[:, column])
            if path in correlated
            else self._remembered((self._luck[column], worlds, seed), number, probabilities[:, column])
            for column, (path, number) in enumerate(scenario.uncertain().items())
        ]
        self._parameters = np.stack(values, axis=1) if values else np.empty((worlds, 0))

    def _remembered(self, luck: Any, number: Number, probabilities: NDArray[np.float64]) -> NDArray[np.float64]:
        """The values of a number at `probabilities`, which its `luck` identifies."""
        key = (luck, _signature(number))
        if key not in self._columns:
            self._columns[key] = _values(number, probabilities)
            while sum(column.size for column in self._columns.values()) > _MOST and len(self._columns) > 1:
                self._columns.popitem(last=False)
        self._columns.move_to_end(key)
        return self._columns[key]

    def median_world(self) -> Worlds:
        """The world in which every number has its median, as a recarray (1,)."""
        half = np.array([0.5])
        medians = [self._remembered("median", number, half) for number in self.scenario.uncertain().values()]
        return self._filled(np.stack(medians or [np.empty(1)], axis=1))[0]

    def parameters(self, first: int, count: int) -> NDArray[np.float64]:
        """The uncertain numbers of a range of worlds, carried units, float64 (count, parameter)."""
        return self._parameters[first : first + count]


def _values(number: Number, probabilities: NDArray[np.float64]) -> NDArray[np.float64]:
    return Quantiles([number])(probabilities[:, np.newaxis])[:, 0]


def _signature(number: Number) -> tuple[Any, ...]:
    """Everything that the values of a number depend on, apart from its random draws."""
    parameters = tuple(sorted(number.parameters.items()))
    edges = number.minimum, number.maximum, number.quantity.low, number.quantity.high
    return number.unit, number.family, parameters, edges
