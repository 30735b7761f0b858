"""Single futures written to a file chunk by chunk, for runs whose futures exceed memory."""

from __future__ import annotations

import math
from collections.abc import Sequence
from contextlib import suppress
from pathlib import Path
from typing import Any

import netCDF4
import numpy as np
import xarray as xr
from xarray.backends import NetCDF4DataStore

from engine.montecarlo import Chunk, Keep, Samples
from engine.montecarlo.samples import keeps, new_samples
from engine.results.dataset import describe
from engine.results.files import date_of_writing, encoding, encodings
from engine.results.provenance import content_id
from engine.results.samples import samples_of, worlds_of
from engine.scenario import WorldSampler

#: Approximate number of worlds that are drawn at once: drawing a few takes as long as drawing a hundred.
_WORLDS = 1024
#: Most futures that are compressed, and therefore read, together.
_BLOCK = 4096


class SampleFile:
    """Single futures written chunk by chunk to a netCDF file that becomes the results file.

    Chunks come in any order, each once, from one thread at a time. The finished file equals that of `write_results` for
    the same run, but memory never contains more than a chunk. Variables are stored in blocks of an ordinary chunk, or
    even parts of it, so that each is compressed once and is a Dask chunk in reading.
    """

    def __init__(
        self,
        path: Path,
        sampler: WorldSampler,
        policies: Sequence[str],
        futures: int,
        kept: Keep,
        step: tuple[int, int],
    ) -> None:
        """Create or overwrite a file at `path` for the parts `kept` of `futures` futures in each world of `sampler`.

        `kept` includes at least outcomes; `step` is the number of worlds and of futures of an ordinary chunk. Raises
        OSError or RuntimeError if the file cannot be written.
        """
        self._path, self._sampler = path, sampler
        self._block = (_even_part(step[0], max(1, _BLOCK // step[1])), _even_part(step[1], _BLOCK))
        self._scores = keeps(kept, "paths")
        one = samples_of(new_samples(sampler.scenario, 1, 1, 1, kept), sampler.scenario, Chunk(0, 1, 0, 1))
        example = one.merge(worlds_of(sampler, 0, 1, scores=self._scores))
        sizes: dict[Any, int] = {"world": sampler.total, "future": futures}
        counted = {name: np.arange(size) for name, size in sizes.items()}
        self._labels = describe(example.drop_dims(list(sizes)).assign_coords(counted)).coords
        self._file: Any = netCDF4.Dataset(path, "w", format="NETCDF4")
        for name, size in {**example.sizes, **sizes, "policy": len(policies)}.items():
            self._file.createDimension(name, size)
        self._names = [str(name) for name in example.data_vars]
        for name in self._names:
            _define(self._file, name, example.variables[name], self._block)

    def write(self, chunk: Chunk, samples: Samples) -> None:
        """Write the samples of the futures of `chunk`, and only these, under every policy.

        Raises RuntimeError if it cannot be written, such as on a full disk.
        """
        worlds = slice(chunk.world, chunk.world + chunk.worlds)
        futures = slice(chunk.future, chunk.future + chunk.futures)
        for name, variable in samples_of(samples, self._sampler.scenario, chunk).data_vars.items():
            self._file[name][:, worlds, futures] = variable.values

    def finish(self, summary: xr.Dataset) -> None:
        """Add the statistics of all futures, the attributes of the run, the date and the content id.

        Raises OSError or RuntimeError if it cannot be written.
        """
        self._write_worlds()
        file, self._file = self._file, None
        file.close()
        whole = summary.assign_coords(self._labels).assign_attrs(date_created=date_of_writing())
        whole.to_netcdf(self._path, mode="a", format="NETCDF4", engine="netcdf4", encoding=encodings(whole))
        with netCDF4.Dataset(self._path, "a") as last:
            for name in self._names:
                _hold_nothing(last[name])
            written = xr.open_dataset(NetCDF4DataStore(last))  # type: ignore[no-untyped-call]
            for name in self._names:
                others = sorted({*map(str, written[name].coords)} - {*map(str, written.dims)})
                if others:
                    last[name].setncattr("coordinates", " ".join(others))
            last.setncattr("id", content_id(written))

    def _write_worlds(self) -> None:
        """Write the numbers of all worlds, some blocks at a time."""
        total, step = self._sampler.total, self._block[0]
        at_once = step * max(1, _WORLDS // step)
        for first in range(0, total, at_once):
            block = worlds_of(self._sampler, first, min(at_once, total - first), scores=self._scores)
            for name, variable in block.data_vars.items():
                self._file[name][first : first + at_once] = variable.values

    def close(self) -> None:
        """Close the file, finished or not. Never raises, because errors have been raised before."""
        file, self._file = self._file, None
        if file is not None:
            with suppress(OSError, RuntimeError):
                file.close()


def _even_part(whole: int, most: int) -> int:
    """The largest of the fewest even parts of `whole` that are at most `most`."""
    return -(-whole // -(-whole // most))


def _define(file: Any, name: str, example: xr.Variable, block: tuple[int, int]) -> None:
    """Create a variable like `example` in `file`, stored in blocks of this number of worlds and futures."""
    sizes = {str(dimension): len(file.dimensions[dimension]) for dimension in example.dims}
    parts = {"policy": 1, "world": block[0], "future": block[1]}
    stored = [max(1, min(size, parts.get(dimension, size))) for dimension, size in sizes.items()]
    how = encoding(example.dtype, math.prod(sizes.values()), is_coordinate=False)
    # Without this setting netCDF would first fill the space of later values.
    fill = how.pop("_FillValue", False)
    made = file.createVariable(name, example.dtype, tuple(sizes), fill_value=fill, chunksizes=stored, **how)
    made.setncatts(example.attrs)
    _hold_nothing(made)


def _hold_nothing(variable: Any) -> None:
    """Disable the cache of blocks: each is written or read completely, and once.

    HDF5's cache would use memory for every variable, and delay the detection of a full disk.
    """
    variable.set_var_chunk_cache(size=1, nelems=1, preemption=0.0)
