"""Performance as a score: unbounded, and with a ceiling (Pilz, Heim & Brown 2024, performance ceilings)."""

from __future__ import annotations

import numpy as np
import xarray as xr

from engine.errors import InputError
from engine.rules.performance import score_of


def scores(effective_compute: xr.DataArray, worlds: xr.Dataset, ceiling: float) -> dict[str, xr.DataArray]:
    """`score_unbounded` and `score_with_ceiling` of models of `effective_compute` (log10 FLOP), of the same dimensions.

    `worlds` contains `score_origin`, `score_slope` and `score_ceiling` (world) of the scenario; without a ceiling,
    `ceiling` points are used as an illustration. NaN, for no model, stays NaN.

    Raises InputError if `ceiling` is not above 0.
    """
    if not ceiling > 0.0:
        raise InputError(f"ceiling must be above 0 points, such as 100, not {ceiling:g}")
    limit = worlds.score_ceiling.where(np.isfinite(worlds.score_ceiling), ceiling)
    names = {"score_unbounded": np.inf, "score_with_ceiling": limit}
    with np.errstate(invalid="ignore"):
        return {
            name: xr.apply_ufunc(score_of, effective_compute, worlds.score_origin, worlds.score_slope, most)
            for name, most in names.items()
        }
