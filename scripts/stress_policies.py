"""Stress test of policies, for those who run scripts rather than commands.

python scripts/stress_policies.py policies compute_cap,licensing_above_1e26 outputs/stress.nc 2026
"""

import sys

import engine
from engine.analyses.stress.summary import stress_in_words
from engine.execution.atomic_write import DATASET, check_target

scenario_path, policies, output, seed = sys.argv[1], sys.argv[2].split(","), sys.argv[3], int(sys.argv[4])
check_target(output, DATASET)
scenario = engine.load_scenario(scenario_path)
results = engine.simulate(
    scenario, 1000, 10, seed, policies=policies, keep="samples", execution=engine.Execution(progress=True)
)
found = engine.stress_test(results)
engine.write_results(found, output)
print(stress_in_words(found))
