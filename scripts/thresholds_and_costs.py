"""Costs of capabilities and erosion of compute thresholds, for those who run scripts rather than commands.

python scripts/thresholds_and_costs.py baseline outputs/thresholds.nc 2026
"""

import sys

import engine
from engine.analyses.thresholds.analysis import thresholds
from engine.analyses.thresholds.summary import thresholds_in_words
from engine.execution.atomic_write import DATASET, check_target

scenario_path, output, seed = sys.argv[1], sys.argv[2], int(sys.argv[3])
check_target(output, DATASET)
scenario = engine.load_scenario(scenario_path)
results = engine.simulate(scenario, 512, 4, seed, policies=(), keep="prices", execution=engine.Execution(progress=True))
found = thresholds(results)
engine.write_results(found, output)
print(thresholds_in_words(found))
