"""Where a policy fails: boxes in the space of uncertain numbers, by the patient rule induction method (PRIM).

PRIM: Friedman & Fisher 1999 (Statistics and Computing 9, 123); for scenario discovery, with coverage, density and
quasi-p values: Bryant & Lempert 2010 (Technological Forecasting and Social Change 77, 34). `prim.py` finds each box.
"""

from __future__ import annotations

from collections.abc import Iterator

import numpy as np
import xarray as xr

from engine.analyses.stress.failing_worlds import (
    FOUND,
    NOTHING,
    Bools,
    Floats,
    described,
    descriptions_in_words,
    failing_worlds,
    failure_frame,
    verdict,
)
from engine.analyses.stress.prim import Box, tested_box
from engine.statistics.labelled import own_parameters
from engine.text.format import strings


def failure_boxes(
    parameters: xr.DataArray,
    fails: xr.DataArray,
    boxes: int = 2,
    level: float = 0.01,
    screened: int = 20,
    seed: int = 0,
) -> xr.Dataset:
    """Boxes of uncertain numbers in which each policy fails: dims (policy, box, parameter).

    `parameters` (world, parameter) has the coordinate `parameter_units`; `fails` (policy, world) is 0 or 1. For each
    policy, and again for the worlds outside its earlier boxes, up to `boxes` times:

    * A random two thirds of the worlds (`seed`) are searched. The rest are held out to test the result, because PRIM
      picks the best of many cuts and would find a box in noise as well.
    * Of the policy's own parameters, the search uses the `screened` ones whose distributions in failing and other
      worlds differ most (two-sample Kolmogorov-Smirnov distance). It may miss one that matters only with others.
    * Of all boxes on PRIM's trajectory, without limits whose quasi-p exceeds 0.05, the search takes the one with the
      best harmonic mean of coverage and gain in density, (density - share failing) / (1 - share failing): 0 for all
      worlds, 1 for a box that contains all failing worlds and no other. This criterion is our choice.
    * Limits are dropped one by one, the least significant first, until the quasi-p of each in the held-out worlds is at
      most `level` divided by the number of limits tested. If no limit remains, nothing was found. If some were dropped,
      the box is sought and tested once more with only the remaining parameters.

    Returns `lower`, `upper` (NaN = no limit; in the parameter's unit), `quasi_p` (the larger of a parameter's limits,
    in the held-out worlds), and by box `coverage` (share of the policy's failing worlds that lie in it and no earlier
    one), `density` (share of such worlds that fail), `density_held_out` (the same in held-out worlds: free of the
    optimism of the search, but less precise) and `mass` (share of all worlds); by policy `verdict`, `box_count` and
    `failing_worlds`. No box is sought with fewer than 20 failing worlds, or 95% or more. Raises InputError for `fails`
    of other worlds or values.
    """
    by_policy = failing_worlds(parameters, fails)
    result = failure_frame(parameters, by_policy)
    shape = (len(by_policy), boxes)
    limits = {name: np.full((*shape, parameters.sizes["parameter"]), np.nan) for name in ("lower", "upper", "quasi_p")}
    measures = {name: np.full(shape, np.nan) for name in ("coverage", "density", "density_held_out", "mass")}
    verdicts = []
    for p, (policy, failing) in enumerate(by_policy.items()):
        own = own_parameters(parameters, [policy]).transpose("world", "parameter")
        columns = np.flatnonzero(np.isin(parameters["parameter"].values, own["parameter"].values))
        said = verdict(failing)
        if said == FOUND:
            found = list(_boxes(own.values, failing, boxes, level, screened, np.random.default_rng(seed)))
            said = FOUND if found else NOTHING
            for b, (box, numbers) in enumerate(found):
                for name, values in _limits(box).items():
                    limits[name][p, b, columns] = values
                for name, number in numbers.items():
                    measures[name][p, b] = number
        verdicts.append(said)
    return _with_boxes(result, limits, measures, verdicts)


def _boxes(
    x: Floats, failing: Bools, count: int, level: float, screened: int, rng: np.random.Generator
) -> Iterator[tuple[Box, dict[str, float]]]:
    """Successive boxes with their measures, each sought in the worlds outside the earlier ones."""
    left = np.ones(failing.size, dtype=bool)
    for _ in range(count):
        if verdict(failing[left]) != FOUND:
            return
        held_out = left.copy()
        held_out[left] = _every_third(failing[left], rng)
        box = tested_box(x[left], failing[left], held_out[left], level, screened)
        inside = box.holds(x) & left
        if not box.sides() or not (failing & inside).any():
            return
        yield (
            box,
            {
                "coverage": (failing & inside).sum() / failing.sum(),
                "density": failing[inside].mean(),
                "density_held_out": failing[inside & held_out].mean(),
                "mass": inside.mean(),
            },
        )
        left &= ~inside


def _every_third(failing: Bools, rng: np.random.Generator) -> Bools:
    """A random third of the worlds, stratified by failure."""
    order = rng.permutation(failing.size)
    order = order[np.argsort(failing[order], kind="stable")]
    chosen = np.zeros(failing.size, dtype=bool)
    chosen[order[::3]] = True
    return chosen


def _limits(box: Box) -> dict[str, Floats]:
    return {
        "lower": np.where(np.isfinite(box.lower), box.lower, np.nan),
        "upper": np.where(np.isfinite(box.upper), box.upper, np.nan),
        "quasi_p": np.fmax(box.lower_p, box.upper_p),
    }


def _with_boxes(
    frame: xr.Dataset, limits: dict[str, Floats], measures: dict[str, Floats], verdicts: list[str]
) -> xr.Dataset:
    unit = "see parameter_units"
    for name, long_name, units in (
        ("lower", "lower limit of the box", unit),
        ("upper", "upper limit of the box", unit),
        ("quasi_p", "quasi-p value of the limits in the held-out worlds", "1"),
    ):
        frame[name] = ("policy", "box", "parameter"), limits[name], {"long_name": long_name, "units": units}
    for name, long_name in (
        ("coverage", "share of the failing worlds that lie in the box"),
        ("density", "share of the worlds in the box that fail"),
        ("density_held_out", "share of the worlds in the box that fail, in the held-out worlds"),
        ("mass", "share of all worlds that lie in the box"),
    ):
        frame[name] = ("policy", "box"), measures[name], {"long_name": long_name, "units": "1"}
    counts = np.isfinite(measures["mass"]).sum(axis=1)
    frame["box_count"] = "policy", counts, {"long_name": "number of boxes found", "units": "1"}
    frame["verdict"] = "policy", strings(verdicts), {"long_name": "whether boxes were found, or the reason why not"}
    number = np.arange(measures["mass"].shape[1])
    return frame.assign_coords(box=("box", number, {"long_name": "number of the box, in order found", "units": "1"}))


def failure_boxes_in_words(found: xr.Dataset) -> str:
    """The result of `failure_boxes` as text, with coverage and density explained once."""
    explained = (
        "Where policies fail. Coverage is the share of failing worlds that a description contains, density the share "
        "of its worlds that fail."
    )
    return descriptions_in_words(found, explained, _boxes_in_words)


def _boxes_in_words(one: xr.Dataset, about: str) -> list[str]:
    lines = [f"{about}."]
    for b in range(int(one["box_count"])):
        where = "It fails more often" if b == 0 else "Among the other worlds, it fails more often in those"
        lines.append(f"  {where} where {described(one.isel(box=b))}.")
    return lines
