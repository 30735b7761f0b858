"""Worlds that are chosen by a design, and worlds that are changed after they are drawn."""

from __future__ import annotations

import numpy as np
import pytest
import xarray as xr
from helpers import merged, oom, run, scenario, scenario_data
from small_run import POLICIES, RICH, SEED

import engine
from engine.montecarlo.future import COUNTED
from engine.rules.luck import Stream, uniform
from engine.scenario import Design, WorldSampler
from engine.scenario.names import digest

WORLDS, FUTURES = 12, 5
EVEN = {"uniform": {"low": 0.0, "high": 1.0}}
#: An uncertain loss, and every other kind of luck.
LOSSES = merged(
    RICH,
    {
        "algorithms": {"breakthrough_rate": 3.0, "small_gain_mean": 0.1},
        "actor_classes": {"lab": {"research_share": 1.0}},
        "capabilities": {"early": {"loss_median": {"lognormal": {"p5": 1e6, "p95": 1e10}}}},
    },
)


def as_drawn(spec, worlds=WORLDS, seed=SEED):
    """The uniforms of random sampling, number by number: each at the address of its name (docs/model.md, Chance)."""
    names = WorldSampler(spec, worlds, seed).drawn
    where = [digest(name, 8) for name in names]
    uniforms = [
        [uniform((seed, world, 0), Stream.PARAMETER, at & 0x3FFFFFF, at >> 32) for at in where]
        for world in range(worlds)
    ]
    return Design(np.array(uniforms), np.arange(worlds))


@pytest.fixture(scope="module")
def correlated():
    """The small scenario under policies, with uncertain measures and correlated numbers."""
    between = ["algorithms.efficiency_trend", "capabilities.early.defence_duration"]
    data = scenario_data(**RICH, policies=POLICIES, correlations=[{"between": between, "rank": -0.6}])
    return engine.parse_scenario(data, "correlated")


# Designs.


def test_a_design_of_the_uniforms_that_would_have_been_drawn_is_the_drawn_run(correlated):
    """The same dataset to the bit, with its correlations and its policies."""
    drawn = engine.simulate(correlated, WORLDS, FUTURES, SEED, keep="prices", sampling="random")
    chosen = engine.simulate(correlated, WORLDS, FUTURES, SEED, keep="prices", sampling=as_drawn(correlated))
    xr.testing.assert_equal(chosen, drawn)
    assert chosen.attrs["id"] == drawn.attrs["id"]
    asked = WorldSampler(correlated, WORLDS, SEED, "random").uniforms(0, WORLDS)
    np.testing.assert_array_equal(as_drawn(correlated).uniforms, asked)


@pytest.mark.parametrize("rows", [slice(3, 9), slice(None, None, -1), [5, 5, 0]], ids=["some", "reversed", "repeated"])
def test_a_row_of_a_design_does_not_depend_on_the_others(correlated, rows):
    """Nor on its place: what makes a world is its row and its luck."""
    whole = as_drawn(correlated)
    drawn = engine.simulate(correlated, WORLDS, FUTURES, SEED, keep="samples", sampling="random")
    part = Design(whole.uniforms[rows], whole.luck[rows])
    chosen = engine.simulate(correlated, len(part.luck), FUTURES, SEED, keep="samples", sampling=part)
    for name in ("parameters", "attainment_time", "future_loss", "defence_ready", "theft_probability"):
        expected = drawn[name].isel(world=rows).drop_vars("world")
        xr.testing.assert_equal(chosen[name].drop_vars("world"), expected)


@pytest.mark.known
def test_uniforms_say_where_in_its_distribution_a_number_lies():
    spec = scenario(
        actor_classes={"actor": {"openness": EVEN, "security": {"triangular": {"low": 0.0, "mode": 0.0, "high": 1.0}}}}
    )
    names = WorldSampler(spec, 1, 0).drawn
    levels = np.array([[0.1, 0.5], [0.9, 0.36]])
    sampler = WorldSampler(spec, 2, 0, design=Design(levels, np.zeros(2, np.int64)))
    assert names == ["actor_classes.actor.openness", "actor_classes.actor.security"]
    worlds = sampler.worlds()
    np.testing.assert_allclose(worlds.openness[:, 0], levels[:, 0], rtol=1e-12)
    np.testing.assert_allclose(worlds.security[:, 0], 1.0 - np.sqrt(1.0 - levels[:, 1]), rtol=1e-12)


def test_rows_with_the_same_luck_and_other_numbers_have_the_same_chance():
    """Where only the losses differ all else is the same in each future: runs, attainments, thefts, incidents."""
    spec = engine.parse_scenario(scenario_data(**LOSSES), "losses")
    names = WorldSampler(spec, 1, SEED).drawn
    uniforms = np.full((4, len(names)), 0.5)
    uniforms[:, names.index("capabilities.early.loss_median")] = [0.1, 0.4, 0.6, 0.9]
    luck = np.array([7, 7, 7, 8])
    kept = engine.simulate(spec, 4, 20, SEED, keep="prices", sampling=Design(uniforms, luck))
    same = [
        *("attainment_time", "future_incidents", "defence_ready", "theft_probability", "future_benefit"),
        *("future_effective_compute", "future_spending", "future_access", "capability_cost"),
    ]
    for name in same:
        for world in (1, 2):
            np.testing.assert_array_equal(kept[name].isel(world=world), kept[name].isel(world=0), err_msg=name)
        assert not kept[name].isel(world=3).equals(kept[name].isel(world=0)), name
    loss = kept.future_loss.squeeze("policy")
    hurt = loss.isel(world=0) > 0.0
    assert hurt.any()
    assert (loss.diff("world").isel(world=slice(2)) > 0.0).where(hurt, True).all()


def test_counts_of_events_are_the_same_where_only_a_loss_differs():
    """Two runs with the same luck, of breakthroughs, thefts and everything that is counted; another luck differs."""
    spec = engine.parse_scenario(scenario_data(**LOSSES), "losses")
    names = WorldSampler(spec, 1, SEED).drawn

    def tally(level, first):
        uniforms = np.full((6, len(names)), 0.5)
        uniforms[:, names.index("capabilities.early.loss_median")] = level
        design = Design(uniforms, np.arange(first, first + 6))
        return run(WorldSampler(spec, 6, SEED, design=design), 10)[0]

    low, high, other = tally(0.1, 100), tally(0.9, 100), tally(0.1, 200)
    np.testing.assert_array_equal(low.counted, high.counted)
    assert (
        low.counted[0, [COUNTED.index(kind) for kind in ("breakthroughs", "runs", "thefts", "incidents")]] > 0
    ).all()
    assert not np.array_equal(low.counted, other.counted)
    assert low.total_loss_sum.sum() != high.total_loss_sum.sum()


@pytest.mark.parametrize(
    ("uniforms", "luck"),
    [((4, 3), (5,)), ((5, 2), (5,)), ((5, 3), (4,)), ((5,), (5,)), ((3, 5), (5,)), ((5, 3), (5, 1))],
)
def test_a_design_of_another_shape_is_refused(uniforms, luck):
    """Saying which shapes are right."""
    spec = scenario(actor_classes={"actor": {"openness": EVEN, "security": EVEN, "secrecy": EVEN}})
    design = Design(np.full(uniforms, 0.5), np.zeros(luck, np.int64))
    right = r"a design of 5 worlds needs uniforms of shape \(5, 3\) and as many addresses"
    with pytest.raises(ValueError, match=right):
        engine.simulate(spec, 5, 1, sampling=design)


@pytest.mark.parametrize("chunk", [1, 3, 10_000])
def test_threads_and_chunks_do_not_matter_to_designs_and_changes(correlated, chunk):
    design = as_drawn(correlated)
    design = Design(design.uniforms[::-1], design.luck[::-1] // 2)

    def played(**how):
        sampler = WorldSampler(correlated, WORLDS, SEED, design=design, change=_double_pauses)
        return run(sampler, FUTURES, correlated.policy_names, kept="prices", **how)

    (tally, samples), (other_tally, other_samples) = (
        played(threads=1),
        played(threads=3, chunk=chunk),
    )
    for mine, others in ((tally, other_tally), (samples, other_samples)):
        for name, expected, found in zip(mine._fields, mine, others, strict=True):
            np.testing.assert_array_equal(expected, found, err_msg=name)


# Changes.


def _double_pauses(worlds):
    worlds.run_pause *= 2.0


def test_a_change_that_changes_nothing_is_none(correlated):
    def change(worlds):
        worlds["budget"] = worlds["budget"] + 0.0

    plain = engine.simulate(correlated, WORLDS, FUTURES, SEED, keep="prices")
    xr.testing.assert_equal(engine.simulate(correlated, WORLDS, FUTURES, SEED, keep="prices", change=change), plain)


def test_a_change_is_that_of_the_scenario():
    """Written into the worlds or into the scenario: the same futures, where the number is certain."""
    classes = {"actor": {"budget_spread": 0.4, "run_pause": 0.8}}
    written = scenario(actor_classes=merged(classes, {"actor": {"budget": 3e9}}))

    def change(worlds):
        worlds["budget"][:, 0] = np.log10(3e9)

    how = {"worlds": 5, "futures": 4, "seed": SEED, "keep": "prices"}
    changed = engine.simulate(scenario(actor_classes=classes), change=change, **how)
    xr.testing.assert_equal(changed, engine.simulate(written, **how))


def test_a_change_leaves_all_luck_so_that_an_unrelated_class_is_as_it_was():
    """Paired to the bit, in every world and future; the changed class is not."""
    uncertain = {"run_pause": {"lognormal": {"p5": 0.3, "p95": 2.0}}, "budget_spread": 0.4}
    spec = scenario(
        actor_classes={"changed": uncertain, "other": uncertain},
        algorithms={"efficiency_trend": oom(0.3, "OOM/yr")},
        capabilities={"skill": {"requirement": 1e27}},
    )

    def change(worlds):
        worlds["budget"][:, 0] += 0.5
        worlds["entry_lag"][:, 0] = 1.5

    plain = engine.simulate(spec, 30, 4, SEED, keep="prices")
    changed = engine.simulate(spec, 30, 4, SEED, keep="prices", change=change)
    for name in ("attainment_time", "future_spending", "capability_cost"):
        unrelated = [one[name].sel(actor_class="other") for one in (plain, changed)]
        xr.testing.assert_equal(*unrelated)
    assert plain.attainment_time.sel(actor_class="other").notnull().any()
    assert not plain.attainment_time.sel(actor_class="changed").equals(
        changed.attainment_time.sel(actor_class="changed")
    )
    xr.testing.assert_equal(plain.parameters, changed.parameters)


@pytest.mark.known
def test_a_change_comes_before_research_shares_are_divided_by_their_sum():
    """A weight of 3 beside one of 1 is three quarters, and the weights are those that were written."""
    seen = []

    def change(worlds):
        seen.append(worlds["research_share"][:, :2].copy())
        worlds["research_share"][:, 0] = 3.0

    spec = scenario(actor_classes={"one": {"research_share": 5.0}, "two": {"research_share": 1.0}})
    sampler = WorldSampler(spec, 4, SEED, change=change)
    np.testing.assert_allclose(sampler.worlds()["research_share"][:, :2], [[0.75, 0.25]] * 4, rtol=1e-15)
    np.testing.assert_array_equal(seen[0], [[5.0, 1.0]] * 4)
    np.testing.assert_allclose(sampler.worlds(2, 1)["research_share"][:, :2], [[0.75, 0.25]], rtol=1e-15)
    plain = WorldSampler(spec, 4, SEED).worlds()["research_share"][:, :2]
    np.testing.assert_allclose(plain, [[5.0 / 6.0, 1.0 / 6.0]] * 4, rtol=1e-15)


def test_frozen_breakthroughs_leave_the_luck_of_all_else():
    """Without breakthroughs chips are released, and runs begun, when they were."""
    spec = engine.parse_scenario(scenario_data(**LOSSES), "losses")

    def change(worlds):
        worlds["breakthrough_rate"] = 0.0

    plain, frozen = (run(WorldSampler(spec, 10, SEED, change=one), 10)[0].counted[0] for one in (None, change))
    kinds = {kind: (int(plain[n]), int(frozen[n])) for n, kind in enumerate(COUNTED)}
    assert kinds["breakthroughs"][0] > 1000
    assert kinds["breakthroughs"][1] == 0
    for kind in ("releases", "runs"):
        assert kinds[kind][0] == kinds[kind][1] > 0
    assert kinds["trained"][1] < kinds["trained"][0]


@pytest.mark.parametrize(
    ("uniform_", "luck", "refusal"),
    [
        (1e-300, 0, None),
        (1.0 - 2.0**-53, 2**32 - 1, None),
        (0.0, 0, "strictly between 0 and 1, without NaN"),
        (1.0, 0, "strictly between 0 and 1, without NaN"),
        (np.nan, 0, "strictly between 0 and 1, without NaN"),
        (0.5, -1, "whole numbers from 0 to 2"),
        (0.5, 2**32, "whole numbers from 0 to 2"),
        (0.5, 1.5, "whole numbers from 0 to 2"),
    ],
)
def test_the_ends_of_what_a_design_may_hold(uniform_, luck, refusal):
    spec = scenario(actor_classes={"actor": {"openness": EVEN}})
    design = Design(np.array([[0.5], [uniform_]]), np.array([7, luck]))
    if refusal is None:
        assert WorldSampler(spec, 2, 0, design=design).luck(1, 1).tolist() == [luck]
    else:
        with pytest.raises(ValueError, match=refusal):
            WorldSampler(spec, 2, 0, design=design)
