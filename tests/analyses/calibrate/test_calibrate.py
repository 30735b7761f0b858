"""A whole calibration of a small scenario on what one of its own futures shows: the truth is found again."""

from __future__ import annotations

import numpy as np
import pytest
from small_calibration import observed_tables, small, truth
from written import assert_labelled_and_survives

from engine.analyses.calibrate.discrepancy import Discrepancy
from engine.analyses.calibrate.experiment import calibrate
from engine.analyses.calibrate.summary import most_informed, posterior_in_words, posterior_table
from engine.execution import Execution
from engine.record import read_observations
from engine.scenario import Design, WorldSampler
from engine.simulation.worlds_file import ENOUGH

WORLDS, KEPT, TRUTHS = 2000, 400, 200
NAMES = [f"actor_classes.lab.{name}" for name in ("budget", "budget_growth", "run_pause")]


@pytest.fixture(scope="module")
def observations(tmp_path_factory):
    return read_observations(observed_tables(tmp_path_factory.mktemp("calibrate")))


@pytest.fixture(scope="module")
def found(observations):
    error = Discrepancy(0.3, 0.15)
    return calibrate(small(), observations, discrepancy=error, worlds=WORLDS, kept=KEPT, truths=TRUTHS, seed=5)


@pytest.mark.statistics
def test_known_truths_are_recovered_at_the_rate_they_should_be(found):
    assert np.all(found["p_value"].values > 0.001)
    assert found.attrs["p_value_of_all"] > 0.001
    assert found.sizes["truth"] == TRUTHS


@pytest.mark.statistics
def test_the_world_that_was_observed_lies_in_the_posterior_and_the_posterior_is_narrower(found):
    low, high = np.quantile(found["parameters"].values, [0.005, 0.995], axis=0)
    assert np.all((low < truth()) & (truth() < high))
    contraction = dict(zip(found["parameter"].values, found["contraction"].values, strict=True))
    assert list(contraction) == NAMES
    assert contraction["actor_classes.lab.budget_growth"] > 0.2
    assert contraction["actor_classes.lab.run_pause"] > 0.2


def test_worlds_of_all_rounds_are_weighted_and_drawn(found):
    assert (found.sizes["weighted_world"], found.sizes["world"]) == (3 * WORLDS, KEPT)
    weights = found["weight"].values
    assert weights.sum() == pytest.approx(1.0)
    assert found.attrs["effective_worlds"] == pytest.approx(1.0 / (weights**2).sum())
    # More than all worlds of the prior are worth, and the first world of a round more is worth something.
    assert found.attrs["effective_worlds"] > WORLDS / 2
    counts = np.bincount(found["drawn_from"].values, minlength=len(weights))
    assert np.abs(counts - KEPT * weights).max() < 1.0
    assert found.attrs["distinct_worlds"] == (counts > 0).sum()


def test_the_numbers_are_those_of_the_uniforms(found):
    design = Design(found["uniforms"].values, np.arange(KEPT))
    again = WorldSampler(small(), KEPT, 0, design=design).parameters(0, KEPT)
    np.testing.assert_array_equal(found["parameters"].values, again)


@pytest.mark.known
def test_the_prior_is_that_of_the_first_round_and_the_posterior_that_of_its_worlds(found):
    drawn = WorldSampler(small(), WORLDS, 5, "random").parameters(0, WORLDS)
    quantiles = found["quantile"].values
    expected = np.quantile(drawn, quantiles, axis=0, method="hazen").T
    # The weights of later rounds are 0 there: only between worlds that are neighbours may they be apart.
    np.testing.assert_allclose(found["prior"].values, expected, atol=0.01 * drawn.std(axis=0).max())
    # The drawn worlds are a systematic sample of the weighted ones: 400 of them, within 4 standard errors.
    posterior = found["posterior"].values
    width = posterior[:, -1] - posterior[:, 0]
    medians = np.median(found["parameters"].values, axis=0)
    assert np.all(np.abs(medians - posterior[:, 2]) < 4 * 1.25 * width / 3.29 / np.sqrt(KEPT))
    prior = found["prior"].values
    np.testing.assert_allclose(found["contraction"], 1.0 - (width / (prior[:, -1] - prior[:, 0])) ** 2)


def test_posterior_worlds_show_what_was_observed_more_nearly(found):
    apart = [
        np.abs(found[f"{name}_expected"].values[:, 2] - found["observed"].values) for name in ("prior", "posterior")
    ]
    assert apart[1].mean() < apart[0].mean()
    assert found.sizes["observation"] == 16
    assert 1 <= found.attrs["summaries"] <= 16


def test_the_dataset_is_labelled_and_survives(found, tmp_path):
    assert_labelled_and_survives(found, tmp_path)
    for name in ("id", "references", "scenario_sha256", "discrepancy", "conditioned_until", "observations"):
        assert name in found.attrs
    assert found.attrs["conditioned_until"] == 2022.0
    assert found.attrs["worlds"] == 3 * WORLDS


def test_it_is_repeatable_and_threads_do_not_matter(observations):
    once, again = (
        calibrate(small(), observations, worlds=100, kept=10, seed=5, execution=Execution(threads=n)) for n in (1, 2)
    )
    assert once.identical(again)


def test_words_and_table_say_what_was_found(found):
    words = posterior_in_words(found, top=2)
    worth = found.attrs["effective_worlds"]
    assert f"an effective sample of {worth:,.0f}\n" in words
    assert f"The prior alone would leave an effective {found.attrs['effective_prior_worlds']:,.0f}; a small" in words
    assert f"\n{KEPT} worlds were resampled by weight" in words
    assert f"Simulation-based calibration, {TRUTHS} truths" in words
    assert "quantiles of the posterior are rough" not in words
    chosen = [NAMES[p] for p in most_informed(found, 2)]
    assert [line.split()[0] for line in words.splitlines()[-2:]] == chosen
    rows = [line.split(",") for line in posterior_table(found).splitlines()]
    assert rows[0][:4] == ["parameter", "parameter_units", "prior_05", "prior_25"]
    assert [row[0] for row in rows[1:]] == NAMES
    assert [float(row[rows[0].index("posterior_50")]) for row in rows[1:]] == pytest.approx(
        found["posterior"].sel(quantile=0.5).values, rel=1e-5
    )


def test_a_posterior_of_few_worlds_is_said_to_be_rough(found):
    rough = found.assign_attrs(effective_worlds=ENOUGH / 4)
    assert f"below {ENOUGH}, so quantiles of the posterior are rough. Use about 4.0 times as many" in (
        posterior_in_words(rough)
    )


@pytest.mark.parametrize(
    ("changes", "words"),
    [
        ({"kinds": ("follower",)}, "worlds cannot be conditioned on 'follower'; use one or more of: organisations, "),
        ({"kinds": ("models", "modles")}, "worlds cannot be conditioned on 'modles'; use one or more of: "),
        ({"kinds": ()}, "no kind of observation is named; use one or more of: "),
        ({"kinds": ("open_models",)}, "nothing to condition on: there is no observation of open_models after 2018"),
        ({"until": 2019.0}, "after 2018 and until 2019"),
        ({"futures": 1}, "at least two futures in each world"),
        ({"rounds": -1}, "rounds must be at least 0, not -1"),
        ({"kept": 0}, "posterior worlds to keep must be at least 1, not 0"),
        ({"truths": 99}, "truths must be 100 to half of the worlds of a round, 10, not 99"),
        ({"worlds": 0}, "0 worlds per round are too few for"),
    ],
)
def test_what_is_out_of_range_is_refused(observations, changes, words):
    with pytest.raises(ValueError, match=words) as error:
        calibrate(small(), observations, **{"worlds": 20, **changes})
    assert str(error.value).isprintable()


def test_a_scenario_that_cannot_show_or_learn_is_refused(observations):
    with pytest.raises(ValueError, match=r"past the horizon of short, 2021; leave later observations out with --until"):
        calibrate(small("short", horizon=2021), observations, worlds=20)
    certain = small("certain", actor_classes={"lab": {"count": 3}}, correlations=[])
    with pytest.raises(ValueError, match=r"^certain has no uncertain number to condition; give some a distribution"):
        calibrate(certain, observations, worlds=20)


@pytest.mark.statistics
def test_a_larger_discrepancy_leaves_more_of_the_prior(observations):
    wide, narrow = (
        calibrate(small(), observations, discrepancy=Discrepancy(0.3 * n, 0.15 * n), worlds=1000, seed=5)
        for n in (4.0, 1.0)
    )
    assert wide["contraction"].max() < narrow["contraction"].max()
    assert wide.attrs["discrepancy"] != narrow.attrs["discrepancy"]
