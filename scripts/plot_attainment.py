"""Draw when each class attains each capability, from a results file.

python scripts/plot_attainment.py outputs/baseline.nc attainment.png
"""

import sys

import engine
from engine.report.attainment import attainment_figure

source, target = sys.argv[1], sys.argv[2]
attainment_figure(engine.open_results(source)).savefig(target, dpi=130)
