"""A hindcast as text: the scores of the engine and of naive forecasters."""

from __future__ import annotations

import pandas as pd
import xarray as xr

#: Groups that are reported, in order.
_REPORTED = ("counts", "ranks", "open weights", "all", "followers")


def hindcast_in_words(found: xr.Dataset) -> str:
    """The text of `engine.analyses.hindcast.hindcast`."""
    naive = [str(name) for name in found["forecaster"].values[1:]]
    lines = [
        f"{found.sizes['observation']} observations, after {_when(found.attrs['judged_after'])} and to "
        f"{_when(found.attrs['judged_until'])}",
        "",
        "Mean CRPS in OOM (counts as log10(1 + count)); smaller is better. A point forecast has its absolute error",
        f"{'':14}{'compared':>9}{'engine':>9}" + "".join(f"{name.replace('_', ' '):>19}" for name in naive),
    ]
    for group in _REPORTED:
        here = found.sel(group=group, scale="oom")
        if int(here["compared"]):
            scores = "".join(
                f"{float(score):>{9 if n == 0 else 19}.3f}" for n, score in enumerate(here["mean_crps"].values)
            )
            lines.append(f"{group:<14}{int(here['compared']):>9}{scores}")
    if not found["compared"].sel(group="all").item():
        lines.append("no observation is covered by all forecasters: give tables of earlier years, too")
    lines += ["", f"{'':14}{'observed':>9}{'in 50%':>9}{'in 90%':>9}   probability integral transform, ten bins"]
    for group in _REPORTED:
        here = found.sel(group=group)
        if int(here["observations"]):
            coverage = "".join(f"{float(share):>9.0%}" for share in here["coverage"].values)
            shares = " ".join(f"{100.0 * share:.0f}" for share in here["pit_histogram"].values)
            lines.append(f"{group:<14}{int(here['observations']):>9}{coverage}   {shares} %")
    if "in_sample" in found.attrs:
        lines += ["", str(found.attrs["in_sample"])]
    lines += ["", "Bands are central and include their edges. Rows of one table are not independent."]
    return "\n".join(lines)


def _when(time: float) -> str:
    return f"the end of {time - 1.0:.0f}" if float(time).is_integer() else f"{time:.2f}"


def hindcast_table(found: xr.Dataset) -> str:
    """Every observation with its forecast, as CSV with a heading."""
    by_observation = found.drop_dims(["bin", "group"])
    columns = {name: by_observation[name].values for name in ("label", "kind", "level", "rank", "time", "observed")}
    for q, forecast in zip(found["quantile"].values, found["predicted"].values.T, strict=True):
        columns[f"forecast_{round(100 * q):02d}"] = forecast
    for forecaster, scores in zip(found["forecaster"].values, found["crps"].sel(scale="oom").values.T, strict=True):
        columns[f"crps_oom_{forecaster}"] = scores
    for band, within in zip(found["band"].values, found["within"].values, strict=True):
        columns[f"within_{round(100 * band)}"] = within
    return pd.DataFrame(columns).to_csv(index=False, float_format="%.6g")
