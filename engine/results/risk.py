"""Delay, exposure, incidents, losses and benefit as labelled variables, with their changes by policies."""

from __future__ import annotations

from collections.abc import Mapping

import numpy as np

from engine.montecarlo import Tally
from engine.montecarlo.tally import AMOUNT_BINS, AMOUNT_WIDTH, WORD, YEAR_UNITS
from engine.results.quantiles import binned_quantile
from engine.results.standard_errors import (
    Counts,
    Estimate,
    Floats,
    Variable,
    by_group,
    compared,
    confidence_multiple,
    distribution_spread,
    estimated,
    paired,
    per_future,
    quantile_limits,
    with_error,
)
from engine.scenario import Scenario

#: Periods over which losses are summed: a whole year, or all years.
PERIODS = ("annual", "total")

#: The share of the largest losses whose part of the mean is reported.
LARGEST = 0.01

_EDGES = 10.0 ** (3.0 + AMOUNT_WIDTH * np.arange(AMOUNT_BINS + 1))
_EVERY = 10
#: The `loss` coordinate, US$: edges of bins of the counts, so that probabilities of exceeding it are exact.
LOSSES = _EDGES[::_EVERY]
# Bins of amounts: zero, intervals, and everything above the last edge.
_LOW = np.concatenate([[0.0], _EDGES])
_HIGH = np.concatenate([[0.0], _EDGES[1:], _EDGES[-1:]])


def risk_variables(scenario: Scenario, tally: Tally, quantiles: Floats) -> Mapping[str, Variable]:
    """Variables with the dimension `policy` first, each mean with its standard error and its paired difference."""
    return {
        **_delay(tally),
        **_exposure(scenario, tally, quantiles),
        **_losses(scenario, tally, quantiles),
        **_benefit(tally, quantiles),
    }


def _delay(tally: Tally) -> Mapping[str, Variable]:
    dims = ("policy", "actor_class", "capability")
    return paired("attainment_delay", dims, _years, *by_group(tally.futures, tally.waited))


def _exposure(scenario: Scenario, tally: Tally, quantiles: Floats) -> Mapping[str, Variable]:
    bins = tally.exposure.shape[-1] - 1
    edges = np.concatenate([[0.0], np.linspace(0.0, scenario.horizon - scenario.start, bins + 1)])
    every_future = tally.exposure.sum(axis=-1).astype(np.float64)
    dims = ("policy", "capability")
    variables = {
        "exposure": ((*dims, "quantile"), binned_quantile(tally.exposure, edges, quantiles, every_future)),
        **compared("exposure_mean", dims, _years, *by_group(tally.futures, tally.exposure_sum)),
        **compared("incidents_mean", dims, per_future, *by_group(tally.futures, tally.incidents)),
        **compared("hosted_incidents_mean", dims, per_future, *by_group(tally.futures, tally.hosted_incidents)),
    }
    valuable = [capability.kind == "valuable" for capability in scenario.capabilities.values()]
    for _, values in variables.values():
        values[:, valuable] = np.nan
    return variables


def _losses(scenario: Scenario, tally: Tally, quantiles: Floats) -> Mapping[str, Variable]:
    levels = np.array(scenario.output.risk_levels)
    dims = ("policy", "period")
    losses = np.stack([tally.annual_loss, tally.total_loss], axis=2)  # (policy, group, period, bin)
    sums = np.stack([tally.annual_loss_sum, tally.total_loss_sum], axis=2)
    futures, counts, amounts = by_group(tally.futures, losses, sums)
    worst = estimated(lambda _, n: shortfall(n, levels), futures, counts)
    number = counts.sum(axis=-1)
    hosted = by_group(tally.futures, tally.total_loss.sum(axis=-1), tally.hosted_loss_sum)
    return {
        **compared("hosted_loss_mean", ("policy",), _amount, *hosted),
        **with_error("loss_exceedance", (*dims, "loss"), _exceedance, futures, counts),
        **_value_at_risk((*dims, "level"), levels, futures, counts),
        "expected_shortfall": ((*dims, "level"), worst.value),
        "expected_shortfall_se": ((*dims, "level"), worst.error),
        "expected_shortfall_limits": ((*dims, "level", "limit"), _limits(worst)),
        **compared("loss_mean", dims, _amount, futures, number, amounts),
        "loss_mean_limits": ((*dims, "limit"), _limits(estimated(_amount, futures, number, amounts))),
        "loss_quantile": ((*dims, "quantile"), amount_quantile(counts.sum(axis=0), quantiles)),
        "loss_largest_share": (dims, _largest_share(counts.sum(axis=0))),
    }


def _value_at_risk(dims: tuple[str, ...], levels: Floats, futures: Counts, counts: Counts) -> dict[str, Variable]:
    """Quantiles of the loss with limits and errors by inverting its distribution function."""
    whole = counts.sum(axis=0)
    found = estimated(_share_at_most, futures, counts)
    with np.errstate(invalid="ignore"):
        spread = distribution_spread(found.value, found.error, np.nan, 1)
    limits = [
        quantile_limits(levels, _HIGH, found.value, spread, multiple)
        for multiple in (1.0, confidence_multiple(max(found.groups - 1, 1)))
    ]
    return {
        "value_at_risk": (dims, amount_quantile(whole, levels)),
        "value_at_risk_se": (dims, (limits[0][..., 1] - limits[0][..., 0]) / 2.0),
        "value_at_risk_limits": ((*dims, "limit"), limits[1]),
    }


def _share_at_most(_: Counts, counts: Counts) -> Floats:
    """A statistic: the share of amounts up to the upper edge of each bin, from `counts` (..., bin)."""
    upto = counts.cumsum(axis=-1)
    with np.errstate(invalid="ignore"):
        return np.asarray(upto / upto[..., -1:])


def _largest_share(counts: Counts) -> Floats:
    """Share of the largest hundredth of amounts in their sum, from `counts` (..., bin).

    NaN for fewer than a hundred amounts, and where all are 0.
    """
    few = counts.sum(axis=-1) * LARGEST < 1.0
    with np.errstate(invalid="ignore"):
        share = LARGEST * shortfall(counts, np.array([1.0 - LARGEST]))[..., 0] / shortfall(counts, np.zeros(1))[..., 0]
    return np.asarray(np.where(few, np.nan, share))


def _limits(found: Estimate) -> Floats:
    """Confidence limits of a mean of amounts (..., limit): none below 0, and no upper one where nothing was lost."""
    limits = np.maximum(found.limits(), 0.0)
    limits[..., 1] = np.where(found.value > 0.0, limits[..., 1], np.nan)
    return limits


def _benefit(tally: Tally, quantiles: Floats) -> Mapping[str, Variable]:
    futures, counts, sums, hosted = by_group(tally.futures, tally.benefit, tally.benefit_sum, tally.hosted_benefit_sum)
    return {
        "benefit": (("policy", "quantile"), amount_quantile(counts.sum(axis=0), quantiles)),
        **compared("benefit_mean", ("policy",), _amount, futures, counts.sum(axis=-1), sums),
        **compared("hosted_benefit_mean", ("policy",), _amount, futures, counts.sum(axis=-1), hosted),
    }


def amount_quantile(counts: Counts, probabilities: Floats) -> Floats:
    """Quantiles of amounts, US$, from their `counts` (..., bin); (..., probability). Off by less than a bin of 5%."""
    upto = counts.cumsum(axis=-1)[..., np.newaxis, :]
    wanted = (probabilities * counts.sum(axis=-1)[..., np.newaxis])[..., np.newaxis]
    bins = np.minimum((upto < wanted * (1.0 - 1e-12)).sum(axis=-1), counts.shape[-1] - 1)
    inside = np.take_along_axis(counts, bins, axis=-1)
    before = np.take_along_axis(upto[..., 0, :], bins, axis=-1) - inside
    share = (wanted[..., 0] - before) / np.maximum(inside, 1)
    amounts = _LOW[bins] + share * (_HIGH[bins] - _LOW[bins])
    return np.asarray(np.where(counts.sum(axis=-1)[..., np.newaxis] > 0, amounts, np.nan))


def shortfall(counts: Counts, levels: Floats) -> Floats:
    """Expected shortfall, US$: the mean of the worst 1 - level of amounts, from `counts` (..., bin); (..., level).

    Also called conditional value at risk (Rockafellar & Uryasev 2000). Exact up to the width of a bin.
    """
    worst = (1.0 - levels) * counts.sum(axis=-1)[..., np.newaxis]
    above = counts[..., ::-1].cumsum(axis=-1)[..., ::-1][..., np.newaxis, :] - counts[..., np.newaxis, :]
    taken = np.clip(worst[..., np.newaxis] - above, 0.0, counts[..., np.newaxis, :])
    # A partial bin contributes its upper part, spread evenly as for quantiles.
    part = taken / np.maximum(counts[..., np.newaxis, :], 1)
    with np.errstate(invalid="ignore"):
        return np.asarray((taken * (_HIGH - 0.5 * part * (_HIGH - _LOW))).sum(axis=-1) / worst)


def _exceedance(_: Counts, counts: Counts) -> Floats:
    above = counts[..., ::-1].cumsum(axis=-1)[..., ::-1]
    with np.errstate(invalid="ignore"):
        return np.asarray(above[..., 1::_EVERY] / above[..., :1])


def _amount(_: Counts, number: Counts, words: Counts) -> Floats:
    with np.errstate(invalid="ignore"):
        return np.asarray(1000.0 * (words[..., 0] + 2.0**WORD * words[..., 1]) / number)


def _years(futures: Counts, units: Counts) -> Floats:
    return per_future(futures, units) / YEAR_UNITS
