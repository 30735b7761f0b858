"""Results as text."""

from __future__ import annotations

import re

import numpy as np
import pytest
import xarray as xr
from helpers import scenario

import engine
from engine.analyses.attainment.summary import overview
from engine.cli.describe import described


def test_a_summary_has_the_years_and_the_chance_of_every_class():
    """A class that attains in 2021 in every future, and one that never does; two worlds do not say how sure that is."""
    spec = scenario(actor_classes={"actor": {}, "idle": {"run_duration": 20}})
    text = overview(engine.simulate(spec, 2, 3, 1))
    assert re.search(r"actor +2021\.0 \+- \? +\(202[01]\.[09] to 2021\.0\)", text)
    assert re.search(r"idle +- +\( *- to +-\) +< \d\d%", text)
    assert re.search(r"actor .* > \d%", text)
    assert "+- 0" not in text


@pytest.mark.parametrize(
    ("median", "error", "told"),
    [
        (2028.06, 0.048, "actor  2028.1 +- 0.05  (2026.1 to      -)     74.0% +- 1.2%"),
        (2028.06, np.nan, "actor  2028.1 +- ?     (2026.1 to      -)     74.0% +- 1.2%"),
        (np.nan, np.nan, "actor       -          (2026.1 to      -)     74.0% +- 1.2%"),
    ],
)
def test_a_median_stands_with_its_standard_error(median, error, told):
    """Columns stay under each other whatever is known."""
    of = ("policy", "actor_class", "capability")
    zeros = {"loss_mean": (("policy", "period"), [[0.0]]), "benefit_mean": (("policy",), [0.0])}
    results = xr.Dataset(
        {
            "attainment_time_quantile": ((*of, "quantile"), [[[[2026.1, median, np.nan]]]]),
            "attainment_time_quantile_se": ((*of, "quantile"), [[[[0.1, error, np.nan]]]]),
            "attainment_probability": ((*of, "time"), [[[[0.0, 0.74]]]]),
            "attainment_probability_se": ((*of, "time"), [[[[0.0, 0.012]]]]),
            "attainment_probability_limits": ((*of, "time", "limit"), [[[[[0.0, 0.1], [0.71, 0.77]]]]]),
            "incidents_mean": (("policy", "capability"), [[np.nan]]),
            "use_probability": ((*of, "time"), [[[[0.0, 0.0]]]]),
            **zeros,
        },
        {
            "policy": ["baseline"],
            "actor_class": ["actor"],
            "capability": ["skill"],
            "capability_kind": ("capability", ["valuable"]),
            "quantile": [0.05, 0.5, 0.95],
            "time": [2025.0, 2040.0],
            "period": ["total"],
            "limit": ["lower", "upper"],
        },
        {"scenario_name": "fake", "worlds": 10, "futures": 10, "seed": 1, "sampling": "random"},
    )
    assert told in overview(results).splitlines()[-1]


def test_the_share_of_futures_without_loss_is_counted():
    """With 0.05 incidents a year from 2021 to 2030 the probability of none is exp(-0.45) = 0.64."""
    spec = scenario(
        actor_classes={"actor": {"attempt_rate": 0.5}},
        capabilities={"skill": {"success_probability": 0.1, "loss_median": 1e6}},
    )
    results = engine.simulate(spec, 16, 100, 1, keep="samples")
    without = (results.future_loss.sel(policy="baseline") == 0.0).to_numpy()
    assert without.mean() == pytest.approx(np.exp(-0.45), abs=0.04)
    told = re.search(r"; ([0-9.]+)% \+- [0-9.]+% of futures lose nothing, and 5% more than", overview(results))
    assert float(told[1]) == pytest.approx(100.0 * without.mean(), abs=0.051)


def test_a_description_names_every_variable_and_the_run(kept):
    text = described(kept)
    assert all(f"  {name}(" in text for name in kept.data_vars)
    assert kept.attrs["id"][:16] in text
