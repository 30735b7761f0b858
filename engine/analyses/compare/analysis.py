"""Paired differences of policies from the baseline for each quantity, with their standard errors."""

from __future__ import annotations

from dataclasses import dataclass, replace

import numpy as np
import xarray as xr
from numpy.typing import NDArray

from engine.plotting.panels import policies_of
from engine.scenario import BASELINE
from engine.statistics.cluster_means import mean_with_error, of_worlds
from engine.text.report_format import money_scale
from engine.text.uncertain import ERRORS, TOO_FEW, Verdict, verdict

Floats = NDArray[np.float64]

#: The text in place of figures if there is nothing to compare.
NO_POLICY = "The file has no policy other than the baseline."


@dataclass(frozen=True)
class Change:
    """Paired differences of one quantity from the baseline, a value for each of the `policies` except the baseline.

    `differences` (policy), their standard errors `errors` (policy) and the mean of the `baseline` are in `units`.
    `less_is_better` refers to the quantity. If `bound`, the errors are upper bounds. The sign of a `heavy_tailed`
    quantity is clear only from a larger number of errors on (`engine.text.uncertain`).
    """

    name: str
    units: str
    policies: tuple[str, ...]
    differences: Floats
    errors: Floats
    baseline: float
    less_is_better: bool = True
    bound: bool = False
    heavy_tailed: bool = False

    def verdicts(self) -> list[Verdict]:
        """The verdict on each difference."""
        return [
            verdict(value, error, less_is_better=self.less_is_better, heavy_tailed=self.heavy_tailed)
            for value, error in zip(self.differences, self.errors, strict=True)
        ]

    def of(self, policy: str) -> tuple[float, float]:
        """(paired difference, its standard error) of one policy."""
        place = self.policies.index(policy)
        return float(self.differences[place]), float(self.errors[place])

    def verdict_of(self, policy: str) -> Verdict:
        """The verdict on the difference of one policy."""
        return self.verdicts()[self.policies.index(policy)]

    def best_and_worst(self) -> tuple[str, str]:
        """The policies with the least and the most of the quantity; one may be the baseline.

        Not for losses: a few futures dominate their means, so that the sign of a difference is often unclear.
        """
        values = {BASELINE: 0.0} | dict(zip(self.policies, self.differences.tolist(), strict=True))
        return min(values, key=lambda name: values[name]), max(values, key=lambda name: values[name])

    def in_words(self, place: int) -> str:
        """One difference with two standard errors, "-0.90 +- 0.12 years", or a note that futures are too few."""
        value, error = self.differences[place], ERRORS * self.errors[place]
        if self.heavy_tailed and self.verdicts()[place] == Verdict.UNCLEAR:
            return f"an unknown amount ({TOO_FEW})"
        if np.isnan(error):
            return f"{value:+.3g} +- ? {self.units}".rstrip()
        size = error if error > 0.0 else abs(value)
        places = int(np.clip(1 - np.floor(np.log10(size)), 0, 6)) if size > 0.0 else 0
        return f"{value:+,.{places}f} +- {error:,.{places}f} {self.units}".rstrip()


def policies_compared(results: xr.Dataset) -> list[str]:
    """The policies of `results` other than the baseline."""
    return [name for name in policies_of(results) if name != BASELINE]


def changes_to_horizon(results: xr.Dataset) -> dict[str, Change]:
    """`changes_of` for the time to the horizon, by the name of the quantity: exposure, incidents, loss, benefit."""
    return {change.name: change for change in changes_of(results, "total")}


def changes_of(results: xr.Dataset, period: str) -> list[Change]:
    """Exposure, incidents, loss of the `period` ("annual" or "total") and benefit, if the scenario has them.

    Exposure and incidents are summed over all dangerous capabilities. The standard error of such a sum comes from
    single futures, if the results contain them. Otherwise it is the sum of the errors of the capabilities, an upper
    bound for any correlation. Quantities that are unknown, or 0 under every policy, are left out.
    """
    policies = policies_compared(results)
    found = []
    if "dangerous" in results["capability_kind"].values.astype(str):
        found = [
            _summed(results, policies, "exposure", "years"),
            _summed(results, policies, "incidents", ""),
            _of_money(results.sel(period=period), policies, "loss", True, " a year" if period == "annual" else ""),
        ]
    if "valuable" in results["capability_kind"].values.astype(str):
        found.append(_of_money(results, policies, "benefit", False))
    return [one for one in found if np.isfinite(one.differences).any() and (one.baseline or one.differences.any())]


def _summed(results: xr.Dataset, policies: list[str], name: str, units: str) -> Change:
    """A quantity summed over all dangerous capabilities; NaN for valuable ones adds nothing."""
    mean, paired = results[f"{name}_mean"], results[f"{name}_mean_difference"].sel(policy=policies)
    change = Change(
        name,
        units,
        tuple(policies),
        paired.sum("capability").values,
        results[f"{name}_mean_difference_se"].sel(policy=policies).sum("capability", min_count=1).values,
        float(mean.sel(policy=BASELINE).sum("capability")),
        bound=True,
    )
    if f"future_{name}" not in results or results.sizes["world"] < 2:
        return change
    futures = results[f"future_{name}"]
    base = futures.sel(policy=BASELINE).astype(np.float64).sum("capability")
    errors = []
    # One policy at a time: the futures of a file may exceed memory.
    for policy in policies:
        other = futures.sel(policy=policy).astype(np.float64).sum("capability")
        errors.append(float(mean_with_error(of_worlds(other - base))[1]))
    return replace(change, errors=np.array(errors), bound=False)


def _of_money(results: xr.Dataset, policies: list[str], name: str, less_is_better: bool, span: str = "") -> Change:
    difference = results[f"{name}_mean_difference"].sel(policy=policies).values.astype(float)
    error = results[f"{name}_mean_difference_se"].sel(policy=policies).values.astype(float)
    largest = np.nanmax(np.abs(difference) + ERRORS * np.nan_to_num(error), initial=0.0)
    size, units = money_scale(largest)
    mean = float(results[f"{name}_mean"].sel(policy=BASELINE))
    heavy = name == "loss"
    return Change(
        name,
        units + span,
        tuple(policies),
        difference / size,
        error / size,
        mean / size,
        less_is_better,
        heavy_tailed=heavy,
    )
