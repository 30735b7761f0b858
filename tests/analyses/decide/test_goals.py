"""Goals come in the order in which models have them: by what they and all that they come after require."""

from __future__ import annotations

from helpers import oom, scenario

from engine.analyses.decide.goals import world_gain
from engine.scenario import WorldSampler


def test_a_goal_that_comes_after_others_is_as_far_as_they_are():
    """The first by its own requirement needs what the dangerous one needs; the last needs a large run."""
    valuable = {"kind": "valuable", "benefit_rate": 1e6}
    capabilities = {
        "danger": {"requirement": oom(28.0, "log10 FLOP")},
        "later": {**valuable, "requirement": oom(26.0, "log10 FLOP"), "after": ["danger"]},
        "large": {**valuable, "requirement": oom(25.0, "log10 FLOP"), "least_compute": oom(29.0, "log10 FLOP")},
        "first": {**valuable, "requirement": oom(27.0, "log10 FLOP")},
    }
    spec = scenario(capabilities=capabilities)
    found = world_gain(spec, WorldSampler(spec, 2, 0).worlds())
    assert found.capability.values.tolist() == ["first", "later", "large"]
