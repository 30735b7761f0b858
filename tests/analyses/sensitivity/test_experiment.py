"""Designs that are made, played and analysed: against an analysis of variance, exact zeros, and plain runs."""

from __future__ import annotations

import numpy as np
import pytest
import xarray as xr
from stress_data import assert_labels

import engine
from engine.analyses.sensitivity import experiment as run
from engine.analyses.sensitivity.experiment import factors, pawn_of, sobol, together, tornado_of, variance_of
from engine.analyses.sensitivity.given_data import pawn_indices, variance_shares
from engine.analyses.sensitivity.sobol_tornado import CHANCE
from engine.analyses.sensitivity.summary import sensitivity_summary
from engine.scenario import Design, WorldSampler
from engine.statistics.metrics import outcomes

LEADER, FOLLOWER = (f"attainment.{name}.example_capability" for name in ("leader", "follower"))


@pytest.fixture(scope="module")
def minimal():
    return engine.load_scenario("minimal")


@pytest.fixture(scope="module")
def indices(minimal):
    """Sobol' indices of when the two classes attain."""
    return sobol(minimal, [LEADER, FOLLOWER], base=256, seed=3)


@pytest.mark.statistics
def test_chance_decides_as_much_as_an_analysis_of_variance_says(minimal, indices):
    """Two estimators of one share from different runs, within four standard errors of their difference."""
    other = variance_of(engine.simulate(minimal, 1500, 6, 8, keep="samples"), [LEADER, FOLLOWER])
    chance = indices.sel(factor=CHANCE)
    for n in range(2):
        one, two = chance.isel(outcome=n), other.isel(outcome=n)
        error = float(np.hypot(one["total_se"], two["aleatory_share_se"]))
        assert abs(float(one["total"] - two["aleatory_share"])) <= 4.0 * error
        assert 0.02 < float(two["aleatory_share"]) < 0.3


def test_a_number_that_cannot_matter_has_no_influence_at_all(indices):
    """The leader's budget does not touch the follower: with the same luck nothing differs, to the bit."""
    budget = indices.sel(factor="actor_classes.leader.budget")
    assert float(budget["total"].sel(outcome=FOLLOWER)) == 0.0
    assert float(budget["total"].sel(outcome=LEADER)) > 3.0 * float(budget["total_se"].sel(outcome=LEADER))


def test_pieces_are_the_whole(minimal, indices, monkeypatch):
    """However many rows are played at a time."""
    monkeypatch.setattr(run, "_PIECE", 100)
    assert sobol(minimal, [LEADER, FOLLOWER], base=256, seed=3).attrs["id"] == indices.attrs["id"]


def test_more_futures_a_row_leave_chance_less(minimal, indices):
    """The share of chance is that of a mean of so many futures."""
    more = sobol(minimal, [LEADER], base=256, futures=5, seed=3).sel(factor=CHANCE, outcome=LEADER)
    assert float(more["total"]) < 0.5 * float(indices["total"].sel(factor=CHANCE, outcome=LEADER))


def test_factors_are_the_numbers_that_can_matter(governed):
    own = factors(governed, "caution")
    assert "measures.licensing.licence_delay" in own
    assert not [name for name in factors(governed) if name.startswith("measures.")]
    drawn = WorldSampler(governed, 1, 0).drawn
    assert [name for name in drawn if name in own] == own


def test_the_middle_of_a_tornado_is_a_run_at_the_medians(governed):
    """Numbers of a policy are its own; each end is that run with one number moved, in the same futures."""
    found = tornado_of(governed, ["exposure", "benefit"], policy="caution", futures=30, seed=4)
    drawn = WorldSampler(governed, 1, 0).drawn
    name = "measures.licensing.licence_delay"
    rows = np.full((2, len(drawn)), 0.5)
    rows[1, drawn.index(name)] = 0.95
    played = engine.simulate(
        governed,
        2,
        30,
        4,
        policies=["caution"],
        keep="samples",
        sampling=Design(rows, np.zeros(2, dtype=np.int64)),
    )
    means = outcomes(played, ["exposure", "benefit"]).sel(policy="caution").mean("future")
    for metric in means:
        one = found.sel(outcome=metric)
        assert float(one["central_value"]) == pytest.approx(float(means[metric][0]), rel=1e-12)
        assert float(one["value"].sel(factor=name, end="high")) == pytest.approx(float(means[metric][1]), rel=1e-12)
    assert float(means["benefit"][0]) != float(means["benefit"][1])


def test_given_results_are_analysed_under_the_policy(compared):
    """Those of the functions it is made of; levers of other policies left out."""
    samples = outcomes(compared, ["loss_oom"]).sel(policy="brake", drop=True)
    shares = variance_of(compared, ["loss_oom"], policy="brake")
    np.testing.assert_array_equal(shares["aleatory_share"], variance_shares(samples)["aleatory_share"])
    found = pawn_of(compared, ["loss_oom"], policy="brake")
    names = [str(name) for name in found["parameter"].values]
    assert not [name for name in names if name.startswith("policies.caution")]
    whole = pawn_indices(compared["parameters"].sel(parameter=names), samples)
    np.testing.assert_array_equal(found["pawn_median"], whole["pawn_median"])


def test_together_they_survive_netcdf_and_are_told(governed, compared, tmp_path):
    """One file for four methods; chance has no swing."""
    metrics = ["exposure", "loss_oom"]
    parts = [
        tornado_of(governed, metrics, futures=3),
        sobol(governed, metrics, base=8),
        pawn_of(compared, metrics),
        variance_of(compared, metrics),
    ]
    whole = together(*parts)
    assert_labels(whole)
    np.testing.assert_array_equal(whole["total"].sel(factor=parts[1]["factor"]), parts[1]["total"])
    assert np.isnan(whole["swing"].sel(factor=CHANCE)).all()
    assert whole.attrs["title"] == "Tornado: governed, Sobol' indices: governed, PAWN indices: governed, Shares of " + (
        "variance: governed"
    )
    engine.write_results(whole, tmp_path / "all.nc")
    with xr.open_dataset(tmp_path / "all.nc") as back:
        assert_labels(back)
        xr.testing.assert_equal(back.load(), whole)
        text = sensitivity_summary(back)
    for part in parts:
        assert sensitivity_summary(part) in text
    with pytest.raises(ValueError, match="different metrics or policies"):
        together(parts[0], variance_of(compared, ["loss_oom"]))


def test_a_scenario_without_harm_is_judged_by_attainment(minimal):
    results = engine.simulate(minimal, 30, 2, keep="samples")
    assert list(variance_of(results)["outcome"].values) == ["benefit_oom", LEADER, FOLLOWER]


def test_nothing_uncertain_is_told_as_such(kept):
    from helpers import scenario

    constant = scenario()
    for method in (sobol, tornado_of):
        with pytest.raises(
            ValueError, match="has no uncertain number that matters under baseline: all variance is chance"
        ):
            method(constant)
    results = engine.simulate(constant, 20, 2, keep="samples")
    with pytest.raises(ValueError, match="no number differs between the worlds of these results"):
        pawn_of(results)


@pytest.mark.parametrize(
    ("ask", "words"),
    [
        ({"policy": "cautio"}, "no policy is called 'cautio'; did you mean 'caution'?"),
        ({"metrics": ["exposre"]}, "there is no metric 'exposre'; did you mean 'exposure'?"),
        ({"base": 100}, "base must be a power of two"),
    ],
)
def test_what_cannot_be_asked_is_refused(governed, ask, words):
    with pytest.raises(ValueError, match=r"policy|metric|base") as error:
        sobol(governed, **{"base": 2, **ask})
    assert words in str(error.value)


def test_a_policy_that_was_not_played_is_refused(kept):
    with pytest.raises(ValueError, match="these results have no policy 'brake'; there are baseline"):
        variance_of(kept, policy="brake")
