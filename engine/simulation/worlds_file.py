"""Posterior worlds for another run, of the same scenario or of one that shares its numbers."""

from __future__ import annotations

import json

import numpy as np
import xarray as xr
from numpy.typing import NDArray

from engine.errors import InputError
from engine.scenario import Design, Scenario, WorldSampler
from engine.scenario.names import luck_name

#: With an effective sample of fewer worlds, quantiles of the posterior are too imprecise.
ENOUGH = 500
#: Variables of posterior worlds: dimensions, and NumPy's letters for kinds of values.
_NEEDED = {
    "uniforms": (("world", "number"), "f"),
    "number": (("number",), "OU"),
    "number_distribution": (("number",), "OU"),
}
_NUMBERS = ("conditioned_until", "effective_worlds")


def distributions(scenario: Scenario) -> dict[str, str]:
    """The distribution of every drawn number, as text that is equal for equal distributions."""
    return {
        luck_name(path): repr(
            (number.unit, number.family, sorted(number.parameters.items()), number.minimum, number.maximum)
        )
        for path, number in scenario.uncertain().items()
    }


def correlations(scenario: Scenario) -> str:
    """Rank correlations between numbers, as JSON."""
    return json.dumps(sorted((*sorted(one.between), one.rank) for one in scenario.correlations))


def design_from(posterior: xr.Dataset, scenario: Scenario, worlds: int | None = None, seed: int = 0) -> Design:
    """`worlds` (None: all) posterior worlds as a design for `scenario`.

    Numbers of the posterior come from it; all others (such as those of measures) are drawn by `seed` as usual. Random
    draws of futures are new: worlds were conditioned, their chance was not.

    Raises InputError, with the right form, if the dataset contains no posterior worlds or too few, or the scenario
    gives one of its numbers another distribution, or a certain value.
    """
    name = str(posterior.attrs.get("scenario_name", "another scenario"))
    if found := _misfit(posterior):
        raise InputError(
            f"this file contains no posterior worlds ({found}); make some with `engine calibrate SCENARIO`"
        )
    there = posterior.sizes["world"]
    count = there if worlds is None else worlds
    if not 1 <= count <= there:
        raise InputError(f"there are {there} posterior worlds; use 1 to {there}, or calibrate with a larger --keep")
    sampler = WorldSampler(scenario, count, seed, "random")
    names = [str(number) for number in posterior["number"].values]
    for path, _, _, written_as in scenario.number_paths():
        if written_as.is_constant and path in names:
            raise InputError(f"{path} is certain in {scenario.name} and was conditioned in {name}; calibrate again")
    written = dict(zip(names, map(str, posterior["number_distribution"].values), strict=True))
    mine = distributions(scenario)
    shared = [number for number in sampler.drawn if number in written]
    if not shared:
        raise InputError(f"{scenario.name} shares no uncertain number with {name}, whose posterior worlds these are")
    for number in shared:
        if mine[number] != written[number]:
            raise InputError(
                f"{number} has another distribution in {scenario.name} than in {name}, whose posterior worlds these "
                "are; calibrate again"
            )
    _check_correlations(scenario, posterior, shared, name)
    uniforms: NDArray[np.float64] = sampler.uniforms(0, count)
    uniforms[:, [sampler.drawn.index(number) for number in shared]] = posterior["uniforms"].values[
        :count, [names.index(number) for number in shared]
    ]
    until, identifier = float(posterior.attrs["conditioned_until"]), posterior.attrs.get("id", "")
    source = f"posterior of {name}, conditioned on observations until {until:g}, id {identifier}"
    return Design(uniforms, np.arange(count, dtype=np.int64), source)


def _misfit(posterior: xr.Dataset) -> str:
    """The fault of a dataset of posterior worlds, which may come from another person; "" for none."""
    for name, (dims, kinds) in _NEEDED.items():
        if name not in posterior.variables:
            return f"it has no {name}"
        if posterior[name].dims != dims or posterior[name].dtype.kind not in kinds:
            return f"{name} is not by {' and '.join(dims)}, or of another kind"
    labels = [str(number) for number in posterior["number"].values]
    if len({*labels}) < len(labels) or not "".join(labels).isprintable():
        return "its numbers do not have distinct names"
    if not ((posterior["uniforms"] > 0.0) & (posterior["uniforms"] < 1.0)).all():
        return "uniforms are not between 0 and 1"
    for name in _NUMBERS:
        if not isinstance(posterior.attrs.get(name), float | np.floating):
            return f"its attribute {name} is not a number"
    for name in ("scenario_name", "id"):
        if not str(posterior.attrs.get(name, "")).isprintable():
            return f"its attribute {name} is not text of one line"
    try:
        pairs = json.loads(str(posterior.attrs.get("correlations", "[]")))
        if not all(len(pair) == 3 for pair in pairs):
            raise TypeError
    except (TypeError, ValueError, RecursionError):
        return "its attribute correlations is not a list of pairs"
    return ""


def _check_correlations(scenario: Scenario, posterior: xr.Dataset, shared: list[str], name: str) -> None:
    """Raise InputError unless numbers correlated with `shared` ones are so in both scenarios, in the same order.

    The order counts: the first of correlated numbers is as drawn, and each later one depends on those before it.
    """

    def between_shared(text: str) -> list[list[object]]:
        return [pair for pair in json.loads(text) if set(shared) & {luck_name(str(end)) for end in pair[:2]}]

    mine, theirs = (
        between_shared(text) for text in (correlations(scenario), str(posterior.attrs.get("correlations", "[]")))
    )
    joined = {luck_name(str(end)) for pair in mine for end in pair[:2]}
    order = [number for number in map(str, posterior["number"].values) if number in joined]
    if mine != theirs or order != [number for number in shared if number in joined]:
        raise InputError(
            f"{scenario.name} has other correlations than {name}, whose posterior worlds these are, or its correlated "
            "numbers in another order; calibrate again"
        )
