"""Runs: the same result for any threads and chunks, and no draw that depends on the rest."""

import numpy as np
import pytest
import xarray as xr
from helpers import run

import engine
from engine.montecarlo import chunks, count_chunks
from engine.montecarlo.tally import level_edges, level_of
from engine.scenario import WorldSampler

BASELINE = engine.load_scenario("baseline")
MINIMAL = engine.load_scenario("minimal")


@pytest.mark.parametrize("sampling", ["random", "lhs", "qmc"])
def test_threads_do_not_change_a_bit(sampling):
    one = engine.simulate(
        BASELINE, 60, 5, seed=3, execution=engine.Execution(threads=1), sampling=sampling, keep="samples"
    )
    two = engine.simulate(
        BASELINE, 60, 5, seed=3, execution=engine.Execution(threads=2), sampling=sampling, keep="samples"
    )
    assert one.identical(two)
    assert one.attrs["id"] == two.attrs["id"]


@pytest.mark.parametrize("chunk", [1, 7, 64, 10_000])
@pytest.mark.parametrize("sampling", ["random", "lhs", "qmc"])
def test_chunks_do_not_change_a_bit(chunk, sampling):
    """Chunks smaller than a world, of several worlds, and of the whole run."""
    whole, _ = run(WorldSampler(MINIMAL, 20, 5, sampling), 15)
    parts, _ = run(WorldSampler(MINIMAL, 20, 5, sampling), 15, chunk=chunk, threads=2)
    for name, expected, found in zip(whole._fields, whole, parts, strict=True):
        assert np.array_equal(expected, found), name


@pytest.mark.parametrize(
    ("worlds", "futures", "size"), [(1, 1, 10), (7, 3, 5), (3, 100, 32), (1000, 1, 64), (5, 64, 64)]
)
def test_chunks_cover_every_address_once(worlds, futures, size):
    seen = np.zeros((worlds, futures), int)
    parts = list(chunks(worlds, futures, size))
    assert len(parts) == count_chunks(worlds, futures, size)
    for part in parts:
        seen[part.world : part.world + part.worlds, part.future : part.future + part.futures] += 1
    assert (seen == 1).all()


def test_more_futures_keep_the_first_ones():
    few = engine.simulate(MINIMAL, 10, 4, seed=1, keep="samples")
    many = engine.simulate(MINIMAL, 30, 9, seed=1, keep="samples")
    xr.testing.assert_equal(few.attainment_time, many.attainment_time.isel(world=slice(10), future=slice(4)))


def test_another_class_does_not_change_the_luck_of_the_others():
    """What a class does depends on its own draws: a class that finds, releases and steals nothing changes none."""
    data = {
        "start": 2025,
        "horizon": 2040,
        "hardware": {"price_performance": 1e18, "price_decline": {"value": 0.2, "unit": "OOM/yr"}},
        "capabilities": {"x": {"kind": "valuable", "requirement": {"value": 28, "unit": "log10 FLOP"}}},
        "actor_classes": {
            "a": {"count": 3, "budget": {"lognormal": {"p5": 1e8, "p95": 1e9}}, "run_duration": 0.3, "run_pause": 0.5}
        },
    }
    alone = engine.simulate(engine.parse_scenario(data), 20, 5, seed=1, keep="samples")
    data["actor_classes"] = {
        "b": {"count": 5, "budget": 1e9, "budget_spread": 0.2, "run_duration": 0.2, "run_pause": 0.2},
        **data["actor_classes"],
    }
    joined = engine.simulate(engine.parse_scenario(data), 20, 5, seed=1, keep="samples")
    assert np.isfinite(alone.attainment_time).any()
    xr.testing.assert_equal(alone.attainment_time, joined.attainment_time.sel(actor_class=["a"]))


def test_levels_of_counts():
    """A level holds its own numbers: exact below 64, then 32 levels for each doubling."""
    edges = level_edges(level_of(10**7) + 1)
    for number in [*range(300), 1000, 4095, 4096, 123_456, 10**7]:
        level = level_of(number)
        assert edges[level] <= number < edges[level + 1]
    assert (np.diff(edges) > 0).all()
    assert list(edges[:64]) == list(range(64))
