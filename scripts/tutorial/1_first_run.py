"""First run: load a scenario, simulate its futures, read the results, draw and store them.

.venv/bin/python scripts/tutorial/1_first_run.py [folder]
"""

import sys
from pathlib import Path

import engine
from engine.analyses.attainment.plots import attainment_figure

folder = Path(sys.argv[1] if len(sys.argv) > 1 else "outputs")
folder.mkdir(exist_ok=True)

# A scenario contains assumptions. Each number is a constant or a distribution, with a unit and a source.
scenario = engine.load_scenario("baseline")
print(f"The {scenario.name} has {len(scenario.uncertain())} uncertain numbers, such as")
print(f"  algorithms.efficiency_trend: {scenario.algorithms.efficiency_trend}\n")

# A world is one draw of the uncertain numbers. Each has ten futures, which differ by chance. The same seed gives the
# same futures. Samples store every future, for the fifth script.
results = engine.simulate(scenario, worlds=300, futures=10, seed=2026, keep="samples")

# Select by name. This scenario has one policy, the baseline.
chosen = results.sel(policy="baseline", capability="novice_bioweapon_uplift")
print("Year in which a class first has novice_bioweapon_uplift, by quantile over futures:")
print(chosen.attainment_time_quantile.sel(quantile=[0.05, 0.5, 0.95]).to_pandas().round(1).to_string())

# The standard error comes from finitely many worlds. More would not shrink the interval above.
print("\nStandard error of the median:")
print(chosen.attainment_time_quantile_se.sel(quantile=0.5).to_pandas().round(2).to_string())

# The results file includes the scenario.
attainment_figure(results).savefig(folder / "first_run.png", dpi=100)
engine.write_results(results, folder / "first_run.nc")
print(f"\nWritten: {folder / 'first_run.png'}, {folder / 'first_run.nc'}")
