"""The command `validate`: whether a scenario is valid, and its contents."""

from __future__ import annotations

from engine.scenario import load_scenario
from engine.scenario.origins import origins_in_words
from engine.shell.options import (
    ScenarioPath,
)
from engine.shell.printing import say


def command(scenario: ScenarioPath) -> None:
    """Prints its actors, capabilities and policies, and where its numbers come from."""
    loaded = load_scenario(scenario)
    actors = sum(spec.simulated for spec in loaded.actor_classes.values())
    say(
        f"{scenario}: valid. {loaded.start:g} to {loaded.horizon:g}, {len(loaded.actor_classes)} actor classes with "
        f"{actors} actors, {len(loaded.capabilities)} capabilities, {len(loaded.policies)} policies besides "
        f"the baseline, {len(loaded.uncertain())} uncertain numbers"
    )
    say(origins_in_words(loaded))
