"""The precision of a run's probabilities, and runs that grow until they are precise enough."""

from __future__ import annotations

from collections.abc import Callable

import numpy as np
import xarray as xr

from engine.errors import InputError

#: Reserve of worlds, because the standard error is itself an estimate.
RESERVE = 1.1


def precise_simulation(
    simulate: Callable[[int], xr.Dataset], worlds: int, target_se: float, most_worlds: int
) -> xr.Dataset:
    """The results of `simulate(worlds)` with enough worlds for every probability's standard error to be small enough.

    `simulate` runs a given number of worlds, always with the same seed and futures per world. It is called with
    `worlds`; while the `largest_standard_error` exceeds `target_se`, it is called again with the number of worlds that
    a fall as 1/sqrt(W) needs, plus 10%. The result equals, to the bit, a plain run with that number of worlds, with the
    attributes `target_standard_error` and `largest_standard_error`.

    Because the number of worlds depends on estimated errors, a run tends to stop when these are too small. This bias is
    about as large as their own uncertainty (Glynn & Whitt 1992, Annals of Applied Probability 2, 180): less than 18%,
    which is that of one error from 16 replicates. Begin with at least 100 worlds: a few worlds may all agree by chance,
    and their errors would be 0.

    Raises InputError, with the right form, if more than `most_worlds` would be needed, or for fewer than 2 `worlds`.
    """
    if not target_se > 0.0:
        raise InputError(f"target_se must be above 0, such as 0.005, not {target_se:g}")
    if not 2 <= worlds <= most_worlds:
        raise InputError(f"worlds must be 2 to most_worlds ({most_worlds:,}), not {worlds:,}")
    while True:
        results = simulate(worlds)
        largest, _ = largest_standard_error(results)
        if largest <= target_se:
            return results.assign_attrs(target_standard_error=target_se, largest_standard_error=largest)
        needed = worlds_needed(worlds, largest, target_se)
        if needed > most_worlds:
            reachable = largest * np.sqrt(worlds / most_worlds)
            raise InputError(
                f"a standard error of {target_se:g} needs about {needed:,} worlds, more than the {most_worlds:,} "
                f"allowed; allow more, or ask for {reachable:.2g}"
            )
        worlds = min(max(int(np.ceil(RESERVE * needed)), worlds + 1), most_worlds)


def largest_standard_error(results: xr.Dataset) -> tuple[float, dict[str, str | float]]:
    """The largest standard error of a probability of attainment, and its place: `{"policy": ..., ..., "time": ...}`.

    An error from 16 replicates is itself uncertain by a fifth, and the largest of some hundred is by chance a third too
    large. So errors are pooled (`pooled_variance`), and differ from the `attainment_probability_se` of the results.

    Raises InputError for a run of a single world, whose errors do not include the numbers.
    """
    if int(results.attrs["worlds"]) < 2:
        raise InputError("standard errors over worlds need at least 2 worlds; run with more")
    chance = results["attainment_probability"]
    errors = pooled_variance(results["attainment_probability_se"] ** 2, chance) ** 0.5
    place = np.unravel_index(int(errors.values.argmax()), errors.shape)
    where: dict[str, str | float] = {}
    for dim, index in zip(errors.dims, place, strict=True):
        label = results[dim].values[index]
        where[str(dim)] = float(label) if isinstance(label, np.floating) else str(label)
    return float(errors.values[place]), where


def pooled_variance(variance: xr.DataArray, chance: xr.DataArray) -> xr.DataArray:
    """A `variance` of probabilities of attainment by `chance`, smoothed over the capabilities and times of a class.

    Each is p(1 - p) times the mean ratio to it: the variance of independent futures times one design effect for each
    policy and class (Kish 1965, Survey Sampling, section 8.2). 0 where nothing is known.
    """
    independent = (chance * (1.0 - chance)).where(variance.notnull())
    over = [dim for dim in ("capability", "time") if dim in chance.dims]
    total = independent.sum(over)
    pooled = independent * variance.sum(over) / total.where(total > 0.0)
    return pooled.fillna(0.0).transpose(*chance.dims)


def worlds_needed(worlds: int, largest: float, target_se: float) -> int:
    """Worlds for which the error falls to the target, as 1/sqrt(W); at least 2. Rounding does not add a world."""
    return max(2, int(np.ceil(worlds * (largest / target_se) ** 2 * (1.0 - 1e-12))))
