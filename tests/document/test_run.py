"""Single futures that a report needs are those of the run: from the file, or played again, or not at all."""

from __future__ import annotations

import numpy as np
import pytest
from helpers import scenario

import engine
from engine.analyses.stress import section as stress_section
from engine.analyses.stress.analysis import stress_test
from engine.analyses.timelines.section import _events_of
from engine.document import run as run_module
from engine.document.page import LeftOut
from engine.document.run import Missing, Run, fewer
from engine.report.provenance import again
from engine.text.report_format import month, share


@pytest.fixture(scope="module")
def written(scenario_file):
    """The small scenario as loaded from its file, which results then hold."""
    return engine.load_scenario(scenario_file)


def without_samples(results):
    """What is left in a file that keeps no single futures."""
    return results.drop_vars([name for name in results.data_vars if {"world", "parameter"} & set(results[name].dims)])


@pytest.mark.parametrize(
    ("worlds", "futures", "most", "found"),
    [
        (1000, 10, 10_000, (1000, 10)),
        (1000, 25, 10_000, (1000, 10)),
        (4000, 9, 10_000, (4000, 2)),
        (50_000, 3, 10_000, (10_000, 1)),
        (1, 20_000, 10_000, (1, 10_000)),
    ],
)
def test_fewer_futures_first(worlds, futures, most, found):
    assert fewer(worlds, futures, most) == found


def test_a_file_with_samples_is_not_played_again(compared, monkeypatch):
    monkeypatch.setattr(run_module, "simulate", None)
    run = Run(compared)
    np.testing.assert_array_equal(run.futures["future_loss"], compared["future_loss"])
    assert run.of_how_many() == "This section uses all 1,000 futures (40 worlds with 25 each)."


@pytest.mark.parametrize("sampling", ["random", "lhs", "qmc"])
def test_futures_played_again_are_those_of_the_run(written, sampling, monkeypatch):
    policies = ["baseline", "caution"]
    whole = engine.simulate(written, 40, 5, 7, policies=policies, keep="samples", sampling=sampling)
    monkeypatch.setattr(run_module, "MOST_FUTURES", 120)
    run = Run(without_samples(whole))
    again = run.futures
    assert (again.sizes["world"], again.sizes["future"]) == (40, 3)
    for name in ("attainment_time", "future_loss", "future_exposure"):
        np.testing.assert_array_equal(again[name], whole[name].isel(future=slice(3)))
    assert "120 of the 200 futures" in run.of_how_many()
    assert "simulated again" in run.of_how_many()


def test_fewer_worlds_of_a_latin_hypercube_are_other_worlds(written, monkeypatch):
    whole = engine.simulate(written, 40, 1, 7, policies=[], sampling="lhs")
    monkeypatch.setattr(run_module, "MOST_FUTURES", 20)
    with pytest.raises(Missing, match="Latin hypercube"):
        _ = Run(whole).futures


def test_fewer_worlds_of_chance_are_the_same_worlds(written, monkeypatch):
    whole = engine.simulate(written, 40, 1, 7, policies=[], keep="samples")
    monkeypatch.setattr(run_module, "MOST_FUTURES", 20)
    again = Run(without_samples(whole)).futures
    np.testing.assert_array_equal(again["attainment_time"], whole["attainment_time"].isel(world=slice(20)))


@pytest.mark.parametrize("attrs", [{"worlds_from": "x.nc"}, {"worlds_changed": "by hand"}, {"sampling": "design"}])
def test_worlds_that_were_not_drawn_are_not_played_again(written, attrs):
    run = Run(engine.simulate(written, 10, 1, 7, policies=[]).assign_attrs(attrs))
    with pytest.raises(Missing, match="chosen or changed"):
        _ = run.futures
    with pytest.raises(Missing, match="chosen or changed"):
        run.once(stress_test, run.futures)


def test_a_scenario_that_is_not_that_of_the_results_is_not_used(written, compared, scenario_file):
    changed = scenario_file.read_text().replace('"horizon": 2032', '"horizon": 2033')
    with pytest.raises(Missing, match="does not match its hash"):
        _ = Run(compared.assign_attrs(scenario_yaml=changed)).scenario
    with pytest.raises(Missing, match="cannot be read"):
        _ = Run(compared.assign_attrs(scenario_yaml="start: [")).scenario


def test_a_history_is_of_the_future_in_the_file(compared, scenario_file):
    run = Run(compared.assign_attrs(scenario_yaml=scenario_file.read_text()))
    history = run.history(11, 4, "caution")
    times = compared["attainment_time"].sel(policy="caution", world=11, future=4)
    for row in history.attainments.itertuples():
        assert row.time == pytest.approx(
            float(times.sel(actor_class=row.actor_class, capability=row.capability)), abs=1e-3
        )
    other = Run(run.results.assign_attrs(seed=np.int64(int(compared.attrs["seed"]) + 1)))
    with pytest.raises(Missing, match="differs from the one in the file"):
        other.history(11, 4, "caution")


def test_every_incident_is_told_or_counted(compared, scenario_file):
    many = compared["future_incidents"].sel(policy="baseline").sum("capability").argmax(("world", "future"))
    run = Run(compared.assign_attrs(scenario_yaml=scenario_file.read_text()))
    history = run.history(int(many["world"]), int(many["future"]))
    incidents = history.events[history.events.event == "incident"]
    assert len(incidents) > 2
    told = [line for _, lines in _events_of(history).years for line in lines]
    lines = [line for line in told if " Incident: " in line]
    more = sum(int(line.split()[1]) for line in told if line.startswith("+ "))
    assert len(lines) + more == len(incidents)
    assert lines[0].startswith(month(incidents.time.iloc[0]))


def test_incidents_by_users_of_services_are_told_or_counted_too():
    """All are by users, for nobody but the host has the capability; all that follow the first cost the same."""
    classes = {"host": {"hosting": 1.0}, "attackers": {"run_duration": 20, "budget": 1.0, "attempt_rate": 3.0}}
    skill = {"success_probability": 0.5, "loss_median": 1e6, "defence_duration": 3}
    history = engine.replay(scenario(actor_classes=classes, capabilities={"skill": skill}), 0, 0, worlds=1)
    happened = len(history.incidents)
    assert happened > 2
    told = _events_of(history)
    later = (history.incidents.time >= 2024.0).sum()
    assert f"{later} of its {happened} incidents came after a defence was ready" in told.caption
    lines = [line for _, of_year in told.years for line in of_year]
    assert sum(" Incident: " in line for line in lines) == 1
    assert sum(int(line.split()[1]) for line in lines if line.startswith("+ ")) == happened - 1


def test_a_scenario_file_is_no_option(compared):
    attrs = {"scenario_file": "-odd.yaml"}
    (command,) = again(Run(compared.assign_attrs(attrs)))[1]
    assert command.startswith("engine run ./-odd.yaml ")
    assert Run(compared).file == compared.attrs["scenario_file"]


def test_months_and_shares_in_words():
    assert [month(value) for value in (2025.0, 2025.3, 2025.999)] == ["Jan 2025", "Apr 2025", "Dec 2025"]
    assert share(0.841, 0.012) == "84.1% +- 1.2%"
    assert share(0.998, 0.005) == "99.80% (99.30 to 100.00%)"
    assert share(0.002, 0.005) == "0.20% (0.00 to 0.70%)"


def test_malicious_classes_are_known_with_samples_and_without(compared, written):
    assert Run(compared).malicious == ["outsider"]
    assert Run(engine.simulate(written, 2, 1, 7, policies=[])).malicious == ["outsider"]


def test_without_policies_there_is_no_stress_test(kept):
    made = stress_section.section(Run(kept))
    assert isinstance(made, LeftOut)
    assert "no policy" in made.why


def test_a_file_without_its_seed_is_not_played_again(written):
    results = engine.simulate(written, 10, 1, 7, policies=[])
    for seed in ("7", -1, 7.5):
        with pytest.raises(Missing, match="seed"):
            _ = Run(results.assign_attrs(seed=seed)).futures


def test_results_that_lack_what_is_told_are_refused(kept):
    with pytest.raises(ValueError, match="have no lead_time; give a file that `engine run` wrote"):
        Run(kept.drop_vars("lead_time"))


def test_a_future_with_too_many_events_is_left_out(compared, scenario_file, monkeypatch):
    """The section says so, and the rest of the report is made."""
    monkeypatch.setattr("engine.replay.state.MOST_EVENTS", 10)
    run = Run(compared.assign_attrs(scenario_yaml=scenario_file.read_text()))
    with pytest.raises(Missing, match="more than 10 events, too many to list"):
        run.history(11, 4, "caution")
