"""Draw docs/images/mechanism.png: the performance effect and the access effect in the baseline.

.venv/bin/python scripts/make_mechanism.py
"""

from pathlib import Path

from matplotlib.figure import Figure

import engine

ROOT = Path(__file__).resolve().parents[1]
CAPABILITY = "novice_bioweapon_uplift"
CLASSES = {"frontier_lab": ("#0072B2", "-"), "malicious_group": ("#000000", "--")}

scenario = engine.load_scenario(ROOT / "scenarios" / "baseline.yaml")
results = engine.simulate(scenario, worlds=512, futures=2, seed=2026, keep="prices").sel(policy="baseline")
bought = results.effective_compute_bought.sel(investment=1e8)
cost = results.capability_cost.sel(capability=CAPABILITY).fillna(15.0)  # no run of at most 1e15 US$ reaches it
panels = (
    (bought, "Performance effect: compute for 1e8 US$", "effective compute, log10 FLOP"),
    (cost, f"Access effect: cost of {CAPABILITY}", "cheapest training run, log10 US$"),
)
figure = Figure(figsize=(9, 3.6), layout="constrained")
for axis, (quantity, title, label) in zip(figure.subplots(1, 2), panels, strict=True):
    for name, (color, line) in CLASSES.items():
        low, median, high = quantity.sel(actor_class=name).quantile([0.05, 0.5, 0.95], ["world", "future"])
        axis.plot(quantity.year, median, color=color, linestyle=line, label=name)
        axis.fill_between(quantity.year, low, high, color=color, alpha=0.12, linewidth=0)
    axis.set_title(title, fontsize="medium")
    axis.set_ylabel(label)
    axis.xaxis.get_major_locator().set_params(integer=True)
    axis.spines[["top", "right"]].set_visible(False)
    axis.legend(frameon=False, title="median, 5% to 95% of futures")
figure.savefig(ROOT / "docs" / "images" / "mechanism.png", dpi=100)
