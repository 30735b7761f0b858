"""Stress test: which policies succeed in most worlds, and under which assumptions they fail.

.venv/bin/python scripts/tutorial/4_stress_test.py [folder]
"""

import sys
import textwrap
from pathlib import Path

import engine
from engine.analyses.stress.failure_plots import failures_figure, failures_in_words
from engine.analyses.stress.summary import stress_in_words

folder = Path(sys.argv[1] if len(sys.argv) > 1 else "outputs")
folder.mkdir(exist_ok=True)

# A stress test asks where a policy fails. It needs many futures: with 500 worlds and seed 1, it finds no such place.
scenario = engine.load_scenario("policies")
names = ["export_control", "defence_first"]
results = engine.simulate(scenario, worlds=1000, futures=10, seed=2026, policies=names, keep="samples")

# You choose the requirements. Here a policy must reduce exposure by a tenth against the baseline in the same world, for
# at most a tenth of the benefit.
found = engine.stress_test(results, requirements=["exposure <= 90%", "benefit >= 90%"])
print("Share of worlds in which a policy meets each requirement:")
print(found.requirement_met_share.to_pandas().T.round(3).to_string())

# Which numbers separate failing worlds from the others? Findings in two thirds of the worlds that the last third does
# not confirm are dropped.
print("", *textwrap.wrap(failures_in_words(found, "export_control"), 120), sep="\n")
failures_figure(found, "export_control").savefig(folder / "failures.png", dpi=100)

# The full text also names the worst worlds, and assumptions that reverse a ranking of policies.
(folder / "stress.txt").write_text(stress_in_words(found))
