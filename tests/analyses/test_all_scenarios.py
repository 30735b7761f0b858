"""Scenarios that come with the engine go through stress test and sensitivity analysis, one of each sort."""

from __future__ import annotations

import numpy as np
import pytest

import engine
from engine.analyses.sensitivity.experiment import pawn_of, sobol, together, tornado_of, variance_of
from engine.analyses.sensitivity.summary import sensitivity_summary
from engine.analyses.stress.summary import stress_in_words


@pytest.mark.slow
@pytest.mark.parametrize("name", ["minimal", "baseline", "policies", "performance_ceiling", "hindcast_2018"])
def test_a_scenario_is_analysed(name):
    """The other scenarios differ from `policies` in numbers alone."""
    scenario = engine.load_scenario(name)
    results = engine.simulate(scenario, 25, 2, 1, policies=scenario.policy_names[:4], keep="samples")
    found = engine.stress_test(results)
    text = stress_in_words(found)
    assert ("Assumptions under which policies fail" in text) == (len(scenario.policy_names) > 1)
    assert text.count("engine replay") >= found.sizes["metric"]
    parts = [pawn_of(results), variance_of(results)]
    if name in ("minimal", "policies"):  # the others differ from these in numbers alone, and each takes seconds
        parts += [sobol(scenario, base=1, resamples=5), tornado_of(scenario, futures=1)]
    whole = together(*parts)
    assert np.isfinite(whole["aleatory_variance"]).all()
    assert sensitivity_summary(whole).count("does not vary") < len(parts) * whole.sizes["outcome"]
