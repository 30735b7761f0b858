"""The probability that a class steals a capability within some years, for those who run scripts rather than commands.

python scripts/rare_event.py baseline startup ai_research_automation 2 outputs/rare.nc 2026
"""

import sys

import engine
from engine.analyses.rare.experiment import RareEvent, rare_in_words, rare_probability
from engine.execution.atomic_write import DATASET, check_target

scenario_path, actor_class, capability, years, output, seed = sys.argv[1:7]
check_target(output, DATASET)
event = RareEvent(actor_class, float(years), (capability,), route="stolen")
found = rare_probability(engine.load_scenario(scenario_path), event, worlds=10_000, futures=10, seed=int(seed))
engine.write_results(found, output)
print(rare_in_words(found))
