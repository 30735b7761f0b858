"""What a run will take: what it grows with, what does not fit, and that the mend does."""

from __future__ import annotations

import re
from dataclasses import replace

import pytest

import engine
from engine.execution import Execution, estimate, machine
from engine.execution.estimate import TooLargeError, check_fits, with_time
from engine.simulation.jobs import new_job


@pytest.fixture
def job(governed):
    return new_job(governed, 1000, 10, 1, policies=["caution"], keep="samples")


def needed(job, in_memory=False, **how):
    return estimate.estimate(job, Execution(**{"threads": 2, "chunk": 1000} | how), in_memory)


def grown(job, times):
    sampler = type(job.sampler)(job.sampler.scenario, times * job.sampler.total, 1, job.sampler.sampling)
    return replace(job, sampler=sampler)


def test_memory_grows_with_what_is_kept_in_memory_alone(job):
    assert needed(grown(job, 100)).memory == needed(job).memory
    more = needed(grown(job, 100), in_memory=True).memory - needed(job, in_memory=True).memory
    assert more >= 99 * job.size * job.future_bytes


def test_memory_grows_with_threads_policies_and_a_hypercube(governed, job):
    assert needed(job, threads=8).memory > needed(job).memory
    assert needed(replace(job, policies=("baseline", "caution", "brake"))).memory > needed(job).memory
    cube = new_job(governed, 10**6, 1, 1, sampling="lhs")
    assert needed(cube).memory - needed(replace(cube, sampler=job.sampler)).memory >= 8e6 * len(governed.uncertain())


def test_the_disk_holds_results_and_chunks(job, tmp_path):
    assert needed(job).directory == 0
    assert needed(job, directory=tmp_path).directory > needed(job).results
    assert needed(replace(job, kept="counts")).results < needed(job).results


def test_what_is_kept_of_a_chunk_is_bounded(job):
    """However large the run; paths take many times as much as outcomes."""
    for kept in ("samples", "prices"):
        large = replace(grown(job, 10**5), kept=kept)
        assert 1 <= Execution().chunk_of(large) * large.future_bytes <= 2**25


@pytest.mark.parametrize("threads", [1, 3, 8])
def test_threads_get_even_parts(job, threads):
    size = Execution(threads=threads).chunk_of(replace(grown(job, 3), kept="counts"))
    assert -(-30_000 // size) % threads == 0


def test_as_many_futures_as_the_mend_says_fit(job, monkeypatch):
    monkeypatch.setattr(estimate, "available_memory", lambda: int(3e8))
    large, how = grown(job, 1000), Execution(threads=1, chunk=1000)
    with pytest.raises(
        TooLargeError, match=r"needs about .* GB of memory, and 300 MB are free; store at most about"
    ) as refused:
        check_fits(large, how, in_memory=True)
    assert "`engine run --samples`" in str(refused.value)
    most = int(re.search(r"store at most about ([\d,]+) futures", str(refused.value))[1].replace(",", ""))
    check_fits(grown(job, most // job.size), how, in_memory=True)
    check_fits(large, how, in_memory=False)
    with pytest.raises(TooLargeError, match="store at most about"):
        engine.simulate(job.sampler.scenario, 10**6, 10, keep="samples", execution=engine.Execution(threads=1))


def test_time_is_that_of_what_is_not_finished(governed, scenario_file, tmp_path):
    spec = engine.load_scenario(scenario_file)
    job, how = new_job(spec, 40, 5, 1), Execution(chunk=50, directory=tmp_path / "run")
    whole = check_fits(job, how, in_memory=True)
    assert whole.seconds is None
    assert with_time(whole, job, how).seconds > 0.0
    engine.simulate(spec, 40, 5, 1, execution=engine.Execution(chunk=50, directory=how.directory))
    assert with_time(whole, job, how).seconds == 0.0


def test_containers_bound_the_memory(tmp_path, monkeypatch):
    """Groups of version 2 around one another, of which the narrowest counts; `max` is no limit."""
    group = tmp_path / "jobs" / "mine"
    group.mkdir(parents=True)
    for place, most, taken in ((group, "max", "5"), (group.parent, "1000", "400"), (tmp_path, "9000", "10")):
        (place / "memory.max").write_text(most)
        (place / "memory.current").write_text(taken)
    monkeypatch.setattr(machine, "_CGROUP", tmp_path)
    monkeypatch.setattr(machine, "_GROUPS", tmp_path / "groups")
    (tmp_path / "groups").write_text("0::/jobs/mine\n")
    assert machine.available_memory() == 600
    (tmp_path / "groups").write_text("4:memory:/mine\n1:cpu:/\n")
    old = tmp_path / "memory" / "mine"
    old.mkdir(parents=True)
    (old / "memory.limit_in_bytes").write_text("300\n")
    (old / "memory.usage_in_bytes").write_text("100\n")
    assert machine.available_memory() == 200
