"""What users reported of kindred software, where no other test guards against it. The table is in tests/README.md."""

from __future__ import annotations

import hashlib
import os
import subprocess
import sys

import numpy as np
import pytest
import xarray as xr

import engine


def drawn(scenario, seed, worlds):
    """The uncertain numbers of so many worlds: (world, parameter)."""
    return engine.simulate(scenario, worlds, 1, seed, keep="samples").parameters.values


def test_neighbouring_seeds_share_no_world(rich):
    """Kind: world k of seed s is world k - 1 of seed s + 1, so that pooled runs hold fewer futures than they say."""
    seeds = [0, 1, 2, 2**31, 2**32, 2**32 + 1, 2**63 - 1]
    numbers = np.concatenate([drawn(rich, seed, 6) for seed in seeds])
    for column in numbers.T:
        assert len(np.unique(column)) == len(numbers)


def test_more_worlds_begin_with_the_same(rich):
    """Kind: what a seed gives depends on how much is drawn with it."""
    np.testing.assert_array_equal(drawn(rich, 0, 12)[:6], drawn(rich, 0, 6))


def test_results_are_written_over_the_file_they_are_read_from(kept, compared, tmp_path):
    """Kind: a file that is still open, read lazily, is truncated by what is written over it."""
    path = tmp_path / "results.nc"
    engine.write_results(kept, path)
    with engine.open_results(path) as lazy, engine.open_results(path) as reader:
        engine.write_results(lazy, path)
        engine.write_results(compared, path)
        xr.testing.assert_equal(reader.load(), kept)
    with engine.open_results(path) as new:
        xr.testing.assert_equal(new.load(), compared)


@pytest.mark.parametrize("which", ["kept", "compared"])
def test_attributes_are_such_as_other_programs_read(which, request, tmp_path):
    """Kind: empty attributes, lists and booleans, on which h5netcdf, NCO or ncview stumble."""
    dataset = request.getfixturevalue(which)
    for name, attrs in [("", dataset.attrs), *((name, one.attrs) for name, one in dataset.variables.items())]:
        for key, value in attrs.items():
            assert isinstance(value, str | np.integer | float), (name, key)
            # Of a scenario that is made in Python the file and the text are empty.
            assert value != "" or (name == "" and key.startswith("scenario_")), (name, key)
            assert key.isidentifier(), (name, key)


def test_parts_of_results_can_be_written_by_xarray(compared, tmp_path):
    """Kind: what was read cannot be written again, for its encoding or its attributes no longer fit."""
    path = tmp_path / "results.nc"
    engine.write_results(compared, path)
    with xr.open_dataset(path) as read:
        for part in (read.sel(policy="baseline"), read.isel(time=-1), read[["attainment_time"]], read.isel(world=[0])):
            part.to_netcdf(tmp_path / "part.nc")
            with xr.open_dataset(tmp_path / "part.nc") as back:
                xr.testing.assert_identical(back.load(), part.load())


@pytest.mark.slow
def test_the_bytes_depend_on_nothing_around_the_run(tmp_path, scenario_file):
    """Kind: order of sets, stripped asserts, time zone or locale change what comes out.

    With one thread, for with more the samples of a file stand in the order in which they were finished.
    """
    found = set()
    for flags, around in [
        ([], {}),
        (["-O", "-bb"], {"PYTHONHASHSEED": "77", "TZ": "Asia/Kolkata", "OMP_NUM_THREADS": "1", "TERM": "dumb"}),
    ]:
        command = [sys.executable, *flags, "-m", "engine", "run", str(scenario_file), "--worlds", "6", "--futures", "3"]
        done = subprocess.run(
            [*command, "--samples", "--seed", "0", "--threads", "1", "-o", "run.nc"],
            cwd=tmp_path,
            env={**os.environ, "SOURCE_DATE_EPOCH": "1700000000", **around},
            capture_output=True,
            text=True,
            check=False,
        )
        assert (done.returncode, done.stderr.count("\n")) == (0, 1)
        found.add(hashlib.sha256((tmp_path / "run.nc").read_bytes()).hexdigest())
    assert len(found) == 1
