"""Compare a scenario of the past with later observations, and condition its worlds on them.

python scripts/hindcast_and_calibrate.py hindcast_2018 outputs/posterior.nc [seed] [until] [worlds]

Worlds are conditioned on observations to the end of the year `until` (by default 2020); then the scenario and its
posterior forecast later observations. To forecast newer observations than those of the package, give `hindcast` later
tables: `read_observations(["later_counts.csv", "later_ranks.csv"])`.
"""

import sys

import engine
from engine.analyses.calibrate.experiment import calibrate
from engine.analyses.calibrate.summary import posterior_in_words
from engine.analyses.hindcast.experiment import hindcast
from engine.analyses.hindcast.summary import hindcast_in_words
from engine.execution.atomic_write import DATASET, check_target
from engine.simulation.worlds_file import design_from

path, target, *rest = sys.argv[1:]
check_target(target, DATASET)
seed, until, worlds = (*map(int, rest), *(2026, 2020, 10_000)[len(rest) :])
scenario = engine.load_scenario(path)

posterior = calibrate(scenario, until=until + 1, worlds=worlds, seed=seed)
engine.write_results(posterior, target)
print(posterior_in_words(posterior))

for name, design in (("the scenario", None), ("its posterior", design_from(posterior, scenario))):
    found = hindcast(scenario, since=until + 1, sampling=design, worlds=1024, futures=2, seed=seed)
    print(f"\nForecast of {name}, scored after {until}\n{hindcast_in_words(found)}")
