"""First run: load a scenario, play its futures, look at what came out, keep it, draw it.

.venv/bin/python scripts/tutorial/1_first_run.py [folder]
"""

import sys
import textwrap
from pathlib import Path

import engine
from engine.analyses.attainment.plots import attainment_figure, attainment_in_words

folder = Path(sys.argv[1] if len(sys.argv) > 1 else "outputs")
folder.mkdir(exist_ok=True)

# A scenario is what is assumed. Each of its numbers is a constant or a distribution, with a unit and a source.
scenario = engine.load_scenario("baseline")
print(f"The {scenario.name} has {len(scenario.uncertain())} uncertain numbers, such as")
print(f"  algorithms.efficiency_trend: {scenario.algorithms.efficiency_trend}\n")

# A world is one draw of all of them: what we do not know. In each world chance is played ten times: what nobody can
# know. The same seed gives the same futures again. Samples keep every single future, for the fifth script.
results = engine.simulate(scenario, worlds=300, futures=10, seed=2026, keep="samples")

# Results are labelled, so that one asks by name. Policies are a dimension; this scenario has only the baseline.
chosen = results.sel(policy="baseline", capability="novice_bioweapon_uplift")
print("Year in which a class first has novice_bioweapon_uplift, by quantile over futures:")
print(chosen.attainment_time_quantile.sel(quantile=[0.05, 0.5, 0.95]).to_pandas().round(1).to_string())

# A median comes with the error of simulating finitely many worlds. It is small beside the interval above, which holds
# what the scenario's author is unsure of: more worlds would not make that any smaller.
print("\nStandard error of the median:")
print(chosen.attainment_time_quantile_se.sel(quantile=0.5).to_pandas().round(2).to_string())

# Every figure has a twin in words. The file holds the scenario too, so that it says by itself what was assumed.
print("", *textwrap.wrap(attainment_in_words(results), 120), sep="\n")
attainment_figure(results).savefig(folder / "first_run.png", dpi=100)
engine.write_results(results, folder / "first_run.nc")
print(f"\nWritten: {folder / 'first_run.png'}, {folder / 'first_run.nc'}")
