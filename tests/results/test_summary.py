"""Results as text."""

from __future__ import annotations

import re

from helpers import scenario

import engine
from engine.results.summary import describe_results, summarise


def test_a_summary_has_the_years_and_the_chance_of_every_class():
    """A class that attains in 2021 in every future, and one that never does."""
    spec = scenario(actor_classes={"actor": {}, "idle": {"run_duration": 20}})
    text = summarise(engine.simulate(spec, 2, 3, 1))
    assert re.search(r"actor +2021\.0 +\(2020\.9|actor +2021\.0 +\(2021\.0", text)
    assert re.search(r"idle +- +\( *- to +-\) +0\.00% \+- 0\.00%", text)
    assert "100.00% +- 0.00%" in text


def test_a_description_names_every_variable_and_the_run(kept):
    text = describe_results(kept)
    assert all(f"  {name}(" in text for name in kept.data_vars)
    assert kept.attrs["id"][:16] in text
