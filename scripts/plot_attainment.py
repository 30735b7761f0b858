"""Draw when each class attains each capability, from a results file.

python scripts/plot_attainment.py outputs/baseline.nc attainment.png
"""

import sys

import matplotlib.pyplot as plt
import numpy as np

import engine

# Okabe & Ito's colours, which colour-blind readers can tell apart; line styles differ too.
COLOURS = ["#0072B2", "#E69F00", "#009E73", "#CC79A7", "#56B4E9", "#D55E00", "#000000"]
STYLES = ["-", "--", "-.", ":", (0, (5, 1)), (0, (3, 1, 1, 1)), (0, (1, 1))]

source, target = sys.argv[1], sys.argv[2]
results = engine.open_results(source)
baseline = results.sel(policy="baseline")
capabilities = [str(name) for name in baseline["capability"].values]
classes = [str(name) for name in baseline["actor_class"].values]

columns = min(4, len(capabilities))
rows = int(np.ceil(len(capabilities) / columns))
size = (3.0 * columns + 0.6, 2.5 * rows + 0.9)
figure, axes = plt.subplots(rows, columns, figsize=size, sharex=True, sharey=True, squeeze=False, layout="constrained")
for axis, capability in zip(axes.flat, capabilities, strict=False):
    one = baseline.sel(capability=capability)
    for index, name in enumerate(classes):
        curve = one.attainment_probability.sel(actor_class=name)
        error = one.attainment_probability_se.sel(actor_class=name)
        colour, style = COLOURS[index % len(COLOURS)], STYLES[index % len(STYLES)]
        axis.plot(curve.time, curve, color=colour, linestyle=style, label=name.replace("_", " "), linewidth=1.8)
        axis.fill_between(curve.time, curve - 2 * error, curve + 2 * error, color=colour, alpha=0.2, linewidth=0)
    axis.set_title(f"{capability.replace('_', ' ')}\n({one.capability_kind.item()})", fontsize=10)
    axis.set_ylim(0, 1.02)
    axis.set_xlim(float(baseline.time[0]), float(baseline.time[-1]))
    axis.grid(alpha=0.25)
    axis.spines[["top", "right"]].set_visible(False)
for axis in list(axes.flat)[len(capabilities) :]:
    axis.set_visible(False)
figure.supxlabel("year", fontsize=10)
figure.supylabel("probability that a member of the class has it", fontsize=10)
figure.legend(*axes.flat[0].get_legend_handles_labels(), loc="outside upper center", ncols=6, fontsize=9, frameon=False)
figure.savefig(target, dpi=130)
