"""Metadata of results files: names, units and provenance."""

from __future__ import annotations

import hashlib
import platform
import shlex
from collections.abc import Iterator
from importlib import metadata

import numpy as np
import xarray as xr

from engine._version import __version__
from engine.results.variables import long_name, units
from engine.scenario import SAMPLING, Scenario, scenario_hash

#: Bytes of a variable that are read at once for its content id, so that files of any size are possible.
_SLAB = 2**25

PACKAGES = ("numpy", "numba", "scipy", "xarray", "netCDF4", "simpy", "pydantic")


def provenance(scenario: Scenario, worlds: int, futures: int, seed: int, sampling: str) -> dict[str, object]:
    """Global attributes by CF-1.11 and ACDD-1.3, with everything that is needed to run again.

    They contain no date, so that the same seed gives the same dataset; it is added when a file is written.
    """
    packages = ", ".join(f"{name} {metadata.version(name)}" for name in PACKAGES)
    return {
        "Conventions": "CF-1.11, ACDD-1.3",
        "title": f"Diffusion of AI capabilities: {scenario.name}",
        "summary": scenario.description or f"Monte Carlo results of the scenario {scenario.name}.",
        "keywords": "artificial intelligence, capability diffusion, compute efficiency, risk, Monte Carlo",
        "source": f"capability diffusion engine {__version__}, Monte Carlo clock",
        "references": "Pilz, Heim & Brown 2024, arXiv:2311.15377v2",
        "license": "as the scenario's author decides",
        "processing_level": "simulated",
        "scenario_name": scenario.name,
        "scenario_file": scenario.file,
        "scenario_text": scenario.text,
        "scenario_yaml": scenario.yaml,
        "scenario_sha256": scenario_hash(scenario),
        "seed": np.int64(seed),
        "worlds": np.int64(worlds),
        "futures": np.int64(futures),
        "sampling": sampling,
        "engine_version": __version__,
        "python_version": platform.python_version(),
        "package_versions": packages,
        "platform": f"{platform.system()} {platform.machine()}",
    }


#: Attributes of results that derived datasets inherit.
_KEPT = (
    *("Conventions", "source", "references", "license", "scenario_name", "scenario_file", "scenario_yaml"),
    *("scenario_sha256", "seed", "worlds", "futures", "sampling", "engine_version", "package_versions", "platform"),
)


def derived(dataset: xr.Dataset, source: xr.Dataset, title: str, **attrs: object) -> xr.Dataset:
    """`dataset`, an analysis called `title` of the results `source`, with its provenance and further `attrs`."""
    for name, coordinate in dataset.coords.items():
        if "long_name" not in coordinate.attrs:
            coordinate.attrs["long_name"] = long_name(str(name))
            if unit := units(str(name)):
                coordinate.attrs["units"] = unit
    dataset.attrs = {
        **{key: source.attrs[key] for key in _KEPT if key in source.attrs},
        "title": f"{title}: {source.attrs.get('scenario_name', '')}",
        **attrs,
    }
    return dataset


def content_id(dataset: xr.Dataset) -> str:
    """SHA-256 of every value and name in `dataset`: the same results have the same id at any time."""
    digest = hashlib.sha256()
    for name in sorted(map(str, dataset.variables)):
        variable = dataset.variables[name]
        digest.update(f"{name}{variable.dims}{variable.shape or (1,)}".encode())
        if variable.dtype.kind in "OU":
            digest.update(repr(np.atleast_1d(variable.values).tolist()).encode())
        else:
            for slab in _slabs(variable):
                digest.update(slab.values.tobytes())
    return digest.hexdigest()


def _slabs(variable: xr.Variable) -> Iterator[xr.Variable]:
    """Parts of `variable` along its first dimensions, in order, none above `_SLAB`, in whole chunks if possible."""
    if variable.nbytes <= _SLAB:
        # A copy, because a variable of a file caches its values.
        yield variable[...]
        return
    dimension, rows = variable.dims[0], variable.shape[0]
    at_once = _SLAB * rows // variable.nbytes
    if at_once == 0:
        for row in range(rows):
            yield from _slabs(variable[row])
        return
    chunk = variable.encoding.get("preferred_chunks", {}).get(dimension, 1)
    step = at_once - at_once % chunk or at_once
    for first in range(0, rows, step):
        yield variable[first : first + step]


def sampling_option(sampling: str) -> list[str]:
    """The words of a command line that choose `sampling`; none for the default."""
    return [] if sampling == SAMPLING else ["--sampling", sampling]


def replay_command(found: xr.Dataset, world: int, future: int, policy: str) -> str:
    """The command line that replays one future of the run, under one policy only."""
    attrs = found.attrs
    words = ["engine", "replay", str(attrs.get("scenario_file") or "SCENARIO"), "--world", world, "--future", future]
    words += ["--seed", attrs["seed"], "--worlds", attrs["worlds"], *sampling_option(attrs["sampling"])]
    if policy != "baseline":
        words += ["--policy", policy, "--alone"]
    return shlex.join(map(str, words))
