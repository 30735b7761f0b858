"""Paths of single futures: each against a slow account of the events that the replay clock tells, and closed forms."""

from __future__ import annotations

import numpy as np
import pytest
from helpers import merged, oom, run, scenario, scenario_data, with_measures
from hypothesis import HealthCheck, given, settings
from hypothesis import strategies as st
from random_scenarios import scenarios
from small_run import POLICIES, RICH, SEED

import engine
from engine.rules.diffusion import publication_luck, published
from engine.scenario import WorldSampler
from engine.scenario.sections import Distillation

ADDRESSES = ((0, 0), (1, 3), (2, 1), (5, 2))
#: Rounding of a point of a grid, in years.
AT_ONCE = 1e-9
#: float32.
SHARE = 1e-6
#: One that never begins is the baseline, in all paths: tests/results/test_samples.py.
EVERY_POLICY = ("baseline", "caution", "support", "brake")
every_policy = pytest.mark.parametrize("policy", EVERY_POLICY)


@pytest.fixture(scope="module")
def spec():
    """The small scenario under all policies, with labs and outsiders that stand for several actors each."""
    weights = {"actor_classes": {"lab": {"represents": 3}, "outsider": {"represents": 7}}}
    return engine.parse_scenario(scenario_data(**merged(RICH, weights), policies=POLICIES), "weighted")


@pytest.fixture(scope="module")
def paths(spec):
    return engine.simulate(spec, 6, 4, SEED, keep="prices")


@pytest.fixture(scope="module")
def told(spec):
    """Histories by policy, world and future."""
    return {
        (policy, world, future): engine.replay(spec, world, future, policy=policy, worlds=6, seed=SEED)
        for policy in EVERY_POLICY
        for world, future in ADDRESSES
    }


def futures(paths, told, policy):
    """(paths, events, requirements) of single futures under a policy."""
    for world, future in ADDRESSES:
        history = told[policy, world, future]
        yield paths.sel(policy=policy, world=world, future=future), history.events, history.requirements


def finished(events):
    """Runs that finish within the horizon: when they begin too."""
    runs = events[events.event == "run_finish"].copy()
    began = events[events.event == "run_start"].set_index(["actor", "subject"]).time
    runs["begun"] = [began[actor, run] for actor, run in zip(runs.actor, runs.subject, strict=True)]
    waits = events[events.event == "licence_wait"]
    filed = dict(zip(zip(waits.actor, waits.subject, strict=True), waits.time, strict=True))
    addresses = zip(runs.actor, runs.subject, runs.begun, strict=True)
    runs["fixed"] = [filed.get((actor, run), begun) for actor, run, begun in addresses]
    return runs


@every_policy
def test_the_best_model_of_an_actor_is_the_best_of_its_runs_so_far(paths, told, policy):
    for path, events, _ in futures(paths, told, policy):
        runs = finished(events)
        for actor in path.actor.values:
            for year in path.year.values:
                so_far = runs[(runs.actor == actor) & (runs.time <= year + AT_ONCE)]
                best = so_far.log10_effective_flop.max() if len(so_far) else np.nan
                found = path.future_effective_compute.sel(actor=actor, year=year)
                np.testing.assert_allclose(found, best, rtol=SHARE, err_msg=f"{actor} {year}")


@every_policy
def test_what_a_class_spends_are_the_costs_of_its_runs(paths, told, spec, policy):
    """Of all real actors, from the year in which a run begins on: the budget, or less where a cap holds the run.

    In this scenario a run of all the budget has as many FLOP as the budget times the price-performance of the chips.
    """
    held = 0
    for path, events, _ in futures(paths, told, policy):
        runs, chips = finished(events), events[events.event == "chip_release"]
        progress = np.array([chips[chips.time <= fixed].gain_oom.sum() for fixed in runs.fixed])
        whole = (runs.log10_usd + 18.0 + progress).astype(float)
        missing = (whole - runs.log10_flop.astype(float)).clip(lower=0.0)
        held += int((missing > 1e-9).sum())
        dollars = 10.0 ** (runs.log10_usd.astype(float) - missing) * runs.actor.map(spec.weights)
        for name in path.actor_class.values:
            for time in path.time.values:
                paid = dollars[(runs.actor_class == name) & (runs.begun <= time + AT_ONCE)].sum()
                found = path.future_spending.sel(actor_class=name, time=time)
                np.testing.assert_allclose(found, paid, rtol=SHARE, err_msg=f"{name} {time}")
    assert (held > 0) == (policy == "brake")


@every_policy
def test_models_that_reach_a_capability_are_counted_by_year_and_size(paths, told, spec, policy):
    """`represents` included, exactly."""
    least = dict(zip(spec.capability_names, WorldSampler(spec, 1, SEED).worlds()[0].least_compute, strict=False))
    for path, events, requirements in futures(paths, told, policy):
        runs = finished(events)
        weight = runs.actor.map(spec.weights)
        for capability, required in requirements.items():
            for year in path.year.values:
                counts = (runs.time <= year + AT_ONCE) & (runs.log10_effective_flop >= required)
                counts &= runs.log10_flop >= least[capability]
                here = path.sel(capability=capability, year=year)
                assert int(here.future_runs_reaching) == weight[counts].sum()
                for threshold in path.threshold.values:
                    caught = weight[counts & (runs.log10_flop >= np.log10(threshold))].sum()
                    assert int(here.future_runs_caught.sel(threshold=threshold)) == caught


@every_policy
def test_actors_that_attain_by_training_are_counted_by_year_and_size_of_that_run(paths, told, spec, policy):
    """`represents` included, exactly."""
    for path, events, _ in futures(paths, told, policy):
        rows = events[events.route == "trained"]
        weight = rows.actor.map(spec.weights)
        for capability in path.capability.values:
            for year in path.year.values:
                counts = (rows.subject == capability) & (rows.time <= year + AT_ONCE)
                here = path.sel(capability=capability, year=year)
                assert int(here.future_attaining) == weight[counts].sum()
                for threshold in path.threshold.values:
                    caught = weight[counts & (rows.log10_flop >= np.log10(threshold))].sum()
                    assert int(here.future_attaining_caught.sel(threshold=threshold)) == caught


@every_policy
def test_models_of_classes_when_the_first_with_a_capability_is_trained(paths, told, spec, policy):
    """Of models finished by then, that of the first class included."""
    unknown = 0
    for path, events, _ in futures(paths, told, policy):
        runs = finished(events)
        trained = events[events.route == "trained"]
        for capability in path.capability.values:
            first = trained[trained.subject == capability].time.min()
            for name in path.actor_class.values:
                found = float(path.effective_compute_at_first.sel(capability=capability, actor_class=name))
                so_far = runs[(runs.actor_class == name) & (runs.time <= first + AT_ONCE)]
                best = so_far.log10_effective_flop.max() if len(so_far) else np.nan
                np.testing.assert_allclose(found, best, rtol=SHARE, err_msg=f"{capability} {name}")
                unknown += np.isnan(best)
    assert unknown < 0.5 * len(ADDRESSES) * 2 * 3


@every_policy
def test_actors_with_access_are_those_that_attained(paths, told, spec, policy):
    """By training all for whom one stands, by theft the thief, by open weights all of the class; exactly."""
    weights = spec.weights
    for path, events, _ in futures(paths, told, policy):
        attained = events[events.event == "attainment"]
        for capability in path.capability.values:
            rows = attained[attained.subject == capability]
            since = []
            for actor, name in zip(path.actor.values, path.class_of_actor.values, strict=True):
                mine = rows[(rows.actor == actor) | ((rows.actor_class == name) & (rows.actor == "all members"))]
                thefts = mine.time[mine.route == "stolen"].tolist()
                since += [(time, 1) for time in thefts]
                since.append((mine.time[mine.route != "stolen"].min(), weights[actor] - len(thefts)))
            for t in path.time.values:
                number = sum(weight for time, weight in since if time <= t + AT_ONCE)
                assert int(path.future_access.sel(capability=capability, time=t)) == number


def test_mean_access_of_weighted_actors_is_that_of_the_counts(paths):
    np.testing.assert_allclose(paths.future_access.mean(["world", "future"]), paths.actors_with_access_mean, rtol=1e-12)


@pytest.mark.property
@settings(max_examples=10, deadline=None, suppress_health_check=list(HealthCheck), derandomize=True)
@given(spec=scenarios, seed=st.integers(0, 2**63 - 1))
def test_paths_of_any_scenario_are_those_of_its_events(spec, seed):
    """Best models, runs that reach, actors that attain, and money: at most the budgets, and they under the baseline."""
    # What a model has by distillation is not seen from what its run reached.
    spec = spec.model_copy(update={"distillation": Distillation()})
    sampler = WorldSampler(spec, 1, seed)
    _, samples = run(sampler, 1, spec.policy_names, threads=1, kept="paths")
    least = sampler.worlds()[0].least_compute
    weights = spec.weights
    actors = list(weights)
    sizes = np.log10([1.0, *spec.output.flop_thresholds])

    def by_year(times):
        return (times.to_numpy(float) <= spec.years[:, np.newaxis] + AT_ONCE).astype(int)

    def counted(rows):
        above = rows.log10_flop.to_numpy(float) >= sizes[:, np.newaxis]
        return (above * rows.actor.map(weights).to_numpy(int)) @ by_year(rows.time).T

    for p, policy in enumerate(spec.policy_names):
        history = engine.replay(spec, 0, 0, policy=policy, worlds=1, seed=seed)
        runs = finished(history.events)
        trained = history.events[history.events.route == "trained"]
        for k, (capability, required) in enumerate(history.requirements.items()):
            reach = counted(runs[(runs.log10_effective_flop >= required) & (runs.log10_flop >= least[k])])
            np.testing.assert_array_equal(samples.reaching[p, 0, 0, k], reach)
            np.testing.assert_array_equal(
                samples.attaining[p, 0, 0, k], counted(trained[trained.subject == capability])
            )
        for a, actor in enumerate(actors):
            mine = runs[runs.actor == actor]
            best = np.where(by_year(mine.time), mine.log10_effective_flop.to_numpy(float), -np.inf)
            best = best.max(axis=1, initial=-np.inf)
            known = np.where(np.isfinite(best), best, np.nan)
            np.testing.assert_allclose(samples.effective_compute[p, 0, 0, a], known, rtol=SHARE)
        for c, name in enumerate(spec.class_names):
            ours = runs[runs.actor_class == name]
            budgets = (ours.begun.to_numpy(float) <= spec.time_grid[:, np.newaxis] + AT_ONCE) @ (
                10.0 ** ours.log10_usd.to_numpy(float) * ours.actor.map(weights).to_numpy(float)
            )
            spent = samples.spending[p, 0, 0, c].astype(float)
            assert (spent <= budgets * (1.0 + SHARE)).all()
            assert policy != "baseline" or np.allclose(spent, budgets, rtol=SHARE, atol=0.0)


# Money. An actor of the neutral scenario begins nine runs of 1e8 US$ and 1e26 FLOP that finish before 2030.


#: A measure that changes nothing, but makes the clock take runs in order of time.
IN_ORDER = {"measure": "compute_cap", "relative_cap": oom(20)}
either_way = pytest.mark.parametrize("besides", [[], [IN_ORDER]], ids=["by itself", "in order"])


def spent(spec, name="policy"):
    """US$ that the class `actor` has spent at the start and each whole year after."""
    paths = engine.simulate(spec, 1, 1, keep="prices")
    return paths.future_spending.sel(policy=name, actor_class="actor", time=paths.year.values).squeeze().to_numpy()


def nine(*dollars):
    """Sums so far of what nine runs cost, and nothing after."""
    return np.cumsum([*(dollars * 9 if len(dollars) == 1 else dollars), 0.0, 0.0])


@pytest.mark.known
def test_spending_is_the_budget_of_runs_that_finish():
    """The tenth run would finish at the horizon, and is not paid for."""
    np.testing.assert_allclose(spent(scenario(), "baseline"), nine(1e8), rtol=SHARE)


@pytest.mark.known
def test_spending_is_of_all_real_members_with_growing_budgets():
    spec = scenario(actor_classes={"actor": {"count": 3, "represents": 50, "budget_growth": oom(0.5, "OOM/yr")}})
    growing = [150.0 * 10.0 ** (8.0 + 0.5 * year) for year in range(9)]
    np.testing.assert_allclose(spent(spec, "baseline"), nine(*growing), rtol=SHARE)


@pytest.mark.known
@either_way
@pytest.mark.parametrize(
    ("measures", "dollars"),
    [
        ([{"measure": "compute_cap", "max_compute": 1e25}], [1e7] * 9),
        (
            [{"measure": "compute_cap", "max_compute": 1e25, "start": 2023, "end": 2026}],
            [1e8] * 3 + [1e7] * 3 + [1e8] * 3,
        ),
        ([{"measure": "compute_cap", "max_compute": 1e25, "compliance": 0}], [1e8] * 9),
        ([{"measure": "compute_cap", "max_compute": 1e27}], [1e8] * 9),
        ([{"measure": "public_compute", "budget_multiplier": 100}], [1e8] * 9),
        ([{"measure": "export_control", "price_multiplier": 10}], [1e8] * 9),
        (
            [
                {"measure": "public_compute", "budget_multiplier": 100},
                {"measure": "compute_cap", "max_compute": 1e27},
            ],
            [1e7] * 9,
        ),
        (
            [
                {"measure": "export_control", "price_multiplier": 10},
                {"measure": "compute_cap", "max_compute": 1e24, "start": 2025},
            ],
            [1e8] * 5 + [1e7] * 4,
        ),
    ],
    ids=["cap", "cap for a time", "no compliance", "high cap", "support", "price", "support and cap", "price and cap"],
)
def test_a_cap_lowers_spending_in_proportion_and_support_costs_nothing(measures, dollars, besides):
    """Runs taken by themselves, or in order of time: a tenth of the compute for a tenth of the money."""
    found = spent(with_measures(*measures, *besides))
    np.testing.assert_allclose(found, nine(*dollars), rtol=SHARE)


@pytest.mark.known
def test_a_cap_relative_to_the_largest_run_lowers_spending():
    """Budgets grow tenfold a year; a run is at most as large as the largest that was finished before it began."""
    spec = with_measures(
        {"measure": "compute_cap", "relative_cap": oom(0)},
        actor_classes={"actor": {"budget_growth": oom(1, "OOM/yr")}},
    )
    # The first two find none finished; the third finds the first, and later ones the second, of 1e27 FLOP.
    np.testing.assert_allclose(spent(spec), nine(1e8, 1e9, 1e8, *[1e9] * 6), rtol=SHARE)


@pytest.mark.known
def test_a_licence_moves_spending_to_when_the_run_begins():
    """Each of the runs waits a year: begun at 2021, 2023, 2025 and 2027; that of 2029 does not finish."""
    spec = with_measures({"measure": "licensing", "threshold": 1e20, "licence_delay": 1})
    expected = np.cumsum([0, 1e8, 0, 1e8, 0, 1e8, 0, 1e8, 0, 0, 0])
    np.testing.assert_allclose(spent(spec), expected, rtol=SHARE)


@pytest.mark.known
def test_an_event_at_a_whole_year_counts_at_that_year():
    """Runs of 1e26 FLOP finish at 2021, 2022, ...; models so far, those that reach the skill, the best and access."""
    paths = engine.simulate(scenario(), 1, 1, keep="prices").squeeze(["policy", "world", "future"])
    so_far = [*range(10), 9]
    np.testing.assert_array_equal(paths.future_runs_reaching.squeeze(), so_far)
    np.testing.assert_array_equal(paths.future_runs_caught.sel(threshold=1e26).squeeze(), so_far)
    for name, threshold, actors in (("", None, 1), ("_caught", 1e26, 1), ("_caught", 1e27, 0)):
        attaining = paths[f"future_attaining{name}"]
        attaining = attaining if threshold is None else attaining.sel(threshold=threshold)
        np.testing.assert_array_equal(attaining.squeeze(), [0] + [actors] * 10)
    np.testing.assert_array_equal(paths.future_runs_caught.sel(threshold=1e27).squeeze(), [0] * 11)
    np.testing.assert_allclose(paths.future_effective_compute.squeeze(), [np.nan] + [26.0] * 10, rtol=SHARE)
    np.testing.assert_array_equal(paths.future_access.sel(time=paths.year.values).squeeze(), [0] + [1] * 10)
    np.testing.assert_allclose(paths.effective_compute_at_first.squeeze(), 26.0, rtol=SHARE)


# Models by training compute, as databases of models have them.


@every_policy
def test_models_are_followed_by_their_training_compute(paths, told, spec, policy):
    """The largest of each actor, its first above each threshold, and the number of all; `represents` included."""
    weights = spec.weights
    for path, events, _ in futures(paths, told, policy):
        runs = finished(events)
        size, weight = runs.log10_flop.to_numpy(float), runs.actor.map(weights).to_numpy(int)
        for actor in path.actor.values:
            mine = runs[runs.actor == actor]
            largest = [mine[mine.time <= year + AT_ONCE].log10_flop.astype(float).max() for year in path.year.values]
            np.testing.assert_allclose(path.future_compute.sel(actor=actor), largest, rtol=SHARE)
            first = [mine[mine.log10_flop >= np.log10(above)].time.min() for above in path.threshold.values]
            np.testing.assert_allclose(path.future_first_above.sel(actor=actor), first, rtol=SHARE)
        for above in path.threshold.values:
            times = runs.time.to_numpy(float)[size >= np.log10(above)]
            number = (times <= path.time.values[:, np.newaxis] + AT_ONCE) @ weight[size >= np.log10(above)]
            np.testing.assert_array_equal(path.future_models.sel(threshold=above), number)


@every_policy
def test_open_models_are_those_that_the_rule_publishes(paths, told, spec, policy):
    """Drawn for each run with the openness of its class, whatever measures are in force, and open after a lag."""
    worlds = WorldSampler(spec, 6, SEED).worlds()
    names, found = spec.class_names, 0
    for (world, future), (path, events, required) in zip(ADDRESSES, futures(paths, told, policy), strict=True):
        runs, early = finished(events), required["early"]
        runs["c"] = [names.index(name) for name in runs.actor_class]
        members = [
            spec.actor_classes[name].actor_names(name).index(actor)
            for name, actor in zip(runs.actor_class, runs.actor, strict=True)
        ]
        numbers = [int(run[4:]) - 1 for run in runs.subject]
        runs["published"] = [
            published(
                worlds[world],
                c,
                number[0],
                publication_luck((SEED, world, future), worlds[world], c, *number, time),
                dangerous,
                time,
            )
            for c, time, dangerous, *number in zip(
                runs.c, runs.time, runs.log10_effective_flop >= early, members, numbers, strict=True
            )
        ]
        runs["open_since"] = runs.time + worlds[world].release_lag[runs.c]
        shown = runs[(runs.published > 0) & (runs.open_since < spec.horizon)]
        found += len(shown)
        weight = shown.published.to_numpy(int)
        for above in path.threshold.values:
            large = (shown.log10_flop >= np.log10(above)).to_numpy(bool)
            since = shown.open_since.to_numpy(float)[large]
            number = (since <= path.time.values[:, np.newaxis] + AT_ONCE) @ weight[large]
            np.testing.assert_array_equal(path.future_open_models.sel(threshold=above), number)
            first = since.min() if len(since) else np.nan
            np.testing.assert_allclose(path.future_first_open_above.sel(threshold=above), first, rtol=SHARE)
        largest = [
            shown[shown.open_since <= year + AT_ONCE].log10_flop.astype(float).max() for year in path.year.values
        ]
        np.testing.assert_allclose(path.future_open_compute, largest, rtol=SHARE)
    assert found > 0


def test_the_mean_number_of_models_is_that_of_the_counts(paths):
    np.testing.assert_allclose(paths.future_models.mean(["world", "future"]), paths.runs_above_mean, rtol=1e-12)


@pytest.mark.statistics
def test_a_class_publishes_the_share_of_its_models_that_its_openness_says():
    """Of 40 actors with nine models each in 30 futures, 10,800, within four standard errors."""
    spec = scenario(actor_classes={"actor": {"count": 40, "openness": 0.3}})
    paths = engine.simulate(spec, 1, 30, seed=5, keep="prices").isel(policy=0)
    models = paths.future_models.isel(threshold=0, time=-1).sum().item()
    share = paths.future_open_models.isel(threshold=0, time=-1).sum().item() / models
    assert models == 40 * 9 * 30
    assert abs(share - 0.3) < 4.0 * np.sqrt(0.3 * 0.7 / models)
