"""The way in: simulate a scenario, or continue a run that was stopped."""

from engine.simulation.jobs import selected_policies
from engine.simulation.simulate import resume, simulate

__all__ = ["resume", "selected_policies", "simulate"]
