"""One run for all tests of results: three classes, two capabilities, every route, uncertain numbers, samples kept."""

from __future__ import annotations

from typing import Any

import pytest
import xarray as xr
from helpers import oom, scenario_data

import engine

WORLDS, FUTURES, SEED = 40, 25, 20_231_115

RICH: dict[str, Any] = {
    "horizon": 2032,
    "hardware": {"release_gap_mean": {"lognormal": {"p5": 1.0, "p95": 2.0}}, "generation_gain_mean": 0.2},
    "algorithms": {"efficiency_trend": {"normal": {"mean": 0.3, "sd": 0.1}, "min": 0, "unit": "OOM/yr"}},
    "actor_classes": {
        "lab": {"count": 2, "budget_spread": 0.2, "run_duration": 0.3, "run_pause": 0.5, "openness": 0.4},
        "follower": {"budget": 1e7, "run_duration": 0.4, "run_pause": 0.8, "theft_rate": 0.1, "uptake_lag": 0.3},
        "outsider": {"budget": 1e3, "run_duration": 0.4, "run_pause": 1.0, "theft_rate": 0.2, "uptake_lag": 0.45},
    },
    "capabilities": {
        "early": {"requirement": oom(27.0, "log10 FLOP"), "requirement_spread": 0.3},
        "late": {"kind": "valuable", "requirement": oom(29.5, "log10 FLOP"), "requirement_spread": 0.5},
    },
    "output": {"quantiles": [0.05, 0.25, 0.5, 0.75, 0.95], "flop_thresholds": [1e24, 1e26, 1e28]},
}


@pytest.fixture(scope="session")
def rich() -> engine.Scenario:
    """The scenario of the run."""
    return engine.parse_scenario(scenario_data(**RICH), "rich")


@pytest.fixture(scope="session")
def kept(rich) -> xr.Dataset:
    """The results of the run, with samples."""
    return engine.simulate(rich, WORLDS, FUTURES, SEED, keep_samples=True)
