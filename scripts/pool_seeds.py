"""Pool runs of one scenario that differ only in their seed, such as the tasks of scripts/slurm_array.sh.

python scripts/pool_seeds.py outputs/baseline-*.nc

Probabilities are averaged over the files with equal weights; seeds are independent, so the standard errors
add as squares.
"""

import sys

import numpy as np
import xarray as xr

import engine

runs = []
for path in sys.argv[1:]:
    with engine.open_results(path) as run:
        runs.append(run[["attainment_probability", "attainment_probability_se"]].load())
if not runs:
    sys.exit("pool_seeds: name the results files to pool")
if len({(run.attrs["scenario_sha256"], run.attrs["worlds"], run.attrs["futures"]) for run in runs}) != 1:
    sys.exit("pool_seeds: the files have different scenarios or sizes; pool only runs that differ in their seed")
if len({run.attrs["seed"] for run in runs}) != len(runs):
    sys.exit("pool_seeds: two files have the same seed, so they contain the same futures; name each seed once")

stacked = xr.concat([run.attainment_probability.isel(time=-1) for run in runs], "seed")
errors = xr.concat([run.attainment_probability_se.isel(time=-1) for run in runs], "seed")
pooled = stacked.mean("seed").sel(policy="baseline")
error = (np.sqrt((errors**2).sum("seed")) / len(runs)).sel(policy="baseline")
print(f"probability of attainment by {float(pooled.time):g}, {len(runs)} seeds; below it the standard error")
print(pooled.to_pandas().round(4).to_string())
print(error.to_pandas().round(5).to_string())
