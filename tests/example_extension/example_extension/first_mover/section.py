"""The section on who is first of all."""

from __future__ import annotations

from engine.document.page import Section
from engine.document.run import Run
from example_extension.first_mover.analysis import first_mover
from example_extension.first_mover.summary import first_mover_in_words


def section(run: Run) -> Section:
    """A line for each class."""
    return Section("First of all", tuple(first_mover_in_words(run.once(first_mover, run.futures)).splitlines()))


def findings(run: Run) -> list[str]:
    """The class that is first most often."""
    shares = run.once(first_mover, run.futures)["first_share"].sel(policy="baseline")
    return [f"{shares.idxmax('actor_class').item()} is first of all most often."]
