"""Scenarios, results and histories travel to other processes and back, and are played there.

Guards against a kind of fault: what works in one process fails in a pool of them, because it cannot be pickled, loses
what it is on the way, or waits for a lock of a thread that is not there.
"""

from __future__ import annotations

import copy
import multiprocessing
import os
import pickle
import subprocess
import sys
from concurrent.futures import ProcessPoolExecutor

import pytest
import xarray as xr

import engine
from engine.execution.cluster import open_cluster
from engine.scenario.numbers import NumberError
from engine.scenario.shift_median import scale_of

WAYS = {"pickle": lambda one: pickle.loads(pickle.dumps(one)), "deepcopy": copy.deepcopy}
SIZE = (6, 3, 11)


@pytest.fixture(params=WAYS)
def travelled(request):
    """A way to another process and back, or to a copy."""
    return WAYS[request.param]


@pytest.mark.parametrize("file", ["baseline", "policies", "minimal"])
def test_scenarios_come_back_equal(travelled, file):
    """Before and after their numbers have been asked for quantiles, and every policy of theirs alone."""
    scenario = engine.load_scenario(file)
    for _ in range(2):
        back = travelled(scenario)
        assert back == scenario
        assert back.yaml == scenario.yaml
        for name, policy in scenario.policies.items():
            assert travelled(policy) == policy, name
        engine.simulate(scenario, 1, 1, policies=["baseline"])


def test_a_copy_of_a_scenario_is_played_and_changed_as_the_scenario_is(travelled, governed):
    """The same futures, and numbers that are moved on the same scales."""
    back = travelled(governed)
    assert engine.simulate(back, *SIZE).attrs["id"] == engine.simulate(governed, *SIZE).attrs["id"]
    for (path, *_, theirs), (_, *_, ours) in zip(back.number_paths(), governed.number_paths(), strict=True):
        assert scale_of(theirs) is scale_of(ours), path


@pytest.mark.quick
def test_results_and_histories_come_back_equal(travelled, governed, compared, tmp_path):
    """Results in memory and those of a file, stress tests, and what `replay` tells."""
    xr.testing.assert_identical(travelled(compared), compared)
    tested = engine.stress_test(compared)
    xr.testing.assert_identical(travelled(tested), tested)
    engine.write_results(compared, tmp_path / "results.nc")
    with engine.open_results(tmp_path / "results.nc") as opened:
        xr.testing.assert_identical(travelled(opened), opened)
    history = engine.replay(governed, 2, 1, seed=3, policy="brake")
    back = travelled(history)
    assert back == history
    assert back.narrative() == history.narrative()
    assert back != engine.replay(governed, 2, 2, seed=3, policy="brake")
    assert back != history.narrative()


@pytest.mark.quick
def test_errors_come_back_with_what_they_say(travelled):
    """A pool hands them on by pickling."""
    with pytest.raises(engine.ScenarioError) as caught:
        engine.parse_scenario({"start": "soon", "horizon": -1})
    back = travelled(caught.value)
    assert str(back) == str(caught.value)
    assert back.problems == caught.value.problems
    number = travelled(NumberError("no number", "unit"))
    assert (str(number), number.within) == ("no number", ("unit",))


@pytest.mark.filterwarnings("ignore:.*fork:DeprecationWarning")
@pytest.mark.parametrize("start", ["fork", "spawn"])
def test_a_pool_of_processes_plays(governed, start):
    """After this process has played on threads; a process's own threads play as well."""
    if start not in multiprocessing.get_all_start_methods():
        pytest.skip(f"there is no {start} here")
    expected = engine.simulate(governed, *SIZE, keep="samples")
    with ProcessPoolExecutor(2, mp_context=multiprocessing.get_context(start)) as pool:
        played = [
            pool.submit(engine.simulate, governed, *SIZE, keep="samples", execution=engine.Execution(threads=n))
            for n in (1, 2)
        ]
        told = pool.submit(engine.replay, governed, 2, 1, worlds=SIZE[0], seed=SIZE[2])
        wrong = pool.submit(engine.parse_scenario, {"start": "soon"})
        for future in played:
            xr.testing.assert_identical(future.result(), expected)
        assert told.result() == engine.replay(governed, 2, 1, worlds=SIZE[0], seed=SIZE[2])
        with pytest.raises(engine.ScenarioError, match="start"):
            wrong.result()


@pytest.mark.slow
def test_a_dask_worker_plays_on_its_threads_and_on_workers_of_its_own(governed):
    """`engine.simulate` as a function of another Dask computation."""
    expected = engine.simulate(governed, *SIZE)
    with open_cluster("local:1") as pool:
        for given in ({"threads": 2}, {"cluster": "local:1"}):
            how = engine.Execution(**given)
            found = pool.executor.submit(engine.simulate, governed, *SIZE, execution=how).result()
            xr.testing.assert_identical(found, expected)


#: A thread holds the lock of compiling until the fork is over, or is waiting for it.
FORKING = """
import os, threading, warnings
warnings.simplefilter("ignore", DeprecationWarning)
import numba
from numba.core.compiler_lock import global_compiler_lock
from engine.rules.hazard import time_to_event

compiling, done = threading.Event(), threading.Event()

def compile_long():
    with global_compiler_lock:
        compiling.set()
        done.wait(2)

threading.Thread(target=compile_long).start()
compiling.wait()
child = os.fork()
if child == 0:
    os._exit(0 if numba.njit(lambda x: x)(time_to_event(1.0, 2.0)) == 0.5 else 1)
done.set()
print(os.waitpid(child, 0)[1])
"""


@pytest.mark.skipif(not hasattr(os, "fork"), reason="there is no fork")
def test_a_process_forked_while_a_thread_compiles_can_compile():
    """It has no such thread, so it must not wait for it."""
    done = subprocess.run([sys.executable, "-c", FORKING], capture_output=True, text=True, timeout=120)
    assert done.stdout == "0\n", done.stderr
