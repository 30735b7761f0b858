"""Every analysis of what futures mean runs on every scenario that comes with the engine, without a warning."""

from __future__ import annotations

import numpy as np
import pytest

import engine
from engine.analyses.decide.experiment import decide
from engine.analyses.decide.options import Option
from engine.analyses.decide.summary import decision_in_words
from engine.analyses.effects.analysis import counterfactuals, effects
from engine.analyses.effects.summary import effects_in_words
from engine.analyses.leads.analysis import leads
from engine.analyses.leads.summary import leads_in_words
from engine.analyses.rare.experiment import RareEvent, rare_in_words, rare_probability
from engine.analyses.thresholds.analysis import thresholds
from engine.analyses.thresholds.summary import thresholds_in_words
from engine.scenario import library

SCENARIOS = sorted(library.FOLDER.glob("*.yaml"))
SIZE = {"worlds": 5, "futures": 2, "seed": 11}
#: These differ in more than numbers: no policies and no benefit, policies, a ceiling of the score.
WHOLLY = ("minimal", "policies", "performance_ceiling")  # the second without effects, which are of the baseline
#: Enough for attainments of every class of some capability.
YEARS = 5


@pytest.mark.slow
@pytest.mark.parametrize("path", SCENARIOS, ids=lambda path: path.stem)
def test_every_analysis_runs(path):
    """Five years in five worlds of two futures; under a policy too in the library. What is printed has no NaN.

    Those that differ from another in numbers alone are spared the analyses that simulate several times.
    """
    scenario = engine.load_scenario(path)
    scenario = scenario.model_copy(update={"horizon": scenario.start + YEARS})
    policies = ["compute_cap"] if path.stem == "policies" else []
    last, capability = scenario.class_names[-1], scenario.capability_names[-1]
    event = RareEvent(last, 4.0, (capability,), "any")
    results = engine.simulate(scenario, **SIZE, policies=policies, keep="prices")
    found = {
        leads_in_words: leads(results),
        thresholds_in_words: thresholds(results),
        rare_in_words: rare_probability(scenario, event, **SIZE, shifted=path.stem == "minimal"),
    }
    if path.stem in WHOLLY[::2]:
        found[effects_in_words] = effects(counterfactuals(scenario, **SIZE))
    options = [Option(), Option(10.0, 2.0)]
    if path.stem == "minimal":
        with pytest.raises(ValueError, match="minimal has no valuable capability with a benefit_rate"):
            decide(scenario, last, options, **SIZE)
    elif path.stem in WHOLLY:
        found[decision_in_words] = decide(scenario, last, options, policies=policies, **SIZE)
        assert found[decision_in_words].sizes["option"] == 3
    for told, dataset in found.items():
        text = told(dataset)
        assert "nan" not in text
        assert max(map(len, text.splitlines())) <= 150
        assert scenario.name in text or told is rare_in_words
    assert np.isfinite(found[leads_in_words].lead_has_model).any()
    assert 0.0 <= float(found[rare_in_words].probability) <= 1.0
