"""Rare events: unbiased against closed forms and against counting, with the error that repeated runs have."""

from __future__ import annotations

import math
import re

import numpy as np
import pytest
import xarray as xr
from helpers import oom, scenario, with_measures, within
from scipy import integrate, stats
from written import assert_labelled_and_survives

import engine
from engine.analyses.rare.experiment import PLAIN, RareEvent, _stratified, _weights, rare_in_words, rare_probability
from engine.execution import Execution

#: A theft rate a year whose log10 is Normal: 90% between 1e-6 and 1e-4.
RARE_RATE = {"lognormal": {"p5": 1e-6, "p95": 1e-4}}
RATE_MEAN, RATE_SD = -5.0, 1.0 / stats.norm.ppf(0.95)
HELD = 0.25
YEARS = 1.9
STOLEN = RareEvent("thief", YEARS, ("skill",))
TRAINED = RareEvent("holder", YEARS, ("skill",), "any")


def theft(rate, security=0.0, requirement=None, **parts):
    """A holder that trains the skill within a quarter of a year, and a thief that cannot."""
    return scenario(
        actor_classes={
            "holder": {"run_duration": HELD, "security": security},
            "thief": {"budget": 1.0, "theft_rate": rate},
        },
        capabilities={"skill": {"requirement": requirement or 1e26}},
        **parts,
    )


def normal(mean, sd):
    """A requirement in OOM."""
    return {"normal": {"mean": mean, "sd": sd}, "unit": "log10 FLOP"}


#: Half an OOM a year: the last run that ends within 1.9 years begins at 1.5, and has 26.75 OOM.
GROWS = {"algorithms": {"efficiency_trend": oom(0.5, "OOM/yr")}}
BEST = 26.75


def of(found):
    """(probability, standard error)"""
    return float(found.probability), float(found.probability_se)


def mean_of(values, plain):
    """(mean, standard error) of two strata."""
    found = _stratified(values, plain)
    return float(found.value), float(found.error)


# Unbiased.


@pytest.mark.known
@pytest.mark.statistics
@pytest.mark.parametrize("shifted", [True, False])
def test_theft_at_an_uncertain_rate_has_the_probability_of_its_integral(shifted):
    """E[1 - exp(-rate x (1 - security) x years held)], over the distribution of rates, by quadrature."""
    exposed = 0.4 * (YEARS - HELD)

    def given(z):
        return -math.expm1(-exposed * 10.0 ** (RATE_MEAN + RATE_SD * z)) * stats.norm.pdf(z)

    expected = integrate.quad(given, -10.0, 10.0, epsabs=1e-14)[0]
    found = rare_probability(theft(RARE_RATE, 0.6), STOLEN, 2000, 1, 3, shifted=shifted)
    probability, error = of(found)
    assert expected < 1e-4
    assert within(probability, expected, error)
    assert error < 0.1 * expected
    assert (np.abs(found["score_shift"]).max() > 0.3) == shifted


@pytest.mark.known
@pytest.mark.statistics
@pytest.mark.parametrize("mean", [28.2, 29.0])
def test_an_uncertain_requirement_is_met_with_its_probability(mean):
    """P(Normal < 26.75), of 8e-3 and of 9e-5."""
    expected = stats.norm.cdf((BEST - mean) / 0.6)
    probability, error = of(rare_probability(theft(0.0, requirement=normal(mean, 0.6), **GROWS), TRAINED, 2000, 1, 5))
    assert within(probability, expected, error)
    assert error < 0.1 * expected


@pytest.fixture(scope="module")
def counting():
    """A scenario, and in how many of 50,000 futures, each of its own world, the thief has the skill by 2024."""
    spec = theft({"lognormal": {"p5": 1e-3, "p95": 0.03}}, requirement=normal(26.9, 0.5))
    counted = engine.simulate(spec.model_copy(update={"horizon": 2024.0}), 50_000, 1, 8)
    # The thief has no other route.
    return spec, counted.attainment_route.sel(actor_class="thief", route="stolen").item()


@pytest.mark.statistics
@pytest.mark.parametrize(("route", "most"), [("any", 2.0), ("stolen", 0.6)])
def test_importance_sampling_and_counting_agree(counting, route, most):
    """At a probability of about 1e-3, within 4 joint errors; 4,000 counted worlds would have 3.5 times the error."""
    spec, share = counting
    probability, error = of(rare_probability(spec, RareEvent("thief", 4.0, ("skill",), route), 4000, 1, 7))
    counted_error = math.sqrt(share * (1.0 - share) / 50_000)
    assert 5e-4 < share < 2e-3
    assert within(probability, share, math.hypot(error, counted_error))
    assert error < most * counted_error


@pytest.mark.statistics
def test_shifting_makes_the_error_smaller_where_the_requirement_is_uncertain():
    """At 1e-4, to less than a fifth at the same size; both count an event by itself, not by a theft."""
    spec = theft(0.0, requirement=normal(29.0, 0.6), **GROWS)
    error = of(rare_probability(spec, TRAINED, 2000, 1, 11))[1]
    expected = stats.norm.cdf((BEST - 29.0) / 0.6)
    # Plainly 0.2 of 2,000 worlds are expected to have it, so the error there is that of counting.
    assert error < 0.2 * math.sqrt(expected / 2000)


@pytest.mark.statistics
def test_over_thirty_seeds_the_estimate_is_unbiased_and_its_error_is_their_spread(monkeypatch):
    """The mean within 4 errors of the closed form; the stated error within 35% of the spread, itself sure to 13%.

    The shift is sought once, with a seed of its own: an estimate's worlds do not depend on how it was found.
    """
    expected = stats.norm.cdf((BEST - 28.75) / 0.6)
    spec = theft(0.0, requirement=normal(28.75, 0.6), **GROWS)
    shift = rare_probability(spec, TRAINED, 400, 1, 9_000)["score_shift"].values
    assert shift.any()
    monkeypatch.setattr("engine.analyses.rare.experiment._seek", lambda *_: shift)
    values, errors = np.array([of(rare_probability(spec, TRAINED, 400, 1, 100 * seed)) for seed in range(30)]).T
    spread = values.std(ddof=1)
    assert within(values.mean(), expected, spread / math.sqrt(30.0))
    assert np.sqrt((errors**2).mean()) == pytest.approx(spread, rel=0.35)


@pytest.mark.statistics
@pytest.mark.slow
def test_over_forty_seeds_limits_hold_the_truth_as_often_as_they_say():
    """Each seed seeks its own shift: 95% limits hold the closed form in at least 34 of 40 (fewer: a chance of 0.3%)."""
    expected = stats.norm.cdf((BEST - 28.75) / 0.6)
    spec = theft(0.0, requirement=normal(28.75, 0.6), **GROWS)
    limits = [rare_probability(spec, TRAINED, 400, 1, 100 * seed).probability_limits.values for seed in range(1, 41)]
    assert sum(low <= expected <= high for low, high in limits) >= 34


# Weights.


@pytest.mark.statistics
def test_weights_have_the_mean_one_and_none_is_above_the_limit():
    """Of worlds drawn as they are: a share plainly, the others shifted by up to three standard deviations."""
    draw = np.random.default_rng(5)
    shift = np.array([-1.5, 0.0, 0.7, 3.0])
    score = draw.normal(size=(20_000, 4))
    plain = round(PLAIN * len(score))
    score[plain:] += shift
    weight = _weights(score, shift, PLAIN)
    mean, error = mean_of(weight, plain)
    assert within(mean, 1.0, error)
    assert 0.0 < error < 0.02
    assert weight.max() <= 1.0 / PLAIN
    # What it weights is the mean under the plain distribution.
    mean, error = mean_of(weight * score[:, 3], plain)
    assert within(mean, 0.0, error)


@pytest.mark.known
def test_the_error_of_two_strata_is_that_of_their_sum():
    """Variances of each, over all squared; unknown where a stratum has one world alone."""
    values = np.array([1.0, 3.0, 0.0, 6.0, 6.0])
    assert mean_of(values, 2) == pytest.approx((3.2, math.sqrt(2 * 2.0 + 3 * 12.0) / 5.0))
    assert mean_of(values, 5) == pytest.approx((3.2, values.std(ddof=1) / math.sqrt(5.0)))
    for plain in (1, 4):
        mean, error = mean_of(values, plain)
        assert mean == pytest.approx(3.2)
        assert math.isnan(error)


def test_the_mean_weight_is_one_but_for_chance():
    found = rare_probability(theft(RARE_RATE, requirement=normal(27.0, 0.5)), STOLEN, 1000, 1, 2)
    assert float(found.mean_weight) == pytest.approx(1.0, abs=0.2)
    assert float(found.mean_weight) != 1.0
    assert 1.0 < float(found.effective_sample_size) < 1000.0
    probability, error = of(found)
    assert float(found.plain_futures) == pytest.approx(probability * (1.0 - probability) / error**2, rel=1e-12)


@pytest.mark.known
def test_a_search_that_finds_nothing_leaves_worlds_as_they_are():
    """At a probability of 1e-15 nothing is near: plain worlds, of weight 1, in which it does not happen."""
    found = rare_probability(theft(0.0, requirement=normal(40.0, 0.6)), TRAINED, 300, 1)
    assert (found["score_shift"] == 0.0).all()
    assert (float(found.probability), float(found.mean_weight)) == (0.0, 1.0)
    assert np.isnan(found.plain_futures)


# Of every sort.


@pytest.mark.known
def test_without_uncertain_numbers_there_is_nothing_to_shift_and_a_theft_is_integrated_exactly():
    """1 - exp(-rate x (1 - security) x years held), in every future the same."""
    found = rare_probability(theft(1e-5, 0.75), STOLEN, 20, 2)
    assert float(found.probability) == pytest.approx(-math.expm1(-1e-5 * 0.25 * (YEARS - HELD)), rel=1e-6)
    assert float(found.probability_se) < 1e-12
    assert float(found.mean_weight) == 1.0
    assert found.sizes["parameter"] == 0


@pytest.mark.known
def test_any_of_several_capabilities_counts_once():
    """Two that come with the same model, and one named twice."""
    spec = scenario(
        actor_classes={"holder": {"run_duration": HELD}, "thief": {"budget": 1.0, "theft_rate": 0.1}},
        capabilities={"one": {}, "two": {}, "good": {"kind": "valuable"}},
    )
    left = math.exp(-0.1 * (YEARS - HELD))
    for names, expected in (
        (("one",), 1.0 - left),
        (("one", "one"), 1.0 - left),
        (("two", "one"), 1.0 - left),
        ((), 1.0 - left),
    ):
        found = rare_probability(spec, RareEvent("thief", YEARS, names), 4, 1)
        assert float(found.probability) == pytest.approx(expected, rel=1e-5), names


@pytest.mark.known
def test_a_policy_changes_the_probability():
    """Security of 0.9 in place of none."""
    spec = with_measures(
        {"measure": "security_standard", "least_security": 0.9},
        actor_classes={"holder": {"run_duration": HELD}, "thief": {"budget": 1.0, "theft_rate": 1e-4}},
    )
    for policy, share in (("baseline", 1.0), ("policy", 0.1)):
        found = rare_probability(spec, STOLEN, 4, 1, policy=policy)
        assert float(found.probability) == pytest.approx(-math.expm1(-1e-4 * share * (YEARS - HELD)), rel=1e-5)
        assert found.attrs["policy"] == policy


def test_threads_do_not_matter():
    spec = theft(RARE_RATE, requirement=normal(27.0, 0.5))
    one, two = (rare_probability(spec, STOLEN, 300, 2, 4, execution=Execution(threads=threads)) for threads in (1, 2))
    xr.testing.assert_identical(one, two)


def test_years_between_points_of_the_grid_are_taken_as_they_are():
    found = rare_probability(theft(1e-3), RareEvent("thief", 1.87, ("skill",)), 4, 1)
    assert float(found.probability) == pytest.approx(-math.expm1(-1e-3 * (1.87 - HELD)), rel=1e-5)


# A theft that starts a measure.


def starts_security(trigger, attempts):
    """A measure that makes thefts impossible once there was a theft, or an incident; a thief that attempts misuse."""
    return with_measures(
        {"measure": "security_standard", "least_security": 1.0, "trigger": trigger},
        actor_classes={
            "holder": {"run_duration": HELD},
            "thief": {"budget": 1.0, "theft_rate": 0.2, "attempt_rate": attempts},
        },
        capabilities={"skill": {"success_probability": 1.0, "loss_median": 1e6}},
    )


@pytest.mark.parametrize(("trigger", "attempts"), [("theft", 0.0), ("theft", 5.0), ("incident", 50.0)])
def test_where_the_theft_starts_a_measure_it_cannot_be_integrated_out(trigger, attempts):
    """Also by way of incidents: then what is integrated is less than what is counted."""
    spec = starts_security(trigger, attempts)
    event = RareEvent("thief", 5.0, ("skill",))
    with pytest.raises(ValueError, match=f"policy is triggered by {trigger}, so thefts cannot be integrated out"):
        rare_probability(spec, event, 10, 1, policy="policy")
    counted = rare_probability(spec, RareEvent("thief", 5.0, ("skill",), "any"), 1000, 1, policy="policy")
    expected = -math.expm1(-0.2 * (5.0 - HELD))
    assert within(*of(counted)[:1], expected, math.sqrt(expected * (1.0 - expected) / 1000))
    samples = engine.simulate(spec.model_copy(update={"horizon": 2025.0}), 1, 1000, keep="samples")
    biased = samples.theft_probability.sel(policy="policy", actor_class="thief").astype(float).mean()
    assert float(biased) < 0.8 * expected


@pytest.mark.known
def test_an_incident_of_others_may_start_a_measure():
    """A thief that attempts nothing has no part in it."""
    found = rare_probability(starts_security("incident", 0.0), STOLEN, 4, 1, policy="policy")
    assert float(found.probability) == pytest.approx(-math.expm1(-0.2 * (YEARS - HELD)), rel=1e-5)


# Errors.


@pytest.mark.parametrize(
    ("event", "words"),
    [
        (RareEvent("thieves", 2.0), "no actor class is called 'thieves'; did you mean 'thief'"),
        (RareEvent("thief", 0.0), "years must be above 0 and at most 10, the scenario's span, not 0"),
        (RareEvent("thief", 10.5), "years must be above 0 and at most 10"),
        (RareEvent("thief", math.nan), "years must be above 0 and at most 10"),
        (RareEvent("thief", 2.0, ("skil",)), "no capability is called skil; use one or more of: skill"),
        (RareEvent("thief", 2.0, route="bought"), "route must be any or stolen, not bought"),
        (RareEvent("holder", 2.0), "holder never steals, for its theft_rate is 0; use route any"),
    ],
)
def test_events_that_cannot_be_are_refused(event, words):
    with pytest.raises(ValueError, match=words):
        rare_probability(theft(1e-3), event, 10, 1)


def test_without_a_dangerous_capability_one_must_be_named():
    spec = scenario(capabilities={"skill": {"kind": "valuable"}})
    with pytest.raises(ValueError, match="has no dangerous capability; name the capabilities of the event"):
        rare_probability(spec, RareEvent("actor", 2.0), 10, 1)
    assert float(rare_probability(spec, RareEvent("actor", 2.0, ("skill",), "any"), 2, 1).probability) == 1.0


def test_an_unknown_policy_is_refused():
    with pytest.raises(ValueError, match="no policy is called 'polic'; did you mean 'policy'"):
        rare_probability(starts_security("theft", 0.0), STOLEN, 10, 1, policy="polic")


# Labels and words.


@pytest.fixture(scope="module")
def found():
    return rare_probability(theft(RARE_RATE, requirement=normal(27.0, 0.5)), STOLEN, 500, 2, 2026)


def test_labels_and_files(found, tmp_path):
    assert set(found.dims) == {"parameter", "limit"}
    assert list(found["parameter"].values) == ["actor_classes.thief.theft_rate", "capabilities.skill.requirement"]
    assert (found.attrs["worlds"], found.attrs["futures"], found.attrs["seed"]) == (500, 2, 2026)
    assert found.attrs["event"] == str(STOLEN) == "thief steals skill within 1.9 years"
    assert_labelled_and_survives(found, tmp_path)


def test_words_are_the_numbers_of_the_dataset(found):
    text = rare_in_words(found)
    assert "nan" not in text
    assert max(map(len, text.splitlines())) <= 150
    assert text.startswith("thief steals skill within 1.9 years, under baseline:")
    probability, error, low, effective = re.search(
        r"probability (\S+) \+- (\S+) \(95% limits (\S+) to \S+\), .*effective worlds (\S+),", text
    ).groups()
    assert float(probability) == pytest.approx(float(found.probability), rel=6e-3)
    assert float(error) == pytest.approx(float(found.probability_se), rel=6e-2)
    assert float(low) == pytest.approx(float(found.probability_limits[0]), rel=6e-3)
    assert float(effective) == pytest.approx(float(found.effective_sample_size), abs=0.51)
    shifts = dict(re.findall(r"^    (\S+) ([+-]\d\.\d\d)$", text, re.M))
    assert float(shifts["actor_classes.thief.theft_rate"]) > 0.3
    assert float(shifts["capabilities.skill.requirement"]) < -0.3
    for name, told in shifts.items():
        assert float(told) == pytest.approx(float(found["score_shift"].sel(parameter=name)), abs=0.0051)


@pytest.mark.parametrize(
    ("probability", "error", "limits", "told"),
    [
        (0.9991234, 0.000213, (0.99864, 0.99951), "0.99912 +- 0.00021 (95% limits 0.99864 to 0.99951),"),
        (4.0837e-5, 2.13e-6, (3.657e-5, 4.5231e-5), "4.08e-05 +- 2.1e-06 (95% limits 3.66e-05 to 4.52e-05),"),
        (1.2e-7, 3e-7, (0.0, 7.2e-7), "1.2e-07 +- 3e-07 (95% limits 0 to 7.2e-07),"),
        (0.012345, 0.0, (0.012345, 0.012345), "0.0123 +- 0 (95% limits 0.0123 to 0.0123),"),
    ],
)
def test_a_probability_and_its_limits_have_the_digits_of_the_error(found, probability, error, limits, told):
    """Limits near 1 are not both told as 1."""
    given = {"probability": probability, "probability_se": error, "probability_limits": ("limit", list(limits))}
    assert f"  probability {told}" in rare_in_words(found.assign(given))


def test_words_of_what_never_happened_and_of_one_world():
    """Zero is not told as certain, and a single world has no error."""
    never = rare_in_words(rare_probability(theft(1e-3, security=1.0), STOLEN, 20, 1))
    assert "the event happened in none of them, which does not make it impossible" in never
    one = rare_in_words(rare_probability(theft({"uniform": {"low": 0.1, "high": 0.2}}), STOLEN, 1, 1))
    assert "+- ?, from 1 worlds x 1 futures" in one
    for worlds in (2, 3):
        assert "nan" not in rare_in_words(rare_probability(theft(RARE_RATE), STOLEN, worlds, 1))
    exact = rare_in_words(rare_probability(theft(1e-4, requirement=oom(26.0, "log10 FLOP")), STOLEN, 20, 1))
    assert "nan" not in exact
