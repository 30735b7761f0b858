"""Find the future in which a class is earliest with a capability, and replay it.

python scripts/replay_future.py baseline malicious_group novice_bioweapon_uplift
"""

import sys

import engine

scenario_path, actor_class, capability = sys.argv[1:4]
scenario = engine.load_scenario(scenario_path)
results = engine.simulate(scenario, worlds=200, futures=10, seed=2026, keep="samples")
times = results.attainment_time.sel(policy="baseline", actor_class=actor_class, capability=capability)
earliest = times.argmin(["world", "future"])
world, future = int(earliest["world"]), int(earliest["future"])
print(engine.replay(scenario, world, future, worlds=200, seed=2026).narrative())
