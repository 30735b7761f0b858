"""Worlds: what a record holds, and how its uncertain numbers are drawn."""

from __future__ import annotations

import numpy as np
import pytest
from helpers import scenario, within
from hypothesis import given
from hypothesis import strategies as st

from engine.registry import ExtensionError
from engine.scenario import WorldSampler, samplers, worlds
from engine.scenario.names import addresses
from engine.scenario.sections import MAX_CAPABILITIES, MAX_CLASSES, MAX_FORMATS
from engine.scenario.worlds import WORLD

SEED = 20_231_115
EVEN = {"uniform": {"low": 0, "high": 1}}
CLASSES = {
    "lab": {"openness": EVEN, "secrecy": EVEN, "budget": {"lognormal": {"p5": 1e7, "p95": 1e9}}, "research_share": 3},
    "state": {"security": EVEN, "budget": 1e8, "research_share": {"lognormal": {"median": 1, "sigma": 0.5}}},
}
CORRELATED = {
    "correlations": [{"between": ["actor_classes.lab.openness", "actor_classes.state.security"], "rank": 0.7}],
}
every_sampling = pytest.mark.parametrize("sampling", samplers())


def two_classes(**changes):
    """A scenario with five uncertain numbers, three of them uniform between 0 and 1."""
    return scenario(actor_classes=CLASSES, **changes)


def draws(spec, sampling="random", worlds=64, seed=SEED):
    """Uncertain numbers by path, float64 (worlds,)."""
    values = WorldSampler(spec, worlds, seed, sampling).parameters(0, worlds)
    return dict(zip(spec.uncertain(), values.T, strict=True))


@pytest.mark.known
def test_a_world_holds_every_number_in_the_unit_it_is_carried_in():
    world = WorldSampler(
        scenario(
            start=2025.5,
            horizon=2040,
            hardware={
                "price_performance": 1e18,
                "release_gap_mean": {"value": 30, "unit": "months"},
                "formats": [{"name": "FP8", "format_gain": 10}, {"name": "FP4", "format_gain": 100}],
            },
            algorithms={"efficiency_trend": {"value": 1, "unit": "doubling years"}},
            parallelisation={"utilisation": {"value": 10, "unit": "%"}},
            actor_classes={"lab": {"count": 4, "represents": 20, "budget": 1e8, "budget_growth": 10}},
            capabilities={"skill": {"requirement": {"value": 27.5, "unit": "log10 FLOP"}}, "other": {}},
        ),
        worlds=1,
        seed=0,
    ).worlds()[0]
    assert (world.start, world.horizon) == (2025.5, 2040.0)
    assert (world.n_classes, world.n_capabilities, world.n_formats) == (1, 2, 2)
    assert (world.count[0], world.present[0], world.represents[0]) == (8, 8, 20)
    assert world.price_performance == pytest.approx(18.0)
    assert world.release_gap_mean == pytest.approx(2.5)
    assert world.format_gain[:2] == pytest.approx([1.0, 2.0])
    assert world.efficiency_trend == pytest.approx(np.log10(2.0))
    assert world.utilisation == pytest.approx(-1.0)
    assert (world.budget[0], world.budget_growth[0]) == pytest.approx((8.0, 1.0))
    assert world.requirement[:2] == pytest.approx([27.5, 26.0])
    assert world.budget_ceiling[0] == np.inf
    assert world.proprietary_tokens[0] == -np.inf


def test_entries_past_the_last_are_zero():
    spec = two_classes(hardware={"formats": [{"name": "FP8", "format_gain": 2}]})
    worlds = WorldSampler(spec, 3, SEED).worlds()
    for field in WORLD.names or ():
        length = {MAX_CLASSES: 2, MAX_CAPABILITIES: 1, MAX_FORMATS: 1}.get(np.atleast_2d(worlds[field]).shape[-1])
        if worlds[field].ndim == 2 and length is not None:
            assert not worlds[field][:, length:].any(), field


@every_sampling
def test_research_shares_sum_to_1(sampling):
    shares = WorldSampler(two_classes(), 16, SEED, sampling).worlds().research_share
    assert shares.sum(axis=1) == pytest.approx(np.ones(16), rel=1e-12)
    assert shares[:, :2].min() > 0.0
    assert np.ptp(shares[:, 0]) > 0.1


def test_without_researchers_nobody_has_a_share():
    assert not WorldSampler(scenario(), 2, SEED).worlds().research_share.any()


@pytest.mark.property
@given(names=st.lists(st.text("abcdefgh_", min_size=1, max_size=4), unique=True, min_size=1, max_size=300))
def test_addresses_are_unique_and_of_16_bits(names):
    given_out = addresses(names)
    assert len(set(given_out)) == len(names)
    assert all(0 <= address < 2**16 for address in given_out)


def test_an_address_depends_on_the_name_alone():
    """A hundred names, none of which hash alike: so that each keeps its address in any company and order."""
    names = [f"class_{i}" for i in range(100)]
    alone = [addresses([name])[0] for name in names]
    assert addresses(names) == alone
    assert addresses(names[::-1]) == alone[::-1]


def test_names_that_hash_alike_get_different_addresses():
    """Among a thousand names some share their 16 bits; the first keeps them, and the later is hashed again."""
    names = [f"n{i}" for i in range(1000)]
    alone = np.array([addresses([name])[0] for name in names])
    together = np.array(addresses(names))
    assert len(np.unique(alone)) < len(names)
    assert len(np.unique(together)) == len(names)
    _, first = np.unique(alone, return_index=True)
    np.testing.assert_array_equal(together[first], alone[first])


@pytest.mark.parametrize(
    "changes",
    [
        {"actor_classes": {"early": {"openness": EVEN, "budget": EVEN | {"unit": "log10 US$"}}, **CLASSES}},
        {"actor_classes": {**CLASSES, "late": {"openness": EVEN}}},
        {"actor_classes": dict(reversed(CLASSES.items()))},
        {"hardware": {"release_gap_mean": {"lognormal": {"p5": 1, "p95": 3}}}},
        {"capabilities": {"skill": {"requirement": {"normal": {"p5": 26, "p95": 28}, "unit": "log10 FLOP"}}}},
        {"horizon": 2050},
    ],
    ids=["class before", "class behind", "classes reordered", "uncertain chips", "uncertain requirement", "horizon"],
)
def test_a_random_draw_does_not_depend_on_what_else_the_scenario_contains(changes):
    before = draws(two_classes())
    after = draws(scenario(**{"actor_classes": CLASSES, **changes}))
    for path, values in before.items():
        np.testing.assert_array_equal(after[path], values, err_msg=path)


def test_a_random_draw_does_not_depend_on_how_many_worlds_there_are():
    few, many = draws(two_classes(), worlds=10), draws(two_classes(), worlds=1000)
    for path, values in few.items():
        np.testing.assert_array_equal(many[path][:10], values)


def test_another_distribution_keeps_the_rank_of_a_draw():
    """Widening an interval moves each world's number, and no world past another."""
    narrow = draws(scenario(actor_classes={"lab": {"budget": {"lognormal": {"p5": 1e7, "p95": 1e8}}}}))
    wide = draws(scenario(actor_classes={"lab": {"budget": {"lognormal": {"p5": 1e5, "p95": 1e9}}}}))
    (first,), (second,) = narrow.values(), wide.values()
    np.testing.assert_array_equal(np.argsort(first), np.argsort(second))


@every_sampling
def test_the_seed_decides(sampling):
    for path, values in draws(two_classes(), sampling).items():
        np.testing.assert_array_equal(values, draws(two_classes(), sampling)[path])
        assert not np.isin(values, draws(two_classes(), sampling, seed=SEED + 1)[path]).any()


@pytest.fixture(scope="module", params=[{}, CORRELATED], ids=["independent", "correlated"])
def spec(request):
    """The scenario of two classes, without correlations and with one."""
    return two_classes(**request.param)


@pytest.mark.property
@every_sampling
def test_any_range_of_worlds_is_a_slice_of_all(spec, sampling):
    whole = WorldSampler(spec, 100, SEED, sampling).worlds()

    @given(first=st.integers(0, 99), count=st.integers(1, 100))
    def each(first, count):
        part = WorldSampler(spec, 100, SEED, sampling).worlds(first, min(count, 100 - first))
        assert part.tobytes() == whole[first : first + count].tobytes()

    each()


@pytest.mark.known
@pytest.mark.parametrize(("sampling", "worlds"), [("lhs", 50), ("lhs", 1024), ("qmc", 16), ("qmc", 64), ("qmc", 1024)])
def test_a_replicate_hits_each_stratum_once(sampling, worlds):
    """A Latin hypercube of any size; a quasi-Monte Carlo sequence of 2^m points, in each dimension."""
    for path, number in two_classes().uncertain().items():
        values = draws(two_classes(), sampling, worlds)[path]
        for replicate in range(16):
            of = values[replicate::16]
            edges = number.quantile(np.arange(1, of.size) / of.size)
            np.testing.assert_array_equal(np.sort(np.searchsorted(edges, of)), np.arange(of.size), err_msg=path)


def test_points_depend_on_no_other_number_and_on_no_number_of_worlds():
    """As random draws do not; so a new number in a scenario moves no other."""
    few, many = draws(two_classes(), "qmc", worlds=10), draws(two_classes(), "qmc", worlds=1000)
    another = {"release_gap_mean": {"lognormal": {"p5": 1, "p95": 3}}}
    with_another = draws(two_classes(hardware=another), "qmc", worlds=10)
    for path, values in few.items():
        np.testing.assert_array_equal(many[path][:10], values)
        np.testing.assert_array_equal(with_another[path], values)


@pytest.mark.statistics
def test_random_draws_follow_the_stated_distribution():
    """10,000 worlds: the share below each quantile is within 4 standard errors of its probability."""
    n = 10_000
    for path, number in two_classes().uncertain().items():
        values = draws(two_classes(), worlds=n)[path]
        for probability in (0.05, 0.5, 0.95):
            share = np.mean(values < number.quantile(np.array([probability]))[0])
            assert within(share, probability, np.sqrt(probability * (1.0 - probability) / n)), path


@pytest.mark.statistics
def test_random_draws_of_different_numbers_are_independent():
    """10,000 worlds: every correlation of ranks is within 4 standard errors, 1 / sqrt(n), of 0."""
    values = np.array(list(draws(two_classes(), worlds=10_000).values()))
    ranks = np.argsort(np.argsort(values, axis=1), axis=1)
    off_diagonal = np.corrcoef(ranks)[np.triu_indices(len(ranks), 1)]
    assert all(within(value, 0.0, 0.01) for value in off_diagonal)


@every_sampling
def test_the_median_world_has_every_median(sampling):
    world = WorldSampler(two_classes(), 8, SEED, sampling).median_world()[0]
    assert (world.openness[0], world.secrecy[0], world.security[1]) == pytest.approx((0.5, 0.5, 0.5))
    assert world.budget[:2] == pytest.approx([8.0, 8.0])
    assert world.research_share[:2] == pytest.approx([0.75, 0.25])


@every_sampling
def test_worlds_of_a_certain_scenario_are_all_the_same(sampling):
    sampler = WorldSampler(scenario(), 5, SEED, sampling)
    assert sampler.parameters(0, 5).shape == (5, 0)
    assert len({world.tobytes() for world in np.asarray(sampler.worlds())}) == 1
    assert sampler.median_world().tobytes() == sampler.worlds(0, 1).tobytes()


@pytest.mark.known
def test_a_world_holds_its_classes_and_capabilities_in_order():
    spec = scenario(
        actor_classes={"lab": {"count": 2, "represents": 5}, "state": {"count": 3}, "user": {}},
        capabilities={"cure": {"kind": "valuable"}, "skill": {"kind": "dangerous"}},
    )
    world = WorldSampler(spec, 1, 0).worlds()[0]
    assert world.count[:4].tolist() == [4, 3, 1, 0]
    assert world.represents[:4].tolist() == [5, 1, 1, 0]
    assert world.first_actor[:4].tolist() == [0, 4, 7, 0]
    assert world.class_address[:4].tolist() == [*addresses(["lab", "state", "user"]), 0]
    assert world.capability_address[:3].tolist() == [*addresses(["cure", "skill"]), 0]
    assert world.dangerous[:3].tolist() == [0, 1, 0]


def test_worlds_from_one_on_are_those_up_to_the_last():
    sampler = WorldSampler(two_classes(), 5, SEED)
    assert sampler.worlds(2).tobytes() == sampler.worlds()[2:].tobytes()


def drawn_by(monkeypatch, values):
    """A sampler of two worlds of the only uncertain number, that always draws these `values`."""
    monkeypatch.setattr(worlds, "samplers", lambda: {"mine": lambda *_: np.array(values)})
    return WorldSampler(scenario(actor_classes={"actor": {"openness": EVEN}}), 2, SEED, "mine")


@pytest.mark.known
def test_uniforms_are_strictly_between_0_and_1(monkeypatch):
    """By half of what tells the numbers just below 1 apart."""
    found = drawn_by(monkeypatch, [[0.0], [1.0]]).uniforms(0, 2)
    np.testing.assert_array_equal(found, [[2.0**-53], [1.0 - 2.0**-53]])


@pytest.mark.parametrize("values", [[[-1e-9], [0.5]], [[0.5], [1.0 + 1e-9]], [[0.5], [np.nan]], [[0.5]], [0.5, 0.5]])
def test_a_sampler_that_draws_anything_else_is_refused(monkeypatch, values):
    with pytest.raises(ExtensionError, match=r"must return uniforms from 0 to 1 of the shape \(2, 1\)"):
        drawn_by(monkeypatch, values).uniforms(0, 2)
