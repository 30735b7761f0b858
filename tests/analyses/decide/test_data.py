"""What own data are worth, and the lack of tokens: closed forms, single futures, the error of paired differences."""

from __future__ import annotations

from itertools import product
from statistics import NormalDist

import numpy as np
import pytest
import xarray as xr
from helpers import merged, oom, scenario, within
from small_run import RICH, SEED

import engine
from engine.analyses.decide.data import own_tokens
from engine.analyses.decide.experiment import decide
from engine.analyses.decide.options import NEVER, Option, choose, with_actor
from engine.analyses.decide.phrases import beyond_chance
from engine.analyses.decide.summary import decision_in_words
from engine.rules.training import class_tokens
from engine.scenario import WorldSampler
from engine.statistics.cluster_means import mean_with_error

#: A run of 1e26 FLOP needs 1e13 tokens, and there are 1.1e12, of which a tenth grows to ten times with more data.
SCARCE = {
    "data": {
        "optimal_tokens": 1e12,
        "token_stock": 1e12,
        "token_growth": oom(0.1, "OOM/yr"),
        "shortfall_penalty": 1.0,
    },
    "actor_classes": {"actor": {"proprietary_tokens": 1e11}},
    "capabilities": {
        "skill": {"kind": "valuable", "benefit_rate": 1e12, "requirement": oom(25.5, "log10 FLOP")},
    },
}
OPTIONS = (Option(), Option(data_factor=10.0))
USUAL, MORE = (option.name for option in OPTIONS)
#: OOM that the first run of 1e26 FLOP lacks: 13 less the class's tokens.
MISSING = 13.0 - np.log10(1.1e12)


def decided(options=OPTIONS, worlds=1, futures=1, actor="actor", **parts):
    return decide(scenario(**parts), actor, options, worlds=worlds, futures=futures, sampling="random")


# Closed forms.


@pytest.mark.known
def test_data_bring_a_goal_forward_by_the_years_in_which_tokens_would_have_grown():
    """Half an OOM may be missing: runs begun after 5 years with the class's data, after 2 with ten times those."""
    found = decided(**SCARCE).isel(policy=0, goal=0)
    assert found.data_years_earlier.sel(option=[USUAL, MORE]).values == pytest.approx([0.0, 3.0], abs=1e-3)
    assert float(found.unlimited_data_years_earlier) == pytest.approx(5.0, abs=1e-3)
    assert found["goal_plan"].item() == USUAL
    assert float(found.data_gain.sel(option=USUAL)) == 0.0
    earns = 0.022 * 1e12
    years = sum(1.08 ** -(0.5 + year) for year in range(3, 6))
    saved = 1e8 * sum(1.08**-year for year in range(3, 6))
    assert float(found.data_gain.sel(option=MORE)) == pytest.approx(earns * years + saved, rel=2e-3)
    years = sum(1.08 ** -(0.5 + year) for year in range(1, 6))
    assert float(found.unlimited_data_gain) == pytest.approx(earns * years, rel=0.02)
    assert (found.attainment_probability.sel(option=[USUAL, MORE]) == 1.0).all()


@pytest.mark.known
@pytest.mark.parametrize("penalty", [1.0, 0.4])
def test_missing_tokens_are_what_the_need_is_above_the_stock(penalty):
    """By the year: the best model of the actor is its last, and the stock has grown for its year of beginning."""
    parts = merged(SCARCE, {"data": {"shortfall_penalty": penalty}})
    found = decided(**parts).isel(goal=0)
    begun = np.arange(9.0)
    np.testing.assert_allclose(found.missing_tokens[1:10], MISSING - 0.1 * begun, atol=2e-5)
    np.testing.assert_allclose(found.lost_compute[1:10], penalty * (MISSING - 0.1 * begun), atol=1e-5)
    assert (found.short_probability[1:10] == 1.0).all()
    assert np.isnan(found.missing_tokens[0])


@pytest.mark.known
def test_own_tokens_are_a_share_of_all_and_more_of_them_add_what_the_rule_says():
    """In every world of an uncertain stock; of none, or beside an unlimited stock, nothing is added."""
    uncertain = {"proprietary_tokens": {"lognormal": {"p5": 1e10, "p95": 1e14}}}
    spec = scenario(**merged(SCARCE, {"actor_classes": {"actor": uncertain}}))
    options = [NEVER, *OPTIONS, Option(data_factor=0.1), Option(data_factor=np.inf)]
    drawn = WorldSampler(spec, 20, SEED, "random").worlds()
    found = own_tokens(drawn, 0, options)

    def tokens(factor):
        more = drawn.copy()
        more["proprietary_tokens"][:, 0] += np.log10(factor)
        return np.array([class_tokens(one, 0) for one in np.asarray(more).view(np.recarray)])

    share = 1.0 - 10.0 ** (drawn["token_stock"] - tokens(1.0))
    assert float(found.own_token_share) == pytest.approx(share.mean(), rel=1e-9)
    for place, factor in ((1, 1.0), (2, 10.0), (3, 0.1)):
        assert float(found.added_tokens[place]) == pytest.approx((tokens(factor) - tokens(1.0)).mean(), abs=1e-12)
    assert found.added_tokens.isnull().values.tolist() == [True, False, False, False, True]
    for key, value in (("proprietary_tokens", -np.inf), ("token_stock", np.inf)):
        none = drawn.copy()
        none[key] = value
        assert float(own_tokens(none, 0, options).own_token_share) == 0.0
        assert (own_tokens(none, 0, options).added_tokens[1:4] == 0.0).all()


@pytest.mark.known
def test_a_tie_by_weights_of_its_own_is_first_and_one_by_a_rivals_run_is_not():
    """Others have its open weights at once; a rival of the same size trains at the same moment."""
    for budget, first in ((1e3, 1.0), (1e8, 0.0)):
        classes = {"actor": {"openness": 1.0}, "others": {"budget": budget}}
        skill = {"kind": "valuable", "benefit_rate": 1e6}
        found = decided([Option()], actor_classes=classes, capabilities={"skill": skill}).isel(policy=0, option=1)
        assert found.first_probability.item() == first, budget
        assert found.expected_lead.item() == 0.0
        assert found.lead_value.item() == 0.0


# Single futures.


@pytest.fixture(scope="module")
def uncertain():
    """Two goals of labs that are short of uncertain tokens, beside other classes."""
    changes = {
        "data": {
            "optimal_tokens": 1e12,
            "token_stock": {"lognormal": {"p5": 3e11, "p95": 3e13}},
            "token_growth": oom(0.1, "OOM/yr"),
            "shortfall_penalty": {"uniform": {"low": 0.0, "high": 1.0}},
        },
        "actor_classes": {"lab": {"count": 2, "proprietary_tokens": {"lognormal": {"p5": 1e11, "p95": 1e13}}}},
        "capabilities": {
            "late": {"benefit_rate": 1e10},
            "sooner": {"kind": "valuable", "requirement": oom(27.0, "log10 FLOP"), "benefit_rate": 3e8},
        },
    }
    return scenario(**merged(RICH, changes))


PLANS = (Option(), Option(data_factor=10.0), Option(10.0, 2.0), Option(10.0, 2.0, 0.1), Option(0.1, 0.0, 5.0))
SIZE = {"worlds": 32, "futures": 3, "seed": SEED, "sampling": "random"}


@pytest.fixture(scope="module")
def found(uncertain):
    return decide(uncertain, "lab", PLANS, **SIZE).isel(policy=0)


def naive_mean(single):
    """Mean and error of single futures (world, future) by loops: sums of each of 16 replicates of worlds."""
    worlds, futures = single.shape
    total = sum(float(value) for row in single for value in row)
    sums = [sum(float(value) for w in range(n, worlds, 16) for value in single[w]) for n in range(16)]
    squares = sum((one - total / 16) ** 2 for one in sums)
    return total / (worlds * futures), float(np.sqrt(16 / 15 * squares)) / (worlds * futures)


def test_the_paired_difference_is_that_of_single_futures(found):
    """For each goal and each option with other data: mean and error by loops over `gain`."""
    pairs = ((PLANS[1], PLANS[0]), (PLANS[3], PLANS[2]))
    for (other, usual), goal in product(pairs, ("sooner", "late")):
        one, two = (found.gain.sel(option=option.name, goal=goal) for option in (usual, other))
        single = two.transpose("world", "future").values - one.transpose("world", "future").values
        mean, error = naive_mean(single)
        here = found.sel(option=other.name, goal=goal)
        assert float(here.data_gain) == pytest.approx(mean, rel=1e-9, abs=1.0)
        assert float(here.data_gain_se) == pytest.approx(error, rel=1e-9, abs=1.0)
        apart = np.hypot(*(float(found.gain_over_never_se.sel(option=o.name, goal=goal)) for o in (usual, other)))
        assert error < 0.9 * apart
    assert (found.data_gain.sel(option=PLANS[1].name) > 0.0).any()
    assert found.data_gain.sel(option=[NEVER.name, PLANS[4].name]).isnull().all()


def test_years_and_probabilities_are_those_of_futures_simulated_again(found, uncertain):
    """Attainment times of the actor with either data, cut at the horizon of 2032."""
    alone, name = with_actor(uncertain, "lab")

    def times(option):
        change = choose(alone, "lab", name, option)
        samples = engine.simulate(alone, 32, 3, SEED, keep="samples", sampling="random", policies=(), change=change)
        own = samples.attainment_time.isel(policy=0).sel(actor_class=name)
        return {goal: own.sel(capability=goal).transpose("world", "future").values for goal in ("sooner", "late")}

    usual, more, plenty = (times(Option(data_factor=factor)) for factor in (1.0, 10.0, np.inf))
    for goal in ("sooner", "late"):
        here = found.sel(option=PLANS[1].name, goal=goal)
        mean, error = naive_mean(np.isfinite(more[goal]).astype(float))
        assert float(here.attainment_probability) == pytest.approx(mean, abs=1e-12)
        assert float(here.attainment_probability_se) == pytest.approx(error, abs=1e-12)
        cut = [np.nan_to_num(one[goal].astype(float), nan=2032.0) for one in (usual, more, plenty)]
        mean, error = naive_mean(cut[0] - cut[1])
        assert float(here.data_years_earlier) == pytest.approx(mean, abs=1e-9)
        assert float(here.data_years_earlier_se) == pytest.approx(error, abs=1e-9)
        if found["goal_plan"].sel(goal=goal).item() == PLANS[0].name:
            assert float(here.unlimited_data_years_earlier) == pytest.approx(naive_mean(cut[0] - cut[2])[0], abs=1e-9)
    assert float(found.data_years_earlier.sel(option=PLANS[1].name).max()) > 0.0
    assert PLANS[0].name in found["goal_plan"].values


def test_more_data_never_delay_and_unlimited_data_bring_forward_most(found):
    """In the mean of the same futures; and whoever lacks tokens loses compute."""
    assert (found.data_years_earlier.sel(option=PLANS[1].name) >= 0.0).all()
    assert (found.data_years_earlier.sel(option=PLANS[3].name) <= 0.0).all()
    for goal in found["goal"].values:
        one = found.sel(goal=goal)
        plan = one["goal_plan"].item()
        same = one.isel(option=np.flatnonzero(one.budget_factor == float(one.budget_factor.sel(option=plan))))
        assert float(one.unlimited_data_years_earlier) >= float(same.data_years_earlier.max())
    short = found.short_probability.fillna(0.0)
    assert ((found.lost_compute.fillna(0.0) > 0.0) == (short > 0.0)).all()
    assert 0.0 < float(short.max()) < 1.0


@pytest.mark.statistics
def test_the_paired_difference_is_within_its_errors_of_the_closed_form():
    """Attained by the first run or never: half an OOM may be missing of Normal log10 tokens; four standard errors.

    Data of ten times 1e11 tokens let a run reach it from a public stock of 10^12.5 - 1e12 on, not 10^12.5 - 1e11.
    """
    stock = {"lognormal": {"p5": 1e12, "p95": 5e12}}
    parts = merged(SCARCE, {"data": {"token_stock": stock, "token_growth": oom(0.0, "OOM/yr")}})
    found = decide(scenario(**parts), "actor", OPTIONS, worlds=400, futures=1, seed=7, sampling="random")
    found = found.isel(policy=0, goal=0).sel(option=MORE)
    middle = 12.0 + 0.5 * np.log10(5.0)
    log_stock = NormalDist(middle, (middle - 12.0) / NormalDist().inv_cdf(0.95))
    usual, more = (1.0 - log_stock.cdf(float(np.log10(10**12.5 - own))) for own in (1e11, 1e12))
    assert more - usual > 0.2
    assert within(float(found.attainment_probability), more, float(found.attainment_probability_se))
    years = 9.0 * (more - usual)
    assert within(float(found.data_years_earlier), years, float(found.data_years_earlier_se))
    spread = 9.0 * np.sqrt((more - usual) * (1.0 - more + usual) / 400)
    # The error itself is estimated from 16 replicates: a fifth of it is about one of its standard errors.
    assert float(found.data_years_earlier_se) == pytest.approx(spread, rel=0.6)


# Words.


def test_where_no_tokens_are_missing_data_are_idle_and_the_text_says_why():
    text = decision_in_words(decided(**merged(SCARCE, {"data": {"token_stock": 1e14}})))
    told = " ".join(text.split())
    assert "Own data are idle at each goal's best budget and start: not even unlimited data change a future." in told
    assert "Its best model is short of tokens in no future up to 2030. 0.0999% +-? of its tokens at the start" in told


def test_a_class_without_own_tokens_has_nothing_to_multiply():
    parts = merged(SCARCE, {"actor_classes": {"actor": {"proprietary_tokens": 0}}})
    told = " ".join(decision_in_words(decided(**parts)).split())
    assert "Own data are idle at each goal's best budget and start: data x10 change nothing, unlimited data do." in told
    assert "Its best model is short of tokens in at most 100% +-? (2021), by 1 +- ? OOM on average" in told
    assert "It has no own tokens beside the public ones to multiply." in told


def test_the_text_says_for_which_goal_data_are_worth_most(found):
    """By goal in the table; in the verdict what is beyond two errors."""
    text = decision_in_words(found.expand_dims("policy"))
    assert max(map(len, text.splitlines())) <= 150
    assert "nan" not in text
    tables = text.split("Own data by goal, under baseline")[1]
    for goal in ("sooner", "late"):
        of = found.sel(goal=goal)
        row = next(line for line in tables.splitlines() if line.split()[:1] == [goal])
        plan = of.sel(option=of["goal_plan"].item())
        assert row.split()[1] == f"x{float(plan.budget_factor):g}"
        assert row.split()[-2] == f"{100.0 * float(plan.attainment_probability):.3g}%"
    told = " ".join(text.split())
    assert "Own data " in told.split("Under baseline")[0]


def test_without_an_option_with_the_classs_data_nothing_is_compared():
    found = decided([Option(data_factor=10.0)], **SCARCE)
    assert "goal_plan" not in found.coords
    assert found.data_gain.isnull().all()
    text = " ".join(decision_in_words(found).split())
    assert "Own data: no option has the class's data, so nothing is compared; give --data with 1, such as 1,10." in text


def test_the_verdict_says_what_data_gain_alone_and_for_who_chooses_best():
    """Two goals, of which the later earns a tenth; all worlds are the same, so the error is 0."""
    skill = SCARCE["capabilities"]["skill"]
    later = {"skill": {**skill, "benefit_rate": 1e11}, "more": {**skill, "requirement": oom(25.55, "log10 FLOP")}}
    found = decided(worlds=16, **merged(SCARCE, {"capabilities": later}))
    most = found.data_gain.isel(policy=0).sel(option=MORE)
    assert list(found["goal"].values) == ["skill", "more"]
    assert float(most.sel(goal="more")) > 5.0 * float(most.sel(goal="skill")) > 0.0
    told = " ".join(decision_in_words(found).split())
    gain = float(most.sel(goal="more")) / 1e9
    assert f"Own data are worth most for more: data x10 gain {gain:.3g} billion US$, and it is attained 3" in told
    assert "Best with them: train now, with budget x1 and data x10, for more; that gains " in told
    assert f"that gains {gain:.3g} billion US$ over the best without them." in told
    assert f"Of all plans data gain most with {MORE}, for more: {gain:.3g} billion US$." in told


@pytest.mark.parametrize(("benefit", "stays"), [(1e8, True), (8e9, False)])
def test_data_that_make_training_pay_gain_what_it_then_gains_and_otherwise_nothing(benefit, stays):
    """With the class's data it is best never to train; then 6 years of runs cost more than 4 of the skill earn."""
    found = decided(worlds=16, **merged(SCARCE, {"capabilities": {"skill": {"benefit_rate": benefit}}}))
    gains = found.gain_over_never.isel(policy=0, goal=0)
    assert float(gains.sel(option=USUAL)) < 0.0
    assert (float(gains.sel(option=MORE)) < 0.0) == stays
    told = " ".join(decision_in_words(found).split())
    assert ("The best choice stays as it is, so to an actor that chooses best they are worth nothing." in told) == stays
    if not stays:
        gain = float(gains.sel(option=MORE)) / 1e9
        assert f"for skill; that gains {gain:.3g} billion US$ over the best without them." in told


def test_the_text_says_until_when_no_tokens_are_missing():
    """Twice the need at the start, which grows by a quarter of an OOM a year: the run begun in 2022 lacks some."""
    growth = {"actor_classes": {"actor": {"budget_growth": oom(0.5, "OOM/yr")}}}
    parts = merged(merged(SCARCE, growth), {"data": {"token_stock": 2e13, "token_growth": oom(0.0, "OOM/yr")}})
    found = decided(**parts)
    assert (found.short_probability.isel(goal=0).values[1:] > 0.0).tolist() == [False, False, *[True] * 8]
    assert float(found.missing_tokens.isel(goal=0, year=3)) == pytest.approx(13.5 - np.log10(2.01e13), abs=2e-5)
    told = " ".join(decision_in_words(found).split())
    assert "short of tokens in no future up to 2022 and in at most 100% +-? (2023), by 0.197 +- ? OOM" in told


def test_the_plan_in_which_data_gain_most_is_named_where_it_is_not_the_best(found):
    """Beyond chance, of all options with other data and of both goals: two pairs of options, so four differences."""
    known = found.data_gain.where(beyond_chance(found.data_gain, found.data_gain_se, 4))
    option, goal = (known.max(dim).argmax(one).item() for dim, one in (("goal", "option"), ("option", "goal")))
    told = " ".join(decision_in_words(found.expand_dims("policy")).split())
    names = str(found["option"][option].item()), str(found["goal"][goal].item())
    assert "Of all plans data gain most with {}, for {}: ".format(*names) in told


@pytest.mark.statistics
def test_of_many_differences_that_are_none_the_largest_is_beyond_chance_in_a_twentieth_of_cases():
    """2,000 times 8 differences of Normal worlds; four standard errors of that share. Bonferroni is just below 5%."""
    draws = np.random.default_rng(11).normal(size=(48, 2000, 8))
    mean, error = mean_with_error(xr.DataArray(draws, dims=("world", "time", "one")))
    share = float(beyond_chance(mean, error, 8).any("one").mean())
    assert within(share, 1.0 - (1.0 - 0.05 / 8) ** 8, float(np.sqrt(0.05 * 0.95 / 2000)))
    alone = float(beyond_chance(mean, error, 1).mean())
    assert within(alone, 0.05, float(np.sqrt(0.05 * 0.95 / 16000)))
