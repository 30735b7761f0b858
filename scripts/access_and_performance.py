"""Access effect and performance effect with their causes, for those who run scripts rather than commands.

python scripts/access_and_performance.py baseline outputs/effects.nc 2026
"""

import sys

import engine
from engine.analyses.effects.analysis import counterfactuals, effects
from engine.analyses.effects.summary import effects_in_words
from engine.execution import Execution
from engine.execution.atomic_write import DATASET, check_target

scenario_path, output, seed = sys.argv[1], sys.argv[2], int(sys.argv[3])
check_target(output, DATASET)
paths = counterfactuals(
    engine.load_scenario(scenario_path), worlds=512, futures=2, seed=seed, execution=Execution(progress=True)
)
found = effects(paths)
engine.write_results(found, output)
print(effects_in_words(found))
