"""Stress test: which policies hold up over all worlds, and under which assumptions they fail.

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

# Means over worlds rest on how likely each world is, which nobody knows well. A stress test asks instead where a policy
# fails. It needs single futures, and many of them: with 500 worlds, or five futures in each, no place was found.
scenario = engine.load_scenario("policies")
names = ["export_control", "defence_first"]
results = engine.simulate(scenario, worlds=1000, futures=10, seed=2026, policies=names, keep="samples")

# What a policy must achieve is for you to say. Here: in a world, cut exposure by a tenth against the baseline in that
# same world, and keep nine tenths of its benefit.
found = engine.stress_test(results, requirements=["exposure <= 90%", "benefit >= 90%"])
print("Share of worlds in which a policy meets each requirement:")
print(found.requirement_met_share.to_pandas().T.round(3).to_string())

# Where does it fail? Among all uncertain numbers, those are sought that tell failing worlds from the others, in two
# thirds of the worlds; what the last third does not bear out is dropped.
print("", *textwrap.wrap(failures_in_words(found, "export_control"), 120), sep="\n")
failures_figure(found, "export_control").savefig(folder / "failures.png", dpi=100)

# The whole report also says which assumption turns a ranking of two policies round, and which worlds are worst.
(folder / "stress.txt").write_text(stress_in_words(found))
