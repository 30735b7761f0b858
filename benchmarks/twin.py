"""The C++ twin of the Monte Carlo clock: built, fed with worlds, and its futures read back.

The twin reads the bytes of `WorldSampler.worlds()`; its struct is generated from the engine's own record
type, so that the two cannot drift apart.
"""

from __future__ import annotations

import subprocess
from dataclasses import dataclass
from pathlib import Path
from typing import Any

import numpy as np
from numpy.typing import NDArray

from engine.scenario import Scenario, WorldSampler
from engine.scenario.worlds import WORLD

HERE = Path(__file__).resolve().parent
BUILD = HERE / "build"
FLAGS = ("-std=c++17", "-O3", "-march=native")

COUNTED = ("releases", "breakthroughs", "runs", "trained", "weight_releases", "thefts")
_CPP_TYPES = {"float64": "double", "int64": "int64_t"}


@dataclass(frozen=True)
class Futures:
    """What the twin's futures left: w worlds, f futures, c classes, k capabilities, j points of the time grid."""

    attainment_time: NDArray[np.float64]  # (w, f, c, k) decimal years, NaN for not within the horizon
    route: NDArray[np.float64]  # (w, f, c, k), -1 for none
    best: NDArray[np.float64]  # (w, f, c, j) log10 effective FLOP, NaN for no model yet
    counted: NDArray[np.float64]  # (w, f, kind of event)
    runs_above_sum: NDArray[np.float64]  # (threshold, j)
    access_sum: NDArray[np.float64]  # (k, j)
    by_route: NDArray[np.float64]  # (c, k, route)


def world_header() -> str:
    """The C++ struct of one world, with every offset asserted."""
    lines = ["// Generated from engine.scenario.worlds.WORLD by benchmarks/twin.py.", "#pragma once"]
    lines += ["#include <cstddef>", "#include <cstdint>", "", "struct World {"]
    checks = []
    for name in WORLD.names or ():
        kind, offset = WORLD.fields[name][:2]  # type: ignore[index]
        base, shape = kind.subdtype or (kind, ())
        lines.append(f"    {_CPP_TYPES[base.name]} {name}{''.join(f'[{n}]' for n in shape)};")
        checks.append(f'static_assert(offsetof(World, {name}) == {offset}, "{name}");')
    lines += ["};", "", *checks, f'static_assert(sizeof(World) == {WORLD.itemsize}, "World");', ""]
    lines.append(f"constexpr int MAX_CLASSES = {WORLD['count'].shape[0]};")
    return "\n".join(lines) + "\n"


def build() -> Path:
    """Compile the twin; its path. Raises CalledProcessError if the compiler fails."""
    BUILD.mkdir(exist_ok=True)
    (BUILD / "world.h").write_text(world_header())
    target = BUILD / "twin"
    subprocess.run(["g++", *FLAGS, f"-I{BUILD}", str(HERE / "twin.cpp"), "-o", str(target)], check=True)
    return target


def write_run(path: Path, scenario: Scenario, worlds: int, futures: int, seed: int) -> Path:
    """Write the numbers of a run and its worlds for the twin; `path`."""
    thresholds = np.log10(np.array(scenario.output.flop_thresholds, dtype=np.float64))
    grid = scenario.time_grid
    numbers = np.array([worlds, futures, seed, len(thresholds), len(grid)], dtype=np.int64)
    records = np.ascontiguousarray(WorldSampler(scenario, worlds, seed).worlds())
    path.write_bytes(b"".join(part.tobytes() for part in (numbers, thresholds, grid, records)))
    return path


def seconds(twin: Path, run: Path) -> float:
    """Processor seconds the twin's loop takes for a run, without reading the file."""
    return float(_output(twin, run).split()[0])


def play(twin: Path, run: Path, scenario: Scenario, worlds: int, futures: int) -> Futures:
    """Play a run and read back what every future left."""
    target = run.with_suffix(".futures")
    _output(twin, run, target)
    values = np.fromfile(target, dtype=np.float64)
    classes, capabilities = len(scenario.actor_classes), len(scenario.capabilities)
    times, thresholds = len(scenario.time_grid), len(scenario.output.flop_thresholds)
    pairs = classes * capabilities
    widths = np.cumsum([pairs, pairs, classes * times, len(COUNTED)])
    left = values[: worlds * futures * widths[-1]].reshape(worlds, futures, widths[-1])
    time, route, best, counted = np.split(left, widths[:-1], axis=-1)
    ends = np.cumsum([thresholds * times, capabilities * times])
    models, access, by_route = np.split(values[left.size :], ends)
    return Futures(
        attainment_time=_nan_for_infinite(time).reshape(worlds, futures, classes, capabilities),
        route=route.reshape(worlds, futures, classes, capabilities),
        best=_nan_for_infinite(best).reshape(worlds, futures, classes, times),
        counted=counted,
        runs_above_sum=models.reshape(thresholds, times),
        access_sum=access.reshape(capabilities, times),
        by_route=by_route.reshape(classes, capabilities, -1),
    )


def _nan_for_infinite(values: NDArray[Any]) -> NDArray[np.float64]:
    return np.where(np.isinf(values), np.nan, values)


def _output(twin: Path, *arguments: Path) -> str:
    return subprocess.run([str(twin), *map(str, arguments)], check=True, capture_output=True, text=True).stdout
