"""Convergence as text: standard errors, effective numbers of futures, and the size that a target needs."""

from __future__ import annotations

import numpy as np
import xarray as xr

from engine.analyses.convergence.analysis import effective_sample_size, futures_needed, is_spread_evenly
from engine.statistics.precision import largest_standard_error
from engine.text.format import format_with_error

#: Most means that are printed.
_MOST_MEANS = 12


def convergence_in_words(results: xr.Dataset, target_se: float) -> str:
    """Whether the run is large enough for `target_se`, where it is weakest, and the size that suffices, as text."""
    largest, where = largest_standard_error(results)
    needed = futures_needed(results, target_se)
    sizes = effective_sample_size(results)
    worlds, futures = int(results.attrs["worlds"]), int(results.attrs["futures"])
    place = ", ".join(f"{value:g}" if isinstance(value, float) else value for value in where.values())
    lines = [
        f"{worlds:,} worlds x {futures:,} futures. Largest standard error of a probability of attainment "
        "(pooled by class):",
        f"  {largest:.2g} ({place})",
        f"The target of {target_se:g} is {'met' if largest <= target_se else 'not met'}: it needs about "
        f"{int(needed['worlds_needed']):,} worlds x {futures:,} futures.",
    ]
    if np.isfinite(needed["best_worlds"]):
        lines.append(
            f"Cheapest, if a world costs as much as {float(needed['world_cost']):g} of its futures (an assumption): "
            f"{int(needed['best_worlds']):,} worlds x {int(needed['best_futures_per_world']):,} futures."
        )
    elif is_spread_evenly(results):
        lines.append("The cheapest number of futures per world is known only with --sampling random.")
    for policy, least, median in zip(
        results["policy"].values,
        sizes["least_effective_sample_size"].values,
        sizes["median_effective_sample_size"].values,
        strict=True,
    ):
        text = "unknown" if np.isnan(least) else f"{median:,.0f} (median), {least:,.0f} (least)"
        lines.append(f"Effective number of independent futures, {policy}: {text} of {worlds * futures:,}")
    return "\n".join([*lines, *_means(results)])


def _means(results: xr.Dataset) -> list[str]:
    """The means of the first policy with the largest relative standard errors, the largest last."""
    first = results.isel(policy=0)
    rows = []
    for name in (str(name) for name in first.data_vars if f"{name}_se" in first and str(name).endswith("_mean")):
        errors = first[f"{name}_se"].transpose(*first[name].dims).to_numpy()
        for place, value in np.ndenumerate(first[name].to_numpy()):
            if value and np.isfinite(value) and np.isfinite(errors[place]):
                labels = [str(first[dim].values[n]) for dim, n in zip(first[name].dims, place, strict=True)]
                text = format_with_error(float(value), float(errors[place]), str(first[name].attrs.get("units", "1")))
                rows.append((abs(errors[place] / value), f"  {', '.join([name, *labels])}: {text}"))
    if not rows:
        return []
    policy = first["policy"].item()
    some = sorted(rows)[-_MOST_MEANS:]
    title = f"The {len(some)} means under {policy} with the largest relative standard errors, of {len(rows):,}:"
    return [title] + [f"{text} ({relative:.1%})" for relative, text in some]
