"""Compare policies with the baseline in the same futures, for those who run scripts rather than commands.

python scripts/compare_policies.py policies compute_cap,licensing_above_1e26 outputs/policies.csv 2026
"""

import sys

import engine
from engine.execution.atomic_write import TABLE, atomic_write, check_target

scenario_path, policies, output, seed = sys.argv[1], sys.argv[2].split(","), sys.argv[3], int(sys.argv[4])
check_target(output, TABLE)
scenario = engine.load_scenario(scenario_path)
results = engine.simulate(
    scenario, worlds=1024, futures=2, seed=seed, policies=policies, execution=engine.Execution(progress=True)
)
table = engine.paired_table(results)
with atomic_write(output) as unfinished:
    table.to_csv(unfinished, index=False)
delays = table[table.quantity == "attainment_delay"].set_index(["policy", "actor_class", "capability"])
print("Years by which each class attains later than in the baseline:")
print(delays.difference.unstack("capability").round(2).to_string())
