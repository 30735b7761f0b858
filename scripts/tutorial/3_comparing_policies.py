"""Comparing policies: what two of them change in the same futures, what that costs, and one future told side by side.

.venv/bin/python scripts/tutorial/3_comparing_policies.py [folder]
"""

import sys
import textwrap
from pathlib import Path

import engine
from engine.analyses.compare.plots import price_figure, price_in_words

folder = Path(sys.argv[1] if len(sys.argv) > 1 else "outputs")
folder.mkdir(exist_ok=True)

# This scenario extends the baseline with twelve policies. The baseline, of no measures, is always played beside them.
scenario = engine.load_scenario("policies")
names = ["compute_cap", "licensing_above_1e26"]
results = engine.simulate(scenario, worlds=300, futures=10, seed=2026, policies=names, keep="samples")

# Every policy is played in the same futures, so that a difference is of the policy and not of chance: its standard
# error is far smaller than that of either value.
table = engine.paired_table(results)
table.to_csv(folder / "policies.csv", index=False)
exposure = table[table.quantity == "exposure_mean"].set_index(["capability", "policy"])
print("Years between the first malicious access and a ready defence:")
print(exposure[["baseline", "value", "difference", "standard_error"]].round(3).to_string())

# Measures act on valuable capabilities too. What a policy costs stands beside what it avoids.
print("", *textwrap.wrap(price_in_words(results), 120), sep="\n")
price_figure(results).savefig(folder / "price.png", dpi=100)

# A mean hides single futures. Here is the one in which the cap keeps a capability longest from malicious groups...
times = results.attainment_time.sel(actor_class="malicious_group", capability="novice_bioweapon_uplift")
delay = times.sel(policy="compute_cap") - times.sel(policy="baseline")
place = {name: int(number) for name, number in delay.argmax(["world", "future"]).items()}

# ...played again event by event, under both. An equals sign marks what is the same.
stories = [engine.replay(scenario, **place, policy=name, worlds=300, seed=2026) for name in ("baseline", "compute_cap")]
story = engine.side_by_side(*stories)
print("\nHow world {world}, future {future} begins to differ:".format(**place))
print("\n".join(story[story.index(">>>>") :].splitlines()[:12]))
(folder / "story.txt").write_text(story)
