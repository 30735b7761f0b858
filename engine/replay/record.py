"""A world or a policy in the form that compiled rules accept fastest."""

from __future__ import annotations

from functools import cache
from typing import Any

import numba
import numpy as np

_type = cache(numba.from_dtype)


class Record:
    """One record of a structured array, for many calls of rules.

    For a NumPy record, Numba determines the type and the bytes in every call, for which NumPy describes all fields.
    That takes ten microseconds and more; a rule takes less than one. Here the bytes are determined once, and the type
    once per process.
    """

    def __init__(self, record: Any, dtype: np.dtype[Any]) -> None:
        """`record` is one of `dtype`, or of a recarray of it."""
        self._record = np.asarray(record).view(dtype)[()]
        self._numba_type_ = _type(dtype)
        self.data = self._record.data

    def __getitem__(self, field: str) -> Any:
        return self._record[field]

    def __getattr__(self, field: str) -> Any:
        """A field, for rules that are not compiled (NUMBA_DISABLE_JIT)."""
        if field.startswith("_"):
            raise AttributeError(field)
        return self._record[field]
