"""Clusters: what names one, what is played there, and what happens to it when something or somebody stops it."""

from __future__ import annotations

import os
import signal
import subprocess
import sys
import threading
import time
from concurrent.futures import CancelledError
from types import SimpleNamespace

import pytest
from waiting import PATIENCE, until

from engine.execution import cluster, local
from engine.execution import fingerprint as sources
from engine.execution.cluster import Pool, check_place, explanation, open_cluster
from engine.execution.cluster_address import ClusterError

distributed = pytest.importorskip("distributed")
psutil = pytest.importorskip("psutil")


@pytest.fixture(scope="module")
def pool() -> Pool:
    """One process on this machine."""
    with open_cluster("local:1") as pool:
        yield pool


def client(pool: Pool) -> distributed.Client:
    return pool.executor._executor._client


def address(pool: Pool) -> str:
    return client(pool).scheduler.address


@pytest.mark.parametrize(
    "named", ["local", "local:3", "tcp://127.0.0.1:8786", "tcp://[::1]:8786", "tls://node-1.org:1"]
)
def test_places(named):
    check_place(named)


@pytest.mark.parametrize(
    ("named", "mend"),
    [
        ("local:0", "N of 1 or more"),
        ("local:two", "use local, local:N"),
        ("tcp://host", "tcp://HOST:PORT"),
        ("tcp://host:99999", "1 to 65535"),
        ("host:8786", "tcp://HOST:PORT"),
        ("slurm:", "slurm:CONFIG.yaml"),
        ("slurm:nowhere.yaml", "no such file"),
        ("", "use local"),
    ],
)
def test_wrong_places_are_refused_in_one_line(named, mend):
    with pytest.raises(ClusterError, match=mend) as refused:
        check_place(named)
    assert "\n" not in str(refused.value)


def test_functions_are_played_in_another_process(pool):
    assert pool.workers() == 1
    assert pool.executor.submit(os.getpid).result() != os.getpid()
    assert pool.executor.submit(int, "12", base=8).result() == 10
    with pytest.raises(ZeroDivisionError):
        pool.executor.submit(divmod, 1, 0).result()


def test_a_function_is_played_again_when_its_worker_is_killed(pool, tmp_path):
    begun = tmp_path / "begun"

    def play(file):
        """Waits for ever when it is played first, and returns when it is played again."""
        again = file.exists()
        file.touch()
        if not again:
            threading.Event().wait()
        return os.getpid()

    worker = pool.executor.submit(os.getpid).result()
    played = pool.executor.submit(play, begun)
    until("the function is played", begun.exists)
    os.kill(worker, signal.SIGKILL)
    assert played.result() != worker


def test_a_running_cluster_is_joined_and_left_as_it_was(pool):
    worker = pool.executor.submit(os.getpid).result()
    with open_cluster(address(pool)) as joined:
        assert joined.workers() == 1
        assert joined.executor.submit(os.getpid).result() == worker
        waiting = joined.executor.submit(time.sleep, 0.1)
    assert waiting.cancelled() or waiting.done()
    assert pool.executor.submit(os.getpid).result() == worker


def test_workers_with_another_engine_are_refused_when_a_cluster_is_joined(pool, monkeypatch):
    monkeypatch.setattr(sources, "__version__", "0.0")
    with (
        pytest.raises(ClusterError, match=r"worker tcp://127.*: has engine .*, but this machine has 0.0 .*; install"),
        open_cluster(address(pool)),
    ):
        pass


def test_workers_with_another_library_are_refused_when_they_come_later(pool, monkeypatch):
    monkeypatch.setattr(sources.metadata, "version", lambda name: "1.0")
    late = cluster._Checking(pool.executor._executor, "topic")
    with pytest.raises(ClusterError, match=r"worker tcp://127.*: has numpy .*, but this machine has 1.0; install"):
        late.submit(pow, 2, 3).result()


def test_a_scheduler_without_the_engine_is_refused():
    def missing(function):
        raise ModuleNotFoundError("No module named 'engine'")

    with pytest.raises(ClusterError, match=r"scheduler cannot use the engine \(No module named 'engine'\); install"):
        cluster._check_engines(SimpleNamespace(run_on_scheduler=missing))


def test_other_cpus_are_told_once(pool, monkeypatch, capsys):
    monkeypatch.setattr(cluster, "cpu_type", lambda: "abacus")
    with open_cluster(address(pool)) as joined:
        assert [joined.executor.submit(pow, 2, n).result() for n in range(3)] == [1, 2, 4]
        err = until("a line", lambda: capsys.readouterr().err)
    assert err.count("\n") == 1
    assert "than this machine (abacus): results may differ in the last bits" in err


def test_a_function_that_ends_its_workers_is_given_up(pool, monkeypatch):
    monkeypatch.setattr(client(pool).cluster.scheduler, "allowed_failures", 0)
    with pytest.raises(distributed.KilledWorker) as given_up:
        pool.executor.submit(os._exit, 1).result()
    assert "ended its worker 1 times, most likely for lack of memory" in explanation(given_up.value)


def test_no_scheduler(monkeypatch):
    monkeypatch.setattr(cluster, "_CONNECT", 1)
    nobody = "tcp://127.0.0.1:1"
    with pytest.raises(ClusterError, match=f"{nobody}: no Dask scheduler answers") as refused, open_cluster(nobody):
        pass
    assert "\n" not in str(refused.value)


def test_a_scheduler_without_workers(monkeypatch, tmp_path):
    monkeypatch.setattr(cluster, "_FIRST_WORKER", 0.1)
    with (
        distributed.LocalCluster(
            n_workers=0, dashboard_address=":0", scheduler_kwargs={"local_directory": str(tmp_path)}
        ) as empty,
        pytest.raises(ClusterError, match="has no workers; start them with `dask worker tcp://"),
        open_cluster(empty.scheduler_address),
    ):
        pass


def test_a_cluster_whose_workers_are_all_gone_is_told_of_and_waited_for(capsys):
    """A kind of fault: waiting in silence. It is said after a minute, two, four; a worker that comes begins it anew."""
    clock = iter([0.0, 59.0, 60.0, 61.0, 119.0, 121.0, 300.0, 1000.0, 1061.0])
    alone = cluster._Alone("tcp://host:1", lambda: next(clock))
    alone.look(3)
    explanation = []
    for workers in (0, 0, 0, 0, 0, 0, 0, 2, 0, 0):
        alone.look(workers)
        explanation.append(capsys.readouterr().err)
    assert [bool(line) for line in explanation] == [False, False, True, False, False, True, True, False, False, True]
    assert explanation[2] == (
        "engine: tcp://host:1: there has been no worker for 1 min, and the run waits for one. "
        "Start workers with `dask worker tcp://host:1`, or stop with Ctrl-C\n"
    )
    assert "for 5 min" in explanation[6]


def test_workers_that_leave_a_cluster_that_was_joined_are_missed(monkeypatch, tmp_path, capsys):
    """Not only is it counted: the run's own loop, which asks how many workers there are, says it."""
    monkeypatch.setattr(cluster, "_ALONE", 0.0)
    with distributed.LocalCluster(
        n_workers=1, processes=False, protocol="tcp", dashboard_address=":0", local_directory=str(tmp_path)
    ) as left:
        with open_cluster(left.scheduler_address) as pool:
            left.scale(0)
            while left.scheduler.workers:
                pool.workers()
            pool.workers()
        assert "there has been no worker for 0 min" in capsys.readouterr().err


def test_processes_that_cannot_start(monkeypatch, tmp_path):
    python = tmp_path / "python"
    python.write_text("#!/bin/sh\necho begun\necho 'no module named dask'\nexit 1\n")
    python.chmod(0o755)
    monkeypatch.setattr(local.sys, "executable", str(python))
    with (
        pytest.raises(ClusterError, match=r"have ended \(their last message: no module named dask\)"),
        open_cluster("local:1"),
    ):
        pass


def test_only_failures_of_dask_are_told():
    assert "scheduler was lost" in explanation(CancelledError())
    assert "scheduler was lost" in explanation(distributed.comm.CommClosedError("closed"))
    assert explanation(ValueError("negative")) is None


# A script as users write them, with no `if __name__ == "__main__"`.
SCRIPT = """
from engine.execution.cluster import open_cluster

try:
    with open_cluster("local:2") as pool:
        while pool.workers() < 2:
            pass
        # In C, with Python's lock held: workers that answer nobody.
        playing = [pool.executor.submit(sum, range(10**12)) for _ in range(4)]
        pool.executor.submit(print)
        print("ready", flush=True)
        playing[0].result()
except KeyboardInterrupt:
    print("stopped", flush=True)
"""


def test_ctrl_c_ends_all_processes_at_once_and_in_silence(tmp_path):
    script, temporary = tmp_path / "script.py", tmp_path / "temporary"
    script.write_text(SCRIPT)
    temporary.mkdir()
    process = subprocess.Popen(
        [sys.executable, str(script)],
        stdout=subprocess.PIPE,
        stderr=subprocess.PIPE,
        text=True,
        env={**os.environ, "TMPDIR": str(temporary), "PYTHONPATH": os.pathsep.join(filter(None, sys.path))},
        start_new_session=True,
    )
    with process:
        assert process.stdout.readline() == "ready\n"
        workers = psutil.Process(process.pid).children(recursive=True)
        assert len(workers) >= 3
        # What they play takes hours: that they end at all is that they did not wait for it.
        before = [one.cpu_times().user for one in workers]
        until("both play", lambda: sum(one.cpu_times().user > n + 0.3 for one, n in zip(workers, before)) >= 2)
        os.killpg(process.pid, signal.SIGINT)
        out, err = process.communicate(timeout=PATIENCE)
    assert (out, err, process.returncode) == ("stopped\n", "", 0)
    assert not psutil.wait_procs(workers, timeout=PATIENCE)[1]
    assert list(temporary.iterdir()) == []
