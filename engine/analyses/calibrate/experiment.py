"""Worlds conditioned on observations: drawn in rounds, weighted, and resampled by their weights."""

from __future__ import annotations

import json
from collections.abc import Callable
from typing import NamedTuple

import numpy as np
import xarray as xr
from scipy import stats
from scipy.special import logsumexp

from engine.analyses.calibrate.dataset import posterior_dataset
from engine.analyses.calibrate.discrepancy import Discrepancy
from engine.analyses.calibrate.likelihood import Likelihood
from engine.analyses.calibrate.proposal import Proposal, uniforms_of
from engine.analyses.calibrate.simulation_based_check import check_truths, simulation_based_check
from engine.analyses.calibrate.weights import effective_sample_size, normalised, tempered
from engine.errors import InputError
from engine.execution import Execution
from engine.record import after, known_by, read_observations
from engine.record.naive_forecasts import COUNTS, transformed
from engine.record.observables import check_observable, observables_of, with_thresholds
from engine.results.provenance import content_id, provenance
from engine.scenario import BASELINE, WORLDS, Design, Scenario, WorldSampler
from engine.simulation.jobs import new_job
from engine.statistics.labelled import Floats

#: Kinds of observations that worlds are conditioned on by default. Followers are left out: numbers of organisations
#: contain the same information.
KINDS = ("organisations", "models", "compute")
_POSSIBLE = (*COUNTS, "compute", "open_compute")
#: Smallest effective number of worlds of a regression, for each number.
_WORTH = 5

_REFERENCES = (
    "Wood 2010, Nature 466, 1102, and Price et al. 2018, JCGS 27, 1 (synthetic likelihood); Kennedy & O'Hagan 2001, "
    "JRSS B 63, 425 (discrepancy); Papadakis et al. 2010, Tellus A 62, 673 (proposals by regression); Cornuet et al. "
    "2012, Scandinavian Journal of Statistics 39, 798 (adaptive multiple importance sampling); Kong 1992, University "
    "of Chicago Technical Report 348 (effective sample size); Kitagawa 1996, JCGS 5, 1 (systematic resampling); Talts "
    "et al. 2018, arXiv:1804.06788 (simulation-based calibration)"
)


class Simulated(NamedTuple):
    """Numbers and expected observations of simulated worlds."""

    scores: Floats  # (world, number) standard scores of the uncertain numbers
    means: Floats  # (world, observation) means over futures, transformed

    def and_(self, other: Simulated) -> Simulated:
        """The worlds of both."""
        return Simulated(*(np.concatenate(pair) for pair in zip(self, other, strict=True)))


def calibrate(
    scenario: Scenario,
    observations: xr.Dataset | None = None,
    *,
    kinds: tuple[str, ...] = KINDS,
    discrepancy: Discrepancy | None = None,
    until: float | None = None,
    worlds: int = 10_000,
    futures: int = 4,
    rounds: int = 2,
    kept: int = WORLDS,
    truths: int = 0,
    seed: int = 0,
    execution: Execution | None = None,
) -> xr.Dataset:
    """Worlds of `scenario` conditioned on the `observations` after its start, up to the decimal year `until`.

    The first round draws `worlds` from the scenario, the prior. Each of `rounds` more rounds draws as many where they
    agree with the observations (`engine.analyses.calibrate.proposal`). The weight of a world is prior / proposal x
    likelihood; `discrepancy` is the error that a correct world may have. `kept` worlds, resampled by weight, are the
    posterior, which `design_from` passes to another run. With `truths` > 0, that many known truths are recovered from
    the worlds of the prior (`simulation_based_check`).

    Raises InputError, with the right form, if a number is out of range, a kind of observation is unknown, there are no
    observations, or the scenario has no uncertain number or cannot produce the observations.
    """
    _check(scenario, kinds, rounds, kept)
    if truths:
        check_truths(truths, worlds)
    error = discrepancy or Discrepancy()
    given = read_observations() if observations is None else observations
    given = given.isel(observation=np.flatnonzero(np.isin(given["kind"].values.astype(str), kinds)))
    known, made = known_by(given, scenario.start), after(given, scenario.start, until)
    if made.sizes["observation"] == 0:
        raise InputError(
            f"nothing to condition on: there is no observation of {', '.join(kinds)} after {scenario.start:g}"
            + (f" and until {until:g}" if until is not None else "")
        )
    check_observable(scenario, made)
    if worlds < 2 * len(scenario.uncertain()):
        raise InputError(
            f"{worlds} worlds per round are too few for {len(scenario.uncertain())} uncertain numbers; give at least "
            f"{2 * len(scenario.uncertain())}, better some thousands"
        )
    execution = execution or Execution()

    observable = with_thresholds(scenario, made)

    def show(design: Design | None) -> Floats:
        job = new_job(observable, worlds, futures, seed, policies=[BASELINE], keep="sizes", sampling=design or "random")
        return transformed(observables_of(job, made, known, execution), made["kind"].values.astype(str))

    sampler = WorldSampler(scenario, worlds, seed, "random")
    shown = show(None)
    likelihood = Likelihood.pooled(shown, error.covariance(made), _observed(made))
    first = Simulated(stats.norm.ppf(sampler.uniforms(0, worlds)), shown.mean(axis=1))
    prior_worth = effective_sample_size(normalised(likelihood.log(first.means)))
    simulated, weights = in_rounds(first, likelihood, lambda design: show(design).mean(axis=1), rounds, seed)
    found = posterior_dataset(sampler, simulated.scores, simulated.means, weights, made, kept)
    if truths:
        parameters = sampler.parameters(0, worlds)
        names = list(scenario.uncertain())
        checked = simulation_based_check(
            shown, parameters, names, likelihood, error.covariance(made), truths, seed=seed
        )
        found = found.merge(checked)
        found.attrs |= checked.attrs
    found.attrs |= {
        **provenance(scenario, worlds * (1 + rounds), futures, seed, "random"),
        "title": f"Posterior worlds: {scenario.name}",
        "summary": "Worlds of a scenario, resampled by the agreement of their futures with observations",
        "references": _REFERENCES,
        "observations": str(given.attrs.get("files", "")),
        "conditioned_until": np.float64(made["time"].values.max()),
        "discrepancy": json.dumps(vars(error)),
        "summaries": np.int64(likelihood.directions.shape[1]),
        "effective_worlds": np.float64(effective_sample_size(weights)),
        "effective_prior_worlds": np.float64(prior_worth),
    }
    found.attrs["id"] = content_id(found)
    return found


def in_rounds(
    first: Simulated, likelihood: Likelihood, show: Callable[[Design], Floats], rounds: int, seed: int
) -> tuple[Simulated, Floats]:
    """All worlds of the `first` round, from the prior, and of `rounds` more; and their normalised weights (world,).

    `show` returns the means over futures of the worlds of a design. Worlds of all rounds are weighted as draws from
    the mixture of all proposals (Cornuet et al. 2012).
    """
    worlds, numbers = first.scores.shape
    rng = np.random.default_rng(seed)
    simulated, proposals = first, [Proposal.prior(numbers)]
    weights = _weights(simulated, likelihood, proposals)
    for number in range(1, rounds + 1):
        summaries = likelihood.summaries(simulated.means)
        mattering = tempered(likelihood.log(simulated.means), -_mixture(simulated, proposals), _WORTH * numbers)
        proposals.append(Proposal.by_regression(simulated.scores, summaries, mattering))
        scores = proposals[-1].draw(worlds, rng)
        uniforms = uniforms_of(scores)
        luck = np.arange(number * worlds, (number + 1) * worlds, dtype=np.int64)
        simulated = simulated.and_(Simulated(stats.norm.ppf(uniforms), show(Design(uniforms, luck))))
        weights = _weights(simulated, likelihood, proposals)
    return simulated, weights


def _check(scenario: Scenario, kinds: tuple[str, ...], rounds: int, kept: int) -> None:
    """Raise InputError unless there are numbers to condition, kinds of observations, and worlds to write."""
    for kind in kinds:
        if kind not in _POSSIBLE:
            raise InputError(f"worlds cannot be conditioned on {kind!r}; use one or more of: {', '.join(_POSSIBLE)}")
    if not kinds:
        raise InputError(f"no kind of observation is named; use one or more of: {', '.join(_POSSIBLE)}")
    if not scenario.uncertain():
        raise InputError(f"{scenario.name} has no uncertain number to condition; give some a distribution")
    if rounds < 0:
        raise InputError(f"rounds must be at least 0, not {rounds}")
    if kept < 1:
        raise InputError(f"posterior worlds to keep must be at least 1, not {kept}")


def _weights(simulated: Simulated, likelihood: Likelihood, proposals: list[Proposal]) -> Floats:
    return normalised(likelihood.log(simulated.means) - _mixture(simulated, proposals))


def _mixture(simulated: Simulated, proposals: list[Proposal]) -> Floats:
    """log density of the mixture of `proposals`, in equal parts, relative to the prior."""
    ratios = np.stack([proposal.log_ratio(simulated.scores) for proposal in proposals])
    return np.asarray(logsumexp(ratios, axis=0) - np.log(len(proposals)))


def _observed(made: xr.Dataset) -> Floats:
    return transformed(made["observed"].values.astype(np.float64), made["kind"].values.astype(str))
