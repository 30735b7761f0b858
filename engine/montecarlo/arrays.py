"""Groups of arrays whose kinds and shapes are declared once, with their names.

A field of a NamedTuple is declared as `best: Annotated[Floats, "c j"]`: an array of float64 with the named
dimensions. `allocate` makes all arrays of such a group.
"""

from __future__ import annotations

from collections.abc import Mapping
from functools import cache
from typing import Any, TypeVar, get_args, get_type_hints

import numpy as np
from numpy.typing import NDArray

Floats = NDArray[np.float64]
Floats32 = NDArray[np.float32]
Ints = NDArray[np.int64]
Ints32 = NDArray[np.int32]
Bools = NDArray[np.bool_]

#: What NumPy calls the elements; its own types say so in another way in each version.
_KINDS: dict[Any, type[Any]] = {
    Floats: np.float64,
    Floats32: np.float32,
    Ints: np.int64,
    Ints32: np.int32,
    Bools: np.bool_,
}

Group = TypeVar("Group")

__all__ = ["Bools", "Floats", "Floats32", "Ints", "Ints32", "allocate", "dimensions"]


@cache
def dimensions(group: type[Any]) -> dict[str, tuple[type[Any], tuple[str, ...]]]:
    """The kind and the dimensions of each array of a group, by its name."""
    found = {}
    for name, hint in get_type_hints(group, include_extras=True).items():
        array, names = get_args(hint)
        found[name] = _KINDS[array], tuple(names.split())
    return found


def allocate(group: type[Group], sizes: Mapping[str, int]) -> Group:
    """A group of arrays of zeros, with the size of each dimension from `sizes`."""
    return group(**{name: np.zeros([sizes[d] for d in dims], kind) for name, (kind, dims) in dimensions(group).items()})  # type: ignore[arg-type]
