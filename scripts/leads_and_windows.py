"""Leads, order of classes and windows for defence, for those who run scripts rather than commands.

python scripts/leads_and_windows.py baseline outputs/leads.nc 2026
"""

import sys

import engine
from engine.analyses.leads.analysis import leads
from engine.analyses.leads.summary import leads_in_words
from engine.execution.atomic_write import DATASET, check_target

scenario_path, output, seed = sys.argv[1], sys.argv[2], int(sys.argv[3])
check_target(output, DATASET)
scenario = engine.load_scenario(scenario_path)
results = engine.simulate(scenario, 512, 4, seed, policies=(), keep="paths", execution=engine.Execution(progress=True))
found = leads(results)
engine.write_results(found, output)
print(leads_in_words(found))
