"""Single futures written chunk by chunk: the file is that of a run held in memory."""

from __future__ import annotations

import hashlib
import os
import resource

import netCDF4
import numpy as np
import pytest
import xarray as xr
from helpers import run, scenario
from small_run import FUTURES, SEED, WORLDS

import engine
from engine.execution.atomic_write import atomic_write
from engine.montecarlo import Chunk, Samples, chunks
from engine.results.files import encodings
from engine.results.provenance import content_id
from engine.results.sample_file import SampleFile
from engine.scenario import SAMPLING, WorldSampler

#: Dimensions of single futures, which the summary of a run does not have.
OF_SAMPLES = ["world", "future", "parameter", "year", "actor", "investment"]


def part_of(samples, chunk):
    """What is kept of the futures of one chunk."""
    worlds = slice(chunk.world, chunk.world + chunk.worlds)
    futures = slice(chunk.future, chunk.future + chunk.futures)
    return Samples(*(kept[:, worlds, futures] for kept in samples))


def write_in_chunks(path, spec, worlds, futures, size, whole, kept, sampling=SAMPLING):
    """Write to `path` what the results `whole` hold, chunk by chunk in a shuffled order."""
    sampler = WorldSampler(spec, worlds, SEED, sampling)
    _, samples = run(sampler, futures, spec.policy_names, kept=kept)
    parts = list(chunks(worlds, futures, size))
    file = SampleFile(path, sampler, spec.policy_names, futures, kept, (parts[0].worlds, parts[0].futures))
    np.random.default_rng(SEED).shuffle(parts)
    for part in parts:
        file.write(part, part_of(samples, part))
    summary = whole.drop_dims(OF_SAMPLES, errors="ignore").drop_vars("malicious")
    del summary.attrs["id"]
    file.finish(summary)
    file.close()


def assert_same_file(path, whole, folder):
    """The file at `path` opens as that of the dataset `whole`, but for the date."""
    engine.write_results(whole, folder / "whole.nc")
    with engine.open_results(path) as found, engine.open_results(folder / "whole.nc") as expected:
        assert found.attrs.pop("date_created")
        assert expected.attrs.pop("date_created")
        xr.testing.assert_identical(found.load(), expected.load())
        for name, variable in expected.variables.items():
            assert found[name].dtype == variable.dtype, name
            assert found[name].encoding.get("coordinates") == variable.encoding.get("coordinates"), name
            assert found[name].encoding.get("zlib") == variable.encoding.get("zlib"), name
        assert content_id(found) == found.attrs["id"]


@pytest.mark.parametrize("size", [7, 64])
def test_outcomes_in_chunks_are_those_of_a_run_in_memory(governed, compared, tmp_path, size):
    """Futures of one world in several chunks, and two worlds in each; under five policies."""
    write_in_chunks(tmp_path / "r.nc", governed, WORLDS, FUTURES, size, compared, "samples")
    assert_same_file(tmp_path / "r.nc", compared, tmp_path)


@pytest.mark.parametrize(("size", "sampling"), [(10, "lhs"), (60, "qmc")])
def test_paths_in_chunks_are_those_of_a_run_in_memory(governed, tmp_path, size, sampling):
    whole = engine.simulate(governed, 9, 25, SEED, keep="prices", sampling=sampling)
    write_in_chunks(tmp_path / "r.nc", governed, 9, 25, size, whole, "prices", sampling)
    assert_same_file(tmp_path / "r.nc", whole, tmp_path)


def test_a_scenario_without_uncertain_numbers_can_be_written_in_chunks(tmp_path):
    """The dimension `parameter` has length 0."""
    spec = scenario()
    whole = engine.simulate(spec, 3, 4, SEED, keep="samples")
    write_in_chunks(tmp_path / "r.nc", spec, 3, 4, 3, whole, "samples")
    assert_same_file(tmp_path / "r.nc", whole, tmp_path)


def test_blocks_of_the_file_are_chunks_of_the_run_and_of_dask(governed, compared, tmp_path):
    """64 futures are two worlds of 25; every block is of one policy."""
    dask = pytest.importorskip("dask.array")
    write_in_chunks(tmp_path / "r.nc", governed, WORLDS, FUTURES, 64, compared, "samples")
    with netCDF4.Dataset(tmp_path / "r.nc") as file:
        assert file["attainment_time"].chunking() == [1, 2, FUTURES, 3, 2]
        assert file["future_loss"].chunking() == [1, 2, FUTURES]
    with xr.open_dataset(tmp_path / "r.nc", chunks={}) as lazy:
        assert isinstance(lazy.future_loss.data, dask.Array)
        assert lazy.future_loss.chunks == ((1,) * 5, (2,) * (WORLDS // 2), (FUTURES,))
        np.testing.assert_array_equal(
            lazy.future_loss.mean(["world", "future"]), compared.future_loss.mean(["world", "future"])
        )


def test_large_chunks_are_stored_in_even_parts(rich, tmp_path):
    """10,000 futures of a world as 3 blocks, and 300 worlds of 100 futures as 8; one of 4,096 is not divided."""
    steps = {(1, 10_000): [1, 1, 3334], (300, 100): [1, 38, 100], (1, 4096): [1, 1, 4096], (1, 4097): [1, 1, 2049]}
    for step, stored in steps.items():
        file = SampleFile(tmp_path / "r.nc", WorldSampler(rich, 300, SEED), ["baseline"], step[1], "samples", step)
        file.close()
        with netCDF4.Dataset(tmp_path / "r.nc") as made:
            assert made["future_loss"].chunking() == stored


def test_no_block_is_held_in_memory(rich, tmp_path):
    """Each is written once, and completely: a cache of one block of one byte, which may go at once."""
    file = SampleFile(tmp_path / "r.nc", WorldSampler(rich, 3, SEED), ["baseline"], 5, "samples", (3, 5))
    assert file._file["future_loss"].get_var_chunk_cache() == (1, 1, 0.0)
    assert {name: len(size) for name, size in file._file.dimensions.items() if name in OF_SAMPLES[:2]} == {
        "world": 3,
        "future": 5,
    }
    file.close()


def test_a_full_disk_is_told_in_one_line_and_leaves_nothing(rich, tmp_path):
    """As a limit on the size of files; closing afterwards hides nothing, and is no error twice."""
    sampler = WorldSampler(rich, 100, SEED)
    _, samples = run(sampler, 100, kept="samples")
    soft, hard = resource.getrlimit(resource.RLIMIT_FSIZE)

    def write():
        with atomic_write(tmp_path / "r.nc") as unfinished:
            file = SampleFile(unfinished, sampler, ["baseline"], 100, "samples", (100, 100))
            resource.setrlimit(resource.RLIMIT_FSIZE, (50_000, hard))
            try:
                file.write(Chunk(0, 100, 0, 100), samples)
            finally:
                file.close()
                file.close()
                resource.setrlimit(resource.RLIMIT_FSIZE, (soft, hard))

    with pytest.raises(engine.ResultsError, match=r"r\.nc: cannot be written: NetCDF: HDF error"):
        write()
    assert os.listdir(tmp_path) == []


def test_whole_numbers_are_compressed_but_never_missing():
    counts = xr.Dataset({"counts": ("x", np.arange(2000, dtype=np.int32)), "few": ("y", [1.0])})
    compressed = {"zlib": True, "complevel": 4, "shuffle": True}
    assert encodings(counts)["counts"] == compressed
    assert list(encodings(counts)["few"]) == ["_FillValue"]


# The content id, read in slabs.


def at_once(dataset):
    """The content id by its definition, of values read as a whole."""
    digest = hashlib.sha256()
    for name in sorted(map(str, dataset.variables)):
        values = np.ascontiguousarray(dataset[name].values)
        digest.update(f"{name}{dataset[name].dims}{values.shape}".encode())
        digest.update(repr(values.tolist()).encode() if values.dtype.kind in "OU" else values.tobytes())
    return digest.hexdigest()


@pytest.mark.parametrize("slab", [8, 100, 1000, 2**25])
def test_the_content_id_does_not_depend_on_how_values_are_read(compared, tmp_path, monkeypatch, slab):
    """Of values in memory, in any order of strides, in a file and in Dask's chunks; of scalars, texts and nothing."""
    monkeypatch.setattr("engine.results.provenance._SLAB", slab)
    odd = xr.Dataset(
        {
            "turned": (("a", "b", "c"), np.arange(210.0).reshape(7, 6, 5).transpose(2, 0, 1)),
            "scalar": 1.5,
            "word": "text",
            "words": ("a", ["one", "two", "three", "four", "five"]),
            "none": (("a", "empty"), np.zeros((5, 0))),
        },
        {"b": np.arange(7)},
    )
    few = compared[["future_loss", "attainment_time", "parameters"]].isel(world=slice(5))
    few.to_netcdf(tmp_path / "few.nc", encoding={"attainment_time": {"chunksizes": (1, 2, 10, 3, 2)}})
    with xr.open_dataset(tmp_path / "few.nc") as lazy:
        assert content_id(lazy) == at_once(few)
    for dataset in (odd, odd.isel(b=slice(None, None, -1)), few):
        assert content_id(dataset) == at_once(dataset)
