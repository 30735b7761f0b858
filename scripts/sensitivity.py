"""Sobol' indices of every uncertain number and of chance, for those who run scripts rather than commands.

python scripts/sensitivity.py baseline outputs/sensitivity.nc 2026
"""

import sys

import engine
from engine.analyses.sensitivity.summary import sensitivity_summary
from engine.execution.atomic_write import DATASET, check_target

scenario_path, output, seed = sys.argv[1], sys.argv[2], int(sys.argv[3])
check_target(output, DATASET)
found = engine.sobol(
    engine.load_scenario(scenario_path), base=256, seed=seed, execution=engine.Execution(progress=True)
)
engine.write_results(found, output)
print(sensitivity_summary(found))
