"""The posterior as a dataset: worlds to simulate, and quantiles of prior and posterior."""

from __future__ import annotations

import numpy as np
import xarray as xr

from engine.analyses.calibrate.proposal import uniforms_of
from engine.analyses.calibrate.weights import resampled, weighted_quantiles
from engine.record.naive_forecasts import transformed
from engine.scenario import Design, WorldSampler
from engine.simulation.worlds_file import correlations, distributions
from engine.statistics.cluster_means import QUARTILES_TOO
from engine.statistics.labelled import Floats, Labelled, labelled
from engine.text.format import strings

#: Standard deviations of a Normal in its central 90% interval, which a few extreme worlds cannot change.
SPREADS = 3.29
#: Units of variables whose values have different units.
OWN_UNITS = "see parameter_units"
TRANSFORMED = "log10 FLOP for compute, log10(1 + count) for counts"


def posterior_dataset(
    sampler: WorldSampler, scores: Floats, means: Floats, weights: Floats, made: xr.Dataset, size: int
) -> xr.Dataset:
    """The posterior, from the `scores` (world, number) and expected observations `means` of weighted worlds.

    `made` are the observations. Returns `uniforms` (world, number) and `parameters` (world, parameter) of `size`
    posterior worlds; `prior` and `posterior` (parameter, quantile) with `shift` and `contraction`; and `observed`
    (observation) with `prior_expected` and `posterior_expected` (observation, quantile), the means of worlds.
    """
    count = len(scores)
    design = Design(uniforms_of(scores), np.arange(count, dtype=np.int64))
    parameters = WorldSampler(sampler.scenario, count, sampler.seed, design=design).parameters(0, count)
    chosen = resampled(weights, size, np.random.default_rng([sampler.seed, 1]))
    # The first round comes from the prior.
    first = np.where(np.arange(count) < sampler.total, 1.0 / sampler.total, 0.0)
    probabilities = np.array(QUARTILES_TOO)
    prior, posterior = (weighted_quantiles(parameters, w, probabilities) for w in (first, weights))
    expected = [weighted_quantiles(means, w, probabilities) for w in (first, weights)]
    widths = [quantiles[:, -1] - quantiles[:, 0] for quantiles in (prior, posterior)]
    of_parameter, of_observation = ("parameter", "quantile"), ("observation", "quantile")
    kinds = made["kind"].values.astype(str)
    observed = transformed(made["observed"].values.astype(np.float64), kinds)
    variables: dict[str, Labelled] = {
        "uniforms": (
            ("world", "number"),
            design.uniforms[chosen],
            "cumulative probability of each number in its prior",
            "1",
        ),
        "parameters": (
            ("world", "parameter"),
            parameters[chosen],
            "uncertain numbers of the posterior worlds",
            OWN_UNITS,
        ),
        "drawn_from": (("world",), chosen, "index of the weighted world", "1"),
        "weight": (("weighted_world",), weights, "posterior probability of each weighted world", "1"),
        "prior": (of_parameter, prior, "quantiles of the prior", OWN_UNITS),
        "posterior": (of_parameter, posterior, "quantiles of the posterior", OWN_UNITS),
        "shift": (
            ("parameter",),
            (posterior - prior)[:, QUARTILES_TOO.index(0.5)] / (widths[0] / SPREADS),
            "change of the median, in standard deviations of the prior (by its 90% interval)",
            "1",
        ),
        "contraction": (
            ("parameter",),
            1.0 - (widths[1] / widths[0]) ** 2,
            "share of the prior variance that the observations removed (by 90% intervals)",
            "1",
        ),
        "observed": (("observation",), observed, "observed value", TRANSFORMED),
        "prior_expected": (of_observation, expected[0], "expected value in worlds of the prior", TRANSFORMED),
        "posterior_expected": (of_observation, expected[1], "expected value in posterior worlds", TRANSFORMED),
    }
    found = labelled(variables, _coordinates(sampler, made))
    found.attrs = {"correlations": correlations(sampler.scenario), "distinct_worlds": np.int64(len(set(chosen)))}
    return found


def _coordinates(sampler: WorldSampler, made: xr.Dataset) -> dict[str, Labelled]:
    numbers, spec = sampler.scenario.uncertain(), distributions(sampler.scenario)
    units = [number.quantity.dimension.carried for number in numbers.values()]
    return {
        "number": (("number",), strings(sampler.drawn), "drawn number", ""),
        "number_distribution": (
            ("number",),
            strings([spec[name] for name in sampler.drawn]),
            "distribution of the number in the prior",
            "",
        ),
        "parameter": (("parameter",), strings(list(numbers)), "uncertain number of the scenario", ""),
        "parameter_units": (("parameter",), strings(units), "unit of the parameter", ""),
        "quantile": (("quantile",), np.array(QUARTILES_TOO), "probability of not exceeding", "1"),
        "label": (("observation",), strings(list(made["label"].values)), "observation", ""),
        "kind": (("observation",), strings(list(made["kind"].values)), "kind of observation", ""),
        "level": (("observation",), made["level"].values, "threshold of training compute; NaN for ranks", "FLOP"),
        "rank": (("observation",), made["rank"].values, "rank of the organisation; 0 where it has none", "1"),
        "time": (("observation",), made["time"].values, "time of the observation", "year"),
    }
