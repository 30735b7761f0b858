"""Who is first of all, as text."""

from __future__ import annotations

import xarray as xr

from engine.text.format import format_with_error


def first_mover_in_words(found: xr.Dataset, policy: str = "baseline") -> str:
    """A line for each class."""
    one = found.sel(policy=policy)
    return "\n".join(
        f"{name}: first in {format_with_error(float(share), float(error))} of futures"
        for name, share, error in zip(
            one["actor_class"].values, one["first_share"].values, one["first_share_se"].values, strict=True
        )
    )
