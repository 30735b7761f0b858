"""The command `first_mover`."""

from __future__ import annotations

from engine.scenario import load_scenario
from engine.shell.options import Futures, ScenarioPath, Seed, Worlds
from engine.shell.printing import say
from engine.simulation import simulate
from example_extension.first_mover.analysis import first_mover
from example_extension.first_mover.summary import first_mover_in_words


def command(scenario: ScenarioPath, worlds: Worlds = 200, futures: Futures = 4, seed: Seed = 0) -> None:
    """Under the baseline alone."""
    results = simulate(load_scenario(scenario), worlds, futures, seed, policies=[], keep="samples")
    say(first_mover_in_words(first_mover(results)))
