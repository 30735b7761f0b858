"""What measures do where the answer is known, under the Monte Carlo clock or, for single futures, the SimPy clock.

An actor of the neutral scenario trains 1e26 FLOP a year without pause: it attains the capability at 2021.0.
"""

from __future__ import annotations

import math

import numpy as np
import pytest
import xarray as xr
from helpers import oom, run, with_measures, within
from scipy import stats

import engine
from engine.errors import InputError
from engine.montecarlo.future import COUNTED
from engine.montecarlo.tally import WORD
from engine.scenario import WorldSampler

pytestmark = pytest.mark.known

SEED = 20_231_115
FUTURES = 5_000
THREE_ERRORS = 0.0027
#: A class that trains nothing.
IDLE = {"run_duration": 20, "budget": 1.0}
LAW = {"frontier": {"run_duration": 0.5}, "outsider": {**IDLE, "theft_rate": 0.7, "uptake_lag": 0.25}}


def times(spec, actor_class="actor", name="policy", futures=20):
    """Years of first attainment of a class in single futures under a policy, NaN for never."""
    samples = engine.simulate(spec, 1, futures, SEED, keep="samples").attainment_time
    return samples.sel(actor_class=actor_class, policy=name).to_numpy().ravel().astype(float)


def replayed(spec, actor_class="actor", name="policy"):
    """The same of one future under the SimPy clock."""
    attained = engine.replay(spec, 0, 0, policy=name, worlds=1, seed=SEED).attainments.set_index("actor_class").time
    return attained.get(actor_class, math.nan)


def counts(spec, kind, futures=2_000):
    """Events of a kind in all futures, (policy,)."""
    tally, _ = run(WorldSampler(spec, 1, SEED), futures, spec.policy_names)
    return tally.counted[:, COUNTED.index(kind)]


# The empty policy.


def test_the_baseline_does_not_know_of_policies():
    """Every number of the baseline, with or without policies beside it, to the bit."""
    without = engine.load_scenario("baseline")
    others = engine.load_scenario("policies")
    alone = engine.simulate(without, 40, 5, SEED, keep="samples")
    among = engine.simulate(others, 40, 5, SEED, keep="samples").sel(policy=["baseline"])
    uncertain = [str(name) for name in alone.parameter.values]
    xr.testing.assert_equal(alone, among.sel(parameter=uncertain))


@pytest.mark.parametrize(
    "measure",
    [
        {"measure": "compute_cap", "max_compute": 1e20, "start": 2031},
        {"measure": "compute_cap", "max_compute": 1e20, "compliance": 0},
        {"measure": "compute_cap", "max_compute": 1e40},
        {"measure": "licensing", "threshold": 1e20, "licence_delay": 0},
        {"measure": "licensing", "threshold": 1e40, "licence_delay": 5},
        {"measure": "compute_cap", "relative_cap": oom(20)},
        {"measure": "export_control", "price_multiplier": 1},
        {"measure": "publication_control", "lag_multiplier": 1},
        {"measure": "research_funding", "research_multiplier": 1},
        {"measure": "defence_programme", "trigger": "theft", "delay": 50, "defence_speed": 100},
    ],
    ids=lambda measure: "-".join(map(str, measure.values())),
)
def test_a_measure_that_does_nothing_is_no_policy_to_the_bit(measure):
    spec = with_measures(
        measure,
        hardware={"release_gap_mean": 1.0, "generation_gain_mean": 0.2},
        algorithms={"breakthrough_rate": 4.0, "small_gain_mean": 0.1, "secret_lag": 1.0},
        actor_classes={
            "lab": {"count": 3, "run_pause": 0.3, "openness": 0.2, "research_share": 1.0, "secrecy": 0.5},
            "thief": {**IDLE, "theft_rate": 0.5, "attempt_rate": 2.0},
        },
        capabilities={"skill": {"requirement": 3e27, "success_probability": 0.1, "loss_median": 1e6}},
    )
    results = engine.simulate(spec, 5, 40, SEED, keep="samples")
    governed, baseline = (results.sel(policy=name, drop=True) for name in ("policy", "baseline"))
    assert governed.identical(baseline)
    assert float(baseline.incidents_mean.sum()) > 0.0


# Caps.


@pytest.mark.parametrize("cap", [{"max_compute": 9e25}, {"relative_cap": oom(-0.1)}])
def test_a_cap_below_every_requirement_means_no_trained_attainment(cap):
    """1e26 FLOP is required; the relative cap lets the first run pass and holds all others below."""
    classes = {"actor": {"budget": 1e7, "budget_growth": 2.0, "count": 3}, "other": {"budget": 1e7, "run_pause": 0.7}}
    spec = with_measures({"measure": "compute_cap", **cap}, actor_classes=classes)
    results = engine.simulate(spec, 1, 50, SEED)
    assert float(results.attainment_route.sel(policy="policy").sum()) == 0.0
    assert float(results.attainment_route.sel(policy="baseline", route="trained", actor_class="actor").sum()) == 1.0
    assert math.isnan(replayed(spec))


def test_a_relative_cap_lets_the_largest_run_grow_by_its_factor_each_time():
    """A budget that grows 10x a year and a cap of 2x the largest run finished before: 2x every second run.

    A run that begins when its actor's last one ends does not know of it yet, for that has not been finished before.
    """
    spec = with_measures(
        {"measure": "compute_cap", "relative_cap": 2.0}, actor_classes={"actor": {"budget_growth": oom(1, "OOM/yr")}}
    )
    runs = engine.replay(spec, 0, 0, policy="policy", worlds=1).events.query("event == 'run_finish'").log10_flop
    expected = [26.0, 27.0, 26.0 + math.log10(2.0), 27.0 + math.log10(2.0)]
    np.testing.assert_allclose(runs.iloc[:4], expected, atol=1e-12)


# Licences.


def test_a_run_waits_for_its_licence_and_only_above_the_threshold():
    """Planned at 2020, begun at 2020.75, attained at 2021.75; one at the end of 2026 counts from its plan too."""
    for threshold, year in ((1e26, 2021.75), (1.01e26, 2021.0)):
        spec = with_measures({"measure": "licensing", "threshold": threshold, "licence_delay": 0.75})
        np.testing.assert_array_equal(times(spec), year)
        assert replayed(spec) == year


@pytest.mark.parametrize(("sized_at", "sizes"), [("filing", [26.0, 27.5]), ("start", [26.5, 28.0])])
def test_a_run_that_waits_uses_what_its_actor_had_when_it_filed_or_has_when_it_begins(sized_at, sizes):
    """Chips gain 1 OOM a year; a wait of half a year gives half an OOM, if the run is sized at its start."""
    spec = with_measures(
        {"measure": "licensing", "threshold": 1e25, "licence_delay": 0.5, "sized_at": sized_at},
        hardware={"price_decline": oom(1, "OOM/yr")},
    )
    events = engine.replay(spec, 0, 0, policy="policy", worlds=1).events
    started = events.query("event == 'run_start'")
    np.testing.assert_allclose(started.time[:2], [2020.5, 2022.0])
    np.testing.assert_allclose(started.log10_flop[:2], sizes)
    assert (events.query("event == 'licence_wait'").years == 0.5).all()
    largest = engine.simulate(spec, 1, 1, SEED, keep="sizes", policies=["policy"]).future_compute.sel(policy="policy")
    np.testing.assert_allclose(largest.squeeze().sel(year=[2022.0, 2023.0]), sizes, atol=4e-6)


def test_money_algorithms_and_data_are_those_of_the_filing_too():
    """All grow by half an OOM a year; only what a cap allows when the run begins is of that time."""
    growing = {
        "algorithms": {"efficiency_trend": oom(0.5, "OOM/yr")},
        "actor_classes": {"frontier": {"budget_growth": oom(0.5, "OOM/yr")}},
    }
    licence = {"measure": "licensing", "threshold": 1e25, "licence_delay": 1.0}
    reached = {}
    for sized_at in ("filing", "start"):
        spec = with_measures({**licence, "sized_at": sized_at}, **growing)
        events = engine.replay(spec, 0, 0, policy="policy", worlds=1).events
        reached[sized_at] = events.query("event == 'run_finish'").log10_effective_flop.iloc[0]
    assert reached["filing"] == pytest.approx(26.0)
    assert reached["start"] == pytest.approx(27.0)
    cap = {"measure": "compute_cap", "max_compute": 1e25, "start": 2020.5}
    events = engine.replay(with_measures(licence, cap, **growing), 0, 0, policy="policy", worlds=1).events
    assert events.query("event == 'run_finish'").log10_flop.iloc[0] == pytest.approx(25.0)


def test_a_licence_sized_at_its_filing_delays_by_its_wait():
    """A wait of 0.05 years, in 400 futures: exactly, unless one of a few pauses of two years on average was shorter.

    An actor prepares its next run while it waits, so that its runs are filed for when they would begin without. Sized
    at its start, a run is larger than it would be, and every tenth capability comes sooner.
    """
    growing = {
        "horizon": 2060,
        "hardware": {"price_decline": oom(0.5, "OOM/yr")},
        "actor_classes": {"frontier": {"run_duration": 0.3, "run_pause": 2.0}},
        "capabilities": {"skill": {"requirement": oom(28.5, "log10 FLOP")}},
    }
    changes = {}
    for sized_at in ("filing", "start"):
        licence = {"measure": "licensing", "threshold": 1e25, "licence_delay": 0.05, "sized_at": sized_at}
        times = engine.simulate(with_measures(licence, **growing), 1, 400, SEED, keep="samples").attainment_time
        changes[sized_at] = (times.sel(policy="policy") - times.sel(policy="baseline")).squeeze().values
    exactly = {sized_at: float((np.abs(change - 0.05) < 2e-3).mean()) for sized_at, change in changes.items()}
    assert exactly["filing"] > 0.85
    assert (changes["filing"] < 0.0).mean() < 0.01
    assert (changes["start"] < 0.0).mean() > 0.01


# Chips, money, talent.


@pytest.mark.parametrize(
    ("measure", "log10_flop"),
    [
        ({"measure": "public_compute", "budget_multiplier": 5}, 26.0 + math.log10(5)),
        ({"measure": "export_control", "price_multiplier": 4}, 26.0 - math.log10(4)),
        ({"measure": "export_control", "price_multiplier": 4, "leakage": 0.5}, 26.0 - math.log10(2.5)),
    ],
)
def test_runs_are_larger_by_support_and_smaller_by_dearer_chips(measure, log10_flop):
    spec = with_measures({**measure, "start": 2022})
    runs = engine.replay(spec, 0, 0, policy="policy", worlds=1).events.query("event == 'run_start'")
    np.testing.assert_allclose(runs.log10_flop, [26.0] * 2 + [log10_flop] * (len(runs) - 2), atol=1e-12)


def test_export_control_holds_up_the_chips_of_a_class():
    """A generation at 2022 of 1 OOM, bought at 2022 or, with the added lag, at 2023.5: runs from 2024 on have it."""
    spec = with_measures(
        {"measure": "export_control", "added_procurement_lag": 1.5, "classes": ["actor"]},
        hardware={"release_gap_mean": 2.0, "generation_gain_mean": oom(1)},
        actor_classes={"actor": {}, "free": {}},
    )
    runs = engine.replay(spec, 0, 0, policy="policy", worlds=1).events.query("event == 'run_start' and time < 2026")
    for name, expected in (("actor", [26, 26, 26, 26, 27, 27]), ("free", [26, 26, 27, 27, 28, 28])):
        np.testing.assert_allclose(runs.query(f"actor_class == '{name}'").log10_flop, expected, atol=1e-12)


@pytest.mark.statistics
@pytest.mark.parametrize(("crowding_out", "rate"), [(0.0, 3.0 * 5.0 + 2.0 * 5.0), (1.0, 2.0 * 10.0)])
def test_breakthroughs_are_poisson_with_the_funded_rate(crowding_out, rate):
    """2 a year; from 2025 on one class of half the talent finds twice as many: mean within 4 standard errors."""
    spec = with_measures(
        {
            "measure": "research_funding",
            "research_multiplier": 2,
            "crowding_out": crowding_out,
            "start": 2025,
            "classes": ["actor"],
        },
        algorithms={"breakthrough_rate": 2.0},
        actor_classes={"actor": {"research_share": 1}, "other": {"research_share": 1}},
    )
    found = counts(spec, "breakthroughs") / 2_000
    assert within(found[1], rate, math.sqrt(rate / 2_000))
    assert within(found[0], 20.0, math.sqrt(20.0 / 2_000))


def test_publication_control_makes_others_wait_in_proportion():
    """One breakthrough of 10x, found at the same time and kept secret, is used by others after thrice the years."""
    spec = with_measures(
        {"measure": "publication_control", "lag_multiplier": 3, "least_secrecy": 1.0},
        horizon=2060,
        algorithms={"breakthrough_rate": 0.03, "small_gain_mean": 1.0, "published_lag": 0.5, "secret_lag": 2.0},
        actor_classes={"finder": {"research_share": 1}, "user": {"run_duration": 0.01}},
    )
    compared = 0
    for future in range(12):
        found, waits = {}, {}
        for name in ("baseline", "policy"):
            events = engine.replay(spec, 0, future, policy=name, worlds=1, seed=SEED).events
            breakthroughs = events.query("event == 'breakthrough'")
            reached = events.query("event == 'run_start' and actor_class == 'user'").set_index("time")
            gained = reached.log10_effective_flop - reached.log10_effective_flop.iloc[0] > 1e-9
            found[name] = list(breakthroughs.time)
            if len(breakthroughs) == 1 and gained.any():
                waits[name] = gained.idxmax() - found[name][0]
        assert found["baseline"] == found["policy"]
        if len(waits) == 2:
            # A published breakthrough has a lag of mean 0.5, a secret one under control of 3 x 2 years.
            assert waits["policy"] == pytest.approx(12.0 * waits["baseline"], abs=0.13)
            compared += 1
    assert compared > 0


# Spread.


def test_perfect_security_and_no_release_mean_no_diffusion_but_by_training():
    classes = {**LAW, "frontier": {"run_duration": 0.5, "openness": 0.8}}
    spec = with_measures(
        {"measure": "security_standard", "least_security": 1.0},
        {"measure": "open_weights_limit", "release_delay": math.inf},
        actor_classes=classes,
    )
    route = engine.simulate(spec, 1, 500, SEED).attainment_route
    assert float(route.sel(policy="policy", route=["open_weights", "stolen"]).sum()) == 0.0
    assert float(route.sel(policy="policy", route="trained", actor_class="frontier").sum()) == 1.0
    assert float(route.sel(policy="baseline", actor_class="outsider", route="open_weights").sum()) > 0.5


@pytest.mark.parametrize(
    ("keys", "year"),
    [
        ({"release_delay": 1.5}, 2022.25),
        ({"release_delay": math.inf, "end": 2026}, 2026.25),
        ({"release_delay": math.inf, "start": 2020.75}, 2020.75),
        ({"detection_probability": 1.0, "end": 2024}, 2024.25),
    ],
)
def test_weights_are_released_when_they_are_allowed(keys, year):
    """Trained at 2020.5 and released at once, taken up after 0.25 years: at 2020.75 without the measure."""
    spec = with_measures(
        {"measure": "open_weights_limit", **keys},
        actor_classes={"frontier": {"run_duration": 0.5, "openness": 1.0}, "outsider": {**IDLE, "uptake_lag": 0.25}},
    )
    np.testing.assert_array_equal(times(spec, "outsider"), year)
    assert replayed(spec, "outsider") == year


@pytest.mark.statistics
def test_a_danger_is_found_with_the_detection_probability():
    """One release in each future, refused with probability 0.4: 4 standard errors."""
    spec = with_measures(
        {"measure": "open_weights_limit", "detection_probability": 0.4},
        actor_classes={"frontier": {"openness": 1.0, "run_duration": 6}, "outsider": IDLE},
    )
    refused = np.isnan(times(spec, "outsider", futures=FUTURES)).mean()
    assert within(refused, 0.4, math.sqrt(0.24 / FUTURES))


@pytest.mark.statistics
def test_a_security_standard_changes_the_hazard_of_theft_from_its_start_on():
    """Hazard 0.7 a year from 2020.5 on, 0.07 from 2021.5 to 2024, 0.7 after: Kolmogorov-Smirnov, 5,000 futures."""
    spec = with_measures(
        {"measure": "security_standard", "least_security": 0.9, "start": 2021.5, "end": 2024},
        horizon=2120,
        actor_classes=LAW,
    )

    def cdf(t):
        integral = 0.7 * np.clip(t - 2020.5, 0.0, None) - 0.63 * np.clip(np.minimum(t, 2024.0) - 2021.5, 0.0, None)
        return 1.0 - np.exp(-integral)

    assert stats.kstest(times(spec, "outsider", futures=FUTURES), cdf).pvalue > THREE_ERRORS
    baseline = times(spec, "outsider", "baseline", FUTURES)
    assert stats.kstest(baseline, stats.expon(2020.5, 1.0 / 0.7).cdf).pvalue > THREE_ERRORS


# Triggers.


@pytest.mark.parametrize(
    ("trigger", "starts"),
    [
        ({"trigger": "emergence"}, 2021.0),
        ({"trigger": "emergence", "trigger_capability": "use"}, 2022.0),
        ({"trigger": "release", "trigger_capability": "use"}, 2022.25),
        ({"trigger": "release"}, 2021.25),
        ({"trigger": "run", "trigger_compute": 1e27}, 2022.0),
        ({"trigger": "emergence", "delay": 1.5}, 2022.5),
        ({"trigger": "emergence", "delay": 0.5, "start": 2024}, 2024.0),
    ],
)
def test_a_measure_starts_at_its_trigger(trigger, starts):
    """1e26 FLOP at 2021, ten times as much each year; weights released a quarter later."""
    spec = with_measures(
        {"measure": "compute_cap", "max_compute": 1e20, **trigger},
        actor_classes={"actor": {"budget_growth": oom(1, "OOM/yr"), "openness": 1.0, "release_lag": 0.25}},
        capabilities={"skill": {}, "use": {"kind": "valuable", "requirement": 5e26}},
    )
    events = engine.replay(spec, 0, 0, policy="policy", worlds=1).events
    assert events.query("event == 'measure_start'").time.item() == pytest.approx(starts, abs=1e-9)
    # A run that begins at the very moment of the event is not bound; one at a date is.
    runs = events.query("event == 'run_start'")
    begun = runs.time < starts if trigger.get("start") else runs.time <= starts
    np.testing.assert_array_equal(runs.log10_flop > 25.0, begun)


def test_a_measure_that_ends_what_would_trigger_another():
    """The emergence starts a cap, so that the larger run that would start the second measure is never made."""
    spec = with_measures(
        {"measure": "compute_cap", "max_compute": 1e26, "trigger": "emergence"},
        {"measure": "security_standard", "least_security": 1.0, "trigger": "run", "trigger_compute": 1e28},
        actor_classes={"actor": {"budget_growth": oom(1, "OOM/yr"), "run_pause": 0.1}},
    )
    assert list(counts(spec, "measures", 20)) == [0, 20]


# Defence, harm, benefit.

MISUSE = {
    "actor_classes": {"frontier": {}, "attacker": {**IDLE, "count": 3, "represents": 2, "attempt_rate": 4.0}},
    "capabilities": {"skill": {"success_probability": 0.1, "loss_median": 2e6}},
}
#: The frontier attains and releases at 2021.0, so that six attackers have access for nine years at 0.1 x 4 a year each.
OPEN = {"frontier": {"openness": 1.0}}


def misuse(*measures, **skill):
    classes = {name: {**spec, **OPEN.get(name, {})} for name, spec in MISUSE["actor_classes"].items()}
    return with_measures(
        *measures, actor_classes=classes, capabilities={"skill": {**MISUSE["capabilities"]["skill"], **skill}}
    )


def incidents(spec, futures=FUTURES):
    """Incidents of single futures under the policy, by the loss of 2e6 US$ of each."""
    tally, _ = run(WorldSampler(spec, 1, SEED), futures, spec.policy_names)
    number = tally.total_loss_sum.sum(axis=1) @ [1.0, 2.0**WORD] / 2_000.0
    bins = tally.total_loss.sum(axis=1)
    return number, bins


PROGRAMME = {"measure": "defence_programme", "defence_speed": 1}


@pytest.mark.statistics
@pytest.mark.parametrize(
    ("measure", "skill", "expected"),
    [
        ({"measure": "security_standard", "least_security": 0}, {}, 2.4 * 9.0),
        (PROGRAMME, {"defence_duration": 3, "defence_effectiveness": 0.75}, 2.4 * (3.0 + 6.0 * 0.25)),
        (
            {**PROGRAMME, "added_effectiveness": 0.5, "start": 2026},
            {"defence_duration": 3, "defence_effectiveness": 0.5},
            2.4 * (3.0 + 2.0 * 0.5 + 4.0 * 0.25),
        ),
        ({**PROGRAMME, "defence_speed": 3}, {"defence_duration": 3, "defence_effectiveness": 1}, 2.4 * 1.0),
        (
            {**PROGRAMME, "defence_speed": 2, "start": 2022},
            {"defence_duration": 3, "defence_effectiveness": 1},
            2.4 * 2.0,
        ),
    ],
)
def test_incidents_are_poisson_in_a_rate_that_changes(measure, skill, expected):
    """Counts of single futures against a Poisson distribution: mean and variance within 4 standard errors."""
    spec = misuse(measure, **skill)
    stories = np.array([len_incidents(spec, future) for future in range(400)])
    assert within(stories.mean(), expected, math.sqrt(expected / 400))
    variance_error = math.sqrt((expected + 2.0 * expected**2) / 400)
    assert within(stories.var(ddof=1), expected, variance_error)
    number, _ = incidents(spec)
    assert within(number[1] / FUTURES, expected, math.sqrt(expected / FUTURES))


@pytest.mark.statistics
def test_more_incidents_than_a_story_can_list_are_counted():
    """150,000 actors with 1 success a year for nine years, 1.35 million incidents: Poisson in 16 futures, no story."""
    spec = misuse({"measure": "security_standard", "least_security": 0}, success_probability=0.25)
    spec = spec.model_copy(
        update={
            "actor_classes": {
                **spec.actor_classes,
                "attacker": spec.actor_classes["attacker"].model_copy(update={"count": 3, "represents": 50_000}),
            }
        }
    )
    results = engine.simulate(spec, 1, 16, SEED, policies=["baseline"], keep="samples")
    number = results.future_incidents.values.ravel().astype(float)
    assert within(number.mean(), 9.0 * 150_000, math.sqrt(9.0 * 150_000 / 16))
    assert 0.2 < number.var(ddof=1) / 1.35e6 < 2.7
    with pytest.raises(InputError, match="more than 250,000 events, too many to list; `engine run` counts them"):
        engine.replay(spec, 0, 0, worlds=1)


def len_incidents(spec, future):
    """Incidents of one future, counted by the Monte Carlo clock through its losses."""
    tally, _ = run(_At(spec, future), 1, spec.policy_names)
    return tally.incidents[1].sum()


class _At(WorldSampler):
    """A sampler whose only world has luck of its own: the seed stands for the future."""

    def __init__(self, spec, future):
        super().__init__(spec, 1, SEED + future)


@pytest.mark.statistics
def test_authorities_learn_by_a_hazard_that_reports_multiply():
    """Lag of mean 2 years from 2021, five times as fast from 2022 on: Kolmogorov-Smirnov, 400 futures."""
    spec = misuse(
        {"measure": "capability_reporting", "learning_speed": 5, "start": 2022, "classes": ["frontier"]},
        learning_lag=2,
        defence_duration=0.001,
        defence_effectiveness=1,
    )
    learned = []
    for future in range(400):
        events = engine.replay(spec, 0, future, policy="policy", worlds=1, seed=SEED).events
        learned += list(events.query("event == 'authorities_learn'").time)

    def cdf(t):
        return 1.0 - np.exp(-0.5 * np.clip(t - 2021.0, 0.0, 1.0) - 2.5 * np.clip(t - 2022.0, 0.0, None))

    assert len(learned) == 400
    assert stats.kstest(learned, cdf).pvalue > THREE_ERRORS


def test_an_instant_and_perfect_defence_gives_zero_loss():
    spec = misuse({"measure": "public_compute", "budget_multiplier": 2}, defence_duration=0, defence_effectiveness=1)
    results = engine.simulate(spec, 1, 200, SEED)
    assert float(results.loss_mean.sum()) == 0.0
    assert float(results.incidents_mean.sum()) == 0.0
    assert float(results.exposure_mean.sum()) == 0.0
    assert float(engine.simulate(misuse(PROGRAMME), 1, 200, SEED).loss_mean.sel(period="total").min()) > 1e7


def test_exposure_is_the_years_between_access_and_defence():
    """Access at 2021; a defence after 3 years, 1.5 with twice the speed, none by the horizon without."""
    spec = misuse({**PROGRAMME, "defence_speed": 2}, defence_duration=3)
    exposure = engine.simulate(spec, 1, 20, SEED).exposure_mean.squeeze("capability")
    np.testing.assert_allclose(exposure, [3.0, 1.5], atol=1e-5)
    without = engine.simulate(misuse(PROGRAMME), 1, 20, SEED).exposure_mean
    np.testing.assert_allclose(without, 9.0, atol=1e-5)


@pytest.mark.statistics
def test_losses_add_up_and_are_spread_over_the_years():
    """Total = incidents x 2e6 US$; a tenth of it a year; a Poisson number of them in a year above a loss."""
    spec = misuse(PROGRAMME)
    results = engine.simulate(spec, 1, FUTURES, SEED).sel(policy="baseline")
    number = float(results.incidents_mean.squeeze())
    assert float(results.loss_mean.sel(period="total")) == pytest.approx(2e6 * number)
    assert float(results.loss_mean.sel(period="annual")) == pytest.approx(2e5 * number)
    # Nine of ten years have access, with 2.4 incidents each on average.
    for least in (1, 3):
        loss = float(results.loss[np.searchsorted(results.loss, 2e6 * (least - 0.5))])
        k = math.ceil(loss / 2e6)
        chance = 0.9 * stats.poisson.sf(k - 1, 2.4)
        found = float(results.loss_exceedance.sel(period="annual", loss=loss))
        assert within(found, chance, math.sqrt(chance * (1.0 - chance) / (10 * FUTURES)))


def test_benefit_is_the_rate_for_every_actor_year():
    """A developer and six users from 2021 on: 7 x 9 years at 1e6 US$; a wait for a licence costs its share."""
    spec = with_measures(
        {"measure": "licensing", "threshold": 1e25, "licence_delay": 1.0},
        actor_classes={"frontier": {"openness": 1.0}, "user": {**IDLE, "count": 3, "represents": 2}},
        capabilities={"skill": {"kind": "valuable", "benefit_rate": 1e6}},
    )
    results = engine.simulate(spec, 1, 20, SEED)
    np.testing.assert_allclose(results.benefit_mean, [63e6, 56e6])
    np.testing.assert_allclose(results.benefit_mean_difference, [0.0, -7e6])


def test_paired_delay_is_exact_where_it_is_the_same_in_every_future():
    spec = with_measures({"measure": "licensing", "threshold": 1e25, "licence_delay": 1.25})
    results = engine.simulate(spec, 8, 5, SEED).sel(policy="policy").squeeze()
    assert float(results.attainment_delay) == pytest.approx(1.25)
    assert float(results.attainment_delay_se) == pytest.approx(0.0, abs=1e-12)
