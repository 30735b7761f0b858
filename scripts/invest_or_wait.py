"""Invest or wait: options of one actor of a class, for those who run scripts rather than commands.

python scripts/invest_or_wait.py policies startup compute_cap outputs/decide.nc 2026
"""

import sys

import engine
from engine.analyses.decide.experiment import decide
from engine.analyses.decide.options import option_grid
from engine.analyses.decide.summary import decision_in_words
from engine.execution import Execution
from engine.execution.atomic_write import DATASET, check_target

scenario_path, actor_class, policy, output, seed = *sys.argv[1:5], int(sys.argv[5])
check_target(output, DATASET)
scenario = engine.load_scenario(scenario_path)
options = option_grid(budget_factors=(1, 10), entry_lags=(0, 2), data_factors=(1, 10))
found = decide(scenario, actor_class, options, policies=[policy], seed=seed, execution=Execution(progress=True))
engine.write_results(found, output)
print(decision_in_words(found))
