"""Limits and errors of a whole run hold the truth as often as they say, over 40 seeds."""

from __future__ import annotations

import numpy as np
import pytest
import xarray as xr
from helpers import oom, scenario
from scipy import stats

import engine

pytestmark = [pytest.mark.statistics, pytest.mark.slow]

SEEDS, WORLDS, FUTURES = 40, 160, 5
#: The chance, if limits hold what they say, of what is called too few or too many.
UNLIKELY = 1e-3


def harmful():
    """Two attackers that train late enough for most figures to be uncertain, and losses with a tail of index 1.6."""
    return scenario(
        actor_classes={
            "lab": {"run_pause": 1.0, "budget": {"lognormal": {"p5": 3e7, "p95": 3e8}}, "openness": 0.5},
            "group": {
                "count": 2,
                "budget": {"lognormal": {"p5": 2e6, "p95": 4e7}},
                "run_pause": 1.0,
                "budget_growth": oom(0.15, "OOM/yr"),
                "attempt_rate": {"lognormal": {"p5": 0.3, "p95": 3.0}},
            },
        },
        capabilities={
            "skill": {
                "requirement": 1e26,
                "requirement_spread": 0.3,
                "success_probability": 0.5,
                "loss_median": {"lognormal": {"p5": 3e6, "p95": 3e7}},
                "loss_sd": oom(0.5),
                "loss_tail_start": 3e8,
                "loss_tail_index": 1.6,
                "learning_lag": 1.0,
                "defence_duration": 2.0,
                "defence_effectiveness": 0.8,
            }
        },
        harm={"loss_ceiling": 1e11},
    )


@pytest.fixture(scope="module")
def runs():
    """(runs of 40 seeds along `run`, one run 250 times as large)."""
    spec = harmful()
    kept = ["loss_mean", "value_at_risk", "expected_shortfall", "attainment_probability"]
    plain = ["actors_with_access_mean", "first_attainer", "attainment_route", "runs_above_mean"]
    quantiles = ["lead_time", "effective_compute", "attainment_time_quantile"]
    names = [name + end for name in (*kept, *plain, *quantiles) for end in ("", "_se")]
    names += [f"{name}_limits" for name in kept]
    many = [engine.simulate(spec, WORLDS, FUTURES, seed)[names] for seed in range(1, SEEDS + 1)]
    truth = engine.simulate(spec, 250 * WORLDS, FUTURES, 1_000)
    return xr.concat([one.sel(policy="baseline") for one in many], "run"), truth.sel(policy="baseline")


def consistent(held: np.ndarray) -> bool:
    """Whether each figure (run, ...) is held in a number of runs that 95% makes likely."""
    number = held.sum(axis=0)
    often = stats.binom(len(held), 0.95)
    return bool((np.minimum(often.cdf(number), often.sf(number - 1)) > UNLIKELY).all())


@pytest.mark.parametrize("name", ["loss_mean", "value_at_risk", "expected_shortfall"])
def test_limits_of_losses(runs, name):
    """Heavy tails: plain intervals of the shortfall held the truth in 80% of runs."""
    many, truth = runs
    limits, exact = many[f"{name}_limits"], truth[name]
    # An upper limit past all that this few futures show is unknown, and encloses everything above.
    upper = limits.sel(limit="upper").fillna(np.inf)
    held = (limits.sel(limit="lower") <= exact) & (exact <= upper)
    assert consistent(held.transpose("run", ...).values), held.mean("run").values


def test_limits_of_probabilities(runs):
    """Wherever the event can happen: the score interval is conservative near 0 and 1, so only too few are an error."""
    many, truth = runs
    limits, exact = many.attainment_probability_limits, truth.attainment_probability
    held = ((limits.sel(limit="lower") <= exact) & (exact <= limits.sel(limit="upper"))).transpose("run", ...)
    number = held.where(exact > 0.0).sum("run").values[(exact > 0.0).values]
    assert (stats.binom(SEEDS, 0.95).cdf(number) > UNLIKELY).all()


@pytest.mark.parametrize("name", ["actors_with_access_mean", "first_attainer", "attainment_route", "runs_above_mean"])
def test_errors_of_means(runs, name):
    """The spread of 40 runs against the root mean square of their errors: within what 40 runs can show (chi-square)."""
    many, truth = runs
    spread, error = many[name].std("run", ddof=1), np.sqrt((many[f"{name}_se"] ** 2).mean("run"))
    ratio = (spread / error).where(error > 1e-3 * error.max()).values.ravel()
    ratio = ratio[np.isfinite(ratio)]
    low, high = np.sqrt(stats.chi2(SEEDS - 1).ppf([0.5 * UNLIKELY, 1.0 - 0.5 * UNLIKELY]) / (SEEDS - 1))
    assert ratio.size
    assert low < np.median(ratio) < high
    known = (many[f"{name}_se"] > 0.0).all("run")
    off = np.abs(many[name].mean("run") - truth[name]).where(known, 0.0)
    assert (off <= 5.0 * error / np.sqrt(SEEDS)).all()


@pytest.mark.parametrize("name", ["lead_time", "effective_compute", "attainment_time_quantile"])
def test_errors_of_quantiles(runs, name):
    """The same of quantiles, where they are known in every run: the typical ratio of spread to error is near 1."""
    many, _ = runs
    known = many[name].notnull().all("run") & many[f"{name}_se"].notnull().all("run")
    spread, error = many[name].std("run", ddof=1), np.sqrt((many[f"{name}_se"] ** 2).mean("run"))
    ratio = (spread / error).where(known & (error > 0.0)).values.ravel()
    ratio = ratio[np.isfinite(ratio)]
    assert ratio.size
    assert 0.8 < np.median(ratio) < 1.2
