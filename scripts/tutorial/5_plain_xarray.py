"""Plain xarray: read a results file without the engine, draw it, and ask new questions of single futures.

.venv/bin/python scripts/tutorial/5_plain_xarray.py [folder]
"""

import sys
from pathlib import Path

import numpy as np
import xarray as xr
from matplotlib.figure import Figure

folder = Path(sys.argv[1] if len(sys.argv) > 1 else "outputs")
if not (folder / "first_run.nc").exists():
    sys.exit(f"{folder / 'first_run.nc'} is not there: run scripts/tutorial/1_first_run.py first")

# The file is netCDF-4 with CF names and units, readable by any tool.
results = xr.open_dataset(folder / "first_run.nc").sel(policy="baseline")
curves = results.attainment_probability.sel(capability="novice_bioweapon_uplift")
print(f"attainment_probability: {curves.long_name}")
figure = Figure(figsize=(7, 4), layout="constrained")
axis = figure.subplots()
axis.set_prop_cycle(color=["#0072B2", "#E69F00", "#000000"], linestyle=["-", "--", "-."])
curves.sel(actor_class=["frontier_lab", "startup", "malicious_group"]).plot.line(x="time", ax=axis)
axis.set_title("novice_bioweapon_uplift in the baseline")
figure.savefig(folder / "plain_xarray.png", dpi=100)

# How often does a malicious group follow within two years of the first?
times = results.attainment_time.sel(capability="novice_bioweapon_uplift")
first = times.min("actor_class")
close = (times.sel(actor_class="malicious_group") - first <= 2).where(first.notnull())

# Futures of a world share its numbers, and worlds are drawn in 16 independent replicates: average within worlds, then
# over them. The error is that of the replicates' means.
by_world = close.mean("future")
error = by_world.groupby(by_world.world % 16).mean().std("world", ddof=1) / np.sqrt(16)
print(f"Within two years of the first: {float(by_world.mean()):.1%} +- {float(error):.1%} of futures")

# Suppose new evidence puts thefts at 0.03 a year, within a factor of two: weight each world by its likelihood, without
# a new simulation.
theft_rate = results.parameters.sel(parameter="actor_classes.malicious_group.theft_rate")
weights = np.exp(-0.5 * (np.log(theft_rate / 0.03) / np.log(2)) ** 2)
worth = float(weights.sum() ** 2 / (weights**2).sum())
print(f"With that evidence: {float(by_world.weighted(weights).mean()):.1%}, from {worth:.0f} effective worlds")
