"""Concentration of performance among actors, against each real actor written out, and what the paper says of leads."""

from __future__ import annotations

import math

import numpy as np
import pytest
import xarray as xr

from engine.analyses.effects.concentration import concentration

NAN = np.nan


def paths(best, represents, ceiling=math.inf, slope=10.0):
    """Best models (world, future, actor, year), and the score."""
    best = np.array(best, dtype=np.float32)
    worlds = best.shape[0]
    return xr.Dataset(
        {
            "future_effective_compute": (("world", "future", "actor", "year"), best),
            "score_origin": ("world", np.full(worlds, 26.0)),
            "score_slope": ("world", np.full(worlds, slope)),
            "score_ceiling": ("world", np.full(worlds, ceiling)),
        },
        {"represents": ("actor", np.array(represents))},
    )


def of(actors, represents=None, ceiling=100.0):
    """What is given of one future of one year, by name."""
    data = paths([[[[value] for value in actors]]], represents or [1] * len(actors))
    return {name: float(values.squeeze()) for name, (values, _, _) in concentration(data, ceiling).items()}


@pytest.mark.known
def test_two_equal_actors_share_and_one_alone_has_all():
    assert of([27.0, 27.0])["concentration"] == pytest.approx(0.5, rel=1e-12)
    assert of([27.0, 27.0])["leader_share"] == pytest.approx(0.5, rel=1e-12)
    for alone in ([27.0, NAN], [NAN, 27.0, NAN], [27.0]):
        assert of(alone)["concentration"] == pytest.approx(1.0, rel=1e-12)
        assert of(alone)["leader_share"] == pytest.approx(1.0, rel=1e-12)
        assert of(alone)["actors_within_oom"] == 1.0


@pytest.mark.known
def test_a_member_that_represents_ten_is_ten_equal_actors():
    assert of([27.0], [10])["concentration"] == pytest.approx(0.1, rel=1e-12)
    assert of([27.0], [10])["leader_share"] == pytest.approx(0.1, rel=1e-12)
    assert of([27.0, 27.0], [7, 3])["concentration"] == pytest.approx(0.1, rel=1e-12)


@pytest.mark.known
def test_without_a_model_nothing_is_known():
    assert all(math.isnan(value) for value in of([NAN, NAN]).values())


@pytest.mark.known
def test_actors_within_an_oom_of_the_leader_are_counted():
    """The edge included; `represents` too."""
    assert of([28.0, 27.0, 26.99, NAN], [1, 20, 300, 4000])["actors_within_oom"] == 21.0
    assert of([26.0, 28.5, 27.6], [5, 2, 3])["actors_within_oom"] == 5.0


@pytest.mark.known
def test_nothing_overflows_far_from_one():
    assert of([400.0, 400.0])["concentration"] == pytest.approx(0.5, rel=1e-12)
    assert of([-400.0, NAN])["concentration"] == pytest.approx(1.0, rel=1e-12)


def test_everything_is_that_of_real_actors_written_out():
    """Random futures, with and without models, as many actors as they represent: plain sums, sorted medians."""
    draw = np.random.default_rng(7)
    best = draw.normal(26.0, 1.2, (3, 4, 6, 5))
    best[draw.random(best.shape) < 0.3] = NAN
    best[0, 1, :, 0] = NAN
    represents = [1, 4, 2, 9, 1, 3]
    found = concentration(paths(best, represents), 60.0)
    for world in range(3):
        for year in range(5):
            expected = {name: [] for name in found}
            for future in range(4):
                real = np.repeat(best[world, future, :, year].astype(np.float32).astype(float), represents)
                models = real[np.isfinite(real)]
                if not len(models):
                    continue
                leader = models.max()
                shares = 10.0 ** (models - leader) / (10.0 ** (models - leader)).sum()
                expected["concentration"].append((shares**2).sum())
                expected["leader_share"].append(shares.max())
                expected["actors_within_oom"].append((models >= leader - 1.0).sum())
                # The median actor is the last of the lower half.
                median = np.sort(np.where(np.isnan(real), -np.inf, real))[math.ceil(len(real) / 2) - 1]
                if np.isfinite(median):
                    lead = 10.0 * (leader - median)
                    expected["score_lead_unbounded"].append(lead)
                    high, low = (60.0 / (1.0 + math.exp(-4.0 * 10.0 * (e - 26.0) / 60.0)) for e in (leader, median))
                    expected["score_lead_with_ceiling"].append(high - low)
            for name, values in expected.items():
                mean = np.mean(values) if values else NAN
                here = float(found[name][0].isel(world=world, year=year))
                np.testing.assert_allclose(here, mean, rtol=2e-5, atol=1e-4, err_msg=f"{name} {world} {year}")


@pytest.mark.known
def test_a_ceiling_shrinks_the_leaders_advantage_in_score_while_the_unbounded_lasts():
    """Pilz, Heim & Brown 2024: at the same lead of an OOM, as all models improve."""
    years = np.arange(8.0)
    best = np.stack([27.0 + years, 26.0 + years, 26.0 + years])
    found = concentration(paths([[best]], [1, 1, 1]), 50.0)
    unbounded, bounded = (found[f"score_lead_{kind}"][0].squeeze() for kind in ("unbounded", "with_ceiling"))
    np.testing.assert_allclose(unbounded, 10.0, rtol=1e-6)
    assert (bounded.diff("year") < 0.0).all()
    assert float(bounded[-1]) < 0.2 < 5.0 < float(bounded[0])


def test_a_counterfactual_is_given_by_itself():
    """Further dimensions are kept, before those of futures."""
    one, other = ([[[[27.0], [25.0], [24.0]]]], [[[[28.0], [28.0], [20.0]]]])
    data = paths(one, [1, 2, 3])
    both = np.stack([np.array(one), np.array(other)]).astype(np.float32)
    data["future_effective_compute"] = (("counterfactual", "world", "future", "actor", "year"), both)
    found = concentration(data, 100.0)
    for n, best in enumerate((one, other)):
        for name, (values, words, _) in concentration(paths(best, [1, 2, 3]), 100.0).items():
            assert words
            np.testing.assert_allclose(found[name][0].isel(counterfactual=n).squeeze(), values.squeeze(), rtol=1e-12)
