"""A run too large for memory that survives a crash, and a number computed from its file block by block.

python scripts/large_run.py policies outputs/large.nc 10000 2026

After a crash the same command resumes. Finished chunks are in outputs/large.nc.chunks; remove it at the end.
"""

import sys

import engine

scenario_path, output, worlds, seed = sys.argv[1], sys.argv[2], int(sys.argv[3]), int(sys.argv[4])
scenario = engine.load_scenario(scenario_path)
engine.simulate(
    scenario,
    worlds,
    seed=seed,
    keep="samples",
    execution=engine.Execution(directory=f"{output}.chunks", progress=True),
    output=output,
).close()
with engine.open_results(output, chunks={}) as results:
    benefit = results.future_benefit
    worse = (benefit < benefit.sel(policy="baseline")).mean(("world", "future"))
    print("Share of futures in which the benefit is less than under the baseline:")
    print(worse.compute().to_pandas().round(4).to_string())
