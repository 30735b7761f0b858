"""Policies that restrict and yet bring a capability to a class earlier, or support and bring it later, and why.

Changes are those of attainment times with "never" counted as the horizon, future by future. A number of the worlds
explains a change if its Spearman rank correlation with the change by world (mean over futures) is significant among all
numbers tried, by Bonferroni (Spearman 1904, American Journal of Psychology 15, 72). Worlds count as independent there.
"""

from __future__ import annotations

from collections.abc import Callable
from dataclasses import dataclass, replace

import numpy as np
import xarray as xr
from numpy.typing import NDArray

from engine.plotting.panels import policies_of
from engine.rules.point_set import REPLICATES
from engine.scenario import BASELINE, Scenario, ScenarioError
from engine.scenario.load import scenario_of_text
from engine.scenario.measures import Policy
from engine.scenario.schedule import values_of
from engine.statistics.cluster_means import mean_with_error, of_worlds
from engine.statistics.labelled import own_parameters
from engine.text.format import format_value, format_with_error
from engine.text.report_format import difference

Floats = NDArray[np.float64]

#: Kinds of measures that hold developers or diffusion back, and those that help them.
RESTRICTING = frozenset(
    {
        "compute_cap",
        "licensing",
        "export_control",
        "publication_control",
        "open_weights_limit",
        "security_standard",
        "hosting_safeguards",
        "distillation_limits",
    }
)
SUPPORTING = frozenset({"public_compute", "research_funding"})
#: A change with the other sign is surprising from this many standard errors and this many years on.
ERRORS, LEAST = 3.0, 0.01
#: Probability of naming a number that has no influence, over all numbers tried together.
LEVEL = 0.01
#: With fewer worlds no rank correlation is looked at.
FEWEST_WORLDS = 20
#: Most surprising signs that are described.
MOST = 5


@dataclass(frozen=True)
class Dependence:
    """The uncertain `number` (dotted path) that a change depends on most, and the change on either side of a limit.

    `limit` is the median of the number, in its `unit` as the scenario writes it. `below` and `above` are (mean change,
    its standard error), years, in the worlds with less and in the others.
    """

    number: str
    correlation: float
    limit: float
    unit: str
    below: tuple[float, float]
    above: tuple[float, float]


@dataclass(frozen=True)
class SurprisingSign:
    """A class has a capability earlier under a policy that restricts (`change` below 0), or later under support.

    `change` and its standard `error` are in years. `tried` is the number of uncertain numbers that were looked at, 0
    without samples; `dependence` is None if none of them explains the change.
    """

    policy: str
    actor_class: str
    capability: str
    change: float
    error: float
    tried: int = 0
    dependence: Dependence | None = None


@dataclass(frozen=True)
class SurprisingSigns:
    """The largest surprising signs, the largest first, and the number of `others`.

    `changes` is the number of changes looked at that are not exactly 0. If all of them were chance, `by_chance` would
    be surprising on average.
    """

    largest: tuple[SurprisingSign, ...] = ()
    others: int = 0
    changes: int = 0
    by_chance: float = 0.0


def expected_sign(policy: Policy) -> int:
    """1 if a policy only restricts, so that it should delay; -1 if it only supports; 0 for any other.

    Funding with a median factor below 1 is a cut, so it is neither.
    """
    kinds = {measure.measure for measure in policy.measures}
    if kinds <= RESTRICTING:
        return 1
    funds = (value for m in policy.measures if _funds(m) for value in values_of(m.research_multiplier))
    factors = (float(value.quantile(np.array([0.5]))[0]) for value in funds)
    return -1 if kinds <= SUPPORTING and all(factor >= 1.0 for factor in factors) else 0


def _funds(measure: object) -> bool:
    return getattr(measure, "measure", "") == "research_funding"


def surprising_signs(results: xr.Dataset, samples: xr.Dataset | None = None) -> SurprisingSigns:
    """The changes of attainment times in `results` whose sign is contrary to what a policy is for.

    None without the scenario in the file, which says what a policy does, or without changes and their errors. What
    they depend on comes from `samples`, the same run with single futures, by default from `results` if they have them.
    """
    scenario = _scenario_of(results)
    if scenario is None or not {"attainment_delay", "attainment_delay_se"} <= set(results.data_vars):
        return SurprisingSigns()
    expected = {
        name: expected_sign(scenario.policies[name])
        for name in policies_of(results)
        if name != BASELINE and name in scenario.policies
    }
    policies = [name for name, sign in expected.items() if sign]
    if not policies:
        return SurprisingSigns()
    dims = ("policy", "actor_class", "capability")
    change, error = (
        results[name].sel(policy=policies).transpose(*dims) for name in ("attainment_delay", "attainment_delay_se")
    )
    values, errors = change.values.astype(np.float64), error.values.astype(np.float64)
    against = -values * np.array([expected[name] for name in policies])[:, np.newaxis, np.newaxis]
    surprising = np.argwhere((against > ERRORS * errors) & (against >= LEAST))
    places = sorted(map(tuple, surprising.tolist()), key=lambda place: -against[place])
    found = []
    for place in places[:MOST]:
        policy, actor_class, capability = (str(change[dim].values[i]) for dim, i in zip(dims, place, strict=True))
        sign = SurprisingSign(policy, actor_class, capability, float(values[place]), float(errors[place]))
        found.append(_explained(results if samples is None else samples, scenario, sign))
    changes = int((errors > 0.0).sum())
    return SurprisingSigns(tuple(found), len(places) - len(found), changes, changes * chance(results))


def chance(results: xr.Dataset) -> float:
    """Probability that a mean change that is only chance is surprising: beyond `ERRORS` errors, on one side.

    The error comes from the replicates of worlds, so it is that of Student's t with one degree of freedom less.
    """
    from scipy.special import stdtr

    worlds = int(results.attrs.get("worlds", results.sizes.get("world", REPLICATES)))
    return float(stdtr(min(worlds, REPLICATES) - 1, -ERRORS)) if worlds > 1 else 0.0


def _scenario_of(results: xr.Dataset) -> Scenario | None:
    try:
        return scenario_of_text(str(results.attrs.get("scenario_yaml", "")))
    except ScenarioError:
        return None  # not read from a file, or edited by hand


def _explained(results: xr.Dataset, scenario: Scenario, sign: SurprisingSign) -> SurprisingSign:
    """The sign with what it depends on, if `results` hold single futures of enough worlds."""
    if not {"parameters", "attainment_time"} <= set(results.data_vars) or results.sizes["world"] < FEWEST_WORLDS:
        return sign
    times = results["attainment_time"].sel(actor_class=sign.actor_class, capability=sign.capability)
    years = times.sel(policy=[BASELINE, sign.policy]).astype(np.float64).fillna(float(results["time"][-1]))
    by_world = of_worlds(years.sel(policy=sign.policy, drop=True) - years.sel(policy=BASELINE, drop=True))
    numbers = own_parameters(results["parameters"], [sign.policy]).transpose("world", "parameter")
    tried = numbers.sizes["parameter"]
    correlation = rank_correlations(numbers.values.astype(np.float64), by_world.values)
    strongest = int(np.abs(correlation).argmax()) if tried else -1
    if not tried or not is_significant(float(correlation[strongest]), len(by_world), tried):
        return replace(sign, tried=tried)
    found = _split(scenario, numbers.isel(parameter=strongest), by_world, float(correlation[strongest]))
    return replace(sign, tried=tried, dependence=found)


def rank_correlations(numbers: Floats, change: Floats) -> Floats:
    """Spearman rank correlations of each of `numbers` (world, number) with `change` (world); 0 for a constant one."""
    from scipy.stats import rankdata

    y = rankdata(change) - 0.5 * (len(change) + 1.0)
    found = np.zeros(numbers.shape[1])
    for i, column in enumerate(numbers.T):
        x = rankdata(column) - 0.5 * (len(change) + 1.0)
        scale = np.sqrt((x @ x) * (y @ y))
        found[i] = x @ y / scale if scale > 0.0 else 0.0
    return found


def is_significant(correlation: float, worlds: int, tried: int) -> bool:
    """Whether a rank correlation over `worlds` is not chance, as the largest of the numbers `tried` (two-sided)."""
    from scipy.special import stdtr

    rest = max(1.0 - correlation**2, np.finfo(np.float64).eps ** 2)
    t = abs(correlation) * np.sqrt((worlds - 2) / rest)
    return bool(2.0 * stdtr(worlds - 2, -t) * tried < LEVEL)


def _split(scenario: Scenario, number: xr.DataArray, by_world: xr.DataArray, correlation: float) -> Dependence:
    """The mean changes below the median of a `number` (world) and above it; ties are moved up."""
    name, unit = str(number["parameter"].item()), str(number["parameter_units"].item())
    values = number.values.astype(np.float64)
    if (written := scenario.uncertain().get(name)) is not None:
        values, unit = written.quantity.dimension.units[written.unit].from_carried(values), written.unit
    limit = np.median(values)
    if not (values < limit).any():
        limit = values[values > limit].min()
    low = values < limit
    below, above = (mean_with_error(by_world.isel(world=np.flatnonzero(half))) for half in (low, ~low))
    return Dependence(
        name,
        correlation,
        float(limit),
        unit,
        (float(below[0]), float(below[1])),
        (float(above[0]), float(above[1])),
    )


def sign_in_words(sign: SurprisingSign, name: Callable[[str], str] = str, number: Callable[[str], str] = str) -> str:
    """A surprising sign as one sentence or two; `name` and `number` write names and paths of the scenario."""
    size = format_with_error(abs(sign.change), sign.error, "years")
    text = (
        f"Surprising: under {name(sign.policy)} {name(sign.actor_class)} has {name(sign.capability)} {size} "
        f"{'earlier' if sign.change < 0.0 else 'later'}."
    )
    if not sign.tried:
        return text
    if (on := sign.dependence) is None:
        return f"{text} No single number explains it."
    limit = format_value(on.limit, on.unit)
    less, more = ("before", "later") if on.unit == "year" else ("with less than", "with more")
    return (
        f"{text} It depends most on {number(on.number)}: {difference(*on.below, 'years')} in worlds {less} {limit}, "
        f"{difference(*on.above)} {more}."
    )


def others_in_words(found: SurprisingSigns) -> str:
    """How many more signs are surprising, and how many would be by chance; "" if there is nothing to add."""
    words = []
    if found.others:
        words.append(f"{found.others:,} other change{'s have' if found.others > 1 else ' has'} a surprising sign.")
    if found.largest and found.changes > 1:
        words.append(
            f"If no policy had any effect, {found.by_chance:.2g} of {found.changes:,} changes would be surprising."
        )
    return " ".join(words)
