"""Simulate until every probability is known to a standard error, for those who run scripts rather than commands.

python scripts/until_precise.py baseline outputs/precise.nc 2026 0.01
"""

import sys

import engine
from engine.analyses.convergence.summary import convergence_in_words
from engine.execution.atomic_write import DATASET, check_target
from engine.statistics.precision import precise_simulation

scenario_path, output, seed, target = sys.argv[1], sys.argv[2], int(sys.argv[3]), float(sys.argv[4])
check_target(output, DATASET)
scenario = engine.load_scenario(scenario_path)
results = precise_simulation(
    lambda worlds: engine.simulate(scenario, worlds, futures=2, seed=seed, execution=engine.Execution(progress=True)),
    worlds=1024,
    target_se=target,
    most_worlds=100_000,
)
engine.write_results(results, output)
print(convergence_in_words(results, target))
