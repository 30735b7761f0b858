"""Probabilities of rare events, by importance sampling of worlds and by integrating out the draw of a theft.

Plain Monte Carlo needs a hundred events for an error of a tenth: a million futures at a probability of 1e-4. Here
worlds in which the event is less rare are drawn more often and weighted accordingly; the estimate stays unbiased.
"""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass
from typing import Literal

import numpy as np
import xarray as xr
from numpy.typing import NDArray
from scipy.special import ndtr, ndtri

from engine.errors import InputError
from engine.execution import Execution
from engine.results.provenance import derived
from engine.results.standard_errors import LIMITS, Estimate
from engine.results.variables import long_name
from engine.scenario import BASELINE, Design, Scenario, WorldSampler, scenario_hash
from engine.simulation import simulate
from engine.text.format import format_value, strings

Floats = NDArray[np.float64]
Route = Literal["any", "stolen"]

#: Share of worlds that are drawn from the scenario itself: no weight exceeds 1 divided by it.
PLAIN = 0.2
#: Share of worlds that count as near the event in the search for the shift, and rounds of that search.
_NEAR, _ROUNDS = 0.1, 6
#: The largest shift of a number, in standard deviations of its normal score.
_MOST = 3.0
#: With fewer effective worlds an estimate depends on a few, and its error is itself unknown.
_TRUSTED = 30


@dataclass(frozen=True)
class RareEvent:
    """A class attains any of `capabilities` within `years` of the start, by any route or by theft.

    No `capabilities` means any dangerous one. A theft takes a model with all that it has, so that by theft the event is
    one capability or all dangerous ones.
    """

    actor_class: str
    years: float
    capabilities: tuple[str, ...] = ()
    route: Route = "stolen"

    def check(self, scenario: Scenario) -> RareEvent:
        """The event with its capabilities named. Raises InputError, with the right form, if it is not in `scenario`."""
        scenario.class_number(self.actor_class)
        span = scenario.horizon - scenario.start
        if not 0.0 < self.years <= span:
            raise InputError(f"years must be above 0 and at most {span:g}, the scenario's span, not {self.years:g}")
        if self.route not in ("any", "stolen"):
            raise InputError(f"route must be any or stolen, not {self.route}")
        dangerous = tuple(name for name, spec in scenario.capabilities.items() if spec.kind == "dangerous")
        for name in self.capabilities:
            if name not in scenario.capabilities:
                known = ", ".join(scenario.capabilities)
                raise InputError(f"no capability is called {name}; use one or more of: {known}")
        if not self.capabilities and not dangerous:
            raise InputError(f"{scenario.name} has no dangerous capability; name the capabilities of the event")
        rate = scenario.actor_classes[self.actor_class].theft_rate
        if self.route == "stolen" and rate.is_constant and rate.parameters["value"] == 0.0:
            raise InputError(f"{self.actor_class} never steals, for its theft_rate is 0; use route any")
        named = tuple(dict.fromkeys(self.capabilities)) or dangerous
        if self.route == "stolen" and len(named) > 1 and set(named) != set(dangerous):
            raise InputError(
                f"a theft of {' or '.join(named)}: name one capability, or none for any dangerous one; "
                "for others use route any"
            )
        return RareEvent(self.actor_class, self.years, named, self.route)

    def __str__(self) -> str:
        how = "steals" if self.route == "stolen" else "attains"
        return f"{self.actor_class} {how} {' or '.join(self.capabilities)} within {self.years:g} years"


def rare_probability(
    scenario: Scenario,
    event: RareEvent,
    worlds: int = 10_000,
    futures: int = 10,
    seed: int = 0,
    *,
    policy: str = BASELINE,
    execution: Execution | None = None,
    shifted: bool = True,
) -> xr.Dataset:
    """The probability of `event` under `policy`: `probability`, `probability_se`, and diagnostics.

    The normal scores of a world's numbers are shifted by their mean difference in worlds where the event happens. The
    cross-entropy method finds this shift (de Boer, Kroese, Mannor & Rubinstein 2005, Annals of Operations Research 134,
    19), in a fifth of the worlds per round, with the event's time as its level. For the estimate, a share `PLAIN` of
    the worlds are drawn from the scenario itself and the others with the shift. All are weighted by the density of the
    scenario relative to the mixture (balance heuristic: Veach & Guibas 1995; Owen & Zhou 2000, JASA 95, 135), so the
    estimate is unbiased for any shift, and no weight exceeds 1 / `PLAIN`. The draw of a theft is integrated out: each
    future counts by its probability given everything else in it (conditional Monte Carlo). With `shifted` False all
    worlds are drawn from the scenario.

    `probability_limits(limit)` are 95% limits that allow for the skewness of the contributions of worlds. Diagnostics
    are `effective_sample_size` (Kish 1965), `mean_weight` (1 apart from chance), `plain_futures`, the number of
    independent futures with the same error if events are counted, and `score_shift(parameter)`.

    Raises InputError for an event or policy that the scenario lacks, and for theft under a policy that a theft
    triggers, because the rest of a future then depends on it.
    """
    event = event.check(scenario)
    _check_triggers(scenario, event, policy)
    sampler = WorldSampler(scenario, worlds, seed, "random")
    shift = np.zeros(len(sampler.drawn))
    if shifted and shift.size:
        shift = _seek(scenario, event, policy, max(worlds // 5, 200), futures, seed + 1, execution)
    plain = max(2, round(PLAIN * worlds)) if shift.any() else worlds
    score = ndtri(sampler.uniforms(0, worlds))
    score[plain:] += shift
    results = _simulate(_until(scenario, event.years), score, policy, futures, seed, execution)
    weight = _weights(score, shift, plain / worlds)
    found = weight * _happens(results, event).mean("future").values
    return _labelled(scenario, results, event, policy, sampler.drawn, shift, weight, found, _stratified(found, plain))


def _check_triggers(scenario: Scenario, event: RareEvent, policy: str) -> None:
    """Raise InputError if a theft by the event's class can start a measure: the rest then depends on its draw."""
    if not scenario.policy_number(policy) or event.route != "stolen":
        return
    rate = scenario.actor_classes[event.actor_class].attempt_rate
    misuses = not rate.is_constant or rate.parameters["value"] > 0.0
    for trigger in ("theft", "incident") if misuses else ("theft",):
        if any(measure.trigger == trigger for measure in scenario.policies[policy].measures):
            raise InputError(f"{policy} is triggered by {trigger}, so thefts cannot be integrated out; use route any")


def _until(scenario: Scenario, years: float) -> Scenario:
    return scenario.model_copy(update={"horizon": scenario.start + years})


def _simulate(
    scenario: Scenario, score: Floats, policy: str, futures: int, seed: int, execution: Execution | None
) -> xr.Dataset:
    """Futures under `policy` in worlds whose numbers have the normal `score` (world, number)."""
    edge = 2.0**-53
    uniforms = np.clip(ndtr(score), edge, 1.0 - edge)
    design = Design(uniforms, np.arange(len(score), dtype=np.int64))
    results = simulate(
        scenario,
        len(score),
        futures,
        seed,
        policies=() if policy == BASELINE else (policy,),
        execution=execution,
        keep="samples",
        sampling=design,
    )
    return results.sel(policy=policy)


def _happens(results: xr.Dataset, event: RareEvent) -> xr.DataArray:
    """Whether the event happens in each future (world, future); for theft, its probability given all but its draw."""
    of = results.sel(actor_class=event.actor_class, capability=list(event.capabilities))
    if event.route == "stolen":
        if len(event.capabilities) == 1:
            return of.theft_probability.squeeze("capability", drop=True).astype(np.float64)
        return of.dangerous_theft_probability.astype(np.float64)
    return of.attainment_time.notnull().any("capability").astype(np.float64)


def _weights(score: Floats, shift: Floats, plain: float) -> Floats:
    """Density of the scenario relative to the mixture, at worlds of `score`: (world,)."""
    if plain == 1.0:
        return np.ones(len(score))
    ratio = np.exp(np.clip(score @ shift - 0.5 * shift @ shift, -700.0, 700.0))
    return np.asarray(1.0 / (plain + (1.0 - plain) * ratio))


def _stratified(values: Floats, plain: int) -> Estimate:
    """The mean of all `values` (world,); the first `plain` come from one distribution, the others from another.

    Its error is NaN if a distribution has only one world.
    """
    parts = [part for part in (values[:plain], values[plain:]) if part.size]
    unbiased = np.sqrt((values.size - 1) / values.size) if values.size > 1 else np.nan
    influence = [
        (part - part.mean()) * unbiased * np.sqrt(part.size / (part.size - 1)) if part.size > 1 else part * np.nan
        for part in parts
    ]
    return Estimate(np.asarray(values.mean()), np.concatenate(influence))


def _seek(
    scenario: Scenario, event: RareEvent, policy: str, worlds: int, futures: int, seed: int, execution: Execution | None
) -> Floats:
    """The shift (number,) towards worlds in which the event happens: 0 if it never came near."""
    sampler = WorldSampler(scenario, worlds * _ROUNDS, seed, "random")
    shift = np.zeros(len(sampler.drawn))
    years = scenario.horizon - scenario.start
    for turn in range(_ROUNDS):
        score = ndtri(sampler.uniforms(turn * worlds, worlds)) + shift
        results = _simulate(_until(scenario, years), score, policy, futures, seed + turn, execution)
        if years > event.years:
            near, years = _nearest(results, event, scenario.start)
        else:
            near = _happens(results, event).mean("future").values
        weight = near * np.exp(-score @ shift + 0.5 * shift @ shift)
        if not weight.any():
            return shift
        weight /= weight.sum()
        effective = 1.0 / (weight @ weight)
        moved = np.clip(weight @ score, -_MOST, _MOST)
        # Shifts within chance are ignored: they would only spread the weights.
        shift = np.where(np.abs(moved) > 2.5 / np.sqrt(effective), moved, 0.0)
    return shift


def _nearest(results: xr.Dataset, event: RareEvent, start: float) -> tuple[Floats, float]:
    """(share of futures of each world that are among the earliest, their time limit), at least the event's years.

    If the event does not happen at all, possible thefts take its place, and the next round uses the event itself.
    """
    of = results.sel(actor_class=event.actor_class, capability=list(event.capabilities))
    when = of.attainment_time.min("capability").fillna(np.inf) - start
    if event.route == "stolen" and not np.isfinite(when).any():
        return _happens(results, event).mean("future").values, event.years
    level = float(when.quantile(_NEAR, method="inverted_cdf"))
    years = max(event.years, level) if np.isfinite(level) else float(results["time"][-1]) - start
    return (when <= years).mean("future").values, years


def _labelled(
    scenario: Scenario,
    results: xr.Dataset,
    event: RareEvent,
    policy: str,
    drawn: Sequence[str],
    shift: Floats,
    weight: Floats,
    found: Floats,
    estimate: Estimate,
) -> xr.Dataset:
    mean, error = float(estimate.value), float(estimate.error)
    limits = np.clip(estimate.limits(), 0.0, 1.0) if mean > 0.0 else np.array([0.0, np.nan])
    squares = float(found @ found)
    numbers = {
        "probability": (mean, "probability of the event"),
        "probability_se": (error, "standard error of probability, worlds as clusters"),
        "effective_sample_size": (found.sum() ** 2 / squares if squares else 0.0, "effective number of worlds"),
        "mean_weight": (float(weight.mean()), "mean weight of worlds, 1 apart from chance"),
        "plain_futures": (
            mean * (1.0 - mean) / error**2 if error > 0.0 else np.nan,
            "independent futures with the same error if events are counted",
        ),
    }
    frame = xr.Dataset(
        {name: ((), value, {"long_name": words, "units": "1"}) for name, (value, words) in numbers.items()}
    )
    frame["probability_limits"] = ("limit", limits, {"long_name": "95% limits of probability", "units": "1"})
    frame = frame.assign_coords(limit=("limit", strings(LIMITS), {"long_name": long_name("limit")}))
    label = {"long_name": "shift of the number's normal score where the event happens", "units": "1"}
    frame["score_shift"] = ("parameter", shift, label)
    frame = frame.assign_coords(parameter=("parameter", strings(list(drawn)), {"long_name": "uncertain number"}))
    return derived(
        frame,
        results,
        "Probability of a rare event",
        scenario_sha256=scenario_hash(scenario),
        event=str(event),
        policy=policy,
    )


def _to_the_digits_of(error: float, value: float) -> str:
    """A probability to two digits of its standard error; to three of its own where that is 0 or unknown."""
    digits = 3
    if error > 0.0 and value > 0.0:
        digits = max(2, int(np.floor(np.log10(value)) - np.floor(np.log10(error))) + 2)
    return f"{value:.{digits}g}"


def rare_in_words(rare: xr.Dataset, top: int = 5) -> str:
    """The probability with its error, the comparison with counting, and the numbers that make the event likely."""
    attrs, p, error = rare.attrs, float(rare.probability), float(rare.probability_se)
    sure = "?" if np.isnan(error) else f"{error:.2g}"
    found, low, high = (_to_the_digits_of(error, share) for share in (p, *rare.probability_limits.values))
    within = "" if high == "nan" else f" (95% limits {low} to {high})"
    lines = [
        f"{attrs['event']}, under {attrs['policy']}:",
        f"  probability {found} +- {sure}{within}, from {attrs['worlds']:,} worlds x {attrs['futures']:,} futures "
        f"(effective worlds {float(rare.effective_sample_size):,.0f}, mean weight {float(rare.mean_weight):.3f})",
    ]
    if p == 0.0:
        lines.append("  the event happened in none of them, which does not make it impossible: try more worlds")
    if np.isfinite(float(rare.plain_futures)):
        lines.append(
            f"  counting events would need {format_value(float(rare.plain_futures))} independent futures for this error"
        )
    if 0.0 < float(rare.effective_sample_size) < _TRUSTED:
        lines.append(
            f"  fewer than {_TRUSTED} effective worlds: neither the probability nor its error can be relied on; "
            "try more worlds, and other seeds"
        )
    order = np.argsort(-np.abs(rare["score_shift"].values), kind="stable")[:top]
    if rare["score_shift"].size and rare["score_shift"].values[order[0]] != 0.0 and p > 0.0:
        lines.append(
            "  the event happens where these numbers are high (+) or low (-), in standard deviations of normal scores:"
        )
        lines += [
            f"    {rare['parameter'].values[i]} {rare['score_shift'].values[i]:+.2f}"
            for i in order
            if rare["score_shift"].values[i]
        ]
    return "\n".join(lines)
