"""Comparing policies: the effects of two of them in the same futures, their price, and one future under both.

.venv/bin/python scripts/tutorial/3_comparing_policies.py [folder]
"""

import sys
from pathlib import Path

import engine
from engine.analyses.compare.plots import price_figure

folder = Path(sys.argv[1] if len(sys.argv) > 1 else "outputs")
folder.mkdir(exist_ok=True)

# This scenario adds fourteen policies to the baseline, which has no measures and is part of every run.
scenario = engine.load_scenario("policies")
names = ["compute_cap", "licensing_above_1e26"]
results = engine.simulate(scenario, worlds=300, futures=10, seed=2026, policies=names, keep="samples")

# In the same futures, differences come from the policy, not from chance: their standard errors are far smaller.
table = engine.paired_table(results)
table.to_csv(folder / "policies.csv", index=False)
exposure = table[table.quantity == "exposure_mean"].set_index(["capability", "policy"])
print("Years between the first malicious access and a ready defence:")
print(exposure[["baseline", "value", "difference", "standard_error"]].round(3).to_string())

# Measures also delay valuable capabilities: the price of a policy.
price_figure(results).savefig(folder / "price.png", dpi=100)

# Of all futures, take the one in which the cap delays malicious groups most...
times = results.attainment_time.sel(actor_class="malicious_group", capability="novice_bioweapon_uplift")
delay = times.sel(policy="compute_cap") - times.sel(policy="baseline")
place = {name: int(number) for name, number in delay.argmax(["world", "future"]).items()}

# ...and replay it under both policies. An equals sign marks equal events.
histories = [
    engine.replay(scenario, **place, policy=name, worlds=300, seed=2026) for name in ("baseline", "compute_cap")
]
columns = engine.side_by_side(*histories)
print("\nHow world {world}, future {future} begins to differ:".format(**place))
print("\n".join(columns[columns.index(">>>>") :].splitlines()[:8]))
(folder / "future.txt").write_text(columns)
