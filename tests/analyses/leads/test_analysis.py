"""Leads, order of classes and windows: closed forms, and every number again from single futures."""

from __future__ import annotations

import re

import numpy as np
import pytest
import xarray as xr
from helpers import merged, oom, scenario, within
from small_run import SEED
from written import assert_labelled_and_survives

import engine
from engine.analyses.leads.analysis import leads
from engine.analyses.leads.summary import leads_in_words

#: What a run adds to a time that a trend decides, in years, and float32 of a year.
RUN, ROUNDING = 0.01, 2.5e-4
NAN = np.nan
WORLDS, FUTURES = 16, 6
WINDOWS = ("warning_time", "defence_time")


def leads_of(worlds=1, futures=1, ceiling=100.0, **parts):
    """Leads in the neutral scenario with `parts`, without policies; those of the one capability `skill`."""
    results = engine.simulate(scenario(**parts), worlds, futures, SEED, keep="paths")
    return leads(results, ceiling).squeeze(["policy", "capability"])


def race(gaps, growth=0.5, requirement=27.0, **parts):
    """A leader of 1e26 FLOP today and followers `gaps` OOM of budget behind; all grow at `growth` OOM a year."""
    classes = {
        name: {"budget": oom(8.0 - gap, "log10 US$"), "run_duration": RUN}
        for name, gap in zip(("leader", "second", "third"), (0.0, *gaps), strict=False)
    }
    base = {
        "algorithms": {"efficiency_trend": oom(growth, "OOM/yr")},
        "actor_classes": classes,
        "capabilities": {"skill": {"requirement": oom(requirement, "log10 FLOP")}},
    }
    return merged(base, parts)


@pytest.fixture(scope="module")
def results(governed):
    """The small run under all policies, with paths."""
    return engine.simulate(governed, WORLDS, FUTURES, SEED, keep="paths")


@pytest.fixture(scope="module")
def found(results):
    return leads(results, 60.0)


# Order.


@pytest.mark.statistics
def test_who_of_two_exponentials_is_first_has_the_odds_of_their_rates():
    """First runs after pauses of mean 1 and 3 years: P(a before b) = rate a / (rate a + rate b), cut at the horizon."""
    pauses = {"a": 1.0, "b": 3.0}
    classes = {name: {"run_duration": RUN, "run_pause": pause} for name, pause in pauses.items()}
    found = leads_of(300, 10, actor_classes=classes)
    rates = {name: 1.0 / pause for name, pause in pauses.items()}
    both = sum(rates.values())
    for one, other in (("a", "b"), ("b", "a")):
        expected = rates[one] / both * (1.0 - np.exp(-both * (10.0 - RUN)))
        here = found.sel(actor_class=one, other_class=other)
        assert within(float(here.before), expected, float(here.before_se))
        # The error is that of 3,000 independent futures, for worlds do not differ; it is itself sure to 4%.
        independent = np.sqrt(expected * (1.0 - expected) / 3000.0)
        assert float(here.before_se) == pytest.approx(independent, rel=0.17)


def test_before_together_and_neither_are_all_there_is(found, results):
    """Of every pair: a before b, b before a, together, or neither within the horizon."""
    none = results.attainment_time.isnull()
    for one in none["actor_class"].values:
        for other in none["actor_class"].values:
            if one == other:
                continue
            pair = found.sel(actor_class=one, other_class=other)
            turned = found.before.sel(actor_class=other, other_class=one)
            neither = (none.sel(actor_class=one) & none.sel(actor_class=other)).mean(["world", "future"])
            np.testing.assert_allclose(pair.before + turned + pair.together + neither, 1.0, rtol=1e-12)


@pytest.mark.known
def test_a_class_that_never_attains_is_behind_past_the_horizon():
    """Its lead is unknown, it comes before nobody, and has no model that nears."""
    found = leads_of(**race([7.0]))
    never, leader = found.sel(actor_class="second"), found.sel(actor_class="leader")
    assert np.isnan(never.lead_years).all()
    assert (leader.lead_years == 0.0).all()
    assert float(never.before.sel(other_class="leader")) == 0.0
    assert float(leader.before.sel(other_class="second")) == 1.0
    assert (found.together.sel(other_class="second") == 0.0).all()


@pytest.mark.known
def test_classes_that_attain_at_the_same_moment_are_together_and_neither_is_before():
    found = leads_of(**race([0.0]))
    assert (found.together == 1.0).all()
    assert (found.before == 0.0).all()
    assert (found.lead_years == 0.0).all()


# Leads.


@pytest.mark.known
@pytest.mark.parametrize(("gap", "growth"), [(0.5, 0.25), (1.2, 0.6)])
def test_a_lead_in_years_is_the_budget_gap_over_the_growth_and_in_oom_the_gap(gap, growth):
    """Compute is linear in money here. Within a run in time; models are of the same run, so exact to float32."""
    found = leads_of(**race([gap], growth))
    second = found.sel(actor_class="second")
    np.testing.assert_allclose(second.lead_years, gap / growth, atol=RUN + ROUNDING)
    np.testing.assert_allclose(second.lead_oom, gap, atol=5e-6)
    assert float(second.lead_oom_mean) == pytest.approx(gap, abs=5e-6)
    np.testing.assert_array_equal(found.lead_has_model, 1.0)
    for name in ("years", "oom", "score_unbounded", "score_with_ceiling"):
        assert (found[f"lead_{name}"].sel(actor_class="leader") == 0.0).all()


@pytest.mark.known
def test_under_a_ceiling_a_lead_in_score_is_less_than_the_slope_times_the_lead_in_oom():
    """Logistic between 0 and 20 about 1e26 FLOP; the leader has 1e27 then. Unbounded it is 10 points an OOM."""

    def score(effective, ceiling):
        return ceiling / (1.0 + np.exp(-4.0 * 10.0 * (effective - 26.0) / ceiling))

    for own, given in (({}, 20.0), ({"performance": {"score_ceiling": 20.0}}, 1000.0)):
        second = leads_of(ceiling=given, **race([0.8], 0.5, **own)).sel(actor_class="second")
        assert float(second.lead_score_unbounded_mean) == pytest.approx(8.0, abs=1e-4)
        # Models are compared at the next quarter of a year.
        best = 27.0 + np.array([0.0, 0.5 * 0.25 + 1e-3])
        low, high = sorted(score(best, 20.0) - score(best - 0.8, 20.0))
        bounded = float(second.lead_score_with_ceiling_mean)
        assert low < bounded < high < 8.0
        assert bounded < 0.75 * float(second.lead_score_unbounded_mean)


@pytest.mark.known
def test_leads_and_windows_are_of_futures_in_which_anyone_attains():
    """A requirement of 1e26 FLOP with a spread of an OOM: the leader attains in half of all futures, the second in 16%.

    So in 32% of those in which anyone does both attain, with their first runs, and in none one of them later.
    """
    spread = {"capabilities": {"skill": {"requirement_spread": oom(1.0), "defence_duration": 0.5}}}
    classes = {"actor_classes": {"leader": {"attempt_rate": 1.0}}}
    found = leads_of(100, 5, **merged(race([1.0], 0.0, 26.0), merged(spread, classes)))
    second = found.sel(actor_class="second")
    np.testing.assert_array_equal(second.lead_years, [0.0, NAN, NAN])
    np.testing.assert_array_equal(found.lead_has_model, 1.0)
    assert (
        0.4
        < float(found.before.sel(actor_class="leader", other_class="second"))
        + float(found.together.sel(actor_class="leader", other_class="second"))
        < 0.6
    )
    np.testing.assert_array_equal(found.warning_time, 0.0)
    np.testing.assert_allclose(found.defence_time, 0.5, atol=ROUNDING)
    assert float(found.defended_first) == 0.0


# Windows.


@pytest.mark.known
@pytest.mark.parametrize(("defence", "first"), [(3.0, 0.0), (1.5, 1.0), (0.5, 1.0)])
def test_warning_and_defence_times_by_hand(defence, first):
    """A lab trains it by 2021, its weights are open half a year later, malicious groups run them a year after that."""
    found = leads_of(
        actor_classes={
            "lab": {"openness": 1.0, "release_lag": 0.5},
            "groups": {"budget": 1e3, "uptake_lag": 1.0, "attempt_rate": 2.0},
        },
        capabilities={"skill": {"learning_lag": 0.0, "defence_duration": defence, "defence_duration_cv": 0.0}},
    )
    np.testing.assert_allclose(found.warning_time, 1.5, atol=ROUNDING)
    np.testing.assert_allclose(found.defence_time, defence, atol=ROUNDING)
    assert float(found.defended_first) == first
    np.testing.assert_allclose(found.lead_years.sel(actor_class="groups"), 1.5, atol=ROUNDING)


@pytest.mark.known
def test_without_malicious_access_there_is_no_end_of_warning_and_the_defence_is_first():
    """Also where neither comes within the horizon; valuable capabilities have no windows."""
    for duration, ready in ((2.0, 2.0), (50.0, NAN)):
        found = leads_of(capabilities={"skill": {"defence_duration": duration}})
        assert np.isnan(found.warning_time).all()
        np.testing.assert_allclose(found.defence_time, ready, atol=ROUNDING)
        assert float(found.defended_first) == 1.0
    valuable = leads_of(capabilities={"skill": {"kind": "valuable"}})
    for name in ("warning_time", "defence_time", "defended_first"):
        assert np.isnan(valuable[name]).all()


# Everything again from single futures.


def least(values, share):
    """The least value that a `share` of `values` does not exceed; NaN if it is past all that is known."""
    ordered = np.sort(values)
    value = ordered[int(np.ceil(share * len(ordered) - 1e-9)) - 1] if len(ordered) else np.inf
    return value if np.isfinite(value) else NAN


@pytest.mark.parametrize("policy", ["baseline", "caution", "support", "brake"])
def test_every_number_is_that_of_single_futures(found, results, policy):
    """Policy by policy, in plain loops over futures."""
    one, told = results.sel(policy=policy), found.sel(policy=policy)
    for capability in one["capability"].values:
        of, here = one.sel(capability=capability), told.sel(capability=capability)
        attained = of.attainment_time.transpose("world", "future", "actor_class").values.reshape(-1, 3)
        best = of.effective_compute_at_first.transpose("world", "future", "actor_class").values.reshape(-1, 3)
        ready = of.defence_ready.values.reshape(-1)
        rows = [i for i in range(len(attained)) if np.isfinite(attained[i]).any()]
        for c, name in enumerate(one["actor_class"].values):
            behind = [attained[i, c] - np.nanmin(attained[i]) if np.isfinite(attained[i, c]) else np.inf for i in rows]
            gaps = [
                np.nanmax(best[i][attained[i] == np.nanmin(attained[i])]) - best[i, c]
                for i in rows
                if np.isfinite(best[i, c])
            ]
            for share in (0.05, 0.5, 0.95):
                at = here.sel(actor_class=name, quantile=share)
                np.testing.assert_allclose(at.lead_years, least(behind, share), atol=1e-6)
                np.testing.assert_allclose(at.lead_oom, least(gaps, share), atol=1e-6)
                np.testing.assert_allclose(at.lead_score_unbounded, 10.0 * at.lead_oom, atol=2e-4)
        if here.capability_kind == "dangerous":
            groups = attained[:, list(one["actor_class"].values).index("outsider")]
            for name, end in (("warning_time", groups), ("defence_time", ready)):
                years = [end[i] - np.nanmin(attained[i]) if np.isfinite(end[i]) else np.inf for i in rows]
                for share in (0.05, 0.5, 0.95):
                    np.testing.assert_allclose(here[name].sel(quantile=share), least(years, share), atol=1e-6)
    early = told.sel(capability="early")
    assert float(early.lead_years.sel(actor_class="outsider", quantile=0.5)) > 0.0


@pytest.mark.parametrize("policy", ["baseline", "brake"])
def test_each_policy_is_what_it_is_alone(found, results, policy):
    xr.testing.assert_identical(leads(results.sel(policy=[policy]), 60.0), found.sel(policy=[policy]))


def test_policies_differ(found):
    differ = found.lead_years.sel(policy="brake") != found.lead_years.sel(policy="baseline")
    assert differ.any()


# Labels and words.


def test_dimensions_labels_and_files(found, tmp_path):
    of_class = {"policy", "capability", "actor_class"}
    for name, variable in found.data_vars.items():
        stem = str(name).removesuffix("_se").removesuffix("_mean")
        dims = of_class if stem.startswith("lead") else {"policy", "capability"}
        if stem in ("before", "together"):
            dims = of_class | {"other_class"}
        if stem in (*WINDOWS, "lead_years", "lead_oom", "lead_score_unbounded", "lead_score_with_ceiling"):
            dims = dims if "_mean" in str(name) else dims | {"quantile"}
        assert set(variable.dims) == dims, name
    assert list(found["other_class"].values) == list(found["actor_class"].values)
    assert found.attrs["score_ceiling_where_none"] == 60.0
    assert (found.attrs["worlds"], found.attrs["futures"], found.attrs["seed"]) == (WORLDS, FUTURES, SEED)
    assert_labelled_and_survives(found, tmp_path)


def test_words_are_the_numbers_of_the_dataset(found):
    for policy in found["policy"].values:
        text = leads_in_words(found, str(policy))
        assert "nan" not in text
        assert "-0.0" not in text
        assert max(map(len, text.splitlines())) <= 150
        assert (f"under {policy}" in text) == (policy != "baseline")
        one = found.sel(policy=policy, capability="early")
        row = re.search(r"early \(dangerous\)\n.*\n(?:.*\n)*?  outsider +(\S+) \+- (\S+) \((\S+) to (\S+)\)", text)
        told = [NAN if cell == "-" else float(cell) for cell in row.groups()]
        years = one.sel(actor_class="outsider")
        np.testing.assert_allclose([told[0], *told[2:]], years.lead_years.sel(quantile=[0.5, 0.05, 0.95]), atol=0.051)
        assert told[1] == pytest.approx(float(years.lead_years_se.sel(quantile=0.5)), abs=0.0051)
        chance = re.search(r"defence is in time: (\S+)", text)[1]
        assert float(chance) == pytest.approx(float(one.defended_first), abs=0.006)


def test_words_of_one_future_know_no_error():
    """A single world has no standard error: "?", not "nan"."""
    results = engine.simulate(scenario(**race([1.0])), 1, 1, keep="paths")
    text = leads_in_words(leads(results))
    assert "nan" not in text
    assert "+- ?" in text
