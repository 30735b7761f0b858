"""Simulate a scenario and write its results, for those who run scripts rather than commands.

python scripts/run_scenario.py baseline outputs/baseline.nc 2026
"""

import sys

import engine
from engine.execution.atomic_write import DATASET, check_target

scenario_path, output, seed = sys.argv[1], sys.argv[2], int(sys.argv[3])
check_target(output, DATASET)
scenario = engine.load_scenario(scenario_path)
results = engine.simulate(scenario, worlds=1024, futures=2, seed=seed, execution=engine.Execution(progress=True))
engine.write_results(results, output)
print(results.attainment_time_quantile.sel(policy="baseline", quantile=0.5).to_pandas().round(1))
