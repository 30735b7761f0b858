"""The entry to the engine: simulate a scenario, or resume a stopped run."""

from engine.simulation.jobs import selected_policies
from engine.simulation.simulate import resume, simulate

__all__ = ["resume", "selected_policies", "simulate"]
