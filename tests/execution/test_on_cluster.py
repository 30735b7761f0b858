"""Runs on Dask workers: to the bit what one thread gives, whatever their number and chunks, and if one is killed."""

from __future__ import annotations

import os
import signal
import threading

import pytest
import xarray as xr
from distributed import Client, LocalCluster
from waiting import until

import engine

WORLDS, FUTURES, SEED = 24, 10, 6
HOW = {"policies": ["caution", "brake"], "keep": "samples"}


@pytest.fixture(scope="module")
def cluster():
    """Workers in processes of their own; tests say how many."""
    with LocalCluster(n_workers=1, threads_per_worker=1, dashboard_address=":0", processes=True) as started:
        yield started


def with_workers(cluster, count):
    """The address of the cluster, once it has so many workers."""
    cluster.scale(count)
    with Client(cluster) as client:
        client.wait_for_workers(count, timeout=120)
        until("so many workers", lambda: len(client.scheduler_info()["workers"]) == count)
    return cluster.scheduler_address


@pytest.fixture(scope="module")
def expected(governed):
    return engine.simulate(governed, WORLDS, FUTURES, SEED, execution=engine.Execution(threads=1), **HOW)


@pytest.mark.slow
@pytest.mark.parametrize("workers", [1, 2, 4])
def test_workers_and_chunks_do_not_change_a_bit(cluster, governed, expected, workers):
    """Chunks that are parts of worlds, several worlds, and half of all."""
    address = with_workers(cluster, workers)
    for chunk in (7, 30, 120):
        how = engine.Execution(cluster=address, chunk=chunk)
        found = engine.simulate(governed, WORLDS, FUTURES, SEED, execution=how, **HOW)
        xr.testing.assert_identical(found, expected)


@pytest.mark.slow
def test_a_worker_killed_midway_changes_nothing(cluster, scenario_file, tmp_path):
    """Its chunk is played by the other; what it had finished is kept."""
    address, spec = with_workers(cluster, 2), engine.load_scenario(scenario_file)
    worlds, chunk, folder, found = 600, 200, tmp_path / "run", []
    expected = engine.simulate(spec, worlds, FUTURES, SEED, execution=engine.Execution(threads=1))

    def play():
        how = engine.Execution(cluster=address, chunk=chunk, directory=folder)
        found.append(engine.simulate(spec, worlds, FUTURES, SEED, execution=how))

    with Client(cluster) as client:
        workers = client.run(os.getpid)
        playing = threading.Thread(target=play)
        playing.start()
        until("a chunk", lambda: list(folder.glob("chunk-*.npz")) or not playing.is_alive())
        os.kill(min(workers.values()), signal.SIGKILL)
        kept = len(list(folder.glob("chunk-*.npz")))
        playing.join()
        client.wait_for_workers(2, timeout=120)
        assert client.run(os.getpid) != workers
    assert 1 <= kept < worlds * FUTURES // chunk
    xr.testing.assert_identical(found[0], expected)
