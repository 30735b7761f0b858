"""Draw when each class attains each capability, from a results file.

python scripts/plot_attainment.py outputs/baseline.nc attainment.png
"""

import sys

import engine
from engine.analyses.attainment.plots import attainment_figure
from engine.execution.atomic_write import FIGURE, atomic_write, check_target

source, target = sys.argv[1], sys.argv[2]
check_target(target, FIGURE)
with engine.open_results(source) as results:
    figure = attainment_figure(results)
with atomic_write(target) as unfinished:
    figure.savefig(unfinished, format="png", dpi=130)
