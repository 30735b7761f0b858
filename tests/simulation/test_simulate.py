"""What a run accepts."""

from __future__ import annotations

import numpy as np
import pytest
from helpers import scenario

import engine
from engine.analyses.compare.summary import comparison
from engine.statistics.metrics import outcomes


@pytest.mark.parametrize(
    ("numbers", "what"),
    [
        ({"worlds": 0}, "worlds must be 1 to"),
        ({"futures": 0}, "futures must be 1 to"),
        ({"futures": 2**32 + 1}, "futures must be 1 to"),
        ({"seed": -1}, "seed must be 0 to"),
        ({"seed": 2**63}, "seed must be 0 to"),
        ({"keep": "nothing"}, "keep must be one of counts, samples, sizes, paths, prices, not 'nothing'"),
        ({"sampling": "grid"}, "sampling must be one of qmc, random, lhs"),
        ({"sampling": ["qmc"]}, "sampling must be one of qmc, random, lhs"),
        ({"execution": 4}, r"execution must be an Execution, such as engine.Execution\(threads=2\), not 4"),
    ],
)
def test_impossible_runs_are_refused(numbers, what):
    with pytest.raises(ValueError, match=what):
        engine.simulate(scenario(), **{"worlds": 1, "futures": 1, **numbers})


@pytest.mark.parametrize(
    ("given", "what"),
    [("minimal", r"engine.load_scenario\('minimal'\), not str"), (3, r"load_scenario\('baseline'\), not int")],
)
def test_what_is_no_scenario_is_refused(given, what):
    with pytest.raises(engine.InputError, match=what):
        engine.simulate(given)


def test_impossible_executions_are_refused():
    with pytest.raises(ValueError, match="threads must be a whole number of at least 1"):
        engine.Execution(threads=0)


def test_the_largest_seed_is_a_seed():
    ids = {engine.simulate(scenario(horizon=2022), 1, 1, seed).attrs["seed"] for seed in (0, 2**63 - 1)}
    assert ids == {0, 2**63 - 1}


@pytest.mark.parametrize("sampling", ["random", "lhs", "qmc"])
def test_results_do_not_depend_on_threads(rich, sampling):
    """Any number of them, however worlds are drawn."""
    one, three = (
        engine.simulate(rich, 33, 7, 5, execution=engine.Execution(threads=threads), sampling=sampling)
        for threads in (1, 3)
    )
    assert one.attrs["id"] == three.attrs["id"]


@pytest.mark.parametrize(
    "sampling",
    ["random", "lhs", "qmc"],
)
def test_errors_of_four_times_as_many_worlds_are_half_as_large(sampling):
    """That of mean exposure over eight seeds, to a quarter: an error from 16 groups is itself known to 18%."""
    spec = scenario(
        actor_classes={"actor": {"attempt_rate": 1.0, "run_pause": 0.5}},
        algorithms={"efficiency_trend": 1.5},
        capabilities={"skill": {"requirement": {"uniform": {"low": 26, "high": 28}, "unit": "log10 FLOP"}}},
    )

    def error(worlds):
        runs = (engine.simulate(spec, worlds, 1, seed, sampling=sampling) for seed in range(8))
        return np.sqrt(np.mean([run.exposure_mean_se.item() ** 2 for run in runs]))

    assert error(4096) / error(1024) == pytest.approx(0.5, rel=0.25)


def test_samplings_draw_different_worlds(rich):
    ids = {engine.simulate(rich, 8, 2, 5, sampling=sampling).attrs["id"] for sampling in ("random", "lhs", "qmc")}
    assert len(ids) == 3


def test_one_name_by_itself_is_a_list_of_it(governed):
    """Kind: a name given for a list of names is taken for its letters."""
    name = governed.policy_names[1]
    one = engine.simulate(governed, 2, 2, 1, policies=name, keep="samples")
    assert one.policy.values.tolist() == ["baseline", name]
    assert list(outcomes(one, "loss")) == ["loss"]
    assert comparison(one, "outsider") == comparison(one, ["outsider"])
