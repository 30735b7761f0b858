"""A scenario that starts in the past, simulated and scored against later observations."""

from __future__ import annotations

import numpy as np
import xarray as xr

from engine.analyses.hindcast.scores import BINS, covered, crps, pit
from engine.errors import InputError
from engine.execution import Execution
from engine.record import after, known_by, read_observations
from engine.record.naive_forecasts import COUNTS, FORECASTERS, naive_forecasts, transformed
from engine.record.observables import check_observable, observables_of, with_thresholds
from engine.results.provenance import content_id, provenance
from engine.scenario import BASELINE, FUTURES, SAMPLING, WORLDS, Design, Scenario
from engine.simulation.jobs import new_job
from engine.statistics.cluster_means import QUARTILES_TOO
from engine.statistics.labelled import Floats, Labelled, labelled
from engine.text.format import strings

#: Groups of observations that are scored together, by kind.
GROUPS = {
    "counts": ("organisations", "models"),
    "ranks": ("compute",),
    "open weights": ("open_models", "open_compute"),
    "all": ("organisations", "models", "compute", "open_models", "open_compute"),
    "followers": ("follower", "open_follower"),
}
#: Central bands whose coverage is reported.
BANDS = (0.5, 0.9)
ENGINE = "engine"
#: Scales on which forecasts are scored: OOM, with counts as log10(1 + count), and the observed values themselves.
SCALES = ("oom", "natural")
_UNITS = "1 for counts, log10 FLOP for compute, decimal year for followers"
_SCORE_UNITS = "OOM, years for followers; on the natural scale 1 for counts"

_REFERENCES = (
    "Gneiting & Raftery 2007, JASA 102, 359 (CRPS); Czado, Gneiting & Held 2009, Biometrics 65, 1254 (PIT of counts); "
    "Bosse et al. 2023, PLOS Computational Biology 19, e1011393 (scores of log counts); Hyndman & Athanasopoulos 2021, "
    "Forecasting: Principles and Practice, sections 5.2 and 5.5 (naive forecasts)"
)


def hindcast(
    scenario: Scenario,
    observations: xr.Dataset | None = None,
    *,
    worlds: int = WORLDS,
    futures: int = FUTURES,
    seed: int = 0,
    sampling: str | Design = SAMPLING,
    until: float | None = None,
    since: float | None = None,
    execution: Execution | None = None,
) -> xr.Dataset:
    """Scores of the forecast of `observations` (None: the package's tables) by `scenario`, without any measure.

    Observations before the start of the scenario are known to it and to the naive forecasters (`FORECASTERS`); later
    ones, up to the decimal year `until`, are scored. With `since`, only those after it are scored, and the naive
    forecasters know all until then; this is required if worlds (a `Design`) were conditioned on them.

    Returns `observed` and `predicted` (observation, quantile), `crps` (scale, observation, forecaster), `pit`
    (observation, bin), `within` (band, observation), and their means by group: `mean_crps`, `skill` (1 - engine /
    forecaster), `coverage`, `pit_histogram`. Only observations that all forecasters cover count in `mean_crps`.

    Raises InputError, with the right form, if there is nothing to score, the scenario cannot produce the observations,
    or `since` lies before its start.
    """
    given = read_observations() if observations is None else observations
    split = scenario.start if since is None else since
    if split < scenario.start:
        raise InputError(
            f"{scenario.name} starts in {scenario.start:g} and knows all observations until then; score only later "
            f"ones, not all after {split:g}"
        )
    known, expected = known_by(given, scenario.start), after(given, split, until)
    if expected.sizes["observation"] == 0:
        raise InputError(
            f"nothing to score: there is no observation after {split:g}"
            + (f" and until {until:g}" if until is not None else "")
            + f"; {scenario.name} starts in {scenario.start:g}, give later observations or an earlier scenario"
        )
    check_observable(scenario, expected)
    simulated = with_thresholds(scenario, expected)
    job = new_job(simulated, worlds, futures, seed, policies=[BASELINE], keep="sizes", sampling=sampling)
    predicted = observables_of(job, expected, known, execution or Execution())
    members = predicted.reshape(-1, predicted.shape[-1]).T
    found = judged(members, known_by(given, split), expected)
    found.attrs = {
        **provenance(scenario, worlds, futures, seed, job.sampler.sampling_or_design),
        "title": f"Hindcast: {scenario.name}",
        "summary": "Forecasts of a scenario that starts in the past, scored against later observations",
        "references": _REFERENCES,
        "observations": str(given.attrs.get("files", "")),
        "judged_after": np.float64(split),
        "judged_until": np.float64(_last(expected)),
    }
    if job.sampler.source_of_worlds:
        found.attrs["worlds_from"] = job.sampler.source_of_worlds
    found.attrs["id"] = content_id(found)
    return found


def judged(members: Floats, known: xr.Dataset, expected: xr.Dataset) -> xr.Dataset:
    """Scores of the engine's forecasts `members` (observation, member) of `expected`, and of naive forecasters.

    The naive forecasters know `known`. Missing followers are assumed to come at the last time observed.
    """
    kinds, observed = expected["kind"].values.astype(str), expected["observed"].values.astype(np.float64)
    late = np.isin(kinds, GROUPS["followers"])
    members = np.where(late[:, np.newaxis], np.minimum(members, _last(expected)), members)
    ensembles = {ENGINE: transformed(members.T, kinds).T, **naive_forecasts(known, expected)}
    truth = transformed(observed, kinds)
    counts = np.isin(kinds, COUNTS)
    scores = np.empty((len(SCALES), len(observed), len(ensembles)))
    for f, ensemble in enumerate(ensembles.values()):
        scores[0, :, f] = crps(ensemble, truth)
        natural = np.where(
            counts[:, np.newaxis], 10.0 ** np.where(counts[:, np.newaxis], ensemble, 0.0) - 1.0, ensemble
        )
        scores[1, :, f] = crps(natural, observed)
    names = list(ensembles)
    within = np.stack([covered(members, observed, band) for band in BANDS]).astype(np.int8)
    shares = pit(members, observed)
    quantiles = np.quantile(members, QUARTILES_TOO, axis=-1, method="inverted_cdf").T
    by_observation: dict[str, Labelled] = {
        "observed": (("observation",), observed, "observed value", _UNITS),
        "predicted": (("observation", "quantile"), quantiles, "forecast of the engine", _UNITS),
        "crps": (("scale", "observation", "forecaster"), scores, "continuous ranked probability score", _SCORE_UNITS),
        "within": (("band", "observation"), within, "1 where the band contains the observation", "1"),
        "pit": (("observation", "bin"), shares, "share of the probability integral transform in each bin", "1"),
    }
    past: dict[str, Labelled] = {
        "known": (("past",), known["observed"].values.astype(np.float64), "values known to naive forecasters", _UNITS)
    }
    variables = {**by_observation, **_means(kinds, scores, within, shares), **past}
    return labelled(variables, {**_coordinates(expected, names), **_past_coordinates(known)})


def _last(expected: xr.Dataset) -> float:
    """The time of the last observation."""
    kinds, times = expected["kind"].values.astype(str), expected["time"].values
    late = np.isin(kinds, GROUPS["followers"])
    return float(np.where(late, expected["observed"].values, times).max())


def _means(kinds: np.ndarray, scores: Floats, within: np.ndarray, shares: Floats) -> dict[str, Labelled]:
    """Means by group."""
    members = np.stack([np.isin(kinds, group) for group in GROUPS.values()])
    compared = members & np.isfinite(scores[0]).all(axis=-1)
    means = np.stack([_mean(scores[:, group], axis=1) for group in compared], axis=1)
    with np.errstate(divide="ignore", invalid="ignore"):
        skill = 1.0 - means[..., :1] / means
    coverage = np.stack([_mean(within[:, group].astype(np.float64), axis=1) for group in members], axis=1)
    histogram = np.stack([_mean(shares[group], axis=0) for group in members])
    by_score = ("scale", "group", "forecaster")
    return {
        "observations": (("group",), members.sum(axis=1), "observations in the group", "1"),
        "compared": (("group",), compared.sum(axis=1), "observations that all forecasters cover", "1"),
        "mean_crps": (by_score, means, "mean score of observations that all forecasters cover", _SCORE_UNITS),
        "skill": (by_score, skill, "1 - mean score of the engine / that of the forecaster", "1"),
        "coverage": (("band", "group"), coverage, "share of observations within the engine's band", "1"),
        "pit_histogram": (("group", "bin"), histogram, "share of the probability integral transform in each bin", "1"),
    }


def _mean(values: Floats, axis: int) -> Floats:
    """The mean; NaN for no values."""
    if values.shape[axis] == 0:
        return np.full(np.delete(values.shape, axis), np.nan)
    return np.asarray(values.mean(axis=axis))


def _past_coordinates(known: xr.Dataset) -> dict[str, Labelled]:
    what = ("past",)
    return {
        "past_kind": (what, strings(list(known["kind"].values)), "kind of observation", ""),
        "past_level": (what, known["level"].values, "threshold of training compute; NaN for ranks", "FLOP"),
        "past_rank": (what, known["rank"].values, "rank of the organisation; 0 where it has none", "1"),
        "past_time": (what, known["time"].values, "time of the observation", "year"),
    }


def _coordinates(expected: xr.Dataset, names: list[str]) -> dict[str, Labelled]:
    what = ("observation",)
    return {
        "kind": (what, strings(list(expected["kind"].values)), "kind of observation", ""),
        "level": (what, expected["level"].values, "threshold of training compute; NaN for ranks", "FLOP"),
        "rank": (what, expected["rank"].values, "rank of the organisation; 0 where it has none", "1"),
        "time": (what, expected["time"].values, "time of the observation; for followers, that of the first", "year"),
        "label": (what, strings(list(expected["label"].values)), "observation", ""),
        "quantile": (("quantile",), np.array(QUARTILES_TOO), "probability of not exceeding", "1"),
        "band": (("band",), np.array(BANDS), "probability of a central band", "1"),
        "bin": (("bin",), (np.arange(BINS) + 0.5) / BINS, "middle of a bin of probability", "1"),
        "scale": (("scale",), strings(SCALES), "oom: OOM, counts as log10(1 + count); natural: as observed", ""),
        "group": (("group",), strings(list(GROUPS)), "group of observations", ""),
        "forecaster": (("forecaster",), strings(names), "forecaster: the engine, or a naive one", ""),
        "forecaster_long_name": (
            ("forecaster",),
            strings(["this scenario", *FORECASTERS.values()]),
            "method of the forecaster",
            "",
        ),
    }
