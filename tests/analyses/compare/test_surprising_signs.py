"""Signs contrary to what a policy is for: known answers, what they depend on, and how often chance looks like one."""

from __future__ import annotations

from types import SimpleNamespace

import numpy as np
import pytest
import xarray as xr
from helpers import merged, scenario_data
from pages import Page
from scipy import stats
from shell import call

import engine
from engine.analyses.compare import command
from engine.analyses.compare import surprising_signs as module
from engine.analyses.compare.section import findings, section
from engine.analyses.compare.summary import comparison
from engine.analyses.compare.surprising_signs import (
    SurprisingSign,
    SurprisingSigns,
    chance,
    expected_sign,
    is_significant,
    others_in_words,
    rank_correlations,
    sign_in_words,
    surprising_signs,
)
from engine.document.run import Run
from engine.report import report
from engine.scenario.load import scenario_of_text
from engine.scenario.source import as_one_file
from engine.statistics.cluster_means import mean_with_error, of_worlds

SEED = 20_231_115
HORIZON = 2030.0
CAP = {"measure": "compute_cap", "max_compute": 1e25}
#: A laboratory that trains a model of 1e26 FLOP a year and publishes all weights, and a group that only runs models.
#: Requirements fall by half an OOM a year, and running a model never becomes cheaper. Without a cap the laboratory
#: attains the skill with a model of 1e26 FLOP, which a group below that can never run. With a cap at 1e25 FLOP it
#: attains it two years later, with a model ten times smaller.
OPEN = scenario_data(
    algorithms={"efficiency_trend": {"value": 0.5, "unit": "OOM/yr"}},
    actor_classes={
        "lab": {"openness": 1},
        "group": {
            "budget": 1,
            "attempt_rate": 1,
            "runnable_compute": {"lognormal": {"p5": 1e25, "p95": 1e27}, "unit": "FLOP"},
            "uptake_lag": {"lognormal": {"p5": 0.1, "p95": 0.3}},
        },
    },
    capabilities={"skill": {"requirement": 1e27}},
    policies={"cap": {"measures": [CAP]}},
)
RUNNABLE = "actor_classes.group.runnable_compute"
SIGN = SurprisingSign("cap", "group", "skill", -0.64, 0.05)


@pytest.fixture(scope="module")
def open_file(tmp_path_factory):
    path = tmp_path_factory.mktemp("scenarios") / "open.yaml"
    path.write_text(as_one_file(OPEN), encoding="utf-8")
    return path


@pytest.fixture(scope="module")
def opened(open_file):
    """The small scenario, simulated with samples."""
    return engine.simulate(engine.load_scenario(open_file), 256, 2, SEED, keep="samples")


def policies(**measures):
    """The YAML of a scenario with a policy of each name and its measures."""
    written = {name: {"measures": list(given)} for name, given in measures.items()}
    return as_one_file(merged(OPEN, {"policies": written}))


def made(changes, numbers=None, text=None, base=2025.0):
    """Results of a policy `cap` that moves attainment from `base` by `changes` (world, class, capability), years.

    `numbers` (world, number) are uncertain numbers; without them there are no samples.
    """
    changes = np.asarray(changes, dtype=np.float64)
    classes, capabilities = (
        [f"{name}_{i}" for i in range(size)] for name, size in zip(("class", "skill"), changes.shape[1:], strict=True)
    )
    dims = ("world", "future", "actor_class", "capability")
    times = xr.DataArray(base + np.stack([np.zeros_like(changes), changes]), dims=("policy", "world", *dims[2:]))
    times = times.expand_dims(future=1).transpose("policy", *dims)
    times = times.assign_coords(
        policy=["baseline", "cap"], world=np.arange(len(changes)), actor_class=classes, capability=capabilities
    )
    times = times.where(times < HORIZON)
    mean, error = mean_with_error(of_worlds(times.fillna(HORIZON) - times.fillna(HORIZON).sel(policy="baseline")))
    found = xr.Dataset(
        {"attainment_delay": mean, "attainment_delay_se": error},
        {"time": [2020.0, HORIZON]},
        {"scenario_yaml": policies(cap=[CAP]) if text is None else text, "worlds": len(changes)},
    )
    if numbers is None:
        return found
    names = [RUNNABLE, *(f"other.number_{i}" for i in range(1, numbers.shape[1]))]
    return found.assign(attainment_time=times, parameters=(("world", "parameter"), numbers)).assign_coords(
        parameter=names, parameter_units=("parameter", ["log10 FLOP", *["years"] * (len(names) - 1)])
    )


def one(values):
    """Changes of one class and capability."""
    return np.asarray(values, dtype=np.float64)[:, np.newaxis, np.newaxis]


@pytest.mark.known
def test_a_cap_that_makes_models_smaller_brings_them_to_a_group_earlier(opened):
    """From single futures: two years later where the group can run the model anyway, and never before otherwise."""
    found = surprising_signs(opened)
    (sign,) = found.largest
    assert (sign.policy, sign.actor_class, sign.capability) == ("cap", "group", "skill")
    assert (sign.change, sign.error) == (
        pytest.approx(opened.attainment_delay.sel(policy="cap", actor_class="group").item()),
        pytest.approx(opened.attainment_delay_se.sel(policy="cap", actor_class="group").item()),
    )
    assert sign.change < -1.0
    assert sign.tried == 2
    on = sign.dependence
    assert (on.number, on.unit) == (RUNNABLE, "FLOP")
    assert np.log10(on.limit) == pytest.approx(26.0, abs=0.01)
    uptake = opened.parameters.sel(parameter="actor_classes.group.uptake_lag").values
    runs = opened.parameters.sel(parameter=RUNNABLE).values
    base = float(opened.attainment_time.sel(policy="baseline", actor_class="lab").mean())
    # Below the median of 1e26 FLOP: from never (the horizon) to the capped model, for those that can run 1e25 FLOP.
    gained = np.where(runs >= 25.0, base + 2.0 + uptake - HORIZON, 0.0)[runs < np.median(runs)]
    assert on.below[0] == pytest.approx(gained.mean(), abs=0.05)
    assert on.above == (pytest.approx(2.0, abs=0.05), pytest.approx(0.0, abs=0.05))
    assert found.others == 0


def test_the_words_of_a_comparison_and_of_a_report_are_those_of_the_same_finding(opened):
    (sign,) = surprising_signs(opened).largest
    text = " ".join(comparison(opened).split())
    assert sign_in_words(sign) in text
    assert "Surprising: under cap group has skill" in text
    assert f"years earlier. It depends most on {RUNNABLE}: -" in text
    assert "in worlds with less than 1e26 FLOP, +2" in text
    run = Run(opened)
    spoken = "It depends most on runnable compute of group: "
    (point,) = section(run).points
    assert spoken in point
    assert point in findings(run)


def test_the_page_of_a_report_has_the_sign(opened):
    page = Page(report(opened))
    told = [element.text for element in page.all("li") if "Surprising: under cap" in element.text]
    assert len(told) == 2


def test_the_command_says_on_what_a_sign_depends_and_its_file_stays_as_it_was(monkeypatch, capsys, tmp_path, open_file):
    """The single futures are simulated only for the words: the id in the file is that of a run without them."""
    size = ("--worlds", 64, "--futures", 1, "--seed", 4)
    files = ("-o", tmp_path / "t.csv", "--results", tmp_path / "r.nc")
    code, out, _ = call(monkeypatch, capsys, "compare", open_file, *size, *files)
    assert code == 0
    assert f"It depends most on {RUNNABLE}: " in " ".join(out.split())
    with engine.open_results(tmp_path / "r.nc") as written:
        assert written.attrs["id"] == engine.simulate(engine.load_scenario(open_file), 64, 1, 4).attrs["id"]
        assert "attainment_time" not in written


def test_a_long_run_is_not_simulated_again_for_the_words(monkeypatch, capsys, tmp_path, open_file):
    monkeypatch.setattr(command, "_MOST_TIMES", 0)
    size = ("--worlds", 64, "--futures", 1, "--seed", 4)
    _, out, _ = call(monkeypatch, capsys, "compare", open_file, *size, "-o", tmp_path / "t.csv")
    assert "Surprising: under cap group has skill" in out
    assert "depends most" not in out


def test_without_samples_there_is_the_first_sentence_alone(opened):
    alone = opened.drop_dims(["world", "future", "parameter"])
    (sign,) = surprising_signs(alone).largest
    assert (sign.tried, sign.dependence) == (0, None)
    assert sign_in_words(sign).endswith("years earlier.")
    assert sign_in_words(surprising_signs(alone, opened).largest[0]) == sign_in_words(
        surprising_signs(opened).largest[0]
    )


def test_without_a_scenario_or_an_expected_sign_there_is_nothing(opened, compared):
    for results in (
        opened.assign_attrs(scenario_yaml=""),
        opened.assign_attrs(scenario_yaml="actor_classes: ["),
        opened.assign_attrs(scenario_yaml=policies(cap=[CAP, {"measure": "defence_programme"}])),
        opened.assign_attrs(scenario_yaml=policies(other=[CAP]).replace("\n  cap:", "\n  another:")),
        opened.sel(policy=["baseline"]),
        opened.drop_vars("attainment_delay_se"),
    ):
        assert surprising_signs(results) == SurprisingSigns()
        if "attainment_delay_se" in results:
            assert "urprising" not in comparison(results)
            assert "other change" not in comparison(results)
    assert section(Run(compared)).points == ()


@pytest.mark.known
@pytest.mark.parametrize(
    ("measures", "sign"),
    [
        ([CAP], 1),
        ([CAP, {"measure": "security_standard", "least_security": 0.5}], 1),
        ([{"measure": "hosting_safeguards", "refusal": 0.5}], 1),
        ([CAP, {"measure": "distillation_limits", "distillation_limit": 0.5}], 1),
        ([CAP, {"measure": "public_compute", "budget_multiplier": 2}], 0),
        ([CAP, {"measure": "capability_reporting", "learning_speed": 2}], 0),
        ([{"measure": "public_compute", "budget_multiplier": 2}], -1),
        ([{"measure": "research_funding", "research_multiplier": 2}], -1),
        ([{"measure": "research_funding", "research_multiplier": 0.5}], 0),
    ],
)
def test_the_sign_that_a_policy_is_for(measures, sign):
    assert expected_sign(scenario_of_text(policies(some=measures)).policies["some"]) == sign


@pytest.mark.known
def test_what_a_change_depends_on_is_the_number_that_makes_it():
    """A year and a half earlier below 1e26 FLOP and half a year later above, whatever the other numbers are."""
    rng = np.random.default_rng(SEED)
    runs = 25.0 + 2.0 * (rng.permutation(200) + 0.5) / 200.0
    numbers = np.column_stack([runs, rng.normal(size=(200, 30))])
    (sign,) = surprising_signs(made(one(np.where(runs < 26.0, -1.5, 0.5)), numbers)).largest
    on = sign.dependence
    assert (sign.change, sign.tried) == (pytest.approx(-0.5), 31)
    assert (on.number, on.below, on.above) == (
        RUNNABLE,
        (pytest.approx(-1.5), pytest.approx(0.0, abs=1e-9)),
        (pytest.approx(0.5), pytest.approx(0.0, abs=1e-9)),
    )
    assert on.limit == pytest.approx(1e26, rel=0.02)
    # The same numbers give the same correlation as scipy, ties among the changes included.
    assert on.correlation == pytest.approx(stats.spearmanr(runs, np.where(runs < 26.0, -1.5, 0.5)).statistic)


@pytest.mark.known
@pytest.mark.parametrize("strong", [-1.0, 1.0])
def test_the_strongest_correlation_is_named_whatever_its_sign(strong):
    """Among two numbers that matter, with contrary signs, the one with three times the influence."""
    numbers = np.random.default_rng(SEED).normal(size=(200, 3))
    change = -2.0 + 0.3 * strong * numbers[:, 1] - 0.1 * strong * numbers[:, 2]
    on = surprising_signs(made(one(change), numbers)).largest[0].dependence
    assert (on.number, np.sign(on.correlation)) == ("other.number_1", strong)
    assert strong * (on.above[0] - on.below[0]) > 0.3


@pytest.mark.known
def test_levers_of_other_policies_are_not_looked_at():
    """They may follow the change perfectly and cannot cause it; the policy's own may."""
    values = np.arange(64.0)
    numbers = np.column_stack([values, values + np.resize([0.0, 9.0], 64)])
    results = made(one(-1.0 - values / 64.0), numbers)
    results = results.assign_coords(parameter=["policies.other.compute_cap.start", "policies.cap.compute_cap.start"])
    (sign,) = surprising_signs(results).largest
    assert (sign.tried, sign.dependence.number) == (1, "policies.cap.compute_cap.start")


@pytest.mark.known
def test_never_counts_as_the_horizon():
    """From 2029 to never is one year, however much later than the horizon."""
    (sign,) = surprising_signs(made(one([9.0] * 32), base=2029.0, text=_support())).largest
    assert (sign.change, sign.error) == (pytest.approx(1.0), 0.0)
    assert "1 years later" in sign_in_words(sign)


def _support():
    return policies(cap=[{"measure": "public_compute", "budget_multiplier": 2}])


@pytest.mark.known
@pytest.mark.parametrize(
    ("mean", "error", "expected"),
    [(-0.31, 0.1, 1), (-0.29, 0.1, 0), (0.31, 0.1, 0), (-0.0101, 0.0, 1), (-0.0099, 0.0, 0), (-0.5, np.nan, 0)],
)
def test_beyond_three_errors_and_a_hundredth_of_a_year(mean, error, expected):
    results = made(one([0.0] * 32))
    results["attainment_delay"].loc[{"policy": "cap"}] = mean
    results["attainment_delay_se"].loc[{"policy": "cap"}] = error
    assert len(surprising_signs(results).largest) == expected
    supported = results.assign_attrs(scenario_yaml=_support())
    supported["attainment_delay"] = -results["attainment_delay"]
    assert len(surprising_signs(supported).largest) == expected


def test_at_most_five_are_told_the_largest_first():
    sizes = np.array([0.3, 0.9, 0.1, 0.8, 0.5, 0.7, 0.2])
    found = surprising_signs(made(np.tile(-sizes[np.newaxis, np.newaxis], (32, 1, 1))))
    assert [round(-sign.change, 3) for sign in found.largest] == [0.9, 0.8, 0.7, 0.5, 0.3]
    assert found.others == 2


@pytest.mark.parametrize(
    ("found", "words"),
    [
        (SurprisingSigns(), ""),
        (SurprisingSigns((), 0, 300, 1.35), ""),
        (SurprisingSigns((SIGN,), 0, 1, 0.0045), ""),
        (
            SurprisingSigns((SIGN,), 0, 300, 1.35),
            "If no policy had any effect, 1.4 of 300 changes would be surprising.",
        ),
        (
            SurprisingSigns((SIGN,) * 5, 1, 30, 0.1346),
            "1 other change has a surprising sign. "
            "If no policy had any effect, 0.13 of 30 changes would be surprising.",
        ),
        (SurprisingSigns((SIGN,) * 5, 2, 0, 0.0), "2 other changes have a surprising sign."),
    ],
)
def test_the_words_about_the_others(found, words):
    assert others_in_words(found) == words


@pytest.mark.known
@pytest.mark.parametrize(
    ("low", "limit"),
    [
        ([1.0] * 60 + [2.0] * 20 + [3.0] * 20, 2.0),  # most are tied at the least: they are the lower half
        ([1.0] * 20 + [2.0] * 80, 2.0),
        (list(np.arange(100.0)), 49.5),
    ],
)
def test_ties_never_leave_a_half_empty(low, limit):
    values = np.array(low)
    numbers = np.column_stack([np.zeros(100), values])
    (sign,) = surprising_signs(made(one(-values / 100.0 - 0.1), numbers)).largest
    on = sign.dependence
    assert (on.number, on.unit, on.limit, sign.tried) == ("other.number_1", "years", limit, 1)
    assert on.below[0] == pytest.approx((-values[values < limit] / 100.0 - 0.1).mean())
    assert on.above[0] == pytest.approx((-values[values >= limit] / 100.0 - 0.1).mean())
    assert f"in worlds with less than {limit:.3g} years, " in sign_in_words(sign)


@pytest.mark.known
def test_limits_are_in_the_unit_that_the_scenario_writes():
    """Doubling times run against growth: the worlds with less of them are those with more growth."""
    trend = {"lognormal": {"p5": 6, "p95": 12}, "unit": "doubling months"}
    growth = np.linspace(0.3, 0.6, 99)
    results = made(one(np.where(growth > 0.45, -2.0, -1.0)), growth[:, np.newaxis], as_one_file(_with_trend(trend)))
    results = results.assign_coords(
        parameter=["algorithms.efficiency_trend"], parameter_units=("parameter", ["OOM/yr"])
    )
    on = surprising_signs(results).largest[0].dependence
    assert (on.unit, on.limit) == ("doubling months", pytest.approx(12.0 * np.log10(2.0) / 0.45))
    assert on.below[0] == pytest.approx(-2.0)
    dated = SimpleNamespace(number="x.start", limit=2026.5, unit="year", below=(-1.0, 0.1), above=(0.5, 0.1))
    words = sign_in_words(SurprisingSign("p", "c", "k", -0.25, 0.02, 1, dated))
    assert words.endswith("-1.00 +- 0.10 years in worlds before 2026.5, +0.50 +- 0.10 later.")


def _with_trend(trend):
    return merged({**OPEN, "algorithms": {}}, {"algorithms": {"efficiency_trend": trend}})


def test_few_worlds_or_constant_numbers_explain_nothing():
    few = made(one([-1.0] * 19), np.arange(19.0)[:, np.newaxis])
    assert sign_in_words(surprising_signs(few).largest[0]).endswith("years earlier.")
    certain = made(one([-1.0] * 32), np.arange(32.0)[:, np.newaxis])
    assert sign_in_words(surprising_signs(certain).largest[0]).endswith("No single number explains it.")
    assert rank_correlations(np.ones((5, 1)), np.arange(5.0)).tolist() == [0.0]
    assert is_significant(1.0, 20, 500)


DRAWN = {
    "normal": lambda rng, shape: rng.normal(size=shape),
    "few worlds": lambda rng, shape: rng.normal(size=shape) * (rng.random(shape) < 0.1),
    "skewed": lambda rng, shape: rng.exponential(size=shape) - 1.0,
}


@pytest.mark.statistics
@pytest.mark.parametrize(
    ("how", "low", "high"), [("normal", 0.0045, 0.0045), ("few worlds", 0.0, 0.0045), ("skewed", 0.0045, 0.01)]
)
def test_chance_is_seldom_surprising(how, low, high):
    """A change without a mean is called surprising with probability 0.45%: Student's t of 15 below -3.

    100 seeds of 200 changes of 256 worlds, so 90 are expected of normal changes. Those of a tenth of the worlds have
    lighter tails. Where a few worlds are much later and most a little earlier, it is more often: 0.83% of exponential
    ones (from 40,000 means of another seed). All within 4 standard deviations.
    """
    assert chance(made(one([0.0] * 256))) == pytest.approx(stats.t.sf(3.0, 15)) == pytest.approx(0.0045, abs=1e-4)
    told = 0
    for seed in range(100):
        rng = np.random.default_rng([SEED, seed])
        changes = np.clip(0.4 * DRAWN[how](rng, (256, 10, 20)), -4.9, 4.9)
        found = surprising_signs(made(changes))
        told += len(found.largest) + found.others
        assert (found.changes, found.by_chance) == (200, pytest.approx(200 * stats.t.sf(3.0, 15)))
    assert 20_000 * low - 4.0 * np.sqrt(20_000 * low) <= told < 20_000 * high + 4.0 * np.sqrt(20_000 * high)


@pytest.mark.statistics
def test_two_runs_of_the_same_policy_seldom_differ_surprisingly():
    """A policy that changes nothing but luck: other worlds of the same scenario, as if of a policy.

    200 pairs of runs of 64 worlds, 6 changes each. Of 1,200 changes 5.4 are expected, fewer where nobody attains;
    those of a pair depend on one another, so at most 15 count as chance.
    """
    skills = {"early": {"lognormal": {"p5": 1e26, "p95": 1e28}}, "late": {"lognormal": {"p5": 1e27, "p95": 1e29}}}
    spec = scenario_data(
        algorithms={"efficiency_trend": {"normal": {"mean": 0.4, "sd": 0.1}, "min": 0, "unit": "OOM/yr"}},
        actor_classes={"lab": {}, "follower": {"budget": 1e7}, "group": {"budget": 1e6, "run_pause": 0.5}},
        capabilities={name: {"requirement": requirement} for name, requirement in skills.items()},
    )
    run = engine.simulate(engine.parse_scenario(spec), 64 * 400, 1, SEED, keep="samples", sampling="random")
    times = run.attainment_time.sel(policy="baseline", future=0).transpose("world", "actor_class", "capability")
    years = times.fillna(HORIZON).values.astype(np.float64).reshape(200, 2, 64, 3, 2)
    told = looked_at = 0
    for base, other in years:
        found = surprising_signs(made(np.clip(other - base, -5.0, 5.0)))
        told += len(found.largest) + found.others
        looked_at += found.changes
    assert looked_at > 900
    assert told <= 15


@pytest.mark.statistics
def test_a_number_without_influence_is_seldom_named():
    """At most 1% of the surprising changes are explained by one of 40 numbers that have no influence.

    300 changes, normal and skewed in turn: 3 expected, at most 11 (4.6 standard deviations).
    """
    named = 0
    for seed in range(300):
        rng = np.random.default_rng([SEED, 1, seed])
        luck = rng.normal(size=100) if seed % 2 else rng.exponential(size=100) - 1.0
        (sign,) = surprising_signs(made(one(-1.0 + 0.5 * luck), rng.normal(size=(100, 40)))).largest
        assert sign.tried == 40
        named += sign.dependence is not None
    assert named <= 11


def test_the_kinds_are_those_of_the_engine():
    from engine.scenario.measures import OWN, kind_of

    neither = {"capability_reporting", "defence_programme"}
    assert {kind_of(one) for one in OWN} == module.RESTRICTING | module.SUPPORTING | neither
    assert not module.RESTRICTING & module.SUPPORTING
