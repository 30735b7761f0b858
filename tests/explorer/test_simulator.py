"""What is played is what `engine.simulate` plays of the downloaded scenario, however little of it is played again."""

from __future__ import annotations

import threading
from collections import OrderedDict
from dataclasses import replace

import numpy as np
import pytest

import engine
from engine.explorer.sides import SIDES, loaded, results_of, scenario_of, scenario_text
from engine.explorer.simulator import Simulator, Superseded, difference
from engine.explorer.state import first_state
from engine.explorer.worlds import RememberedWorlds
from engine.scenario import WorldSampler, scenario_hash


@pytest.fixture(scope="module")
def downloaded(offer, state, tmp_path_factory):
    """The scenario that is downloaded, as a file that a user would load."""
    path = tmp_path_factory.mktemp("downloaded") / "mine.yaml"
    path.write_text(scenario_text(state, offer), encoding="utf-8")
    return engine.load_scenario(path)


@pytest.fixture(scope="module")
def whole(downloaded, state):
    """What `engine.simulate` makes of it."""
    return engine.simulate(downloaded, state.worlds, state.futures, state.seed, keep="samples")


def test_the_downloaded_scenario_is_the_one_played(offer, state, downloaded):
    assert scenario_hash(downloaded) == scenario_hash(scenario_of(state, offer))
    assert list(downloaded.policies) == list(SIDES)
    for path, median in state.moved:
        number = {p: n for p, _, _, n in downloaded.number_paths()}[path]
        assert float(number.written_quantile(np.array(0.5))) == pytest.approx(median)
        assert number.note.startswith("Moved: the median was ")


def test_played_results_equal_those_of_the_downloaded_scenario(simulated, whole):
    """To the bit, in every variable that the page draws from."""
    results = simulated.results
    assert len(results.data_vars) == 21
    for name, variable in results.data_vars.items():
        there = whole[name].sel(policy=list(SIDES))
        if "quantile" in variable.dims:
            there = there.sel(quantile=variable["quantile"])
        np.testing.assert_array_equal(variable.values, there.transpose(*variable.dims).values, err_msg=str(name))


def test_downloaded_results_are_those_results(offer, state, whole):
    found = results_of(state, offer)
    assert found.attrs["id"] == whole.attrs["id"]
    assert found.attrs["scenario_sha256"] == whole.attrs["scenario_sha256"]
    assert found.attrs["scenario_name"] == offer.scenario.name
    again = engine.parse_scenario(engine.scenario.source.parsed(found.attrs["scenario_yaml"], "x").data)
    assert scenario_hash(again) == found.attrs["scenario_sha256"]


def test_sides_are_played_once(offer, state, monkeypatch):
    """A side that did not change is not played again, and gives the same numbers as both together."""
    simulator = Simulator(offer)
    plays = []
    simulated = engine.explorer.simulator._simulated
    monkeypatch.setattr(
        engine.explorer.simulator,
        "_simulated",
        lambda job, stop: plays.append(job.policies) or simulated(job, stop),
    )
    simulator.simulated(state)
    assert simulator.simulated(replace(state, capability="late", timeline=None)).seconds == 0.0
    other = replace(state, side_a=("idle",))
    mixed = simulator.simulated(other)
    simulator.simulated(state)
    both = simulator.simulated(replace(state, side_a=state.side_b))
    assert plays == [SIDES, ("side_a",)]
    assert mixed.results.identical(Simulator(offer).simulated(other).results)
    assert both.results.sel(policy="side_a", drop=True).equals(both.results.sel(policy="side_b", drop=True))


def test_a_side_without_measures_is_the_baseline(simulator, offer, state):
    bare = replace(state, side_a=(), side_b=(), moved=())
    results = simulator.simulated(bare).results
    whole = engine.simulate(offer.scenario, bare.worlds, bare.futures, bare.seed, policies=[], keep="samples")
    for side in SIDES:
        np.testing.assert_array_equal(
            results["future_loss"].sel(policy=side), whole["future_loss"].sel(policy="baseline")
        )
    assert "policies" not in engine.scenario.source.parsed(scenario_text(bare, offer), "x").data
    assert loaded(bare, offer).policies == {}


def test_differences_are_those_of_the_results(simulator, offer, state):
    """Against the baseline, for which results hold them too."""
    bare = replace(state, side_a=())
    results = simulator.simulated(bare).results
    whole = engine.simulate(loaded(bare, offer), bare.worlds, bare.futures, bare.seed).sel(policy="side_b")
    mean, error = difference(results["future_benefit"])
    assert mean == pytest.approx(float(whole["benefit_mean_difference"]), abs=1.0)
    # With 12 worlds each is a group of the jackknife, whose error is then the same.
    assert error == pytest.approx(float(whole["benefit_mean_difference_se"]), rel=1e-6)
    horizon = float(results["time"][-1])
    times = results["attainment_time"].sel(actor_class="lab", capability="late").fillna(horizon)
    delay = whole["attainment_delay"].sel(actor_class="lab", capability="late")
    assert difference(times)[0] == pytest.approx(float(delay), abs=1e-4)


def test_much_is_drawn_in_two_steps(offer):
    simulator, first = Simulator(offer), first_state(offer)
    assert simulator.sooner(replace(first, worlds=500)) == replace(first, worlds=500)
    large = replace(first, worlds=50_000, timeline=(9_000, 1))
    assert simulator.sooner(large) == replace(large, worlds=512, timeline=None)


def test_what_no_page_asks_for_any_more_is_not_played(offer, state):
    simulator = Simulator(offer)
    simulator.ask("page", replace(state, seed=8))
    with pytest.raises(Superseded):
        simulator.simulated(state, "page")
    simulator.ask("page", state)
    part = replace(state, worlds=2, timeline=None)
    assert simulator.simulated(part, "page", state).size == 10
    assert simulator.simulated(state, "page").size == state.worlds * state.futures


def test_one_play_at_a_time(offer, state):
    simulator = Simulator(offer)
    simulator.ask("page", state)
    failed = []

    def wait():
        try:
            simulator.simulated(state, "page")
        except Superseded:
            failed.append(True)

    with simulator._runs.taken():
        waiting = threading.Thread(target=wait)
        waiting.start()
        simulator.ask("page", replace(state, seed=9))
        # It leaves at once, and does not wait for its turn to be told.
        waiting.join()
    assert failed == [True]


def test_kept_futures_are_limited(offer, state, monkeypatch):
    monkeypatch.setattr(engine.explorer.simulator, "_STORED", 3 * state.worlds * state.futures)
    simulator = Simulator(offer)
    for seed in range(4):
        simulator.simulated(replace(state, seed=seed))
    assert len(simulator._stored) == 3


def test_what_is_being_played_stops_when_the_page_asks_for_something_else(offer, state, monkeypatch):
    simulator = Simulator(offer)
    simulated = engine.explorer.simulator._simulated
    asks = []

    def asked_meanwhile(job, stop):
        simulator.ask("page", asks[-1])
        return simulated(job, stop)

    monkeypatch.setattr(engine.explorer.simulator, "_simulated", asked_meanwhile)
    for other, stops in ((replace(state, actor_class="outsider"), False), (replace(state, side_a=()), True)):
        simulator.ask("page", state)
        asks.append(other)
        if stops:
            with pytest.raises(Superseded):
                simulator.simulated(replace(state, seed=8), "page", state)
        else:
            simulator.simulated(state, "page")


def test_remembered_worlds_are_those_of_the_sampler(offer, state):
    """Whatever was remembered of other states, to the bit."""
    columns = OrderedDict()
    for one in (
        state,
        replace(state, moved=state.moved[:1]),
        replace(state, side_b=("brake",)),
        replace(state, seed=8),
    ):
        scenario = scenario_of(one, offer)
        for _ in range(2):
            remembered = RememberedWorlds(scenario, 9, one.seed, columns)
            for drawn, there in zip(remembered.draw(2, 5), WorldSampler(scenario, 9, one.seed).draw(2, 5), strict=True):
                assert drawn.tobytes() == there.tobytes()
            assert remembered.median_world().tobytes() == WorldSampler(scenario, 9, one.seed).median_world().tobytes()
